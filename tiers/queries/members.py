"""The staff's list of members: filtered, sorted and paged by key."""

import datetime as dt
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from kit import clock, sql
from kit.paging import Place
from members.rules import BadIdentity, phone_identity
from tiers import rules
from tiers.enums import (
    MemberSort,
    Ordered,
    Window,
)
from tiers.models import Standing
from tiers.queries.versions import MAIN, NoLadder, terms_on, versions_of


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """What members the staff look for; an empty field asks for nothing.

    `quiet_since` is the first date on which an order counts as recent, `drops_by` the last date on which the tier
    ends of those who do not reach what keeps it with what counts `today`.
    """

    text: str = ""
    tier: str = ""
    status: str = ""
    spend_min: Decimal | None = None
    spend_max: Decimal | None = None
    points_min: int | None = None
    points_max: int | None = None
    ordered: Ordered | None = None
    quiet_since: dt.date | None = None
    drops_by: dt.date | None = None
    today: dt.date | None = None
    tag: str = ""
    among: tuple[sql.Part, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberPage:
    """A page of member ids in their order, and the places of its first and last row where there is more beyond."""

    ids: tuple[int, ...]
    before: Place | None
    after: Place | None


@dataclass(frozen=True, slots=True)
class _Sort:
    """How a list is sorted: the rows that have the key, then the rows that lack it, each by an index.

    `none` stands for the key of a row that has none.
    """

    none: str
    base: str
    owns: frozenset[str]
    condition: str
    key: str
    id: str
    key_falls: bool
    id_falls: bool
    nulls: tuple[str, str]
    lacks: str
    lacks_owns: frozenset[str]
    read_key: Callable[[str], object]


STANDING_OF = "JOIN tiers_standing s ON s.member_id = m.id AND s.ladder_id = %(ladder)s"
MEMBER_OF_STANDING = "tiers_standing s JOIN members_member m ON m.id = s.member_id"
NO_STANDING = (
    "NOT EXISTS (SELECT FROM tiers_standing n WHERE n.member_id = m.id AND n.ladder_id = %(ladder)s"
    " AND n.until_date IS NOT NULL)"
)
SORTS = {
    # members_member_newest
    MemberSort.NEWEST: _Sort(
        none="NULL::timestamptz",
        base="members_member m",
        owns=frozenset(),
        condition="m.joined_at IS NOT NULL",
        key="m.joined_at",
        id="m.id",
        key_falls=True,
        id_falls=True,
        nulls=("NULLS FIRST", "NULLS LAST"),
        lacks="m.joined_at IS NULL",
        lacks_owns=frozenset(),
        read_key=dt.datetime.fromisoformat,
    ),
    # tiers_standing_by_spend, tiers_standing_by_tier
    MemberSort.SPEND: _Sort(
        none="NULL::numeric",
        base=MEMBER_OF_STANDING,
        owns=frozenset({"s"}),
        condition="s.ladder_id = %(ladder)s",
        key="s.spend",
        id="s.member_id",
        key_falls=True,
        id_falls=False,
        nulls=("", ""),
        lacks=NO_STANDING.replace(" AND n.until_date IS NOT NULL", ""),
        lacks_owns=frozenset({"s"}),
        read_key=Decimal,
    ),
    # points_balance_largest
    MemberSort.POINTS: _Sort(
        none="NULL::bigint",
        base="points_balance b JOIN members_member m ON m.id = b.member_id",
        owns=frozenset({"b"}),
        condition="b.wallet = 'points'",
        key="b.available",
        id="b.member_id",
        key_falls=True,
        id_falls=False,
        nulls=("", ""),
        lacks="NOT EXISTS (SELECT FROM points_balance n WHERE n.member_id = m.id AND n.wallet = 'points')",
        lacks_owns=frozenset({"b"}),
        read_key=int,
    ),
    # tiers_standing_ending
    MemberSort.ENDS: _Sort(
        none="NULL::date",
        base=MEMBER_OF_STANDING,
        owns=frozenset({"s"}),
        condition="s.ladder_id = %(ladder)s AND s.until_date IS NOT NULL",
        key="s.until_date",
        id="s.member_id",
        key_falls=False,
        id_falls=False,
        nulls=("", ""),
        lacks=NO_STANDING,
        lacks_owns=frozenset(),
        read_key=dt.date.fromisoformat,
    ),
}
JOINS = {
    "s": STANDING_OF,
    "t": "JOIN tiers_tier t ON t.id = s.tier_id",
    "b": "JOIN points_balance b ON b.member_id = m.id AND b.wallet = 'points'",
}
# The inner limit tells the planner how few are wanted, the outer one leaves the second walk out where there is no room.
BOTH = (
    "WITH first (id, key) AS MATERIALIZED ({0}) SELECT id, key FROM (SELECT 1 AS part, id, key FROM first UNION ALL"
    " (SELECT 2, id, key FROM ({1}) rest LIMIT (SELECT %(limit)s - count(*) FROM first))) walked"
    " ORDER BY part, {key}, {id}"
)
LAST_ORDER = (
    "(SELECT o.placed_at FROM orders_order o WHERE o.member_id = m.id AND o.status = 'paid'"
    " ORDER BY o.placed_at DESC LIMIT 1)"
)
# The few whom the text names exactly are gathered before the rest begins, so that the planner can weigh the part of a
# name alone: a rare one is found by its index, a frequent one while walking the list.
NAMED = (
    "SELECT id FROM members_member WHERE number LIKE %(number)s"
    " UNION SELECT member_id FROM members_identity WHERE value = ANY(%(spellings)s)"
    " UNION SELECT member_id FROM orders_order WHERE order_id = %(order)s AND member_id IS NOT NULL LIMIT 1000"
)
TEXT = f"(lower(m.name) LIKE %(name_part)s OR m.id = ANY(ARRAY({NAMED})))"
# What counts today of what standings do not sum up, for the member m on his tier t; only where the tier asks for it.
JOINED = "(m.joined_at AT TIME ZONE %(zone)s)::date"
YEARS = (
    "(SELECT greatest(turns - ((joined + make_interval(years => turns))::date > %(today)s)::int, 0) FROM (SELECT"
    " <joined> AS joined, extract(year FROM %(today)s::date)::int - extract(year FROM <joined>)::int AS turns) j)"
).replace("<joined>", JOINED)
STARTS = (
    ("CASE WHEN %(by_member)s THEN (<joined> + make_interval(years => <years>))::date ELSE %(starts)s::date END")
    .replace("<joined>", JOINED)
    .replace("<years>", YEARS)
)
ACTIVE_DAYS = (
    "(SELECT count(*) FROM (SELECT counts_on FROM orders_spendmovement o WHERE o.member_id = m.id"
    " AND counts_on BETWEEN <starts> AND %(today)s AND known_on <= %(today)s GROUP BY 1 HAVING sum(orders) > 0"
    " UNION SELECT business_date FROM orders_shopevent e WHERE e.member_id = m.id"
    " AND business_date BETWEEN <starts> AND %(today)s AND type <> ALL(%(not_own)s)) acted)"
).replace("<starts>", STARTS)
REFERRALS = (
    "(SELECT count(*) FROM points_entry r WHERE r.member_id = m.id AND wallet = 'points' AND kind = 'accrual'"
    " AND business_date BETWEEN <starts> AND %(today)s"
    " AND explanation -> 0 ->> 'type' = 'referral' AND explanation -> 0 ? 'friend')"
).replace("<starts>", STARTS)
KEPT_BY = (
    "s.spend >= t.keep_spend",
    "s.orders >= t.keep_orders",
    "s.growth >= t.keep_growth",
    "CASE WHEN t.keep_active_days IS NOT NULL THEN <days> >= t.keep_active_days END".replace("<days>", ACTIVE_DAYS),
    "CASE WHEN t.keep_years IS NOT NULL THEN <years> >= t.keep_years END".replace("<years>", YEARS),
    "CASE WHEN t.keep_referrals IS NOT NULL THEN <n> >= t.keep_referrals END".replace("<n>", REFERRALS),
)
KEEPS = "t.keep_spend, t.keep_orders, t.keep_growth, t.keep_active_days, t.keep_years, t.keep_referrals"
NOT_KEPT = (
    "s.until_date <= %(drops_by)s AND CASE"
    " WHEN s.hold_kind <> '' THEN (SELECT rank FROM tiers_tier e WHERE e.id = s.earned_tier_id) < s.rank"
    " WHEN t.never_lost OR (SELECT at_end FROM tiers_ladderversion v WHERE v.id = t.version_id) = 'never' THEN false"
    " WHEN num_nonnulls(<keeps>) = 0 THEN true"
    " WHEN t.keep_join = 'all' THEN NOT (coalesce(<all>, true)) ELSE NOT (coalesce(<any>, false)) END"
)
NOT_KEPT = NOT_KEPT.replace("<keeps>", KEEPS)
NOT_KEPT = NOT_KEPT.replace("<all>", ", true) AND coalesce(".join(KEPT_BY))
NOT_KEPT = NOT_KEPT.replace("<any>", ", false) OR coalesce(".join(KEPT_BY))
"""That a tier ends by a date and what counts today does not keep it; a given one, that what was earned is lower."""


def list_members(
    wanted: MemberFilter, sort: MemberSort, *, turned: bool, after: Place | None, before: Place | None, limit: int
) -> MemberPage:
    """Will return a page of the members a filter keeps, paged by key; `turned` is against the natural direction.

    Whoever lacks the key (no standing, no wallet, no end) comes after all others. A place that does not fit the sort
    is the first page. Two queries, of which one walks along one or two indexes and ends with the page; it is asked
    again where a step back finds less than a page before it.
    """
    spec, parameters = SORTS[sort], _parameters(wanted)
    backwards = before is not None
    start = _key_of(spec, before or after)
    rows = _walk(spec, wanted, parameters, start, turned != backwards, limit + 1)
    if backwards and len(rows) < limit:
        return list_members(wanted, sort, turned=turned, after=None, before=None, limit=limit)
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    first, last = (_place(rows[0]), _place(rows[-1])) if rows else (None, None)
    return MemberPage(
        ids=tuple(row[0] for row in rows),
        before=first if (more if backwards else start is not None) else None,
        after=last if (more or backwards) else None,
    )


def count_members(wanted: MemberFilter, most: int) -> int:
    """Will count the members a filter keeps, up to `most`. Two queries."""
    parameters = _parameters(wanted) | {"limit": most}
    needs, conditions = _conditions(wanted, parameters)
    lines = ["SELECT count(*) FROM (SELECT FROM members_member m", *_joins(needs, frozenset())]
    lines += ["WHERE", " AND ".join(conditions or ["true"]), "LIMIT %(limit)s) kept"]
    with connection.cursor() as cursor:
        cursor.execute(" ".join(lines), parameters)
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def ids_of_members(wanted: MemberFilter) -> list[int]:
    """Will return the ids of all that a filter keeps of those who can be given something, in order of id.

    Who has not joined, is blocked or erased is left out. Two queries.
    """
    parameters = _parameters(wanted)
    needs, conditions = _conditions(wanted, parameters)
    lines = ["SELECT m.id FROM members_member m", *_joins(needs, frozenset()), "WHERE"]
    can_be_given = ["m.joined_at IS NOT NULL", "m.status NOT IN ('blocked', 'erased', 'merged')"]
    lines += [" AND ".join([*can_be_given, *conditions]), "ORDER BY m.id"]
    with connection.cursor() as cursor:
        cursor.execute(" ".join(lines), parameters)
        return [row[0] for row in cursor.fetchall()]


def _parameters(wanted: MemberFilter) -> dict[str, Any]:
    """Will gather what the conditions name; a tier's code stands for that of each version. One query."""
    tiers = [rung.tier_id for terms in versions_of(MAIN) for rung in terms.rungs if rung.code == wanted.tier]
    escaped = re.sub(r"([\\%_])", r"\\\1", wanted.text.strip())
    return {
        "ladder": _main_ladder(),
        "tier": tiers[0] if len(tiers) == 1 else None,
        "tiers": tiers,
        "status": wanted.status,
        "spend_min": wanted.spend_min,
        "spend_max": wanted.spend_max,
        "points_min": wanted.points_min,
        "points_max": wanted.points_max,
        "quiet_since": clock.day_start(wanted.quiet_since) if wanted.quiet_since else None,
        "drops_by": wanted.drops_by,
        **(_window(wanted.today) if wanted.drops_by and wanted.today else {}),
        "tag": wanted.tag,
        "name_part": f"%{escaped.lower()}%",
        **_named(wanted.text.strip(), escaped.upper()),
        **{name: value for one in wanted.among for name, value in one.parameters.items()},
    }


def _main_ladder() -> int | None:
    """Will return the id of the main ladder, or None where none is published. One query, two a version at first."""
    return next((terms.ladder_id for terms in versions_of(MAIN)), None)


def _window(today: dt.date) -> dict[str, Any]:
    """What counts on a date on the main ladder, for what standings do not sum up. One query."""
    window = {"today": today, "zone": clock.programme_zone().key, "by_member": False, "starts": today}
    window |= {"not_own": list(rules.NOT_OWN_EVENTS)}
    try:
        terms = terms_on(today)
    except NoLadder:
        return window
    by_member = terms.window is Window.MEMBERSHIP_YEAR
    return window | {"by_member": by_member, "starts": today if by_member else terms.window_start(today)}


def _named(text: str, escaped: str) -> dict[str, Any]:
    """Will return what finds the members whose number, identity or order a text is; a number may be only begun."""
    number = escaped if escaped.startswith("M") else f"M{escaped}"
    begun = f"{number}%" if re.fullmatch(r"M\d{3,}", number) else number
    return {"number": begun, "spellings": _spellings(text) if text else [], "order": text}


def _spellings(text: str) -> list[str]:
    spellings = {text, text.lower()}
    try:
        phone = phone_identity(text).value
        spellings |= {phone, "+" + phone.removeprefix("+"), phone.removeprefix("+")}
    except BadIdentity:
        pass
    return sorted(spellings)


def _conditions(wanted: MemberFilter, parameters: dict[str, Any]) -> tuple[set[str], list[str]]:
    """Will return the tables besides the member's own that a filter needs, and its conditions."""
    asked: list[tuple[object, str, str]] = [
        (wanted.text.strip(), "", TEXT),
        (wanted.tier, "s", "s.tier_id = %(tier)s" if parameters["tier"] else "s.tier_id = ANY(%(tiers)s)"),
        (wanted.status, "", "m.status = %(status)s"),
        (wanted.spend_min is not None, "s", "s.spend >= %(spend_min)s"),
        (wanted.spend_max is not None, "s", "s.spend <= %(spend_max)s"),
        (wanted.points_min is not None, "b", "b.available >= %(points_min)s"),
        (wanted.points_max is not None, "b", "b.available <= %(points_max)s"),
        (wanted.drops_by, "st", NOT_KEPT),
        (wanted.tag, "", "EXISTS (SELECT FROM members_tag g WHERE g.member_id = m.id AND g.name = %(tag)s)"),
        *((True, "", f"m.id IN ({one.text})") for one in wanted.among),
        (wanted.ordered is Ordered.RECENTLY, "", f"{LAST_ORDER} >= %(quiet_since)s"),
        (wanted.ordered is Ordered.QUIET, "", f"{LAST_ORDER} < %(quiet_since)s"),
        (wanted.ordered is Ordered.NEVER, "", f"{LAST_ORDER} IS NULL"),
    ]
    kept = [(needs, condition) for given, needs, condition in asked if given]
    return {table for needs, _ in kept for table in needs}, [condition for _, condition in kept]


def _joins(needs: Collection[str], owns: Collection[str]) -> list[str]:
    return [JOINS[table] for table in "stb" if table in needs and table not in owns]


def _walk(
    spec: _Sort,
    wanted: MemberFilter,
    parameters: dict[str, Any],
    start: tuple[object, int] | None,
    turned: bool,
    limit: int,
) -> list[tuple[int, object]]:
    """Will read on from a place: the rows with a key, then those without; turned round, the other way about. One query.

    The second part is only walked as far as the first leaves room on the page.
    """
    needs, conditions = _conditions(wanted, parameters)
    parts = [_without_key, _with_key] if turned else [_with_key, _without_key]
    if start is not None and (start[0] is None) != (parts[0] is _without_key):
        del parts[0]
    walked = [part for part in parts if part is _with_key or not needs & spec.lacks_owns]
    texts = [part(spec, (needs, conditions), start if part is parts[0] else None, turned) for part in walked]
    if not texts:
        return []
    key, member_id = start or (None, 0)
    falls, id_falls = spec.key_falls != turned, spec.id_falls != turned
    text = (
        texts[0]
        if len(texts) == 1
        else BOTH.format(*texts, key=f"key {_direction(falls)} {spec.nulls[falls]}", id=f"id {_direction(id_falls)}")
    )
    with connection.cursor() as cursor:
        cursor.execute(text, parameters | {"key": key, "id": member_id, "limit": limit})
        return [(row[0], row[1]) for row in cursor.fetchall()]


def _with_key(spec: _Sort, filters: tuple[set[str], list[str]], start: tuple[object, int] | None, turned: bool) -> str:
    needs, conditions = filters
    head = ["SELECT m.id, ", spec.key, " AS key FROM ", spec.base, *_joins(needs, spec.owns)]
    key_falls, id_falls = spec.key_falls != turned, spec.id_falls != turned
    order = f"{spec.key} {_direction(key_falls)} {spec.nulls[key_falls]}, {spec.id} {_direction(id_falls)}"
    outer = f"key {_direction(key_falls)} {spec.nulls[key_falls]}, id {_direction(id_falls)}"
    beyond = [
        [f"{spec.key} = %(key)s", f"{spec.id} {'<' if id_falls else '>'} %(id)s"],
        [f"{spec.key} {'<' if key_falls else '>'} %(key)s"],
    ]
    tail = ["ORDER BY", order, "LIMIT %(limit)s"]
    selects = [
        " ".join([*head, "WHERE", " AND ".join([spec.condition, *conditions, *part]), *tail])
        for part in (beyond if start else [[]])
    ]
    lines = [" UNION ALL ".join(f"({select})" for select in selects), "ORDER BY", outer, "LIMIT %(limit)s"]
    return " ".join(lines if start else selects)


def _without_key(
    spec: _Sort, filters: tuple[set[str], list[str]], start: tuple[object, int] | None, turned: bool
) -> str:
    needs, conditions = filters
    falls = spec.id_falls != turned
    beyond = [f"m.id {'<' if falls else '>'} %(id)s"] if start else []
    lines = ["SELECT m.id,", spec.none, "AS key FROM members_member m", *_joins(needs, frozenset())]
    lines += ["WHERE", " AND ".join([spec.lacks, *conditions, *beyond])]
    lines += ["ORDER BY m.id", _direction(falls), "LIMIT %(limit)s"]
    return " ".join(lines)


def _direction(falls: bool) -> str:
    return "DESC" if falls else "ASC"


def _place(row: tuple[int, object]) -> Place:
    key = row[1]
    text = key.isoformat() if isinstance(key, dt.date) else "" if key is None else str(key)
    return Place(text, row[0])


def _key_of(spec: _Sort, place: Place | None) -> tuple[object, int] | None:
    """Will return a place's key as the database knows it; None where the text is no key of this sort."""
    if place is None:
        return None
    if not place.key:
        return None, place.id
    try:
        key = spec.read_key(place.key)
    except (ValueError, ArithmeticError):
        return None
    naive = isinstance(key, dt.datetime) and key.tzinfo is None
    odd = isinstance(key, Decimal) and (not key.is_finite() or abs(key) >= 10**15)
    return None if naive or odd or (isinstance(key, int) and abs(key) >= 2**62) else (key, place.id)


def examples() -> dict[str, int]:
    """Will return {label: member id} of three members worth looking at: highest, in grace, newest. Three queries."""
    standings = Standing.objects.filter(ladder__code=MAIN)
    chosen = {
        "highest": standings.order_by("-rank", "-spend", "member_id").first(),
        "grace": standings.filter(grace_date__isnull=False).order_by("-rank", "-spend", "member_id").first(),
        "newest": standings.filter(rank=0).order_by("-since_date", "member_id").first(),
    }
    return {label: row.member_id for label, row in chosen.items() if row}
