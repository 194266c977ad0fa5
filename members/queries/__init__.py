"""What others may ask of members."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from kit import clock, dates, sql
from members import rules
from members.enums import IdentityKind, MemberStatus
from members.models import Account, Consent, ErasureRequest, Identity, Member
from members.queries.naming import staff_of


class UnknownMember(Exception):
    """Nobody has this number; nothing was done."""


@dataclass(frozen=True, slots=True)
class MemberKey:
    """Who a member is to other rooms."""

    id: int
    number: str
    status: str
    joined_at: dt.datetime | None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a member, for pages; identities as (kind, source, value)."""

    key: MemberKey
    name: str
    birthday: dt.date | None
    gender: str
    region: str
    language: str
    attributes: dict[str, object]
    identities: tuple[tuple[str, str, str], ...]
    tags: tuple[str, ...]
    consents: tuple[tuple[str, str, bool, dt.datetime], ...]


def _key(member: Member) -> MemberKey:
    """Will return the member, or the one he was merged into: read with select_related, or with a query more."""
    if member.merged_into_id and member.merged_into is not None:
        member = member.merged_into
    return MemberKey(member.id, member.number, member.status, member.joined_at, member.language)


def find_member(reference: rules.MemberReference, source: str = "") -> MemberKey | None:
    """Will return the member a shop means, or None. One to three queries.

    An external id is looked for in its own source first, then where exactly one system knows it. A bare text is
    tried as number, external id, e-mail address and phone number, in this order.
    """
    if reference.anything:
        return _find_anything(reference.anything.strip(), source)
    if reference.number:
        return _of_number(reference.number)
    if reference.external_id:
        return _find_external(reference.external_id.strip(), source)
    try:
        identity = rules.email_identity(reference.email) if reference.email else rules.phone_identity(reference.phone)
    except rules.BadIdentity:
        return None
    return _find_identity(identity)


def _of_number(number: str) -> MemberKey | None:
    rows = sql.fetch("members", "of_number", number=number.strip().upper())
    return MemberKey(*rows[0]) if rows else None


def _find_anything(text: str, source: str) -> MemberKey | None:
    if member := _of_number(text):
        return member
    if found := _find_external(text, source):
        return found
    for normalise in (rules.email_identity, rules.phone_identity):
        try:
            identity = normalise(text)
        except rules.BadIdentity:
            continue
        if found := _find_identity(identity):
            return found
    return None


def _find_external(text: str, source: str) -> MemberKey | None:
    external = Identity.objects.filter(kind=IdentityKind.EXTERNAL, value=text)
    found = list(external.exclude(source__startswith=rules.LOGIN).select_related("member")[:20])
    own = [identity for identity in found if identity.source == source]
    candidates = own or found
    return _key(candidates[0].member) if len({identity.member_id for identity in candidates}) == 1 else None


def _find_identity(identity: rules.IdentityValue) -> MemberKey | None:
    found = Identity.objects.filter(kind=identity.kind, source=identity.source, value=identity.value)
    row = found.exclude(member__status=MemberStatus.PENDING).select_related("member").first()
    return _key(row.member) if row else None


def find_by_identity(identity: rules.IdentityValue) -> MemberKey | None:
    """Will return the member known by exactly this identity, or None. One query."""
    return _find_identity(identity)


def language_of(number: str) -> str:
    """Will return the language of the member with a number, empty where none is known. One query."""
    return Member.objects.filter(number=number).values_list("language", flat=True).first() or ""


def get_by_reference(reference: rules.MemberReference, source: str = "") -> MemberKey:
    """Will return the member a shop means; raises UnknownMember. One to three queries."""
    member = find_member(reference, source)
    if member is None:
        raise UnknownMember("No member is known by this. Register him first, or check how he is named.")
    return member


def get_member(number: str) -> MemberKey:
    """Will return the member with a number; raises UnknownMember. One query."""
    member = _of_number(number)
    if member is None:
        raise UnknownMember(f"No member has the number {number}. Check the digits; the last one is a check digit.")
    return member


def find_exactly(number: str) -> MemberKey | None:
    """Will return the member with a number, even one who was merged into another. One query."""
    member = Member.objects.filter(number=number.strip().upper()).first()
    return MemberKey(member.id, member.number, member.status, member.joined_at, member.language) if member else None


def survivor_of(member_id: int) -> int | None:
    """Will return whom a member was merged into, None where he was not. One query."""
    return Member.objects.filter(id=member_id).values_list("merged_into_id", flat=True).first()


def of_whole(member_id: int) -> Q:
    """Will return the filter of rows whose `member` is this one or was merged into him. No query of its own."""
    return Q(member_id__in=Subquery(Member.objects.whole_of(member_id).values("id")))


def get_profile(member_id: int) -> Profile:
    """Will return a member's profile. Four queries."""
    member = Member.objects.get(id=member_id)
    latest = Consent.objects.filter(member_id=member_id).order_by("channel", "purpose", "-at", "-id")
    return Profile(
        key=_key(member),
        name=member.name,
        birthday=member.birthday,
        gender=member.gender,
        region=member.region,
        language=member.language,
        attributes=member.attributes,
        identities=tuple(member.identities.order_by("id").values_list("kind", "source", "value")),
        tags=tuple(member.tags.order_by("name").values_list("name", flat=True)),
        consents=tuple(latest.distinct("channel", "purpose").values_list("channel", "purpose", "given", "at")),
    )


def find_of_account(account_id: int) -> MemberKey | None:
    """Will return the member who logs in with an account, or None for staff. One query."""
    member = Member.objects.select_related("merged_into").filter(account_id=account_id).first()
    return _key(member) if member else None


def number_of(member_id: int) -> str:
    """Will return a member's number. One query."""
    return Member.objects.values_list("number", flat=True).get(id=member_id)


@dataclass(frozen=True, slots=True)
class Traits:
    """What earning rules may ask of a person."""

    birthday: dt.date | None
    tags: tuple[str, ...]


def traits_of(member_id: int) -> Traits:
    """Will return a member's birthday and tags. Two queries."""
    member = Member.objects.only("birthday").get(id=member_id)
    return Traits(member.birthday, tuple(member.tags.order_by("name").values_list("name", flat=True)))


def joined_at_of(member_id: int) -> dt.datetime | None:
    """Will return when a member joined, or None where he has not. One query."""
    return Member.objects.values_list("joined_at", flat=True).get(id=member_id)


def time_zone_of(member_id: int) -> str:
    """Will return the name of the zone in which a member counts his hours, empty for the programme's. One query."""
    return Member.objects.values_list("time_zone", flat=True).get(id=member_id)


def names_of(member_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Will return {id: (number, name)} of some members. One query."""
    rows = Member.objects.filter(id__in=member_ids).values_list("id", "number", "name")
    return {member_id: (number, name) for member_id, number, name in rows}


def find_many(texts: Sequence[str], source: str) -> dict[str, MemberKey]:
    """Will return {text: member} for those of many bare texts that name somebody, as find_member does for one.

    One query for any number of texts.
    """
    wanted = {text: _spellings(text) for text in texts}
    values = sorted({value for spellings in wanted.values() for value in spellings})
    asked = {"values": values, "numbers": [text.upper() for text in texts], "login": rules.LOGIN}
    numbers: dict[str, MemberKey] = {}
    found: dict[str, list[_Named]] = {}
    for kind, of, value, member_id, *key in sql.fetch_prepared("members", "named", **asked):
        one = _Named(kind, of, value, member_id, MemberKey(*key))
        if kind:
            found.setdefault(value, []).append(one)
        else:
            numbers[value] = one.key
    answer = {}
    for text, spellings in wanted.items():
        candidates = [one for value in spellings for one in found.get(value, [])]
        if member := numbers.get(text.upper()) or _choose(text, candidates, source):
            answer[text] = member
    return answer


def _spellings(text: str) -> list[str]:
    spellings = {text}
    for normalise in (rules.email_identity, rules.phone_identity):
        try:
            spellings.add(normalise(text).value)
        except rules.BadIdentity:
            continue
    return sorted(spellings)


@dataclass(frozen=True, slots=True)
class _Named:
    """An identity of one of many who are looked for, whose it is, and the member that stands for him now."""

    kind: str
    source: str
    value: str
    member_id: int
    key: MemberKey


def _choose(text: str, candidates: Sequence[_Named], source: str) -> MemberKey | None:
    external = [i for i in candidates if i.kind == IdentityKind.EXTERNAL and i.value == text]
    own = [i for i in external if i.source == source]
    named = own or external
    if named:
        return named[0].key if len({i.member_id for i in named}) == 1 else None
    for kind in (IdentityKind.EMAIL, IdentityKind.PHONE):
        if known := next((i for i in candidates if i.kind == kind), None):
            return known.key
    return None


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A member as an import compares him with a row."""

    id: int
    joined_at: dt.datetime | None
    profile: dict[str, object]
    identities: frozenset[rules.IdentityValue]
    tags: frozenset[str]


PROFILE_FIELDS = ("name", "birthday", "gender", "region", "language")
"""What an import may complete of a known member."""


def find_people(identities: Sequence[rules.IdentityValue]) -> dict[rules.IdentityValue, KnownPerson]:
    """Will return {identity: who is known by it} for those of many identities that are known. Four queries."""
    wanted = set(identities)
    values = [identity.value for identity in wanted]
    named = {
        identity: member_id
        for kind, source, value, member_id in Identity.objects.filter(value__in=values).values_list(
            "kind", "source", "value", "member_id"
        )
        if (identity := rules.IdentityValue(IdentityKind(kind), value, source)) in wanted
    }
    people = {}
    members = Member.objects.filter(id__in=set(named.values())).prefetch_related("identities", "tags")
    for member in members:
        people[member.id] = KnownPerson(
            id=member.id,
            joined_at=member.joined_at,
            profile={name: getattr(member, name) for name in PROFILE_FIELDS} | {"attributes": member.attributes},
            identities=frozenset(
                rules.IdentityValue(IdentityKind(i.kind), i.value, i.source) for i in member.identities.all()
            ),
            tags=frozenset(tag.name for tag in member.tags.all()),
        )
    return {identity: people[member_id] for identity, member_id in named.items()}


# ---- lists and pages of the staff


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as lists show him."""

    id: int
    number: str
    name: str
    status: str
    joined_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """A member as messages speak to him."""

    id: int
    number: str
    name: str
    birthday: dt.date | None
    joined_at: dt.datetime | None
    language: str
    status: str


def people_of(member_ids: Sequence[int]) -> dict[int, Person]:
    """Will return {id: person} of some members. One query."""
    rows = Member.objects.filter(id__in=member_ids).values_list(*Person.__slots__)
    return {row[0]: Person(*row) for row in rows}


def with_email(member_ids: Sequence[int]) -> frozenset[int]:
    """Will return those of some members who have an e-mail address. One query."""
    known = Identity.objects.filter(member_id__in=member_ids, kind=IdentityKind.EMAIL)
    return frozenset(known.values_list("member_id", flat=True))


@dataclass(frozen=True, slots=True)
class ConsentView:
    """One answer to one consent question; `actor` says through whom it came, `staff` by name where it was asked for."""

    channel: str
    purpose: str
    given: bool
    text: str
    at: dt.datetime
    actor: str
    staff: str = ""


ANSWERED = ("channel", "purpose", "given", "text", "at", "actor")
"""What an answer says without the name of who told it."""


def rows_of(member_ids: Sequence[int]) -> dict[int, MemberRow]:
    """Will return {id: row} of some members. One query."""
    rows = Member.objects.filter(id__in=member_ids).values_list(*MemberRow.__slots__)
    return {row[0]: MemberRow(*row) for row in rows}


def find_by_number(number: str) -> MemberKey | None:
    """Will return the member with a number, however it was typed, by its unique index; None for nobody. One query."""
    member = Member.objects.select_related("merged_into").filter(number=number.strip().upper()).first()
    return _key(member) if member else None


@dataclass(frozen=True, slots=True)
class Face:
    """Who a member is at the head of his page; `erased_on` is when he wishes to be erased, if he does."""

    key: MemberKey
    name: str
    region: str
    erased_on: dt.date | None


def find_face(number: str) -> Face | None:
    """Will return who is meant by a number, however it was typed, or whom he was merged into. One query."""
    whole = Coalesce(OuterRef("merged_into_id"), OuterRef("id"))
    wish = ErasureRequest.objects.filter(member_id=whole, cancelled_at=None, done_at=None)
    members = Member.objects.select_related("merged_into").filter(number=number.strip().upper())
    row: Any = members.annotate(erased_on=Subquery(wish.values("due_on")[:1])).first()
    if row is None:
        return None
    member = row.merged_into or row
    return Face(_key(row), member.name, member.region, row.erased_on)


def ids_of_numbers(numbers: Sequence[str]) -> dict[str, tuple[int, str, bool]]:
    """Will return {number: (id, status, whether he has joined)} of those of many numbers that exist. One query."""
    wanted = [number for number in numbers if "\x00" not in number]
    rows = Member.objects.filter(number__in=wanted).select_related("merged_into")
    keys = {row.number: _key(row) for row in rows}
    return {number: (key.id, key.status, key.joined_at is not None) for number, key in keys.items()}


def own_facts(member_id: int) -> dict[str, object]:
    """Will return what a member can say of himself, as it stands. One query."""
    names = ("name", "birthday", "gender", "region", "language", "time_zone")
    return dict(Member.objects.values(*names).get(id=member_id))


def list_tags(limit: int = 200) -> list[str]:
    """Will return the tags in use, by name, jumping from one to the next in their index. One query."""
    with connection.cursor() as cursor:
        cursor.execute(TAGS_IN_USE, [limit])
        return [row[0] for row in cursor.fetchall()]


TAGS_IN_USE = """
WITH RECURSIVE used AS (
    (SELECT name FROM members_tag ORDER BY name LIMIT 1)
    UNION ALL
    SELECT (SELECT t.name FROM members_tag t WHERE t.name > used.name ORDER BY t.name LIMIT 1) FROM used
    WHERE used.name IS NOT NULL)
SELECT name FROM used WHERE name IS NOT NULL LIMIT %s
"""


def consents_in_force(member_id: int) -> list[ConsentView]:
    """Will return the latest answer to each consent question, by channel and purpose. One query."""
    return [ConsentView(*row) for row in _in_force(member_id).values_list(*ANSWERED)]


def consents_told(member_id: int) -> list[ConsentView]:
    """Will return them with the names of the staff who told them. One query."""
    answers = _in_force(member_id).annotate(staff=staff_of("actor"))
    return [_consent(**row) for row in answers.values(*ANSWERED, "staff")]


def _in_force(member_id: int) -> "QuerySet[Consent]":
    answers = Consent.objects.filter(member_id=member_id).order_by("channel", "purpose", "-at", "-id")
    return answers.distinct("channel", "purpose")


def list_consents(member_id: int, before: dt.datetime | None = None, limit: int = 50) -> list[ConsentView]:
    """Will return answers given before an instant, latest first. One query."""
    answers = Consent.objects.filter(member_id=member_id)
    if before:
        answers = answers.filter(at__lt=before)
    return [ConsentView(*row) for row in answers.order_by("-at", "-id").values_list(*ANSWERED)[:limit]]


def consents_before(member_id: int, before: dt.datetime, limit: int) -> sql.Told[ConsentView]:
    """Will tell of answers given before an instant, with the names of the staff who told them. No query of its own."""
    answers = Consent.objects.filter(member_id=member_id, at__lt=before).annotate(staff=staff_of("actor"))
    return sql.told(answers.order_by("-at", "-id")[:limit], "at", _consent, (*ANSWERED, "staff"))


def _consent(**row: Any) -> ConsentView:
    return ConsentView(**{**row, "staff": row["staff"] or ""})


def staff_names(account_ids: Sequence[int]) -> dict[int, str]:
    """Will return {id: name or e-mail address} of some accounts. One query."""
    rows = Account.objects.filter(id__in=account_ids).values_list("id", "name", "email")
    return {account_id: name or email or f"#{account_id}" for account_id, name, email in rows}


def count_about(most: int) -> tuple[int, int]:
    """Will count all members up to `most`, and say about how many there are, as the planner knows it (0: not yet).

    One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(ABOUT, [most])
        [(counted, estimate)] = cursor.fetchall()
    return int(counted), max(int(estimate), 0)


ABOUT = """
SELECT (SELECT count(*) FROM (SELECT FROM members_member LIMIT %s) counted),
       (SELECT reltuples::bigint FROM pg_class WHERE oid = 'members_member'::regclass)
"""


def last_member_id() -> int:
    """Will return the highest member id there is, 0 where there is none. One query."""
    return Member.objects.order_by("-id").values_list("id", flat=True).first() or 0


def find_staff(text: str, limit: int) -> list[int]:
    """Will return the ids of staff whose name or e-mail address has a text in it. One query."""
    staff = Account.objects.filter(Q(name__icontains=text) | Q(email__icontains=text), is_staff=True)
    return list(staff.order_by("id").values_list("id", flat=True)[:limit])


def log_ins_of(member_id: int) -> list[int]:
    """Will return the log-ins that are a member's own: the linked one, and any under an e-mail address of his.

    The staff's come first, for they are the ones that could book something for themselves. One query.
    """
    emails = Identity.objects.filter(member_id=member_id, kind=IdentityKind.EMAIL).values("value")
    own = Account.objects.filter(Q(member=member_id) | Q(member__merged_into=member_id) | Q(email__in=emails))
    return list(own.order_by("-is_staff", "id").values_list("id", flat=True))


# ---- all members, range by range


class TraitsOfRange(NamedTuple):
    """What rules may ask of a member of a range."""

    id: int
    birthday: dt.date | None
    joined_at: dt.datetime | None
    status: str
    tags: tuple[str, ...]


def count_members() -> int:
    """Will count all members there are. One query."""
    return Member.objects.count()


def end_of_range(after: int, size: int) -> tuple[int, int]:
    """Will return the id at which the next members above an id end, `size` at most, and how many they are.

    (0, 0) where there are none. One query.
    """
    upto, count = sql.fetch("members", "end_of_range", after=after, size=size)[0]
    return upto or 0, count


def ids_above(after: int, size: int) -> list[int]:
    """Will return the ids of the next members above an id, `size` at most. One query."""
    return list(Member.objects.filter(id__gt=after).order_by("id").values_list("id", flat=True)[:size])


def celebrating(on: Sequence[dt.date]) -> list[int]:
    """Will return the ids of those whose birthday, or day of joining, comes round on some dates. One query.

    Among them are some who joined on the day after: who asks looks again.
    """
    kept = [(date.month, date.day) for date in on]
    # 29 February is kept on the 28th in common years.
    kept += [(2, 29) for date in on if (date.month, date.day) == (2, 28) and dates.last_of_month(date.year, 2) == date]
    asked = {"dates": list(on), "months": [month for month, _ in kept], "days": [day for _, day in kept]}
    rows = sql.fetch_prepared("members", "celebrating", **asked, zone=clock.programme_zone().key)
    return sorted({member_id for (member_id,) in rows})


def traits_of_range(after: int, upto: int) -> list[TraitsOfRange]:
    """Will return the traits of the members above one id up to another, by id. One query."""
    rows = sql.fetch("members", "traits_of_range", after=after, upto=upto)
    return [TraitsOfRange._make((*row[:4], tuple(row[4] or ()))) for row in rows]
