"""A fall that comes and the ways to avert it in words, for the member and the staff."""

import datetime as dt
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kit.formats import Formats
from tiers.rules import Way
from tiers.wording.decisions import NamedTier, amount, tier_name


class Falling(Protocol):
    """What words need of a fall; tiers.queries.FallView is one."""

    @property
    def tier(self) -> NamedTier:
        """The tier that is held."""

    @property
    def to_tier(self) -> NamedTier:
        """The tier that follows."""

    @property
    def ends_on(self) -> dt.date:
        """The last date on which it can be kept."""

    @property
    def falls_on(self) -> dt.date:
        """The last date on which it is held."""

    @property
    def ways(self) -> tuple[Way, ...]:
        """What keeps it."""


def fall_words(fall: Falling, today: dt.date, formats: Formats) -> tuple[str, ...]:
    """Will say until when a tier is valid, what keeps it, and what follows where nothing does."""
    words = {"tier": tier_name(fall.tier), "date": formats.cal(fall.ends_on), "to": tier_name(fall.to_tier)}
    said = [_("%(tier)s is valid until %(date)s, and what counts so far does not keep it.") % words]
    said += [way_words(way, words["tier"], today, formats) for way in fall.ways]
    if len(fall.ways) > 1:
        said.append(_("One of these is enough."))
    if fall.falls_on > fall.ends_on:
        words["date"] = formats.cal(fall.falls_on)
        said.append(_("Otherwise it stays until %(date)s, and %(to)s follows.") % words)
    else:
        said.append(_("Otherwise %(to)s follows.") % words)
    return tuple(said)


def way_words(way: Way, tier: str, today: dt.date, formats: Formats) -> str:
    """Will say what keeps a tier: CN¥1,360 more by 31 Mar 2027 keeps Gold."""
    words = {
        "amount": formats.listing([missing_words(metric, value, formats) for metric, value in way.more]),
        "since": formats.cal(way.since),
        "by": formats.cal(way.by),
        "tier": tier,
    }
    if way.since > today + dt.timedelta(days=1):
        return _("%(amount)s more from %(since)s to %(by)s keeps %(tier)s.") % words
    return _("%(amount)s more by %(by)s keeps %(tier)s.") % words


def missing_words(metric: str, value: Decimal, formats: Formats) -> str:
    """Will return so much of a metric as it stands before "more" in English."""
    if metric == "spend":
        return pgettext("missing spend", "%(amount)s") % {"amount": formats.money0(value)}
    return amount(metric, value, formats)
