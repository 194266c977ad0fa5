"""A draft tried on real history: the engine agrees with the ledger, the work survives a kill, budgets and caps hold."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import clock, locks
from members.models import Member
from members.rules import MemberReference
from membership_site.flows import policy_preview
from membership_site.flows.starter import POINTS_TERMS
from points import actions as points_actions
from points import queries as points_queries
from points.actions import budgets
from points.models import Balance, Entry, Lot, PolicyPreview, PolicyVersion
from points.rules.policy import policy_from_terms
from tests.flows.shop import DAY, do, give_back, place, use
from tests.kit.broken import breaks
from tests.kit.examples import FEW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("balanced"), pytest.mark.slow]


def rule(code: str = "x2", **terms: Any) -> dict[str, Any]:
    return {"code": code, "names": {"en": code}, "deed": "order", "effect": "multiply", "amount": "2", **terms}


def publish(noon: dt.datetime, **terms: Any) -> None:
    """Will put other terms into force since long ago."""
    version = PolicyVersion.objects.create(
        number=2, effective_on=dt.date(2020, 1, 1), terms={**POINTS_TERMS, **terms}, published_at=noon
    )
    with transaction.atomic():
        budgets.set_up_budgets(policy_from_terms(version.id, version.terms))


def draft(number: int = 9, **terms: Any) -> PolicyVersion:
    """Will write a draft, in the place of the one there is, that says what is in force now, but for some terms."""
    PolicyVersion.objects.filter(published_at=None).delete()
    latest = PolicyVersion.objects.filter(published_at__isnull=False).order_by("-number").first()
    assert latest
    return PolicyVersion.objects.create(
        number=number, effective_on=dt.date(2027, 1, 1), terms={**latest.terms, **terms}, actor="test"
    )


def preview(version: PolicyVersion, at: dt.datetime, months: int = 12) -> Mapping[str, Any]:
    """Will ask for a preview, work it out and return its result."""
    preview_id, _ = points_actions.request_preview(version_id=version.id, months=months, at=at, actor="staff:1")
    policy_preview.run(preview_id=preview_id, now=lambda: at)
    view = points_queries.get_preview(preview_id)
    assert view.state == "done", view.error
    return view.result


def person(name: str) -> MemberReference:
    return MemberReference(external_id=f"c-{name}")


def test_a_draft_of_the_same_terms_changes_nothing_and_equals_the_ledger(join, noon):
    join("ann", reward=True)
    join("bob", reward=True)
    publish(noon, rules=[rule(caps=[{"per": "month", "points": 150}])], caps=[{"per": "day", "points": 250}])
    place("1", [("a", 2, "50"), ("b", 1, "33.5")], noon)
    place("2", ["100"], noon + DAY)
    do("review", noon + DAY, photo=True)
    give_back("1", "R1", {"a": 1}, noon + 2 * DAY)
    place("3", ["70"], noon + 3 * DAY)
    place("4", ["70"], noon + 3 * DAY, who=person("bob"))
    place("4", ["70"], noon + 3 * DAY, who=person("bob"), status="cancelled", stated_at=noon + 4 * DAY)
    for day in range(3):
        do("check_in", noon + day * DAY, who=person("bob"))
    result = preview(draft(), noon + 20 * DAY)
    booked = sum(Entry.objects.filter(wallet="points").values_list("points", flat=True))
    as_is, then = result["sides"]["as_is"], result["sides"]["draft"]
    assert as_is == then
    assert as_is["earned"] == booked == as_is["outstanding"]
    assert (result["members"], result["orders"], result["events"]) == (2, 4, 4)
    assert result["gains"] == result["losses"] == []
    assert as_is["rules"]["x2"][1] == 3


def test_an_order_that_is_called_cancelled_again_was_cancelled_when_that_was_first_said(join, noon):
    """A shop states an order anew for many reasons; what its cancelling gave back to a cap was there since then."""
    ann = join("ann")
    publish(noon, caps=[{"per": "month", "points": 150}])
    place("1", ["100"], noon)
    place("1", ["100"], noon, status="cancelled", stated_at=noon + DAY)
    place("2", ["120"], noon + 2 * DAY)
    place("1", ["100"], noon, status="cancelled", stated_at=noon + 3 * DAY)
    as_is = preview(draft(), noon + 20 * DAY)["sides"]["as_is"]
    booked = points_queries.get_balance(ann.id, noon)
    assert as_is["earned"] == as_is["outstanding"] == booked.available + booked.pending == 120


def test_a_draft_that_doubles_doubles_and_one_that_expires_sooner_lapses(join, noon):
    ann = join("ann")
    place("1", ["100"], noon)
    place("2", ["50"], noon + 40 * DAY)
    use(ann.id, 100, noon + 41 * DAY)
    at = noon + 60 * DAY
    result = preview(draft(points_per_unit="2", expiry={"kind": "days", "count": 30}), at)
    as_is, then = result["sides"]["as_is"], result["sides"]["draft"]
    assert (as_is["earned"], then["earned"]) == (150, 300)
    assert as_is["months"] == {"2026-03": 100, "2026-04": 50}
    assert then["months"] == {"2026-03": 200, "2026-04": 100}
    # As it was: 100 used of 150. Under the draft 200 ended on 9 April, three days before the 100 were used.
    assert (as_is["lapsed"], as_is["unaffordable"], as_is["outstanding"]) == (0, 0, 50)
    assert (then["lapsed"], then["unaffordable"], then["outstanding"]) == (200, 100, 100)
    assert result["cost"] == {"as_is": "1.50", "draft": "3.00"}
    assert result["liability"] == {"as_is": "0.50", "draft": "1.00"}
    assert result["tiers"] == {"member": {"members": 1, "winners": 1, "losers": 0, "as_is": 150, "draft": 300}}
    assert result["gains"] == [[ann.id, 150, 300, "member"]]


def test_growth_is_compared_by_tier_and_equals_the_ledger(join, noon):
    """As it was on one side, by the draft's rules of that wallet on the other; returns and events count."""
    join("ann")
    join("bob")
    place("1", [("a", 2, "50"), ("b", 1, "33.5")], noon)
    give_back("1", "R1", {"a": 1}, noon + 2 * DAY)
    place("2", ["70"], noon + DAY, who=person("bob"))
    do("review", noon + DAY, who=person("bob"))
    result = preview(draft(rules=[rule("grow", wallet="growth", amount="3")]), noon + 20 * DAY)
    as_is, then = result["sides"]["as_is"], result["sides"]["draft"]
    assert as_is["growth"] == sum(Entry.objects.filter(wallet="growth").values_list("points", flat=True))
    assert (as_is["growth"], then["growth"]) == (83 + 80, 250 + 220)
    assert then["earned"] == as_is["earned"] and result["of_growth"] == ["grow"]
    assert result["growth"] == {"member": {"members": 2, "winners": 2, "losers": 0, "as_is": 163, "draft": 470}}
    assert then["rules"] == {"grow": [307, 2]} and result["gains"] == []


def test_a_refund_policy_decides_what_becomes_of_points_that_were_spent(join, noon):
    ann = join("ann")
    place("1", ["100"], noon)
    use(ann.id, 100, noon + 10 * DAY)
    give_back("1", "R", {"1": 1}, noon + 11 * DAY)
    result = preview(draft(refund="within_balance"), noon + 20 * DAY)
    as_is, then = result["sides"]["as_is"], result["sides"]["draft"]
    assert (as_is["indebted"], as_is["owed"], as_is["not_taken"]) == (100, 100, 0)
    assert (then["indebted"], then["owed"], then["not_taken"]) == (0, 0, 100)
    assert result["liability"] == {"as_is": "-1.00", "draft": "0.00"}


def test_a_budget_is_shared_out_date_by_date_whoever_is_read_first(join, noon):
    for name in ("ann", "bob", "cid"):
        join(name)
    place("late", ["60"], noon + 5 * DAY)
    place("soon", ["80"], noon, who=person("bob"))
    place("later", ["60"], noon + 6 * DAY, who=person("cid"))
    drafted = draft(rules=[rule(caps=[{"per": "budget", "points": 100}])])
    result = preview(drafted, noon + 10 * DAY)
    assert result["sides"]["draft"]["rules"] == {"x2": [100, 2]}
    assert {row[0]: row[2] - row[1] for row in result["gains"]} == {
        Member.objects.get(name="Bob").id: 80,
        Member.objects.get(name="Ann").id: 20,
    }
    assert result["sides"]["draft"]["capped"] == 100
    view = points_queries.find_preview(drafted.id)
    assert view and (view.members_done, view.members_total) == (6, 6)


def test_what_rules_gave_before_counts_for_caps_of_a_membership(join, noon):
    join("ann")
    publish(noon, rules=[rule(caps=[{"per": "ever", "points": 120}])])
    place("1", ["100"], noon - 20 * DAY)
    place("2", ["100"], noon)
    result = preview(draft(), noon + DAY, months=1)
    assert result["sides"]["as_is"]["rules"] == result["sides"]["draft"]["rules"] == {"x2": [120, 2]}
    later = preview(draft(10), noon + 40 * DAY, months=1)
    assert later["sides"]["draft"]["rules"] == {"x2": [20, 1]}


def test_an_order_from_before_the_history_is_taken_back_from_where_it_lay(join, noon):
    join("ann")
    place("1", ["100"], noon - 60 * DAY)
    give_back("1", "R", {"1": 1}, noon)
    result = preview(draft(points_per_unit="5"), noon + DAY, months=1)
    for side in result["sides"].values():
        assert (side["earned"], side["outstanding"], side["owed"]) == (0, 0, 0)


def test_birthdays_and_anniversaries_are_rewarded_by_the_calendar(join, noon):
    ann = join("ann", at=noon - 400 * DAY)
    Member.objects.filter(id=ann.id).update(birthday=dt.date(1990, 12, 24))
    events = {**POINTS_TERMS["events"], "birthday": {"points": 70}, "anniversary": {"points": 5}}
    result = preview(draft(events=events), noon)
    assert result["sides"]["as_is"]["earned"] == 0
    assert result["sides"]["draft"]["months"] == {"2025-12": 70, "2026-01": 5}


def test_sign_up_and_referral_are_sized_by_the_draft(join, noon):
    join("ann", reward=True)
    join("bob")
    place("f1", ["10"], noon - 20 * DAY, who=person("bob"))
    do("referral", noon, friend="c-bob", event_id="r1")
    events = {**POINTS_TERMS["events"], "referral": {"points": 300}}
    result = preview(draft(events=events, sign_up_points=40), noon + DAY)
    assert result["sides"]["as_is"]["earned"] == 100 + 200 + 200 + 10
    assert result["sides"]["draft"]["earned"] == 40 + 300 + 300 + 10


# ---- one at a time, kept, resumed, superseded


def test_it_is_asked_for_once_and_a_newer_one_closes_the_older(join, noon):
    version = draft_of_join(join)
    first = points_actions.request_preview(version_id=version.id, months=12, at=noon, actor="staff:1")
    assert points_actions.request_preview(version_id=version.id, months=12, at=noon, actor="staff:2") == (
        first[0],
        False,
    )
    second, is_new = points_actions.request_preview(version_id=version.id, months=3, at=noon, actor="staff:2")
    assert is_new and points_queries.get_preview(first[0]).state == "failed"
    policy_preview.run(preview_id=first[0], now=lambda: noon)
    assert points_queries.get_preview(first[0]).error == "A newer preview was asked for."
    PolicyVersion.objects.filter(id=version.id).update(terms={**POINTS_TERMS, "points_per_unit": "4"})
    assert points_queries.get_preview(second).is_stale
    policy_preview.run(preview_id=second, now=lambda: noon)
    assert "edited" in points_queries.get_preview(second).error
    for months in (0, 37):
        with pytest.raises(points_actions.BadMonths):
            points_actions.request_preview(version_id=version.id, months=months, at=noon, actor="staff:1")
    published = PolicyVersion.objects.get(number=1)
    for version_id in (published.id, 0):
        with pytest.raises(points_actions.NoDraft):
            points_actions.request_preview(version_id=version_id, months=1, at=noon, actor="staff:1")
    assert PolicyPreview.objects.count() == 2


def draft_of_join(join: Any) -> PolicyVersion:
    join("ann")
    return draft(points_per_unit="2")


def test_what_is_over_takes_no_more(join, noon):
    version = draft_of_join(join)
    preview_id, _ = points_actions.request_preview(version_id=version.id, months=1, at=noon, actor="staff:1")
    kept = points_actions.begin_preview(preview_id=preview_id, members_total=1, at=noon, actor="test")
    assert kept["begun_at"] == noon.isoformat()
    points_actions.keep_progress(preview_id=preview_id, members_done=1, kept={"after": 7}, at=noon, actor="test")
    assert points_actions.begin_preview(preview_id=preview_id, members_total=1, at=noon, actor="test")["after"] == 7
    points_actions.finish_preview(preview_id=preview_id, result={"a": 1}, at=noon, actor="test")
    over = {"preview_id": preview_id, "at": noon, "actor": "test"}
    with pytest.raises(points_actions.PreviewOver):
        points_actions.begin_preview(members_total=1, **over)
    with pytest.raises(points_actions.PreviewOver):
        points_actions.keep_progress(members_done=2, kept={}, **over)
    with pytest.raises(points_actions.PreviewOver):
        points_actions.finish_preview(result={}, **over)
    points_actions.fail_preview(error="too late", **over)
    policy_preview.run(preview_id=preview_id, now=lambda: noon)
    view = points_queries.get_preview(preview_id)
    assert (view.state, view.result, view.error) == ("done", {"a": 1}, "")


def test_while_another_process_is_at_it_nothing_is_done(join, noon):
    version = draft_of_join(join)
    preview_id, _ = points_actions.request_preview(version_id=version.id, months=1, at=noon, actor="staff:1")

    def hold() -> None:
        with locks.alone(policy_preview.lock_of(version.id)):
            held.set()
            tried.wait(30)

    held, tried = threading.Event(), threading.Event()
    other = threading.Thread(target=lambda: (hold(), connection.close()))
    other.start()
    held.wait(30)
    policy_preview.run(preview_id=preview_id, now=lambda: noon)
    assert points_queries.get_preview(preview_id).state == "waiting"
    tried.set()
    other.join()
    policy_preview.run(preview_id=preview_id, now=lambda: noon)
    assert points_queries.get_preview(preview_id).state == "done"


KILLED = """
import os, signal, django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["TEST_NAME"]
from membership_site.flows import policy_preview
from kit import clock
policy_preview.RANGE_MEMBERS = 2
replayed = policy_preview.replay_range
left = [int(os.environ["RANGES"])]
def replay_range(*args):
    replayed(*args)
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
policy_preview.replay_range = replay_range
policy_preview.run(preview_id=int(os.environ["PREVIEW"]), now=clock.now)
"""


def test_killed_in_the_middle_it_goes_on_and_comes_to_the_same(join, noon):
    for number in range(9):
        join(f"guest{number}")
        place(f"{number}", ["30"], noon + number * DAY, who=person(f"guest{number}"))
    drafted = draft(rules=[rule(caps=[{"per": "budget", "points": 100}])])
    whole = preview(drafted, noon + 20 * DAY)
    preview_id, is_new = points_actions.request_preview(
        version_id=drafted.id, months=12, at=noon + 20 * DAY, actor="staff:1"
    )
    assert is_new
    done = []
    for ranges in (2, 4, 1):
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "membership_site.settings",
            "TEST_NAME": connection.settings_dict["NAME"],
            "PREVIEW": str(preview_id),
            "RANGES": str(ranges),
        }
        killed = subprocess.run([sys.executable, "-c", KILLED], env=environment, check=False, timeout=120)
        assert killed.returncode == -signal.SIGKILL
        view = points_queries.get_preview(preview_id)
        assert view.state == "running"
        done.append(view.members_done)
    assert done == [4, 11, 13]
    policy_preview.run(preview_id=preview_id, now=lambda: noon + 20 * DAY)
    view = points_queries.get_preview(preview_id)
    assert (view.state, view.members_done, view.members_total) == ("done", 18, 18)
    assert view.result == whole


def test_constraints_of_previews(join, noon):
    version = draft_of_join(join)
    preview_id, _ = points_actions.request_preview(version_id=version.id, months=1, at=noon, actor="staff:1")
    row = PolicyPreview.objects.filter(id=preview_id)
    for change in ({"finished_at": noon}, {"state": "done"}, {"state": "failed"}):
        with breaks("points_policypreview_finished_when_over"):
            row.update(**change)
    with breaks("points_policypreview_looks_back"):
        row.update(months=0)


# ---- the engine against the ledger, on random histories


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["order", "order", "order", "return", "review", "check_in", "use", "cancel"]),
        st.integers(0, 2),
        st.integers(1, 300),
    ),
    min_size=1,
    max_size=14,
)
RULES = st.lists(
    st.sampled_from(
        [
            rule("x2", caps=[{"per": "month", "points": 150}]),
            rule("third", when=[{"what": "every_nth_order", "is": ["3"]}], effect="fixed", amount="40"),
            rule("weekend", when=[{"what": "weekday", "is": ["6", "7"]}], stacking="multiply", amount="1.5"),
            rule("gold", when=[{"what": "tier_min", "is": ["silver"]}], stacking="largest", amount="3"),
            rule("small", when=[{"what": "order_min", "is": ["50"]}], stacking="largest", amount="1.2"),
            rule("chat", deed="review", effect="fixed", amount="9", caps=[{"per": "ever", "points": 15}]),
            rule("pot", effect="fixed", amount="25", caps=[{"per": "budget", "points": 10_000}]),
        ]
    ),
    unique_by=lambda one: one["code"],
    max_size=4,
)
CAPS = st.sampled_from([[], [{"per": "day", "points": 200}], [{"per": "month", "points": 400}]])
REFUNDS = st.sampled_from(["full", "within_balance", "pending_only"])
EXPIRIES = st.sampled_from([{"kind": "days", "count": 9}, {"kind": "end_of_month", "count": 1}, {"kind": "never"}])


@settings(FEW, max_examples=20, suppress_health_check=list(HealthCheck))
@given(deeds=DEEDS, rules=RULES, caps=CAPS, refund=REFUNDS, expiry=EXPIRIES)
def test_replayed_as_it_was_equals_what_was_booked(join, noon, deeds, rules, caps, refund, expiry):
    with transaction.atomic():
        ann = join(f"ann{len(deeds)}")
        publish(noon, rules=rules, caps=caps, refund=refund, expiry=expiry)
        at = lived(ann, deeds, noon)
        result = preview(draft(), at)
        as_is = result["sides"]["as_is"]
        assert as_is == result["sides"]["draft"]
        with open_books_of(ann.id, at) as (lots, debt):
            assert (as_is["outstanding"], as_is["owed"]) == (sum(lots), debt)
        assert -as_is["lapsed"] == sum(Entry.objects.filter(kind="expiry").values_list("points", flat=True))
        assert as_is["unaffordable"] == 0
        transaction.set_rollback(True)


def lived(ann: Member, deeds: list[tuple[str, int, int]], noon: dt.datetime) -> dt.datetime:
    """Will live through random deeds of one member, some days apart, and return the instant after the last."""
    at, who = noon, MemberReference(number=ann.number)
    placed: dict[str, tuple[list[Any], dt.datetime]] = {}
    for count, (kind, days, size) in enumerate(deeds):
        at += days * DAY + dt.timedelta(minutes=1)
        if kind == "order":
            placed[str(count)] = [("a", 3, str(size / 10)), ("b", 1, str(size))], at
            place(str(count), placed[str(count)][0], at, who=who)
        elif kind == "return" and placed:
            give_back(list(placed)[size % len(placed)], f"R{count}", {"a": 1 + size % 2, "b": size % 2}, at)
        elif kind == "cancel" and placed:
            number = list(placed)[size % len(placed)]
            lines, placed_at = placed[number]
            place(number, lines, placed_at, who=who, status="cancelled", stated_at=at)
        elif kind == "use":
            there = points_queries.get_balance(ann.id, at).available
            if there:
                use(ann.id, min(size, there), at)
        elif kind in ("review", "check_in"):
            do(kind, at, who=who)
    return at + dt.timedelta(minutes=1)


@contextmanager
def open_books_of(member_id: int, at: dt.datetime) -> Iterator[tuple[list[int], int]]:
    """Will settle a member's wallet as the night would, so that what has ended is booked."""
    from points.actions.books import close_books, open_books
    from points.rules import ledger

    today = clock.business_date(at)
    books = open_books(member_id, "x", "y", today)
    ledger.settle(
        books.wallets["points"],
        ledger.Deed(at, today, points_queries.policy_on(today).id, "test"),
        clock.programme_zone(),
    )
    close_books(books)
    yield (
        list(Lot.objects.filter(member_id=member_id, wallet="points").values_list("points", flat=True)),
        Balance.objects.get(member_id=member_id, wallet="points").debt,
    )
