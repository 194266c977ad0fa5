"""Yearly rewards: who celebrates when, what he gets, once a year, in sets as one by one."""

import datetime as dt
import random
import threading
import time
from typing import Any

import pytest
from django.db import transaction

from kit import clock
from kit.jobs import Night
from members.models import Member
from members.rules import MemberReference
from membership_site.flows import nightly, points_given, proof, yearly_rewarded
from membership_site.flows.starter import POINTS_TERMS
from points import actions as points_actions
from points import jobs as points_jobs
from points import queries as points_queries
from points.actions.books import close_books, open_books
from points.enums import EntryKind, RefundPolicy, Wallet
from points.jobs import yearly
from points.models import Entry, Lot, PolicyVersion, RuleUse
from points.rules import ledger
from points.rules.ledger import Deed
from tests.flows.shop import do, purse, use
from tests.kit.threads import kinds, together
from tests.night import world
from tests.night.world import DAY
from tests.points.proof import balanced  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]

REWARD = nightly.find_step("reward_yearly")
D = dt.date(2026, 7, 15)
GIFTS = {"birthday": {"points": 50}, "anniversary": {"points": 30}}


def publish(gifts: dict[str, Any] = GIFTS, **terms: Any) -> PolicyVersion:
    """Will publish the starter's policy with yearly rewards."""
    return PolicyVersion.objects.create(
        number=PolicyVersion.objects.count() + 1,
        effective_on=dt.date(2020, 1, 1),
        terms={**POINTS_TERMS, "events": {**POINTS_TERMS["events"], **gifts}, **terms},
        published_at=world.noon(D),
        actor="test",
    )


def born(birthday: dt.date | None, joined: dt.date = D - 500 * DAY, *, number: int = 1) -> int:
    """Will make a member with a birthday."""
    [member_id] = world.people(1, joined, number)
    Member.objects.filter(id=member_id).update(birthday=birthday)
    return member_id


def given() -> list[tuple[int, str, str, int]]:
    """All rewards: member, key, date, points."""
    rows = Entry.objects.filter(wallet="points", source_key__regex="^(birthday|anniversary):")
    columns = rows.order_by("business_date", "source_key", "member_id").values_list(
        "member_id", "source_key", "business_date", "points"
    )
    return [(member, key, date.isoformat(), points) for member, key, date, points in columns]


def test_the_starter_gives_nothing(programme):
    born(D.replace(year=1990))
    assert world.night(REWARD, D - DAY).rows == 0


def test_a_birthday_is_rewarded_from_its_first_instant_once_a_year(programme):
    publish()
    ann = born(D.replace(year=1990), D - 100 * DAY)
    nightly.run_step(name="reward_yearly", as_of=D - 2 * DAY)
    assert given() == []
    [outcome] = nightly.run_step(name="reward_yearly", as_of=D - DAY)
    assert outcome.detail == {"rewards": 1, "points": 50}
    assert purse(ann, clock.day_start(D)) == (50, 0, 0)
    world.night(REWARD, D - DAY, again=True)
    nightly.run_step(name="reward_yearly", as_of=D + 400 * DAY)
    assert [row[1:] for row in given()] == [
        ("birthday:2026", "2026-07-15", 50), ("anniversary:2027", "2027-04-06", 30),
        ("birthday:2027", "2027-07-15", 50),
    ]  # fmt: skip
    entry = Entry.objects.get(source_key="birthday:2026")
    assert (entry.kind, entry.actor, entry.at) == ("accrual", "night", clock.day_start(D))
    assert entry.explanation == [{"code": "event", "type": "birthday", "points": 50, "growth": 0}]
    assert (entry.active_on, entry.expires_on) == (D, dt.date(2027, 7, 31))


@pytest.mark.parametrize(
    ("celebrated", "days"),
    [
        (dt.date(2026, 2, 28), "02-28 02-29"),
        (dt.date(2027, 2, 28), "02-28 02-29"),
        (dt.date(2028, 2, 28), "02-28"),
        (dt.date(2028, 2, 29), "02-29"),
        (dt.date(2026, 3, 1), "03-01"),
    ],
)
def test_29_february_is_the_28th_in_common_years(programme, celebrated, days):
    publish()
    for number, birthday in enumerate(("1992-02-28", "1992-02-29", "1992-03-01"), 1):
        born(dt.date.fromisoformat(birthday), dt.date(2025, 6, 1), number=number)
    world.night(REWARD, celebrated - DAY)
    born_on = Member.objects.filter(id__in=[row[0] for row in given()]).values_list("birthday", flat=True)
    assert " ".join(sorted(f"{date:%m-%d}" for date in born_on)) == days


def test_who_joined_on_29_february_celebrates_on_the_28th(programme):
    publish()
    born(None, dt.date(2024, 2, 29))
    for year in (2024, 2025, 2026, 2028):
        for day in ("02-28", "03-01"):
            world.night(REWARD, dt.date.fromisoformat(f"{year}-{day}") - DAY)
    world.night(REWARD, dt.date(2028, 2, 28))
    assert [row[1:3] for row in given()] == [
        ("anniversary:2025", "2025-02-28"), ("anniversary:2026", "2026-02-28"), ("anniversary:2028", "2028-02-29"),
    ]  # fmt: skip


def test_only_active_members_who_had_joined_before(programme, settings):
    publish()
    for number, status in enumerate(("active", "blocked", "erased", "pending"), 1):
        born(D.replace(year=1990), number=number)
        Member.objects.filter(number=f"M{number:07d}").update(status=status)
    born(D.replace(year=1990), D, number=5)
    Member.objects.create(number="M0000006", birthday=D.replace(year=1990), joined_at=None)
    born(None, number=7)
    world.night(REWARD, D - DAY)
    assert len(given()) == 1
    Member.objects.filter(joined_at=None).delete()  # the proof of the books at the end knows only whole members
    Member.objects.update(status="active")


def test_the_day_of_joining_is_that_of_the_programmes_zone(programme, settings):
    settings.PROGRAMME_TIME_ZONE = "America/New_York"
    publish()
    ann = born(None)
    Member.objects.filter(id=ann).update(joined_at=dt.datetime(2025, 7, 16, 2, 0, tzinfo=dt.UTC))
    world.night(REWARD, D)
    assert given() == []
    world.night(REWARD, D - DAY)
    assert [row[1:3] for row in given()] == [("anniversary:2026", "2026-07-15")]


def test_a_birthday_that_is_changed_is_rewarded_once_a_year(programme):
    publish({"birthday": {"points": 50}})
    ann = born(D.replace(year=1990))
    world.night(REWARD, D - DAY)
    Member.objects.filter(id=ann).update(birthday=D.replace(year=1990) + 30 * DAY)
    nightly.run_step(name="reward_yearly", as_of=D + 365 * DAY)
    assert [row[1:3] for row in given()] == [("birthday:2026", "2026-07-15")]
    nightly.run_step(name="reward_yearly", as_of=D + 400 * DAY)
    assert [row[1:3] for row in given()][1:] == [("birthday:2027", "2027-08-14")]


def test_missed_nights_are_made_up_as_of_their_own_dates(programme):
    publish()
    for number in range(1, 6):
        born((D + number * DAY).replace(year=1980 + number), number=number)
    nightly.run_step(name="reward_yearly", as_of=D - DAY)
    nightly.run_step(name="reward_yearly", as_of=D + 9 * DAY)
    late = [(row[1], row[2]) for row in given()]
    assert late == [("birthday:2026", str(D + number * DAY)) for number in range(1, 6)]


def test_a_shop_that_tells_of_a_birthday_does_not_have_it_given_twice(programme):
    publish()
    ann = born(D.replace(year=1990), D - 100 * DAY)
    world.night(REWARD, D - DAY)
    answer = do("birthday", world.noon(D), who=MemberReference(number="M0000001"))
    assert (answer.points, answer.unearned) == (0, ({"code": "given_by_the_night"},))
    assert do("birthday", world.noon(D), who=MemberReference(number="M0000001")).unearned == answer.unearned
    assert purse(ann, world.noon(D)) == (50, 0, 0)


# ---- in sets as one by one


def fill(rng: random.Random, count: int) -> list[int]:
    """Will make members who celebrate on D or not, with lots, debts, lots of the very dates, and some rewarded."""
    ids = []
    for number in range(1, count + 1):
        birthday = rng.choice([D.replace(year=1990), D.replace(year=1961), D.replace(year=1990) + DAY, None])
        joined = rng.choice([D.replace(year=2025), D.replace(year=2021), D - 100 * DAY])
        ids.append(born(birthday, joined, number=number))
        expires = points_queries.policy_on(D).expires_on(D)
        for lot in rng.sample([(D, expires), (D, expires - DAY), (D - 9 * DAY, expires)], rng.randrange(4)):
            world.give(ids[-1], rng.randrange(1, 90), lot, D - 9 * DAY)
        if rng.random() < 0.5:
            owe(ids[-1], rng.choice([1, 29, 30, 31, 50, 80, 81, 200]))
        if rng.random() < 0.2:
            points_actions.credit(
                member_id=ids[-1], wallet=Wallet.POINTS, source_key="birthday:2026", points=50, lot=(D, expires),
                explanation=[{"code": "event", "type": "birthday", "points": 50, "growth": 0}],
                policy_id=points_queries.policy_on(D).id, at=clock.day_start(D - 8 * DAY), actor="night",
            )  # fmt: skip
    return ids


def owe(member_id: int, points: int) -> None:
    """Will make a member owe points after a return of what he had spent."""
    on = D - 8 * DAY
    books = open_books(member_id, "owe", "owe~", on)
    state = books.wallets[Wallet.POINTS]
    deed = Deed(world.noon(on), on, points_queries.policy_on(on).id, "test")
    lot = (on, on + 900 * DAY)
    ledger.credit(state, deed, EntryKind.ACCRUAL, "owe", points, lot, [{"code": "test"}])
    ledger.spend(state, deed, "owe", points, [{"code": "test"}])
    held = sum(held.points for held in state.lots.values())
    ledger.reverse(state, deed, "owe", points + held, lot, RefundPolicy.FULL, [{"code": "test"}], on)
    close_books(books)


def reward_one_by_one(states: dict[tuple[int, str], Any], ids: list[int]) -> list[dict[str, Any]]:
    """The reference: each reward by ledger.credit, from the members as Python reads them."""
    policy = points_queries.policy_on(D)
    deed = Deed(clock.day_start(D), D, policy.id, "night")
    known = set(Entry.objects.values_list("member_id", "source_key"))
    for kind in ("birthday", "anniversary"):
        for member in Member.objects.filter(id__in=ids).order_by("id"):
            assert member.joined_at
            date = member.birthday if kind == "birthday" else clock.business_date(member.joined_at)
            if date and (date.month, date.day) == (D.month, D.day) and (member.id, f"{kind}:2026") not in known:
                points = policy.events[kind].points
                step = {"code": "event", "type": kind, "points": points, "growth": 0}
                ledger.credit(
                    states[member.id, "points"], deed, EntryKind.ACCRUAL, f"{kind}:2026", points,
                    (D, policy.expires_on(D)), [step],
                )  # fmt: skip
    entries = [entry._asdict() for state in states.values() for entry in state.entries]
    return sorted(entries, key=lambda entry: (entry["member_id"], entry["wallet"], entry["seq"]))


@pytest.mark.parametrize("seed", range(4))
def test_in_sets_equals_one_by_one(seed, programme, monkeypatch):
    publish()
    monkeypatch.setattr(yearly_rewarded, "MEMBERS_A_CHUNK", 3)
    ids = fill(random.Random(seed), 20)
    states = world.wallet_states()
    seqs = {key: state.seq for key, state in states.items()}
    expected = reward_one_by_one(states, ids)
    job = world.night(REWARD, D - DAY)
    assert world.entries_since(seqs) == expected and expected
    assert any(step["code"] == "debt_repaid" for entry in expected for step in entry["explanation"])
    assert world.ledger_now() == world.ledger_of(states)
    assert job.detail == {"rewards": len(expected), "points": sum(entry["points"] for entry in expected)}
    world.night(REWARD, D - DAY, again=True)
    assert world.ledger_now() == world.ledger_of(states)


def test_sets_and_one_by_one_by_the_flow_come_to_the_same(programme, monkeypatch):
    publish()
    fill(random.Random(9), 12)
    ways = []
    for plain in (yearly_rewarded.is_plain, lambda kind, policy: False):
        with transaction.atomic():
            monkeypatch.setattr(yearly_rewarded, "is_plain", plain)
            nightly.run_step(name="release_lots", as_of=D)
            job = world.night(REWARD, D - DAY)
            ways.append((world.entries_since({}), world.ledger_now(), job.detail))
            transaction.set_rollback(True)
    assert ways[0] == ways[1]


# ---- where more is asked for than points


def test_rules_and_caps_apply_to_a_birthday(programme):
    double = {"code": "x2", "names": {"en": "Double"}, "deed": "birthday", "effect": "multiply", "amount": "2"}
    publish(rules=[double], caps=[{"per": "month", "points": 70}])
    ann = born(D.replace(year=1990), D - 100 * DAY)
    assert not yearly_rewarded.is_plain("birthday", points_queries.policy_on(D))
    world.night(REWARD, D - DAY)
    world.night(REWARD, D - DAY, again=True)
    assert purse(ann, clock.day_start(D)) == (70, 0, 0)
    assert {use.rule for use in RuleUse.objects.filter(member_id=ann)} == {"x2", "*"}


def test_a_rule_alone_gives_where_the_type_has_no_points(programme):
    gift = {"code": "gift", "names": {"en": "Gift"}, "deed": "birthday", "effect": "fixed", "amount": "25"}
    publish({}, rules=[gift])
    ann = born(D.replace(year=1990), D - 100 * DAY)
    world.night(REWARD, D - DAY)
    assert purse(ann, clock.day_start(D)) == (25, 0, 0)


def test_growth_lifts_the_tier_at_once(programme):
    publish({"birthday": {"points": 5, "growth": 1000}})
    ann = born(D.replace(year=1990), D - 100 * DAY)
    assert world.night(REWARD, D - DAY).detail == {"rewards": 1, "points": 5}
    assert world.positions()[ann].rank == 1
    assert points_queries.growth_in_window(ann, D, D) == 1000


def test_a_birthday_is_no_deed_of_ones_own(programme):
    publish(expiry={"kind": "inactivity", "count": 6})
    ann = born(D.replace(year=1990), D - 100 * DAY)
    world.night(REWARD, D - DAY)
    balance = world.wallet_states()[ann, "points"]
    assert (balance.idle_until, balance.available) == (dt.date(2027, 1, 15), 50)
    use(ann, 10, world.noon(D + 100 * DAY))
    world.night(REWARD, dt.date(2027, 4, 5))
    assert world.wallet_states()[ann, "points"].idle_until == dt.date(2027, 4, 23)
    assert sorted(lot.points for lot in Lot.objects.filter(member_id=ann, wallet="points")) == [30, 40]


def test_who_is_due_takes_one_query_and_rewards_two_a_kind(programme, django_assert_num_queries):
    publish()
    for number in range(1, 5):
        born(D.replace(year=1990), number=number)
    policy = points_queries.policy_on(D)
    with django_assert_num_queries(1):
        due = points_jobs.due_rewards(date=D, types=yearly.TYPES, after=0)
    with django_assert_num_queries(2):
        points_jobs.reward_in_sets(kind="birthday", member_ids=[one.member_id for one in due], date=D, policy=policy)
    assert len(given()) == 4 and not list(proof.violations())
    free = points_queries.policy_on(dt.date(2019, 1, 1))
    assert yearly_rewarded.reward(kind="birthday", member_ids=[1], date=D, policy=free) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_the_night_takes_members_in_the_order_in_which_a_gift_does(programme):
    """Ann joined and Bob was born on the day: one kind after the other, the night would have Bob before Ann."""
    publish()
    ann, bob = born(None, D.replace(year=2024), number=1), born(D.replace(year=1990), number=2)
    world.give(ann, 100, (D - DAY, D + 99 * DAY), D - DAY)
    begun = threading.Event()

    def gift():
        points_actions.lock_wallets(member_ids=[ann], at=world.noon(D), actor="test")
        begun.set()
        time.sleep(0.4)
        about = {"gift_key": "1", "at": world.noon(D), "actor": "test"}
        return points_given.give(donor_id=ann, recipient_id=bob, points=100, **about)

    def rewards():
        begun.wait(30)
        return [chunk.rows for chunk in yearly_rewarded.reward_yearly(Night(D - DAY), 0)]

    answers = together([gift, rewards])
    assert kinds(answers) == {"NewEntry": 1, "list": 1} and answers[1] == [2]
    assert (purse(ann, world.noon(D)), purse(bob, world.noon(D))) == ((30, 0, 0), (150, 0, 0))
