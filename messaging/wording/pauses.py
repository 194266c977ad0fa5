"""Messaging's words of why a dispatch paused itself."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext


def why_paused(why: str, *, count: int, sent: int = 0, text: str = "") -> str:
    """Will say, in the house's language, why a dispatch paused itself: errors, bounces or complaints."""
    with translation.override(settings.LANGUAGE_CODE):
        return _sentence(why, count, sent, text)


def _sentence(why: str, count: int, sent: int, text: str) -> str:
    if why == "bounces":
        said = gettext("%(count)s of %(sent)s messages came back, more than the house's rules allow.")
        return said % {"count": count, "sent": sent}
    if why == "complaints":
        said = gettext("%(count)s of %(sent)s members complained, more than the house's rules allow.")
        return said % {"count": count, "sent": sent}
    said = ngettext(
        "%(count)s message in a row could not be handed over. The last time the provider said: %(text)s",
        "%(count)s messages in a row could not be handed over. The last time the provider said: %(text)s",
        count,
    )
    return said % {"count": count, "text": text}
