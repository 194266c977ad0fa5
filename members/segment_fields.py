"""What segments may ask of members: who they are, since when, how they can be reached, what they agreed to."""

import calendar
import datetime as dt
import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Exists, Expression, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractDay, ExtractMonth
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit import clock, dates
from kit.enums import Extra, FieldKind, Operator
from kit.expressions import ago, has, property_text, text
from kit.segments import Asked, SegmentField
from members.enums import Channel, IdentityKind, MemberStatus, Purpose
from members.models import Consent, Identity, Member, Tag

GROUP = "members"
STATUS = "members.status"
OLDEST = 150


def everybody() -> QuerySet[Member]:
    """Will return all members there are but the erased, of whom nothing is known; whom segments ask."""
    return Member.objects.exclude(status=MemberStatus.ERASED)


def active() -> Q:
    """Will keep who has joined and is neither blocked nor to be verified: whom a segment means unless it asks."""
    return Q(status=MemberStatus.ACTIVE, joined_at__isnull=False)


# ---- a profile


def _status(asked: Asked) -> Q:
    return Q(status__in=asked.values)


def _age(asked: Asked) -> Q:
    known = Q(birthday__isnull=False)
    match asked.operator:
        case Operator.AT_LEAST:
            return known & _aged(asked.number, asked.today)
        case Operator.AT_MOST:
            return known & ~_aged(asked.number + 1, asked.today)
    return known & _aged(asked.number, asked.today) & ~_aged(asked.number + 1, asked.today)


def _aged(years: int, today: dt.date) -> Q:
    """Whose birthday has come round at least so often; one on 29 February comes on 28 February in common years."""
    if years <= 0:
        return Q(birthday__isnull=False, birthday__lte=dt.date.max)
    if years > OLDEST:
        return Q(pk__in=[])
    last = dates.add_years(today, -years)
    if last.month == 2 and calendar.isleap(last.year):
        leap = dt.date(last.year, 2, 29)
        last = leap if dates.add_years(leap, years) <= today else last
    return Q(birthday__isnull=False, birthday__lte=last)


def _birthday_month(asked: Asked) -> Q:
    months = [int(value) for value in asked.values if re.fullmatch("[0-9]{1,2}", value)]
    return Q(birthday__isnull=False, birthday__month__in=months)


def _birthday_soon(asked: Asked) -> Q:
    """Whose next birthday is among today and the so many dates after it."""
    if asked.number >= 365:
        return Q(birthday__isnull=False)
    last = asked.today + dt.timedelta(days=asked.number)
    starts, ends = (date.month * 100 + date.day for date in (asked.today, last))
    if ends == 228 and not calendar.isleap(last.year):
        ends = 229
    key = ExtractMonth("birthday") * 100 + ExtractDay("birthday")
    after, before = Q(GreaterThanOrEqual(key, starts)), Q(LessThanOrEqual(key, ends))
    turns = last.year > asked.today.year
    return Q(birthday__isnull=False) & ((after | before) if turns else (after & before))


def _joined_on(asked: Asked) -> Q:
    if asked.operator is Operator.KNOWN:
        return Q(joined_at__isnull=False)
    date = dt.date.fromisoformat(asked.value)
    if asked.operator is Operator.FROM:
        return Q(joined_at__isnull=False, joined_at__gte=clock.day_start(date))
    return Q(joined_at__isnull=False, joined_at__lt=clock.day_start(date + dt.timedelta(days=1)))


def _tags(asked: Asked) -> Q:
    if asked.operator is Operator.ALL_OF:
        each = [has(Tag.objects.filter(name=name)) for name in asked.values]
        return Q(*each)
    return has(Tag.objects.filter(name__in=asked.values))


def _is_complete(asked: Asked) -> Q:
    return Q(birthday__isnull=False) & ~Q(name="") & ~Q(gender="") & ~Q(region="") & ~Q(language="")


# ---- reaching them


def identified(kind: IdentityKind) -> Q:
    """Will keep who has an identity of a kind: an address, a phone number."""
    return has(Identity.objects.filter(kind=kind))


def known_by(kind: IdentityKind, among: QuerySet[Any], spelt: Expression) -> Q:
    """Will keep who has an identity of a kind that, spelt so, is among some values."""
    return has(Identity.objects.filter(kind=kind).alias(spelt=spelt).filter(spelt__in=among))


def consents(channels: Sequence[str], purpose: Purpose = Purpose.MARKETING) -> Q:
    """Will keep whose last answer for one of the channels allows the purpose."""
    later = Consent.objects.filter(
        Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk")),
        member=OuterRef("member"),
        channel=OuterRef("channel"),
        purpose=OuterRef("purpose"),
    )
    given = Consent.objects.filter(channel__in=channels, purpose=purpose, given=True)
    return has(given.filter(~Exists(later)))


def _consent(asked: Asked) -> Q:
    return consents(asked.values)


def _kind(kind: IdentityKind, asked: Asked) -> Q:
    return identified(kind)


def _verified(kind: IdentityKind, asked: Asked) -> Q:
    return has(Identity.objects.filter(kind=kind, verified_at__isnull=False))


# ---- what can be chosen


def _statuses(date: dt.date) -> list[tuple[str, object]]:
    return [
        (MemberStatus.ACTIVE.value, _("Active")),
        (MemberStatus.PENDING.value, _("Not verified")),
        (MemberStatus.BLOCKED.value, _("Blocked")),
    ]


def _languages(date: dt.date) -> list[tuple[str, object]]:
    return list(settings.LANGUAGES)


def _months(date: dt.date) -> list[tuple[str, object]]:
    return [(str(number), MONTHS[number]) for number in range(1, 13)]


def _tags_in_use(date: dt.date) -> list[tuple[str, object]]:
    from members.queries import list_tags

    return [(name, name) for name in list_tags()]


def _channels(date: dt.date) -> list[tuple[str, object]]:
    return [
        (Channel.EMAIL.value, _("E-mail")),
        (Channel.SMS.value, _("Text message")),
        (Channel.INBOX.value, _("Inbox")),
        (Channel.PUSH.value, _("Push message")),
    ]


FIELDS: tuple[SegmentField, ...] = (
    SegmentField("members.age", FieldKind.NUMBER, GROUP, _("Age"), _("age"), _age),
    SegmentField(
        "members.gender", FieldKind.TEXT, GROUP, _("Gender"), pgettext_lazy("whose", "gender"), partial(text, "gender")
    ),
    SegmentField("members.region", FieldKind.TEXT, GROUP, _("Region"), _("region"), partial(text, "region")),
    SegmentField(
        "members.language",
        FieldKind.CHOICE,
        GROUP,
        _("Language"),
        _("language"),
        partial(text, "language"),
        choices=_languages,
    ),
    SegmentField(
        "members.birthday_month",
        FieldKind.CHOICE,
        GROUP,
        _("Month of birthday"),
        _("month of birthday"),
        _birthday_month,
        choices=_months,
    ),
    SegmentField(
        "members.birthday",
        FieldKind.AHEAD,
        GROUP,
        _("Birthday within days"),
        pgettext_lazy("whose", "birthday"),
        _birthday_soon,
    ),
    SegmentField(
        "members.joined",
        FieldKind.AGO,
        GROUP,
        _("Days since joining"),
        _("day of joining"),
        partial(ago, "joined_at"),
        operators_offered=(Operator.AT_LEAST, Operator.AT_MOST),
    ),
    SegmentField(
        "members.joined_on",
        FieldKind.DATE,
        GROUP,
        _("Date of joining"),
        _("day of joining"),
        _joined_on,
        operators_offered=(Operator.FROM, Operator.UNTIL),
    ),
    SegmentField("members.source", FieldKind.TEXT, GROUP, _("Joined through"), _("source"), partial(text, "source")),
    SegmentField(
        "members.tag", FieldKind.TAGS, GROUP, _("Tag"), pgettext_lazy("whose", "tag"), _tags, choices=_tags_in_use
    ),
    SegmentField(
        "members.attribute",
        FieldKind.TEXT,
        GROUP,
        _("Attribute"),
        _("attribute"),
        partial(property_text, "attributes"),
        takes=(Extra.NAME,),
    ),
    SegmentField(
        "members.time_zone", FieldKind.TEXT, GROUP, _("Time zone"), _("time zone"), partial(text, "time_zone")
    ),
    SegmentField(
        "members.complete",
        FieldKind.FLAG,
        GROUP,
        _("Profile is complete"),
        _("profile"),
        _is_complete,
        phrases={
            Operator.YES: _("whose profile is complete"),
            Operator.NO: _("whose profile is not complete"),
        },
    ),
    SegmentField(STATUS, FieldKind.CHOICE, GROUP, _("Status"), pgettext_lazy("whose", "status"), _status, _statuses),
    SegmentField(
        "members.email",
        FieldKind.FLAG,
        GROUP,
        _("Has an e-mail address"),
        _("e-mail address"),
        partial(_kind, IdentityKind.EMAIL),
        phrases={
            Operator.YES: _("who have an e-mail address"),
            Operator.NO: _("who have no e-mail address"),
        },
    ),
    SegmentField(
        "members.email_verified",
        FieldKind.FLAG,
        GROUP,
        _("E-mail address is verified"),
        _("e-mail address"),
        partial(_verified, IdentityKind.EMAIL),
        phrases={
            Operator.YES: _("who have a verified e-mail address"),
            Operator.NO: _("who have no verified e-mail address"),
        },
    ),
    SegmentField(
        "members.phone",
        FieldKind.FLAG,
        GROUP,
        _("Has a phone number"),
        _("phone number"),
        partial(_kind, IdentityKind.PHONE),
        phrases={
            Operator.YES: _("who have a phone number"),
            Operator.NO: _("who have no phone number"),
        },
    ),
    SegmentField(
        "members.phone_verified",
        FieldKind.FLAG,
        GROUP,
        _("Phone number is verified"),
        _("phone number"),
        partial(_verified, IdentityKind.PHONE),
        phrases={
            Operator.YES: _("who have a verified phone number"),
            Operator.NO: _("who have no verified phone number"),
        },
    ),
    SegmentField(
        "members.consent",
        FieldKind.TAGS,
        GROUP,
        _("Agreed to offers by"),
        _("consent"),
        _consent,
        choices=_channels,
        operators_offered=(Operator.ANY_OF, Operator.NONE_OF),
        phrases={
            Operator.ANY_OF: _("who agreed to offers by %(value)s"),
            Operator.NONE_OF: _("who did not agree to offers by %(value)s"),
        },
    ),
)
"""What segments may ask of this room."""
