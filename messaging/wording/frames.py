"""Messaging's frame in words: what stands above and below the text of an e-mail, by language."""

from django.utils import translation
from django.utils.translation import gettext as _

from kit import programme
from messaging.rules.compiling import FrameWords
from messaging.rules.fields import LANGUAGES

HTML_NAMES = {"en": "en", "zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}


def frames(*, is_marketing: bool) -> dict[str, FrameWords]:
    """Will return what the frame says in each language."""
    return {language: _frame(language, is_marketing) for language in LANGUAGES}


def _frame(language: str, is_marketing: bool) -> FrameWords:
    with translation.override(language):
        brand = {"programme": programme.name()}
        offers = _("You get this because you agreed to news of %(programme)s.")
        service = _("You get this because it is about your membership of %(programme)s.")
        return FrameWords(
            language=HTML_NAMES[language],
            brand=programme.name(),
            why=(offers if is_marketing else service) % brand,
            preferences=_("Choose what you get"),
            unsubscribe=_("Unsubscribe"),
        )
