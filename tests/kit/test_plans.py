"""What is asked often or of everybody is asked by the index that is meant for it, and costs what it concerns.

The deeds are done as the site does them, and every statement they come to is heard with its plan. A statement in a file
says in its head what plan is expected: the indexes it names must be in the plan, and a large table may be read whole
only where it says so. Where one member is concerned nothing may be read whole, and a house four times as large must not
look at more rows.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as site
from django.db import connection, transaction
from django.test import Client

from bench import pages as bench_pages
from bench import segments as bench_segments
from bench.measure import run_sql
from benefits.models import Coupon
from campaigns import actions as campaigns_actions
from campaigns import queries as campaigns_queries
from campaigns.models import Campaign
from campaigns.rules.segments import tree_from
from kit import jobs
from kit.jobs import Night
from members import actions as members_actions
from members.enums import StaffRole
from members.models import Account, Member
from members.rules import MemberReference
from membership_site.flows import nightly, order_paid, proof
from messaging import jobs as messaging_jobs
from orders.enums import OrderStatus
from orders.rules import LineStatement, OrderStatement
from tests.flows.carts import asked, quote

from .crowds import AT, LAST, crowd
from .heard import Heard, listening, said_of

pytestmark = pytest.mark.slow

SMALL, LARGE = 1_000, 4_000
MANY = 3_000
"""A table is large that has more rows than this in the larger house."""
SLACK = 60
"""So many rows more a page of one member may look at where there are more members: rows of other sizes of tables."""

WHOLE = re.compile(r"\b(once|twice|whole|hashed|by range)\b|as sets|as given")
"""How a file says that it reads a table from beginning to end."""

NAMED = re.compile(r"\b[a-z]+_[a-z0-9_]+(?: or [a-z]+_[a-z0-9_]+)*\b")
"""How it names an index, or two of which the planner may take either."""

Deed = Callable[["Cast"], object]


@dataclasses.dataclass(frozen=True)
class Cast:
    """Who does what is heard: a member as most are, a person of the staff, and a campaign to send."""

    member: Member
    coupon: str
    mine: Client
    staff: Client
    campaign: Campaign

    @property
    def page(self) -> str:
        """The member's page at the console."""
        return f"/console/members/{self.member.number}/"


def of_night(step: str, *, date: dt.date = LAST, slice_only: bool = True) -> Deed:
    """Will do a step of a night that must come to its end."""

    def deed(cast: Cast) -> None:
        job = jobs.run(nightly.find_step(step), Night(date, slice_only, approved=None), again=True)
        assert job.state == "done", (step, job.error)

    return deed


def seen(path: str, *, by_member: bool = False) -> Deed:
    """Will look at a page that must answer; {page} and {coupon} stand for those of the cast."""

    def deed(cast: Cast) -> None:
        client = cast.mine if by_member else cast.staff
        answer = client.get(path.format(page=cast.page, coupon=cast.coupon))
        assert answer.status_code == 200, (path, answer.status_code)

    return deed


def counted(name: str) -> Deed:
    """Will count a segment."""
    stored, _by_hand = bench_segments.TREES[name]
    return lambda cast: campaigns_queries.count_of(tree_from(stored, campaigns_queries.segment_fields()), AT)


def frozen(cast: Cast) -> None:
    """Will freeze the audience of a campaign."""
    campaigns_actions.launch(campaign=cast.campaign, occasion="", at=AT, actor="test")


def put_into_outbox(cast: Cast) -> None:
    """Will have messages due to everybody whom a campaign is for."""
    frozen(cast)
    run_sql("""UPDATE messaging_message SET values = values || '{"points_given": 5}'""")
    run_sql("ANALYZE messaging_message, messaging_dispatch")


def sent(cast: Cast) -> None:
    """Will take the lease of a batch of what is due, and send it."""
    with messaging_jobs.Sender(lambda: AT) as sender:
        assert all(sender.batch())


def ordered(cast: Cast) -> None:
    """Will book a paid order of the member's, with all that follows from it."""
    lines = (LineStatement(line_id="1", quantity=1, unit_price=Decimal(80), name="Tea"),)
    statement = OrderStatement("web", "plan-1", OrderStatus.PAID, AT, AT, site.PROGRAMME_CURRENCY, lines)
    reference = MemberReference(number=cast.member.number)
    order_paid.take_order(statement=statement, reference=reference, at=AT, actor="test")


OTHER_STEPS = (
    *("grant_benefits", "draw_surprises", "settle_referrals", "tell_tier_changes", "tell_falls", "tell_lapsing_points"),
    *("lapse_checkouts", "lapse_reservations", "give_up_gifts", "begin_budgets", "clear_old_calls", "erase_members"),
    *("end_exports", "clear_waiting", "attribute_orders", "count_results"),
)

OF_MANY: Mapping[str, Deed] = {
    "release of lots": of_night("release_lots"),
    "expiry of lots": of_night("expire_lots"),
    "tiers of a day": of_night("recalculate_tiers"),
    "tiers of everybody": of_night("recalculate_tiers", date=LAST + dt.timedelta(days=1), slice_only=False),
    "notices of expiry": of_night("notice_expiries"),
    "notices of falls": of_night("notice_falls"),
    "yearly rewards": of_night("reward_yearly"),
    "stages of a day": of_night("tell_stages"),
    **{step: of_night(step) for step in OTHER_STEPS},
    "proof of a day": lambda cast: list(proof.violations_of_day(LAST)),
    "freeze of an audience": frozen,
    "keeping of the outbox": lambda cast: messaging_jobs.keep(at=AT),
    "outbox": seen("/console/messages/outbox/"),
    "the overview": seen("/console/"),
}
"""Deeds that concern many; each as often as in a night, or as the staff look."""

OF_ONE: Mapping[str, Deed] = {
    "list of members": seen("/console/members/?tier=gold&sort=spend"),
    "member by name": seen("/console/members/?q=Member+777"),
    "member": seen("{page}"),
    "ledger": seen(f"{{page}}?wallet=growth&before={LAST}T00:00:00Z~1000000"),
    "coupon by code": seen("/console/coupons/code/?code={coupon}"),
    "quote of a cart": lambda cast: quote(
        asked(cast.member.id, "80", "12.5x3", points="max", codes=(cast.coupon,)), AT
    ),
    "sender's lease": sent,
    "order": ordered,
    "own overview": seen("/", by_member=True),
    "own points": seen("/points/", by_member=True),
    "own orders": seen("/orders/", by_member=True),
    "own tier": seen("/tiers/", by_member=True),
    "own coupons": seen("/coupons/", by_member=True),
}
"""Deeds that concern one member, or a page of a list."""

OF_OUTBOX = {"sender's lease", "keeping of the outbox", "outbox"}
"""Deeds before which messages are due."""

SEGMENTS = tuple(bench_segments.TREES)

HEAVIEST = (
    "tiers/find_of_day", "tiers/find_all", "points/release_lots", "points/expire_lots", "points/bounds_of_ending",
    "points/bounds_of_pending", "points/broken_wallets_of_day", "campaigns/freeze", "insights/due_stages",
    "messaging/lease_marketing", "messaging/lease_service", "messaging/begin_sending", "benefits/candidates",
    "points/holding_of", "tiers/candidates", "points/moved_and_held",
)  # fmt: skip
"""Files whose plans must have been heard, whatever else was."""


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple["Heards", Cast]]:
    """What was heard of each deed in the small house, and in the large one, which stands while the tests are run."""
    found: Heards = {}
    with django_db_blocker.unblock():
        with crowd(SMALL) as member_id:
            found[SMALL] = {name: listened(deed, _cast(member_id), name) for name, deed in OF_ONE.items()}
        with crowd(LARGE) as member_id:
            cast = _cast(member_id)
            deeds = {**OF_MANY, **OF_ONE, **{f"segment {name}": counted(name) for name in SEGMENTS}}
            found[LARGE] = {name: listened(deed, cast, name) for name, deed in deeds.items()}
            yield found, cast


@pytest.fixture
def heard(told: tuple["Heards", Cast]) -> "Heards":
    """What was heard, by the size of the house and the deed."""
    return told[0]


def _cast(member_id: int) -> Cast:
    member = Member.objects.get(id=member_id)
    campaign = bench_pages.campaign(AT)
    people = {
        "staff": members_actions.open_staff_account(
            email="plans@example.com", name="Plans", password="x" * 12, roles=[StaffRole.ADMIN], at=AT, actor="test"
        ),
        "mine": members_actions.open_member_account(
            member_id=member_id, email="typical@example.com", password="x" * 12, at=AT, actor="test"
        ),
    }
    coupon = Coupon.objects.filter(member_id=member_id).order_by("id")[0].code
    return Cast(member=member, coupon=coupon, campaign=campaign, **{who: _entered(one) for who, one in people.items()})


def _entered(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend=site.AUTHENTICATION_BACKENDS[-1])
    return client


def listened(deed: Deed, cast: Cast, name: str, before: str = "") -> list[Heard]:
    """Will do a deed once, so that what is kept in memory is kept, take it back, and hear it the second time."""
    with transaction.atomic():
        if before:
            run_sql(before)
        if name in OF_OUTBOX:
            put_into_outbox(cast)
        with listening() as found:
            deed(cast)
        transaction.set_rollback(True)
    return found


# ---- what is claimed


def complaints(said: str, plans: list[Heard], large: set[str], indexes: Mapping[str, str]) -> Iterator[str]:
    """Will yield a sentence for what the plans of a file are not as it says; `indexes` are all, each with its table."""
    used = set[str]().union(*(plan.indexes for plan in plans))
    for one in NAMED.findall(said):
        names = {name for name in one.split(" or ") if indexes.get(name) in large}
        if names and not names & used:
            yield f"uses {sorted(used)} and not {one}"
    walked = set[str]().union(*(plan.walked for plan in plans)) & large
    if walked and not WHOLE.search(said):
        yield f"reads {', '.join(sorted(walked))} whole"


def by_file(deeds: Mapping[str, list[Heard]]) -> dict[str, list[Heard]]:
    """Will return what was heard of each file."""
    found: dict[str, list[Heard]] = {}
    for plans in deeds.values():
        for plan in plans:
            if plan.file:
                found.setdefault(plan.file, []).append(plan)
    return found


def large_tables() -> set[str]:
    """Will return the tables that have many rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [MANY])
        return {name for (name,) in cursor.fetchall()}


def indexes_of_tables() -> dict[str, str]:
    """Will return all indexes, each with its table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, tablename FROM pg_indexes WHERE schemaname = 'public'")
        return dict(cursor.fetchall())


Heards = dict[int, dict[str, list[Heard]]]


@pytest.mark.django_db
def test_files_have_the_plans_they_speak_of(heard: Heards) -> None:
    """Each statement in a file that was heard: its indexes, and no large table read whole where it does not say so."""
    files, large, indexes = by_file(heard[LARGE]), large_tables(), indexes_of_tables()
    assert set(HEAVIEST) <= set(files), f"not heard: {sorted(set(HEAVIEST) - set(files))}"
    assert {"points_entry", "orders_order", "points_lot", "benefits_coupon"} <= large
    wrong = [
        f"{file} {said}" for file in sorted(files) for said in complaints(said_of(file), files[file], large, indexes)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_nothing_is_read_whole_for_one_member(heard: Heards) -> None:
    """Also by statements that the ORM makes: for a page of one member, or of a list, no large table is walked."""
    large = large_tables()
    wrong = [
        f"{name} reads {', '.join(plan.walked & large)} whole: {plan.file or ' '.join(plan.text.split())[:300]}"
        for name in OF_ONE
        for plan in heard[LARGE][name]
        if plan.walked & large
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
@pytest.mark.parametrize("name", OF_ONE)
def test_one_member_costs_the_same_among_many(heard: Heards, name: str) -> None:
    """A house four times as large looks at no more rows for him: what the index reads and then throws away counts."""
    few, many = (sum(plan.touched for plan in heard[size][name]) for size in (SMALL, LARGE))
    assert many <= few * 1.25 + SLACK, worst(heard[LARGE][name])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("release of lots", "points_lot_pending"),
        ("expiry of lots", "points_lot_expiring"),
        ("tiers of a day", "orders_spendmovement_window"),
        ("tiers of everybody", "points_entry_growth_window"),
        ("proof of a day", "points_entry_by_date"),
        ("sender's lease", "messaging_message_next"),
        ("quote of a cart", "benefits_coupon_of_member"),
    ],
)
def test_an_index_that_is_gone_is_missed(told: tuple[Heards, Cast], name: str, index: str) -> None:
    """The claims above are about the plans and can fail: without the index that is meant they do."""
    large, indexes = large_tables() | {"messaging_message"}, indexes_of_tables()
    deed = {**OF_MANY, **OF_ONE}[name]
    files = by_file({name: listened(deed, told[1], name, before=f"DROP INDEX {index}")})
    found = [one for file, plans in files.items() for one in complaints(said_of(file), plans, large, indexes)]
    assert any(index in one for one in found), found


def worst(plans: list[Heard]) -> str:
    """Will name the statements that looked at most rows."""
    most = sorted(plans, key=lambda plan: -plan.touched)[:3]
    return "\n".join(f"{plan.touched} rows: {plan.file or ' '.join(plan.text.split())[:300]}" for plan in most)
