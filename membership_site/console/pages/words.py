"""Words that several pages of the console share: tiers as badges, amounts of a metric, states of a membership."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from members.enums import Channel, IdentityKind, MemberStatus, Purpose
from membership_site import formats
from tiers import wording as tiers_wording
from tiers.queries import TierView

Way = tuple[str, Decimal, Decimal]
"""A metric, its threshold and what is missing of it, as tiers.rules.gaps gives them."""

STATUS_WORDS = {
    MemberStatus.PENDING: (_("Not verified"), "warn"),
    MemberStatus.ACTIVE: (_("Active"), "good"),
    MemberStatus.BLOCKED: (_("Blocked"), "bad"),
    MemberStatus.ERASED: (_("Erased"), ""),
    MemberStatus.MERGED: (_("Merged"), ""),
}
CHANNEL_WORDS = {
    Channel.EMAIL: _("E-mail"),
    Channel.SMS: _("Text message"),
    Channel.INBOX: _("Inbox"),
    Channel.PUSH: _("Push message"),
}
PURPOSE_WORDS = {
    Purpose.MARKETING: _("Offers"),
    Purpose.SERVICE: _("Service"),
    Purpose.PROFILING: _("Personal offers"),
}
IDENTITY_WORDS = {
    IdentityKind.EMAIL: _("E-mail"),
    IdentityKind.PHONE: _("Phone"),
    IdentityKind.EXTERNAL: _("Account"),
}


@dataclass(frozen=True)
class Badge:
    """A tier in the reader's language."""

    name: str
    look: str
    icon: str


@dataclass(frozen=True)
class State:
    """A state in a word, with the class that colours it."""

    words: str
    tone: str


@dataclass(frozen=True)
class Keep:
    """How far a member is towards what keeps his tier: a share of one, and in words."""

    share: str
    words: str
    is_kept: bool


def badge(tier: TierView) -> Badge:
    """Will return a tier as pages show it."""
    return Badge(name=tiers_wording.tier_name(tier), look=tier.look, icon=tier.icon)


def status(value: str) -> State:
    """Will return a membership's status in a word."""
    words, tone = STATUS_WORDS[MemberStatus(value)]
    return State(str(words), tone)


def amount(metric: str, value: Decimal) -> str:
    """Will return so much of a metric: CN¥1,360, 3 orders, 200 growth value."""
    return tiers_wording.amount(metric, value, formats)


def nearest(ways: tuple[Way, ...]) -> Way:
    """Will return the way of which the largest share is done, the first of equals."""
    return max(ways, key=done)


def done(way: Way) -> Decimal:
    """Will return how much of a way is done, as a share of one."""
    _metric, need, missing = way
    return 1 - missing / need if need else Decimal(1)


def sentences(*said: str) -> str:
    """Will put sentences behind one another, with the space between them that the language has."""
    return pgettext("between two sentences", " ").join(filter(None, said))


def points(count: int) -> str:
    """Will return a number of points in words."""
    return ngettext("%(n)s point", "%(n)s points", count) % {"n": formats.num(count)}
