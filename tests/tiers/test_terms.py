"""The full ladder, setting by setting: each has a case that comes out otherwise where the setting is ignored."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import dates
from tests.kit.examples import MANY
from tests.tiers.ladder import LADDER, facts, ladder
from tiers import rules
from tiers.enums import AtEnd, DecisionKind, HoldKind, Join, Occasion, OnRefund, Rounding, Start, Window
from tiers.rules import Counted, Grant, History, Hold, Measure, Next, Occurrence, Position, Requirement

MEMBER, SILVER, GOLD, DIAMOND = range(4)
DAY = dt.timedelta(days=1)
THIRD = dt.date(2026, 3, 3)
UNTIL = dt.date(2027, 3, 3)
HALF_YEAR, YEAR_END = dt.date(2026, 6, 30), dt.date(2026, 12, 31)
ORDER = "order:web:1"


def d(text):
    return dt.date.fromisoformat(text)


def decide(position, fact, terms, on, occasion=Occasion.NIGHT, own=None, joined=dt.date.min, **what):
    return rules.decide(
        position, Occurrence(occasion, on, **what), Measure(terms, fact, joined), own and Measure(own, fact, joined)
    )


def said(outcome):
    return outcome and (outcome.kind.value, outcome.position.rank, outcome.position.since, outcome.position.until)


# ---- windows, starts, ends


@pytest.mark.parametrize(
    ("window", "joined", "on", "start"),
    [
        ("rolling", None, "2026-03-03", "2025-03-04"),
        ("rolling", None, "2028-12-31", "2028-01-02"),
        ("calendar", None, "2026-01-01", "2026-01-01"),
        ("calendar", None, "2026-12-31", "2026-01-01"),
        ("lifetime", None, "2026-12-31", "1970-01-01"),
        ("membership", "2024-05-10", "2026-05-09", "2025-05-10"),
        ("membership", "2024-05-10", "2026-05-10", "2026-05-10"),
        ("membership", "2024-05-10", "2024-06-01", "2024-05-10"),
        ("membership", "2024-02-29", "2025-02-27", "2024-02-29"),
        ("membership", "2024-02-29", "2025-02-28", "2025-02-28"),
        ("membership", "2024-02-29", "2028-02-28", "2027-02-28"),
        ("membership", "2024-02-29", "2028-02-29", "2028-02-29"),
        ("membership", "2024-05-10", "2024-05-01", "2024-05-10"),
        ("membership", None, "2026-03-03", "2025-03-04"),
    ],
)
def test_the_window_begins(window, joined, on, start):
    terms = ladder(window=Window(window))
    assert terms.window_start(d(on), joined and d(joined)) == d(start)


@pytest.mark.parametrize(
    ("window", "on", "begins"),
    [
        ("rolling", "2026-03-03", "2026-04-01"),
        ("rolling", "2026-12-31", "2027-01-01"),
        ("lifetime", "2026-02-28", "2026-03-01"),
        ("calendar", "2026-01-01", "2027-01-01"),
        ("membership", "2026-03-03", "2026-05-10"),
        ("membership", "2026-05-10", "2027-05-10"),
    ],
)
def test_the_next_period_begins(window, on, begins):
    assert ladder(window=Window(window)).next_period(d(on), d("2024-05-10")) == d(begins)


@pytest.mark.parametrize(
    ("months", "rounding", "on", "through"),
    [
        (12, "same_date", "2028-02-29", "2029-02-28"),
        (1, "same_date", "2026-01-31", "2026-02-28"),
        (6, "same_date", "2026-03-03", "2026-09-03"),
        (12, "month", "2026-03-03", "2027-03-31"),
        (11, "month", "2027-03-31", "2028-02-29"),
        (12, "year", "2026-03-03", "2027-12-31"),
        (1, "year", "2026-12-01", "2027-12-31"),
        (1, "year", "2026-11-30", "2026-12-31"),
    ],
)
def test_validity_is_counted_and_rounded_up(months, rounding, on, through):
    terms = ladder(validity_months=months, rounding=Rounding(rounding))
    risen = decide(Position(MEMBER, THIRD), facts("5000"), terms, d(on))
    assert said(risen) == ("upgrade", GOLD, d(on), d(through))


def test_a_calendar_year_counts_from_january_and_is_kept_on_its_last_night():
    terms = ladder(window=Window.CALENDAR_YEAR, rounding=Rounding.YEAR)
    eve, new_year = d("2026-12-31"), d("2027-01-01")
    history = History(THIRD, [Counted(eve, eve, Decimal(1000), 1)])
    assert history.facts(terms, eve).spend == 1000 and history.facts(terms, new_year).spend == 0
    silver = Position(SILVER, THIRD, eve)
    assert said(decide(silver, history.facts(terms, eve), terms, eve)) == ("renewal", SILVER, THIRD, d("2027-12-31"))
    assert decide(silver, history.facts(terms, new_year), terms, new_year).kind is DecisionKind.GRACE


def test_what_begins_with_the_next_period_is_promised_and_begins_on_the_eve():
    terms = ladder(start=Start.NEXT_PERIOD)
    member = Position(MEMBER, THIRD)
    later = decide(member, facts("1000"), terms, THIRD, Occasion.EVENT, cause=ORDER)
    silver = LADDER.rungs[SILVER]
    assert later.kind is DecisionKind.SCHEDULED and later.reached_by == "spend"
    assert later.position == replace(member, next=Next(silver, d("2026-04-01"), ORDER))
    waiting = later.position
    assert waiting.due == d("2026-03-31")
    assert decide(waiting, facts("1000"), terms, d("2026-03-30")) is None
    higher = decide(waiting, facts("5000"), terms, d("2026-03-30"), Occasion.EVENT)
    assert (higher.kind, higher.position.next.rung.rank) == (DecisionKind.SCHEDULED, GOLD)
    # it was reached; that the window has moved on since takes nothing away
    begun = decide(waiting, facts("0"), terms, d("2026-03-31"))
    assert said(begun) == ("upgrade", SILVER, d("2026-04-01"), d("2027-04-01"))
    assert begun.position.grant == Grant(ORDER, MEMBER, None) and begun.position.next is None
    by_event = decide(waiting, facts("0"), terms, d("2026-04-01"), Occasion.EVENT)
    assert by_event.position == begun.position
    assert decide(waiting, facts("0"), terms, d("2026-03-31"), Occasion.EVENT) is None


@pytest.mark.parametrize(
    ("days", "rounds_up", "grace"),
    [(30, False, "2027-04-02"), (30, True, "2027-04-30"), (0, False, "2027-03-03"), (0, True, "2027-03-31")],
)
def test_grace_may_run_to_the_end_of_its_month(days, rounds_up, grace):
    terms = ladder(grace_days=days, grace_rounds_up=rounds_up)
    entered = decide(Position(GOLD, THIRD, UNTIL), facts(), terms, UNTIL)
    assert (entered.kind, entered.position.grace) == (DecisionKind.GRACE, d(grace))
    assert said(decide(entered.position, facts(), terms, d(grace))) == ("downgrade", MEMBER, d(grace), None)


@pytest.mark.parametrize(
    ("at_end", "spend", "after"),
    [
        ("to_earned", "0", ("downgrade", MEMBER)),
        ("to_earned", "1000", ("downgrade", SILVER)),
        ("one_step", "0", ("downgrade", GOLD)),
        ("one_step", "1000", ("downgrade", GOLD)),
        ("one_step", "5000", ("downgrade", GOLD)),
        ("never", "0", ("extended", DIAMOND)),
    ],
)
def test_what_becomes_of_a_tier_that_is_not_kept(at_end, spend, after):
    terms, end = ladder(at_end=AtEnd(at_end)), UNTIL + 30 * DAY
    outcome = decide(Position(DIAMOND, THIRD, UNTIL, end), facts(spend), terms, end)
    assert (outcome.kind.value, outcome.position.rank) == after


def test_a_tier_that_is_never_lost_is_extended_without_grace_and_caught_from_above():
    terms = ladder(rungs={"silver": {"never_lost": True}})
    assert said(decide(Position(SILVER, THIRD, UNTIL), facts(), terms, UNTIL)) == (
        "extended", SILVER, THIRD, d("2028-03-03"),
    )  # fmt: skip
    end = UNTIL + 30 * DAY
    assert said(decide(Position(DIAMOND, THIRD, UNTIL, end), facts(), terms, end))[:2] == ("downgrade", SILVER)
    assert decide(Position(SILVER, THIRD, UNTIL), facts("1000"), terms, UNTIL).kind is DecisionKind.RENEWAL


def test_one_step_down_skips_a_tier_by_invitation():
    terms = ladder(at_end=AtEnd.ONE_STEP, rungs={"gold": {"by_invitation": True}})
    end = UNTIL + 30 * DAY
    assert decide(Position(DIAMOND, THIRD, UNTIL, end), facts(), terms, end).position.rank == SILVER


# ---- requirements


ALL = Requirement(spend=Decimal(5000), orders=20, years=2, join=Join.ALL)


@pytest.mark.parametrize(
    ("fact", "rank"),
    [
        (facts("5000", 20, years=2), GOLD),
        (facts("4999.99", 20, years=2), SILVER),
        (facts("5000", 19, years=2), SILVER),
        (facts("5000", 20, years=1), SILVER),
        (facts("0", 0, years=9), MEMBER),
    ],
)
def test_all_of_a_requirement_means_all_of_it(fact, rank):
    terms = ladder(rungs={"gold": {"reach": ALL, "keep": ALL}})
    outcome = decide(Position(MEMBER, THIRD), fact, terms, THIRD, Occasion.EVENT)
    assert (outcome.position.rank if outcome else MEMBER) == rank
    if rank == GOLD:
        assert (outcome.reached_by, outcome.threshold, outcome.asked) == ("all", None, ALL)


@pytest.mark.parametrize("join", list(Join))
def test_a_requirement_that_asks_nothing_is_no_way(join):
    assert rules.met(Requirement(join=join), facts("99999", 99, 99999, 99, 99, 99)) is None


@pytest.mark.parametrize("metric", rules.METRICS)
def test_every_metric_alone_reaches_on_its_threshold_and_not_below(metric):
    only = Requirement(**{metric: 3})
    terms = ladder(rungs={"gold": {"reach": only}})
    assert terms.uses >= {metric}
    reached = decide(Position(SILVER, THIRD, UNTIL), facts(**{metric: 3}), terms, THIRD)
    assert (reached.position.rank, reached.reached_by, reached.threshold) == (GOLD, metric, 3)
    assert decide(Position(SILVER, THIRD, UNTIL), facts(**{metric: 2}), terms, THIRD) is None


def test_more_may_be_asked_to_re_enter_than_to_reach():
    terms = ladder(rungs={"gold": {"re_enter": Requirement(spend=Decimal(8000))}})
    fallen = Position(MEMBER, THIRD, highest=GOLD)
    assert decide(fallen, facts("5000"), terms, THIRD).position.rank == SILVER
    assert decide(fallen, facts("8000"), terms, THIRD).position.rank == GOLD
    assert decide(Position(MEMBER, THIRD), facts("5000"), terms, THIRD).position.rank == GOLD
    assert decide(Position(MEMBER, THIRD, highest=SILVER), facts("5000"), terms, THIRD).position.rank == GOLD


def test_who_fell_remembers_how_high_he_was():
    terms = ladder(grace_days=0, rungs={"gold": {"re_enter": Requirement(spend=Decimal(8000))}})
    grace = decide(Position(GOLD, THIRD, UNTIL), facts(), terms, UNTIL).position
    fallen = decide(grace, facts(), terms, UNTIL).position
    assert (fallen.rank, fallen.peak) == (MEMBER, GOLD)
    assert decide(fallen, facts("5000"), terms, UNTIL).position.rank == SILVER


def test_a_tier_by_invitation_is_never_reached():
    terms = ladder(rungs={"diamond": {"by_invitation": True}})
    assert decide(Position(MEMBER, THIRD), facts("99999"), terms, THIRD).position.rank == GOLD


def test_reached_again_although_not_kept_is_kept_all_the_same():
    """More is asked to keep Silver than to reach it; who reaches it at the end of grace does not fall."""
    terms = ladder(keep={"silver": Requirement(spend=Decimal(2000))})
    end = UNTIL + 30 * DAY
    outcome = decide(Position(SILVER, THIRD, UNTIL, end), facts("1000"), terms, end)
    assert said(outcome) == ("renewal", SILVER, THIRD, terms.valid_through(end))


# ---- what counts


def test_active_days_are_dates_with_an_order_that_counts_or_a_deed():
    on = d("2026-03-31")
    terms = ladder(rungs={"gold": {"reach": Requirement(active_days=9)}})
    rows = [
        Counted(d("2026-03-01"), d("2026-03-01"), Decimal(10), 1),
        Counted(d("2026-03-01"), d("2026-03-01"), Decimal(10), 1),
        Counted(d("2026-03-02"), d("2026-03-02"), Decimal(10), 1),
        Counted(d("2026-03-02"), d("2026-03-20"), Decimal(-10), -1),
        Counted(d("2026-03-03"), d("2026-03-03"), events=1),
        Counted(d("2026-03-03"), d("2026-03-03"), Decimal(10), 1),
        Counted(d("2026-03-04"), d("2026-03-04"), growth=7),
    ]
    history = History(THIRD, rows)
    assert history.facts(terms, on).active_days == 2
    assert history.facts(terms, d("2026-03-19")).active_days == 3  # the return was not known yet
    assert history.facts(LADDER, on).active_days == 0  # nobody asks for it


@pytest.mark.parametrize(
    ("joined", "on", "years"),
    [
        ("2024-05-10", "2026-05-09", 1),
        ("2024-05-10", "2026-05-10", 2),
        ("2024-02-29", "2025-02-27", 0),
        ("2024-02-29", "2025-02-28", 1),
        ("2024-02-29", "2028-02-28", 3),
        ("2024-02-29", "2028-02-29", 4),
        ("2026-05-10", "2026-05-01", 0),
    ],
)
def test_years_of_membership_are_completed_years(joined, on, years):
    assert rules.years_between(d(joined), d(on)) == years


def test_a_refund_takes_back_where_the_order_counts_even_across_the_edge_of_the_window():
    first = d("2025-03-04")
    rows = [Counted(first, first, Decimal(1000), 1), Counted(first, THIRD, Decimal(-600), 0)]
    history = History(first, rows)
    assert history.facts(LADDER, THIRD - DAY).spend == 1000
    assert history.facts(LADDER, THIRD).spend == 400  # the last date on which the order is in the window
    assert history.facts(LADDER, THIRD + DAY).spend == 0  # both are gone, never the return alone


# ---- the order that granted the tier comes back


PROTECTED = ladder(protection_days=14, on_refund=OnRefund.RE_EVALUATE)


def granted(rank=GOLD, before=SILVER, until_before=YEAR_END, cause=ORDER):
    return Position(rank, THIRD, UNTIL, grant=Grant(cause, before, until_before if before else None))


@pytest.mark.parametrize(
    ("position", "spend", "days", "returned", "after"),
    [
        (granted(), "0", 14, ORDER, ("revalued", SILVER, d("2026-12-31"))),
        (granted(), "0", 15, ORDER, None),
        (granted(), "0", 1, "order:web:2", None),
        (granted(), "5000", 1, ORDER, None),
        (granted(cause=f"{ORDER}:edit:2"), "0", 1, ORDER, ("revalued", SILVER, d("2026-12-31"))),
        (granted(cause="order:web:10"), "0", 1, ORDER, None),
        (granted(before=MEMBER), "0", 1, ORDER, ("revalued", MEMBER, None)),
        (granted(before=MEMBER), "1000", 1, ORDER, ("revalued", SILVER, d("2027-03-04"))),
        (granted(until_before=THIRD), "0", 1, ORDER, ("revalued", MEMBER, None)),
        (granted(DIAMOND), "5000", 1, ORDER, ("revalued", GOLD, d("2027-03-04"))),
    ],
)
def test_a_return_inside_the_protection_takes_back_what_the_order_had_granted(position, spend, days, returned, after):
    on = THIRD + days * DAY
    outcome = decide(position, facts(spend), PROTECTED, on, Occasion.REFUND, returned=returned)
    assert (outcome and (outcome.kind.value, outcome.position.rank, outcome.position.until)) == after
    assert decide(position, facts(spend), LADDER, on, Occasion.REFUND, returned=returned) is None


def test_a_return_calls_off_an_upgrade_that_has_not_begun():
    terms = replace(PROTECTED, start=Start.NEXT_PERIOD)
    waiting = Position(MEMBER, THIRD, next=Next(terms.rungs[GOLD], d("2026-04-01"), ORDER))
    off = decide(waiting, facts("0"), terms, THIRD, Occasion.REFUND, returned=ORDER)
    assert (off.kind, off.position) == (DecisionKind.WITHDRAWN, Position(MEMBER, THIRD))
    assert decide(waiting, facts("5000"), terms, THIRD, Occasion.REFUND, returned=ORDER) is None
    assert decide(waiting, facts("0"), terms, THIRD, Occasion.REFUND, returned="order:web:9") is None
    kept = replace(terms, on_refund=OnRefund.HOLD)
    assert decide(waiting, facts("0"), kept, THIRD, Occasion.REFUND, returned=ORDER) is None


# ---- what was given


def held(rank=GOLD, until=HALF_YEAR, **beneath):
    hold = Hold(HoldKind.MANUAL, LADDER.rungs[rank], THIRD, until)
    return replace(Position(**{"rank": SILVER, "since": THIRD, "until": UNTIL, **beneath}), hold=hold)


@pytest.mark.parametrize(
    ("position", "spend", "on", "after"),
    [
        # left alone until its last date, whatever becomes of the tier beneath it
        (held(), "0", "2026-06-29", None),
        (held(until=d("2026-06-30"), grace=None), "0", "2026-06-30", ("ended", SILVER, UNTIL)),
        (held(rank=DIAMOND), "1000", "2026-06-30", ("ended", SILVER, UNTIL)),
        (held(DIAMOND), "5000", "2026-06-30", ("ended", GOLD, d("2027-06-30"))),
        # what is earned above it wins at once, and what is as high if it lasts longer
        (held(GOLD), "15000", "2026-04-01", ("upgrade", DIAMOND, d("2027-04-01"))),
        (held(GOLD), "5000", "2026-04-01", ("upgrade", GOLD, d("2027-04-01"))),
        (held(GOLD, until=d("2028-01-01")), "5000", "2026-04-01", None),
    ],
)
def test_what_was_given_is_left_alone_then_what_is_earned_is_set(position, spend, on, after):
    outcome = decide(position, facts(spend), LADDER, d(on))
    assert (outcome and (outcome.kind.value, outcome.position.rank, outcome.position.until)) == after
    if outcome:
        assert outcome.position.hold is None


def test_after_the_end_of_what_was_given_an_ended_validity_counts_no_more():
    end = d("2027-06-30")
    given_long = held(GOLD, until=end)  # beneath it Silver ran until 3 March 2027
    assert decide(given_long, facts("0"), LADDER, UNTIL) is None
    assert said(decide(given_long, facts("0"), LADDER, end)) == ("ended", MEMBER, end, None)
    assert said(decide(given_long, facts("1000"), LADDER, end)) == ("ended", SILVER, end, d("2028-06-30"))
    in_grace = held(GOLD, until=UNTIL + 10 * DAY, grace=UNTIL + 30 * DAY)
    outcome = decide(in_grace, facts("0"), LADDER, UNTIL + 10 * DAY)
    assert outcome.position == Position(SILVER, THIRD, UNTIL, UNTIL + 30 * DAY)


def test_what_was_to_begin_begins_at_the_latest_after_what_was_given():
    terms = ladder(start=Start.NEXT_PERIOD)
    upcoming = Next(LADDER.rungs[GOLD], d("2026-04-01"), ORDER)
    position = held(DIAMOND, next=upcoming)
    assert decide(position, facts(), terms, d("2026-04-15"), Occasion.EVENT) is None
    assert said(decide(position, facts(), terms, d("2026-06-30"))) == (
        "ended", GOLD, d("2026-04-01"), d("2027-04-01"),
    )  # fmt: skip


# ---- versions


def versions(notice=0, **second):
    old = ladder(effective_on=d("2020-01-01"))
    new = ladder(version_id=2, effective_on=UNTIL - 10 * DAY, notice_days=notice, **second)
    return old, new


HARDER = {"silver": {"reach": Requirement(spend=Decimal(2000)), "keep": Requirement(spend=Decimal(2000))}}


@pytest.mark.parametrize(
    ("notice", "kind", "terms"),
    [(0, DecisionKind.GRACE, 2), (10, DecisionKind.GRACE, 2), (11, DecisionKind.RENEWAL, 1)],
)
def test_nobody_falls_under_a_new_version_before_its_notice_has_run_out(notice, kind, terms):
    old, new = versions(notice, rungs=HARDER)
    outcome = decide(Position(SILVER, THIRD, UNTIL), facts("1000"), new, UNTIL, own=old)
    assert (outcome.kind, outcome.terms.version_id) == (kind, terms)


def test_everybody_rises_under_the_version_in_force_and_keeps_his_tier_till_the_end_of_validity():
    old, new = versions(rungs=HARDER)
    on = UNTIL - 5 * DAY
    assert decide(Position(SILVER, THIRD, UNTIL), facts("1500"), new, on, own=old) is None
    assert decide(Position(MEMBER, THIRD), facts("1999"), new, on, own=old) is None
    risen = decide(Position(MEMBER, THIRD), facts("2000"), new, on, own=old)
    assert (risen.position.rank, risen.terms) == (SILVER, new)


def without(code):
    kept = [rung for rung in LADDER.rungs if rung.code != code]
    rungs = tuple(replace(rung, rank=rank, tier_id=10 + rank) for rank, rung in enumerate(kept))
    return replace(ladder(version_id=2, effective_on=THIRD), rungs=rungs)


def test_tiers_of_two_versions_are_matched_by_code():
    new = without("silver")  # Member, Gold, Diamond
    assert [rules.rank_in(new, LADDER, rank) for rank in range(4)] == [(0, False), (0, True), (1, False), (2, False)]
    assert decide(Position(GOLD, THIRD, UNTIL), facts("4999"), new, THIRD, own=LADDER) is None
    assert decide(Position(SILVER, THIRD, UNTIL), facts("0"), new, UNTIL - DAY, own=LADDER) is None
    left = decide(Position(SILVER, THIRD, UNTIL), facts("0"), new, UNTIL, own=LADDER)
    assert said(left) == ("downgrade", MEMBER, UNTIL, None)
    renamed = replace(new, rungs=tuple(replace(rung, code=f"new-{rung.code}") for rung in new.rungs))
    assert [rules.rank_in(renamed, LADDER, rank) for rank in range(4)] == [
        (0, False),
        (1, False),
        (2, False),
        (2, False),
    ]


# ---- nights, missed and caught up


settings = st.fixed_dictionaries(
    {
        "window": st.sampled_from(Window),
        "start": st.sampled_from(Start),
        "validity_months": st.sampled_from([1, 6, 12]),
        "rounding": st.sampled_from(Rounding),
        "at_end": st.sampled_from(AtEnd),
        "grace_days": st.sampled_from([0, 10, 30]),
        "grace_rounds_up": st.booleans(),
    }
)
deeds = st.lists(
    st.tuples(st.integers(0, 500), st.sampled_from([400, 1000, 3000, 6000, 16000]), st.booleans()), max_size=8
)


@MANY
@given(settings=settings, deeds=deeds, pause=st.integers(1, 120), years=st.booleans())
def test_nights_that_were_missed_decide_as_nights_on_time(settings, deeds, pause, years):
    """Nights are lived on time up to a date; then a stretch of them is missed in which nothing happens."""
    changed = {"silver": {"reach": Requirement(Decimal(1000), years=1)}} if years else {}
    terms = ladder(rungs=changed, **settings)
    joined = d("2024-02-29")
    rows = []
    for days, spend, returned in sorted(deeds):
        on = joined + days * DAY
        rows.append(Counted(on, on, Decimal(spend), 1, spend))
        if returned:
            rows.append(Counted(on, on + 3 * DAY, Decimal(-spend), -1, -spend))
    history = History(joined, rows)
    ladders = rules.Ladders(lambda _on: terms, (), terms.uses)
    start = joined + 520 * DAY
    position, lived = Position(MEMBER, joined), []
    for number in range(520):
        lived += rules.live_through(position, terms, joined, joined + number * DAY, history, ladders)
        position = lived[-1].outcome.position if lived else position
    on_time, each = position, []
    for number in range(pause):
        each += rules.live_through(on_time, terms, joined, start + number * DAY, history, ladders)
        on_time = each[-1].outcome.position if each else position
    at_once = rules.live_through(position, terms, joined, start + (pause - 1) * DAY, history, ladders)
    assert [(night.date, night.outcome) for night in at_once] == [(night.date, night.outcome) for night in each]


def test_a_validity_left_lying_is_decided_as_of_its_own_date():
    silver = Position(SILVER, THIRD, UNTIL)
    ladders = rules.Ladders(lambda _on: LADDER)
    [grace, fall] = rules.live_through(silver, LADDER, THIRD, UNTIL + 300 * DAY, History(THIRD), ladders)
    assert (grace.date, grace.outcome.kind) == (UNTIL, DecisionKind.GRACE)
    assert (fall.date, fall.outcome.kind) == (UNTIL + 30 * DAY, DecisionKind.DOWNGRADE)
    assert rules.live_through(silver, LADDER, UNTIL + DAY, UNTIL, History(THIRD), ladders) == []


def test_a_version_that_began_meanwhile_is_seen_on_the_date_it_began():
    easier = ladder(
        version_id=2, effective_on=UNTIL + 40 * DAY, rungs={"silver": {"reach": Requirement(spend=Decimal(1))}}
    )
    ladders = rules.Ladders(lambda on: easier if on >= easier.effective_on else LADDER, (easier.effective_on,))
    history = History(THIRD, [Counted(UNTIL, UNTIL, Decimal(5), 1)])
    lived = rules.live_through(Position(SILVER, THIRD, UNTIL), LADDER, THIRD, UNTIL + 99 * DAY, history, ladders)
    assert [(night.date, night.outcome.kind.value) for night in lived] == [
        (UNTIL, "grace"), (UNTIL + 30 * DAY, "downgrade"), (easier.effective_on, "upgrade"),
    ]  # fmt: skip


# ---- complaints of others


def test_complaint_15_the_order_that_reaches_the_threshold_counts_itself_and_the_boundary_is_inclusive():
    on = THIRD
    history = History(on, [Counted(on, on, Decimal("999.99"), 1), Counted(on, on, Decimal("0.01"), 1)])
    assert decide(Position(MEMBER, on), history.facts(LADDER, on), LADDER, on, Occasion.EVENT).position.rank == SILVER


def test_complaint_24_a_validity_holds_through_its_last_date_and_the_first_day_of_grace_counts():
    silver = Position(SILVER, THIRD, UNTIL)
    assert decide(silver, facts(), LADDER, UNTIL - DAY) is None
    grace = decide(silver, facts(), LADDER, UNTIL).position
    assert grace.grace == UNTIL + 30 * DAY
    assert decide(grace, facts("1000"), LADDER, UNTIL + DAY, Occasion.EVENT).kind is DecisionKind.RENEWAL


def test_a_validity_that_ended_long_ago_is_extended_past_today_at_once():
    """Reached again late in a grace that is longer than the validity: one decision, and no end in the past."""
    terms = ladder(validity_months=1, grace_days=70)
    grace = Position(SILVER, THIRD, d("2026-04-03"), d("2026-06-12"))
    renewed = decide(grace, facts("1000"), terms, d("2026-06-03"), Occasion.EVENT)
    assert said(renewed) == ("renewal", SILVER, THIRD, d("2026-07-03"))


def test_complaint_25_renewing_in_grace_keeps_the_old_end_and_repeated_events_do_not_restart_it():
    grace = Position(SILVER, THIRD, UNTIL, UNTIL + 30 * DAY)
    for on in (UNTIL + DAY, UNTIL + 29 * DAY):
        assert decide(grace, facts("999"), LADDER, on) is None
        assert decide(grace, facts("999"), LADDER, on, Occasion.EVENT) is None
    renewed = decide(grace, facts("1000"), LADDER, UNTIL + 29 * DAY, Occasion.EVENT).position
    assert renewed == Position(SILVER, THIRD, dates.add_years(UNTIL, 1))
