"""A preview counts everybody as the rules decide on each, is kept with its version, and is not changed."""

import datetime as dt
import random
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from kit import locks
from members.rules import MemberReference
from membership_site.flows import ladder_preview
from tests.flows.shop import DAY, place
from tests.kit.examples import MANY
from tests.night import world
from tests.night.test_ladders_night import JOINED, SHAPES, STEP, act, lives_from
from tests.tiers.ladder import ladder
from tests.tiers.published import NOTE, publish, tier_drafts
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers import rules
from tiers.actions import Settings
from tiers.actions.deciding import stand_of
from tiers.actions.previews import futures
from tiers.enums import HoldKind, Look, Occasion, Window
from tiers.models import Decision, LadderPreview, Standing
from tiers.rules import Measure, Occurrence, Position, Requirement
from tiers.rules.foretelling import JUDGED, Foretold, Held, facts_of_key, key_of
from tiers.rules.previews import Tally

pytestmark = pytest.mark.django_db


def drafted(at: dt.datetime, rungs=None, drop=(), **settings) -> int:
    """Will open a draft with other tiers and settings and return its id."""
    version_id = tiers_actions.start_draft(at=at, actor="staff:1")
    tiers_actions.save_settings(version_id=version_id, settings=Settings(**settings), at=at, actor="staff:1")
    tiers = [draft for draft in tier_drafts(rungs) if draft.code not in drop]
    tiers_actions.save_tiers(version_id=version_id, tiers=tiers, at=at, actor="staff:1")
    return version_id


def previewed(version_id: int, begins: dt.date, at: dt.datetime) -> LadderPreview:
    """Will ask for a preview and work it out as the worker does."""
    preview_id, _ = tiers_actions.request_preview(version_id=version_id, effective_on=begins, at=at, actor="staff:1")
    ladder_preview.run(preview_id=preview_id, now=lambda: at)
    return LadderPreview.objects.get(id=preview_id)


def one_by_one(version_id: int, begins: dt.date, today: dt.date) -> dict[str, object]:
    """The reference: everybody by himself, with what really counts of him."""
    version = tiers_queries.get_ladder_version(version_id)
    published = tiers_queries.versions_of()
    with_draft, without = futures(published, replace(version.terms, effective_on=begins), today)
    tally = Tally()
    for standing in Standing.objects.filter(ladder__code="main"):
        position, own = stand_of(standing)

        @cache
        def facts(terms, member_id=standing.member_id):
            return tiers_queries.facts_on(member_id, terms, today)

        joined = tiers_queries.joined_on(standing.member_id)
        told = [rules.foretell(position, own, future, facts, joined) for future in (with_draft, without)]
        spent = tiers_queries.facts_on(standing.member_id, YEAR, today).spend
        tally.add(told[0], told[1], 1, spent, [standing.member_id])
    return tally.result(Decimal(1))


YEAR = rules.LadderTerms(0, 0, 365, 12, 0, ())


def without_examples(result):
    kept = {name: value for name, value in result.items() if name in YEARLY}
    kept["moves"] = [{**move, "examples": len(move["examples"]) > 0} for move in result["moves"]]
    return kept


YEARLY = set(Tally().result(Decimal(1)))


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_a_preview_counts_as_the_rules_decide_on_each(shape, programme):
    """Random lives under one ladder, some given a tier, some nights missed; three drafts of other ladders."""
    rng = random.Random(shape)
    others = sorted(SHAPES)
    publish(JOINED - DAY, **SHAPES[shape])
    today = JOINED + rng.randrange(200, 500) * DAY
    happened = lives_from(rng, 25, today)
    for member_id, life in happened.items():
        act(rng, member_id, today)
        for number, happening in enumerate(sorted(life, key=lambda one: one.known_on)):
            if happening.known_on <= today:
                world.happen(member_id, number, happening, evaluate=rng.random() < 0.8)
    if rng.random() < 0.5:
        publish(today - rng.randrange(100) * DAY, **SHAPES[rng.choice(others)], notice_days=rng.choice([1, 90]))
    for member_id in list(happened)[:3]:
        with suppress(rules.NotGiven):
            tiers_actions.give_tier(
                member_id=member_id, tier="gold", kind=HoldKind.MANUAL, until=today + rng.randrange(1, 200) * DAY,
                reason="x", key=f"k{member_id}", at=world.noon(today), actor="staff:1",
            )  # fmt: skip
    for turn in range(3):
        drafted_as = others[(others.index(shape) + 3 * turn) % len(others)]  # each is drafted three times in all
        with transaction.atomic():
            preview_and_compare(rng, SHAPES[drafted_as], today)
            transaction.set_rollback(True)


def preview_and_compare(rng: random.Random, shape: dict[str, object], today: dt.date) -> None:
    """Will draft a ladder of a shape, and hold its preview against everybody one by one."""
    drop = rng.choice([(), ("gold",), ("silver", "gold")])
    draft = drafted(world.noon(today), drop=drop, notice_days=rng.choice([0, 30, 200]), **shape)
    begins = today + rng.choice([0, 1, 45]) * DAY
    preview = previewed(draft, begins, world.noon(today, 60))
    assert preview.state == "done", preview.error
    expected = one_by_one(draft, begins, today)
    assert without_examples(preview.result) == without_examples(expected)
    assert sum(preview.result["now"].values()) == 25


# ---- the story each of them is told by, against other ways of telling it


def night_by_night(position, own, future, facts) -> tuple[str, str]:
    """The same story with every single night: the tier after the day of effect, and at the end."""
    on, soon, judged = future.today, "", False
    while True:
        now, was_decided = future.on(on), False
        for _ in range(9):
            outcome = rules.decide(
                position, Occurrence(Occasion.NIGHT, on), Measure(now, facts(now)), Measure(own, facts(own))
            )
            if outcome is None:
                break
            position, own, was_decided = outcome.position, outcome.terms, True
            judged = outcome.kind in JUDGED and outcome.measure.terms.version_id == future.last.version_id
            if position.due is None or position.due > on:
                break
        held = position.hold.rung if position.hold else own.rungs[position.rank]
        if on <= future.day_of_effect:
            soon = held.code
        settled = position.due is None or (judged and position.hold is None and position.next is None)
        if on >= future.day_of_effect and settled and not was_decided:
            return soon, held.code
        on += DAY


@pytest.mark.parametrize("seed", range(150))
def test_only_the_dates_that_matter_are_looked_at(seed):
    """Jumping from date to date tells the same story as living every night."""
    rng = random.Random(seed)
    names = [name for name in SHAPES if name != "more asked"]
    old, new = ({k: v for k, v in SHAPES[rng.choice(names)].items() if k != "rungs"} for _ in range(2))
    new["notice_days"] = rng.choice([0, 45, 300])
    today = dt.date(2025, 6, 15)
    harder = {"silver": {"keep": Requirement(Decimal(1500)), "reach": Requirement(Decimal(800))}}
    oldest = ladder(
        version_id=0, effective_on=dt.date(2019, 1, 1), keep={"silver": Requirement(Decimal(rng.choice([500, 2500])))}
    )
    before = ladder(version_id=1, effective_on=today - 30 * DAY, **{**old, "notice_days": rng.choice([0, 90])})
    draft = ladder(version_id=2, effective_on=today + rng.randrange(60) * DAY, rungs=rng.choice([harder, {}]), **new)
    with_draft, without = futures([oldest, before], draft, today)
    own = rng.choice([oldest, before])
    rank = rng.randrange(4)
    until = today + rng.randrange(300) * DAY if rank else None
    position = Position(rank, today - DAY, until)
    counted = rules.Facts(Decimal(rng.choice([0, 900, 1200, 1600, 6000, 20000])), rng.randrange(8), 0)
    for future in (with_draft, without):
        told = rules.foretell(position, own, future, lambda _terms: counted, dt.date.min)
        assert (told.soon.code, told.later.code) == night_by_night(position, own, future, lambda _terms: counted)
        assert (told.moves_on is None) is (told.direction == 0)


def test_who_falls_under_the_old_version_and_rises_again_is_moved_when_he_stays_down():
    """His own version lets him fall, the one in force takes him back next night, the draft ends it a year later."""
    today = dt.date(2025, 6, 15)
    kept, asked, more = (Requirement(Decimal(need)) for need in (1000, 500, 900))
    oldest = ladder(version_id=0, effective_on=dt.date(2019, 1, 1), keep={"silver": kept}, grace_days=0)
    rungs = {"silver": {"reach": asked, "keep": asked}}
    before = ladder(version_id=1, effective_on=today - DAY, rungs=rungs, grace_days=0, notice_days=60)
    rungs = {"silver": {"reach": more, "keep": more}}
    draft = ladder(version_id=2, effective_on=today + 20 * DAY, rungs=rungs, grace_days=0)
    position, counted = Position(1, today, today + 10 * DAY), rules.Facts(Decimal(600), 0, 0)
    with_draft, without = (
        rules.foretell(position, oldest, future, lambda _terms: counted, dt.date.min)
        for future in futures([oldest, before], draft, today)
    )
    assert (with_draft.later.code, with_draft.direction, without.direction) == ("member", -1, 0)
    assert with_draft.soon.code == "silver" and with_draft.moves_on == dt.date(2026, 6, 26)


def test_what_was_foretold_happens_where_nobody_does_anything(programme):
    """A whole membership counts, so nothing changes by itself: the nights then do what the preview said, to the day."""
    rng = random.Random(7)
    today = JOINED + 300 * DAY
    publish(JOINED - DAY, window=Window.LIFETIME, window_days=0, validity_months=6)
    happened = lives_from(rng, 30, today)
    for member_id, life in happened.items():
        for number, happening in enumerate(sorted(life, key=lambda one: one.known_on)):
            if happening.known_on <= today:
                world.happen(member_id, number, happening, evaluate=True)
    world.night(STEP, today)
    asked, less = Requirement(Decimal(3000)), Requirement(Decimal(500))
    rungs = {"silver": {"reach": less, "keep": asked}, "gold": {"reach": asked, "keep": asked}}
    draft = drafted(
        world.noon(today),
        rungs,
        window=Window.LIFETIME,
        window_days=0,
        validity_months=6,
        notice_days=40,
        grace_days=10,
    )
    begins = today + 20 * DAY
    result = previewed(draft, begins, world.noon(today)).result
    tiers_actions.publish(
        version_id=draft, effective_on=begins, note=NOTE, is_previewed=True, at=world.noon(today), actor="staff:1"
    )
    assert result["falls"] and any(move["direction"] > 0 for move in result["moves"])
    world.night(STEP, begins)
    assert held_now() == result["soon"]
    last = max(dt.date.fromisoformat(date) for move in result["moves"] for date in move["dates"])
    for number in range((last - begins).days):
        world.night(STEP, begins + (number + 1) * DAY, slice_only=True)
    fallen = Counter(
        Decision.objects.filter(kind="downgrade", business_date__gte=begins).values_list("business_date", flat=True)
    )
    assert [[date.isoformat(), members] for date, members in sorted(fallen.items())] == [
        row[:2] for row in result["falls"] if row[0] >= begins.isoformat()
    ]
    moved = {
        (move.was, move.tier): move.members
        for move in tiers_queries.ladder_migration("main", begins - DAY, last)
        if move.was != move.tier
    }
    assert moved == {(move["was"], move["tier"]): move["members"] for move in result["moves"] if move["direction"]}


def held_now() -> dict[str, int]:
    return tiers_queries.count_on_ladder("main")


# ---- asked for, worked out, kept


@pytest.fixture
def version_id(programme, noon):
    return drafted(noon, {"silver": {"reach": Requirement(Decimal(100)), "keep": Requirement(Decimal(100))}})


def test_a_preview_is_asked_for_once_and_is_stale_after_an_edit(version_id, noon):
    today = noon.date()
    asked = {"version_id": version_id, "effective_on": today, "at": noon, "actor": "staff:1"}
    first, is_new = tiers_actions.request_preview(**asked)
    assert is_new and tiers_actions.request_preview(**asked) == (first, False)
    other, is_new = tiers_actions.request_preview(**{**asked, "effective_on": today + DAY})
    assert is_new and LadderPreview.objects.get(id=first).error == "A newer preview was asked for."
    with pytest.raises(tiers_actions.PreviewOver):
        tiers_actions.begin_preview(preview_id=first, at=noon, actor="x")
    tiers_actions.save_settings(version_id=version_id, settings=Settings(notice_days=3), at=noon, actor="staff:1")
    ladder_preview.run(preview_id=other, now=lambda: noon)
    kept = LadderPreview.objects.get(id=other)
    assert (kept.state, kept.error) == (
        "failed", "The draft was edited before its preview was through. Ask for a new one.",
    )  # fmt: skip
    with pytest.raises(tiers_actions.TooEarly, match="2026-03-03"):
        tiers_actions.request_preview(**{**asked, "effective_on": today - DAY})
    done = previewed(version_id, today, noon)
    assert done.state == "done" and not tiers_queries.find_ladder_preview(version_id).is_stale
    renamed = [replace(tier, names={"en": "X"}) for tier in tier_drafts()]
    tiers_actions.save_tiers(version_id=version_id, tiers=renamed, at=noon, actor="staff:1")
    assert tiers_queries.find_ladder_preview(version_id).is_stale  # silver asks for something else again


def test_names_and_looks_move_nobody_so_a_preview_stays_fresh(version_id, noon):
    previewed(version_id, noon.date(), noon)
    tiers = [replace(tier, look=Look.ROSE, names={"en": "X"}) for tier in tier_drafts()]
    silver = Requirement(Decimal(100))
    tiers[1] = replace(tiers[1], reach=silver, keep=silver)
    tiers_actions.save_tiers(version_id=version_id, tiers=tiers, at=noon, actor="staff:1")
    assert not tiers_queries.find_ladder_preview(version_id).is_stale


def test_a_preview_that_fails_says_why_and_nothing_is_done_while_another_works(version_id, noon, monkeypatch):
    asked = {"version_id": version_id, "effective_on": noon.date(), "at": noon, "actor": "staff:1"}
    preview_id, _ = tiers_actions.request_preview(**asked)
    held, tried = threading.Event(), threading.Event()

    def hold() -> None:
        with locks.alone(ladder_preview.lock_of(version_id)):
            held.set()
            tried.wait(30)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    held.wait(30)
    ladder_preview.run(preview_id=preview_id, now=lambda: noon)
    tried.set()
    other.join()
    assert LadderPreview.objects.get(id=preview_id).state == "waiting"

    def fail(**_: object) -> None:
        raise ValueError("a wrong turn")

    with monkeypatch.context() as patched:
        patched.setattr(tiers_actions, "work_out", fail)
        with pytest.raises(ValueError, match="a wrong turn"):
            ladder_preview.run(preview_id=preview_id, now=lambda: noon)
    kept = LadderPreview.objects.get(id=preview_id)
    assert (kept.state, kept.error) == ("failed", "ValueError: a wrong turn")
    tiers_actions.fail_preview(preview_id=preview_id, error="late", at=noon, actor="x")
    assert LadderPreview.objects.get(id=preview_id).error == "ValueError: a wrong turn"
    ladder_preview.run(preview_id=preview_id, now=lambda: noon)
    with pytest.raises(tiers_actions.PreviewOver):
        tiers_actions.finish_preview(preview_id=preview_id, result={}, at=noon, actor="x")


def test_publishing_closes_what_is_still_open_and_asks_for_a_fresh_preview(version_id, noon):
    publishing = {
        "version_id": version_id, "effective_on": noon.date(), "note": NOTE, "is_previewed": True, "at": noon,
        "actor": "staff:1",
    }  # fmt: skip
    with pytest.raises(tiers_actions.NotPreviewed):
        tiers_actions.publish(**publishing)
    done = previewed(version_id, noon.date(), noon)
    with pytest.raises(tiers_actions.DraftChanged):
        tiers_actions.publish(**publishing, seen="something else")
    tiers_actions.publish(**publishing)
    assert LadderPreview.objects.get().result == done.result
    with pytest.raises(tiers_actions.NoDraft):
        tiers_actions.request_preview(version_id=version_id, effective_on=noon.date(), at=noon, actor="staff:1")


def test_an_open_preview_is_closed_by_publishing(version_id, noon):
    tiers_actions.request_preview(version_id=version_id, effective_on=noon.date(), at=noon, actor="staff:1")
    tiers_actions.publish(version_id=version_id, effective_on=noon.date(), note=NOTE, at=noon, actor="staff:1")
    assert LadderPreview.objects.get().error == "The draft was published before its preview was through."


def test_a_preview_writes_nothing_but_itself(version_id, join, noon):
    ann = join("ann").id
    before = list(Standing.objects.values())
    preview_id, _ = tiers_actions.request_preview(
        version_id=version_id, effective_on=noon.date(), at=noon, actor="staff:1"
    )
    result = tiers_actions.work_out(preview_id=preview_id, at=noon, actor="x")
    assert result["now"] == {"member": 1} and result["by"] == "x"
    assert LadderPreview.objects.get().state == "waiting" and list(Standing.objects.values()) == before
    assert ann


def test_a_draft_is_not_previewed_before_a_version_that_is_to_come(programme, noon):
    publish(noon.date() + 30 * DAY, grace_days=10)
    draft = drafted(noon, grace_days=20)
    asked = {"version_id": draft, "at": noon, "actor": "staff:1"}
    with pytest.raises(tiers_actions.TooEarly, match="2026-04-02"):
        tiers_actions.request_preview(**asked, effective_on=noon.date() + 29 * DAY)
    assert previewed(draft, noon.date() + 30 * DAY, noon).state == "done"


def test_a_ladder_on_which_nobody_stands_has_nothing_to_preview(programme, noon):
    draft = tiers_actions.start_draft(ladder="club", name="Club", at=noon, actor="staff:1")
    with pytest.raises(tiers_actions.NothingToCompare):
        tiers_actions.request_preview(version_id=draft, effective_on=noon.date(), at=noon, actor="staff:1")


def test_the_cost_is_a_years_spend_times_the_change_of_the_rate(programme, join, noon):
    """Ann rises to Silver at twice the points; Bob stays where he is and costs nothing more."""
    join("ann"), join("bob")
    place("1", ["600"], noon)
    place("2", ["50"], noon, who=MemberReference(external_id="c-bob"))
    asked = Requirement(Decimal(500))
    draft = drafted(noon, {"silver": {"reach": asked, "keep": asked, "multiplier": Decimal("2.5")}})
    result = previewed(draft, noon.date() + DAY, noon).result
    assert result["points"] == {"soon": 900, "later": 900, "without": 0}
    [move] = [move for move in result["moves"] if move["direction"]]
    assert (move["members"], move["soon"], move["points"], move["anyway"]) == (1, 1, 900, 0)


@MANY
@given(
    st.dictionaries(st.sampled_from(rules.METRICS), st.lists(st.integers(0, 50), max_size=4)),
    st.lists(st.integers(-5, 60), min_size=6, max_size=6),
)
def test_facts_of_a_key_meet_what_those_with_the_key_meet(thresholds, values):
    scale = {metric: sorted({Decimal(need) for need in thresholds.get(metric, ())}) for metric in rules.METRICS}
    facts = rules.Facts(Decimal(values[0]), *values[1:])
    alike = facts_of_key(scale, key_of(scale, facts))
    for metric, needs in scale.items():
        for need in needs:
            assert (alike.of(metric) >= need) == (facts.of(metric) >= need)


def test_the_same_two_tiers_may_be_a_rise_to_one_and_no_move_to_another() -> None:
    """They are counted apart, so that the sums do not depend on who is counted first."""
    gold, diamond = (Held(code, Decimal(1), 1, is_gone=False) for code in ("gold", "diamond"))
    told = [Foretold(gold, diamond, diamond, direction, None) for direction in (0, 1)]
    results = []
    for order in (told, told[::-1]):
        tally = Tally()
        for one in order:
            tally.add(one, one, 1, Decimal(0), [one.direction])
        results.append(tally.result(Decimal(1)))
    assert results[0] == results[1]
    assert [(move["direction"], move["members"]) for move in results[0]["moves"]] == [(0, 1), (1, 1)]
