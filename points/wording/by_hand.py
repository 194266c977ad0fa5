"""What the staff book by hand in words: its name, and the common reasons in the reader's language."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from points.enums import RequestKind

COMMON_REASONS = (
    gettext_noop("Late delivery"),
    gettext_noop("Damaged goods"),
    gettext_noop("Points missing from an order"),
    gettext_noop("Purchase in the shop without member number"),
    gettext_noop("Goodwill"),
    gettext_noop("Points given by mistake"),
    gettext_noop("Expired while the shop could not be reached"),
)
"""Kept in English in the ledger and said in the language of whoever reads it; any other reason is said as written."""


def by_hand_title(kind: RequestKind) -> str:
    """Will name what was booked by hand."""
    return {
        RequestKind.ADJUSTMENT: _("Adjusted by our team"),
        RequestKind.UNDO: _("Adjustment undone"),
        RequestKind.WRITE_OFF: _("Debt written off"),
        RequestKind.REINSTATEMENT: _("Expired points reinstated"),
    }[kind]


def common_reasons() -> tuple[str, ...]:
    """Will list the common reasons in the reader's language."""
    return tuple(_(reason) for reason in COMMON_REASONS)


def reason_words(reason: str) -> str:
    """Will say a reason in the reader's language, where it is a common one, or as it was written."""
    return _(reason) if reason in COMMON_REASONS else reason


def reason_as_kept(words: str) -> str:
    """Will return what is kept of a reason chosen in the reader's language: the common one itself, or his own words."""
    return next((reason for reason in COMMON_REASONS if words in (reason, _(reason))), words)
