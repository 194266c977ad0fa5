"""Kit's name of the programme, as each language has it."""

from django.conf import settings
from django.utils.translation import get_language


def name(language: str = "") -> str:
    """Will return what the programme is called in a language, the present one if none is given.

    A language without a name of its own has the one name.
    """
    names: dict[str, str] = settings.PROGRAMME_NAMES
    return names.get((language or get_language() or "").lower()) or str(settings.PROGRAMME_NAME)
