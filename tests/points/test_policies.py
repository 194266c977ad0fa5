"""Drafting and publishing the rules: one draft, frozen versions, promises kept for the notice, two people at once."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.models import AuditRow
from membership_site import formats
from membership_site.flows.starter import POINTS_TERMS
from points import actions as points_actions
from points import queries as points_queries
from points import wording
from points.enums import Verdict
from points.models import PolicyVersion, RuleBudget, RuleUse
from points.rules import draft, lint
from points.rules.policy import BadTerms
from tests.flows.shop import DAY
from tests.kit.broken import breaks, refused
from tests.kit.examples import MANY
from tests.kit.threads import kinds, overlapping, together
from tests.points.starter import policy

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 3)
TOMORROW = TODAY + dt.timedelta(days=1)
NOTE = {"en": "Double points.", "zh-hans": "双倍积分。", "zh-hant": "雙倍積分。"}


def rule(code="", **terms):
    names = {"en": "Tea week", "zh-hans": "茶周", "zh-hant": "茶週"}
    return {"code": code, "names": names, "deed": "order", "effect": "multiply", "amount": "2", **terms}


@pytest.fixture
def drafted(programme, noon):
    """The draft of version 2, a copy of the starter."""
    return points_actions.start_draft(at=noon, actor="staff:1")


def edit(drafted, noon, **settings):
    points_actions.save_settings(version_id=drafted.id, terms=settings, at=noon, actor="staff:1")


def save(drafted, noon, **terms):
    return points_actions.save_rule(version_id=drafted.id, terms=rule(**terms), at=noon, actor="staff:1")


def publish(drafted, noon, on=TOMORROW, actor="staff:1", **options):
    return points_actions.publish(version_id=drafted.id, effective_on=on, note=NOTE, at=noon, actor=actor, **options)


def terms_now():
    return points_queries.find_draft().terms


# ---- one draft


def test_a_draft_begins_as_a_copy_and_the_same_again_returns_it(drafted, noon):
    assert (drafted.number, drafted.published_at, drafted.terms) == (2, None, POINTS_TERMS)
    again = points_actions.start_draft(at=noon + DAY, actor="staff:2")
    assert again == drafted
    assert AuditRow.objects.filter(deed="policy.drafted").count() == 1


def test_there_is_no_draft_of_nothing(db, noon):
    with pytest.raises(points_queries.NoPolicy):
        points_actions.start_draft(at=noon, actor="staff:1")
    assert not PolicyVersion.objects.exists()


def test_a_draft_may_begin_from_an_older_version(drafted, noon):
    save(drafted, noon)
    publish(drafted, noon)
    back = points_actions.start_draft(copy_of=1, at=noon, actor="staff:1")
    assert (back.number, back.terms) == (3, POINTS_TERMS)
    points_actions.discard_draft(version_id=back.id, at=noon, actor="staff:1")
    with pytest.raises(points_queries.NoPolicy):
        points_actions.start_draft(copy_of=9, at=noon, actor="staff:1")


@pytest.mark.django_db(transaction=True)
def test_ten_people_begin_one_draft(programme, noon):
    answers = together([lambda n=n: points_actions.start_draft(at=noon, actor=f"staff:{n}") for n in range(10)])
    assert {answer.id for answer in answers} == {PolicyVersion.objects.get(published_at=None).id}


def test_the_database_keeps_one_draft_and_unique_numbers(drafted, noon):
    row = {"effective_on": TOMORROW, "terms": POINTS_TERMS, "actor": "x"}
    with breaks("points_policyversion_one_draft"):
        PolicyVersion.objects.create(number=3, **row)
    with breaks("points_policyversion_number_key"):
        PolicyVersion.objects.create(number=2, published_at=noon, **row)


# ---- editing


def test_a_rule_is_saved_changed_switched_and_removed_with_an_audit_row_each(drafted, noon):
    code = save(drafted, noon)
    assert code == "tea-week"
    assert terms_now()["rules"] == [rule(code, priority=10)]
    points_actions.save_rule(version_id=drafted.id, terms=rule(code, amount="3", priority=10), at=noon, actor="staff:1")
    for _ in range(2):
        points_actions.switch_rule(version_id=drafted.id, code=code, is_on=False, at=noon, actor="staff:1")
    assert terms_now()["rules"] == [rule(code, amount="3", priority=10, is_on=False)]
    for _ in range(2):
        points_actions.remove_rule(version_id=drafted.id, code=code, at=noon, actor="staff:1")
    assert terms_now()["rules"] == []
    rows = AuditRow.objects.filter(subject="policy:2").order_by("id")
    deeds = [row.deed.removeprefix("policy.") for row in rows]
    assert deeds == ["drafted", "rule_saved", "rule_saved", "rule_switched", "rule_removed"]
    assert (rows[2].was["amount"], rows[2].becomes["amount"]) == ("2", "3")


def test_a_code_is_never_used_twice(drafted, noon):
    first = save(drafted, noon)
    publish(drafted, noon)
    second = points_actions.start_draft(at=noon, actor="staff:1")
    points_actions.remove_rule(version_id=second.id, code=first, at=noon, actor="staff:1")
    assert save(second, noon) == "tea-week-1"
    assert draft.free_code("双倍", {"rule-1"}) == "rule-2"
    assert draft.free_code("*", set()) == "rule-1"


def test_rules_are_put_in_order(drafted, noon):
    codes = [save(drafted, noon, names={"en": name}) for name in ("a", "b", "c")]
    for _ in range(2):
        points_actions.order_rules(version_id=drafted.id, codes=["c", "a", "b"], at=noon, actor="staff:1")
    assert [r["code"] for r in draft.rules_in(terms_now())] == ["c", "a", "b"]
    assert AuditRow.objects.get(deed="policy.rules_ordered").was == codes
    for wrong in (["a", "b"], ["a", "b", "c", "d"], ["a", "a", "b"]):
        with pytest.raises(draft.NoSuchRule):
            points_actions.order_rules(version_id=drafted.id, codes=wrong, at=noon, actor="staff:1")


def test_terms_that_cannot_be_read_change_nothing(drafted, noon):
    for bad in (
        {"amount": "a lot"},
        {"effect": "explode"},
        {"when": [{"what": "time", "is": ["9"]}]},
        {"amount": "-1"},
    ):
        with pytest.raises(BadTerms):
            save(drafted, noon, **bad)
    for bad in ({"points_per_unit": "x"}, {"expiry": {"kind": "days", "count": 0}}, {"refund": "never"}):
        with pytest.raises(BadTerms):
            edit(drafted, noon, **bad)
    with pytest.raises(draft.NoSuchRule):
        save(drafted, noon, code="unknown")
    assert terms_now() == POINTS_TERMS
    assert not AuditRow.objects.filter(deed__in=["policy.rule_saved", "policy.settings_saved"]).exists()


def test_settings_are_saved_once_and_keep_the_rules(drafted, noon):
    save(drafted, noon)
    for _ in range(2):
        edit(drafted, noon, sign_up_points=150, rules=[])
    assert terms_now()["sign_up_points"] == 150 and len(terms_now()["rules"]) == 1
    row = AuditRow.objects.get(deed="policy.settings_saved")
    assert (row.was, row.becomes) == ({"sign_up_points": 100}, {"sign_up_points": 150})


def test_what_somebody_else_changed_is_not_overwritten(drafted, noon):
    code = save(drafted, noon)
    seen = draft.digest_of(draft.rule_in(terms_now(), code))
    settings_seen = draft.digest_of(draft.settings_in(terms_now()))
    save(drafted, noon, code=code, amount="3", priority=10)
    edit(drafted, noon, sign_up_points=1)
    with pytest.raises(points_actions.DraftChanged):
        points_actions.save_rule(version_id=drafted.id, terms=rule(code), seen=seen, at=noon, actor="staff:2")
    with pytest.raises(points_actions.DraftChanged):
        points_actions.save_settings(
            version_id=drafted.id, terms={"sign_up_points": 2}, seen=settings_seen, at=noon, actor="staff:2"
        )
    with pytest.raises(points_actions.DraftChanged):
        publish(drafted, noon, seen=draft.digest_of(drafted.terms))
    assert (terms_now()["rules"][0]["amount"], terms_now()["sign_up_points"]) == ("3", 1)


def test_a_discarded_draft_is_gone_and_cannot_be_edited(drafted, noon):
    for _ in range(2):
        points_actions.discard_draft(version_id=drafted.id, at=noon, actor="staff:1")
    assert points_queries.find_draft() is None
    edits = [
        lambda: save(drafted, noon),
        lambda: edit(drafted, noon, sign_up_points=1),
        lambda: points_actions.remove_rule(version_id=drafted.id, code="x", at=noon, actor="a"),
        lambda: points_actions.switch_rule(version_id=drafted.id, code="x", is_on=True, at=noon, actor="a"),
        lambda: points_actions.order_rules(version_id=drafted.id, codes=[], at=noon, actor="a"),
        lambda: publish(drafted, noon),
    ]
    for attempt in edits:
        with pytest.raises(points_actions.NoDraft):
            attempt()
    published = points_queries.list_versions()[0]
    with pytest.raises(points_actions.NoDraft):
        points_actions.discard_draft(version_id=published.id, at=noon, actor="staff:1")


# ---- publishing


def test_a_draft_is_published_frozen_and_in_force_from_its_date_on(drafted, noon):
    save(drafted, noon, caps=[{"per": "budget", "points": 20}])
    version = publish(drafted, noon)
    assert (version.effective_on, version.note, version.actor) == (TOMORROW, NOTE, "staff:1")
    assert points_queries.policy_on(TODAY).rules == ()
    assert len(points_queries.policy_on(TOMORROW).rules) == 1
    assert sum(RuleBudget.objects.values_list("limit", flat=True)) == 20
    with refused("is published"):
        PolicyVersion.objects.filter(id=version.id).update(note={})
    row = AuditRow.objects.get(deed="policy.published")
    assert row.becomes["changes"] == [["rule", "tea-week", "better"]] and row.was == {"number": 1}
    assert publish(drafted, noon) == version
    assert AuditRow.objects.filter(deed="policy.published").count() == 1


def test_a_draft_does_not_begin_today_nor_before_the_version_it_follows(drafted, noon):
    save(drafted, noon)
    for early in (TODAY, TODAY - dt.timedelta(days=1)):
        with pytest.raises(points_actions.TooEarly) as error:
            publish(drafted, noon, on=early)
        assert (error.value.earliest, error.value.worse) == (TOMORROW, ())
    publish(drafted, noon, on=TODAY + dt.timedelta(days=9))
    second = points_actions.start_draft(at=noon, actor="staff:1")
    assert second.effective_on == TODAY + dt.timedelta(days=9)
    edit(second, noon, sign_up_points=200)
    with pytest.raises(points_actions.TooEarly) as error:
        publish(second, noon)
    assert error.value.earliest == TODAY + dt.timedelta(days=9)
    publish(second, noon, on=TODAY + dt.timedelta(days=9))
    assert points_queries.policy_on(TODAY + dt.timedelta(days=9)).sign_up_points == 200


def test_what_takes_from_members_waits_for_its_notice(drafted, noon):
    edit(drafted, noon, sign_up_points=50, notice_days=0)
    last_refused, first_allowed = (TODAY + dt.timedelta(days=days) for days in (29, 30))
    with pytest.raises(points_actions.TooEarly) as error:
        publish(drafted, noon, on=last_refused)
    assert error.value.earliest == first_allowed
    assert [difference.what for difference in error.value.worse] == ["sign_up_points", "notice_days"]
    assert publish(drafted, noon, on=first_allowed).effective_on == first_allowed


def test_a_draft_without_changes_or_with_errors_is_not_published(drafted, noon):
    with pytest.raises(points_actions.NothingChanged):
        publish(drafted, noon)
    save(drafted, noon, when=[{"what": "weekday", "is": ["1"]}, {"what": "weekday", "is": ["2"]}])
    with pytest.raises(points_actions.NotReady) as error:
        publish(drafted, noon)
    assert {finding.code for finding in error.value.findings} == {"contradicts_itself", "never_in_window"}
    assert PolicyVersion.objects.get(id=drafted.id).published_at is None


def test_a_tier_that_the_ladder_lacks_keeps_a_draft_back(drafted, noon):
    save(drafted, noon, when=[{"what": "tier_min", "is": ["platinum"]}])
    known = lint.Known({"tier": ("member", "silver")})
    with pytest.raises(points_actions.NotReady):
        publish(drafted, noon, known=known)


@pytest.mark.django_db(transaction=True)
def test_two_people_publish_at_once_and_one_is_told_of_the_other(programme, noon):
    drafted = points_actions.start_draft(at=noon, actor="staff:1")
    save(drafted, noon)
    first, second = overlapping(
        lambda: publish(drafted, noon, actor="staff:1"), lambda: publish(drafted, noon, actor="staff:2")
    )
    assert first.actor == "staff:1"
    assert isinstance(second, points_actions.AlreadyPublished) and second.version.actor == "staff:1"
    third = points_actions.start_draft(at=noon, actor="staff:3")
    save(third, noon, names={"en": "More"})
    answers = together([lambda n=n: publish(third, noon, actor=f"staff:{n}") for n in range(8)])
    assert kinds(answers) == {"PolicyRow": 1, "AlreadyPublished": 7}
    assert AuditRow.objects.filter(deed="policy.published").count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_edit_that_waits_for_the_publication_is_refused(programme, noon):
    drafted = points_actions.start_draft(at=noon, actor="staff:1")
    save(drafted, noon)
    published, late = overlapping(lambda: publish(drafted, noon), lambda: save(drafted, noon, names={"en": "Late"}))
    assert published.number == 2 and isinstance(late, points_actions.NoDraft)
    assert len(points_queries.list_versions()[0].policy.rules) == 1


# ---- queries


def test_versions_are_listed_and_found(drafted, noon):
    save(drafted, noon)
    assert points_queries.find_version(2).id == drafted.id
    assert points_queries.find_version(3) is None
    assert points_queries.get_version(drafted.id).number == 2
    publish(drafted, noon)
    assert [row.number for row in points_queries.list_versions()] == [2, 1]
    assert points_queries.codes_ever() == {"tea-week"}


def test_what_rules_gave_is_summed_by_date_and_budgets_over_slots(join, noon):
    member = join("ann").id
    for number, (on, points) in enumerate([(TODAY, 5), (TODAY, -2), (TOMORROW, 9)]):
        RuleUse.objects.create(member_id=member, rule="x", source_key=f"k{number}", counts_on=on, points=points)
    RuleBudget.objects.create(rule="x", slot=0, limit=5, used=2)
    RuleBudget.objects.create(rule="x", slot=1, limit=6, used=1)
    assert points_queries.points_by_rule(TODAY, TODAY) == {"x": 3}
    assert points_queries.points_by_rule(TODAY, TOMORROW) == {"x": 12}
    assert points_queries.budgets_by_rule() == {"x": points_queries.BudgetRow(11, 3)}


# ---- what gets worse


def verdicts(before, after, on=TOMORROW):
    return {(d.what, d.subject): d.verdict for d in draft.differences(policy(**before), policy(**after), on)}


WORSE = [
    ({"points_per_unit": "2"}, {"points_per_unit": "1.5"}, "points_per_unit"),
    ({}, {"basis": {"points_paid": False}}, "basis_points_paid"),
    ({"basis": {"discount": "before"}}, {}, "basis_discount"),
    ({}, {"return_window_days": 14}, "return_window_days"),
    ({}, {"redemption": {"points_per_unit": 120, "points_min": 100, "share_max": "0.5"}}, "redemption_points_per_unit"),
    ({}, {"redemption": {"points_per_unit": 100, "points_min": 200, "share_max": "0.5"}}, "redemption_points_min"),
    ({}, {"redemption": {"points_per_unit": 100, "points_min": 100, "share_max": "0.4"}}, "redemption_share_max"),
    ({"refund": "pending_only"}, {}, "refund"),
    ({}, {"courtesy_days": 0}, "courtesy_days"),
    ({}, {"gifts": {"is_on": False}}, "gifts_is_on"),
    ({}, {"gifts": {"day_max": 10}}, "gifts_day_max"),
    ({}, {"caps": [{"per": "day", "points": 10}]}, "caps"),
    ({"caps": [{"per": "day", "points": 10}]}, {"caps": [{"per": "day", "points": 9}]}, "caps"),
    ({}, {"expiry": {"kind": "end_of_month", "count": 11}}, "expiry"),
    ({}, {"expiry": {"kind": "months", "count": 12}}, "expiry"),
    ({}, {"expiry": {"kind": "inactivity", "count": 12}}, "expiry"),
    ({"expiry": {"kind": "inactivity", "count": 12}}, {"expiry": {"kind": "months", "count": 24}}, "expiry"),
    ({"expiry": {"kind": "never"}}, {"expiry": {"kind": "end_of_period", "count": 5}}, "expiry"),
]


@pytest.mark.parametrize(("before", "after", "what"), WORSE)
def test_a_setting_that_gets_worse_is_seen_and_its_reverse_is_better_or_mixed(before, after, what):
    assert verdicts(before, after)[(what, "")] is Verdict.WORSE
    back = verdicts(after, before)[(what, "")]
    assert back is (Verdict.WORSE if "inactivity" in str((before, after)) and "24" in str(before) else back)
    assert what == "expiry" or back is Verdict.BETTER


EVENTS = [
    ({"points": 20}, {"points": 10}, Verdict.WORSE),
    ({"points": 20}, {"points": 20, "points_with_photo": 50}, Verdict.BETTER),
    ({"points": 20, "growth": 5}, {"points": 30}, Verdict.WORSE),
    ({"streak": [5, 5, 50]}, {"streak": [5, 6, 50]}, Verdict.BETTER),
    ({"streak": [5, 5, 50]}, {"streak": [6, 6, 6]}, Verdict.WORSE),
    ({"points": 5}, {"streak": [5, 10]}, Verdict.BETTER),
    ({"points": 5, "day_max": 3}, {"points": 5, "day_max": 2}, Verdict.WORSE),
    ({"points": 5, "day_max": 3}, {"points": 5}, Verdict.BETTER),
    ({"points": 5}, {"points": 5, "once": True}, Verdict.WORSE),
    ({"property": "kg"}, {"property": "kg", "points_per_unit": "2"}, Verdict.BETTER),
    ({"property": "kg"}, {"property": "litres"}, Verdict.WORSE),
]


@pytest.mark.parametrize(("before", "after", "verdict"), EVENTS)
def test_events_are_judged_by_all_that_they_give(before, after, verdict):
    events = POINTS_TERMS["events"]
    found = verdicts({"events": {**events, "x": before}}, {"events": {**events, "x": after}})
    assert found == {("event", "x"): verdict}
    assert verdicts({"events": {**events, "x": before}}, {"events": events}) == {("event", "x"): Verdict.WORSE}
    assert verdicts({"events": events}, {"events": {**events, "x": before}}) == {("event", "x"): Verdict.BETTER}


def asks(what, *values):
    return {"what": what, "is": list(values)}


RULES = [
    ({"amount": "3"}, {"amount": "2"}, Verdict.WORSE),
    ({}, {"when": [asks("category", "tea")]}, Verdict.WORSE),
    ({"when": [asks("category", "tea")]}, {"when": [asks("category", "tea", "coffee")]}, Verdict.BETTER),
    ({"when": [asks("order_min", "50")]}, {"when": [asks("order_min", "20")]}, Verdict.BETTER),
    ({"when": [asks("order_min", "50")]}, {"when": [asks("order_min", "60")]}, Verdict.WORSE),
    ({}, {"ends_on": "2026-12-31"}, Verdict.WORSE),
    ({"ends_on": "2026-12-31"}, {"ends_on": "2027-12-31"}, Verdict.BETTER),
    ({"starts_on": "2026-01-01"}, {"starts_on": "2026-02-01"}, Verdict.SAME),
    ({}, {"starts_on": "2026-05-01"}, Verdict.WORSE),
    ({}, {"caps": [{"per": "month", "points": 100}]}, Verdict.WORSE),
    ({"caps": [{"per": "month", "points": 100}]}, {"caps": [{"per": "month", "points": 200}]}, Verdict.BETTER),
    ({}, {"stacking": "largest"}, Verdict.WORSE),
    ({}, {"stacking": "multiply"}, Verdict.BETTER),
    ({}, {"is_on": False}, Verdict.WORSE),
    ({"is_on": False}, {}, Verdict.BETTER),
    ({"ends_on": "2026-02-01"}, {"ends_on": "2026-02-01", "is_on": False}, Verdict.SAME),
    ({"amount": "0"}, {"amount": "0", "when": [asks("category", "gift cards")]}, Verdict.BETTER),
    ({"amount": "0"}, {"amount": "0.5"}, Verdict.BETTER),
    ({}, {"names": {"en": "Other"}}, Verdict.SAME),
    ({}, {"effect": "fixed", "amount": "500"}, Verdict.WORSE),
]


@pytest.mark.parametrize(("before", "after", "verdict"), RULES)
def test_rules_are_judged_by_amount_reach_dates_caps_and_stacking(before, after, verdict):
    assert verdicts({"rules": [rule("a", **before)]}, {"rules": [rule("a", **after)]}) == {("rule", "a"): verdict}


def test_a_rule_that_goes_is_missed_only_while_it_would_have_given():
    for gone, verdict in [
        ({}, Verdict.WORSE),
        ({"ends_on": "2026-03-03"}, Verdict.SAME),
        ({"ends_on": "2026-03-04"}, Verdict.WORSE),
        ({"is_on": False}, Verdict.SAME),
        ({"amount": "0"}, Verdict.BETTER),
    ]:
        assert verdicts({"rules": [rule("a", **gone)]}, {}) == {("rule", "a"): verdict}


def test_the_order_of_rules_matters_where_one_multiplies():
    def rules(*priorities, stacking="multiply"):
        first, second = priorities
        return {"rules": [rule("add", priority=first), rule("times", stacking=stacking, priority=second)]}

    assert verdicts(rules(1, 2), rules(3, 2)) == {("rule", "add"): Verdict.WORSE}
    assert verdicts(rules(3, 2), rules(1, 2)) == {("rule", "add"): Verdict.BETTER}
    assert verdicts(rules(1, 2, stacking="add"), rules(3, 2, stacking="add")) == {("rule", "add"): Verdict.SAME}


def test_notice_is_needed_only_where_something_is_lost_on_the_date_itself():
    before, after = policy(rules=[rule("a", ends_on="2026-03-10")]), policy()
    begins = dt.date(1970, 1, 1)
    assert draft.earliest_start(before, after, begins, TODAY) == TODAY + dt.timedelta(days=30)
    assert draft.earliest_start(before, after, begins, TODAY, dt.date(2026, 3, 11)) == TOMORROW
    assert draft.earliest_start(after, before, begins, TODAY) == TOMORROW
    assert draft.earliest_start(after, before, dt.date(2026, 5, 1), TODAY) == dt.date(2026, 5, 1)


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from(["days", "months", "end_of_month", "end_of_period"]))
@MANY
def test_a_verdict_on_expiry_agrees_with_every_lot_of_the_year(first, second, kind):
    least = 1 if kind in ("days", "months") else 0
    terms = [{"kind": kind, "count": max(count, least)} for count in (first, second)]
    before, after = (policy(expiry=one) for one in terms)
    found = draft.differences(before, after, TOMORROW)
    days = [TOMORROW + dt.timedelta(days=n) for n in range(366)]
    earlier = any(after.expires_on(day) < before.expires_on(day) for day in days)
    later = any(after.expires_on(day) > before.expires_on(day) for day in days)
    verdict = Verdict.WORSE if earlier else Verdict.BETTER if later else Verdict.SAME
    assert [difference.verdict for difference in found] == ([] if before.expiry == after.expiry else [verdict])


# ---- in words


def test_changes_are_said_with_was_becomes_and_verdict():
    before = policy(rules=[rule("old", names={"en": "Old"})])
    after = policy(
        sign_up_points=150,
        rules=[rule("new", names={"en": "New"}, when=[asks("tier_min", "gold")])],
        expiry={"kind": "months", "count": 6},
        events={**POINTS_TERMS["events"], "review": {"points": 30, "growth": 10}},
        adjustments={"alone_max": 9},
    )
    found = wording.changes(before, after, formats, {"gold": "Gold"}, TOMORROW)
    assert [(c.what, c.was, c.becomes, c.verdict.value, c.is_staffs) for c in found] == [
        ("Points for joining", "100", "150", "better", False),
        ("Points that one person of the staff may adjust at once", "500", "9", "same", True),
        (
            "Points expire",
            "at the end of the month, 12 months after they can be used",
            "6 months after they can be used",
            "worse",
            False,
        ),
        ("Reviews", "20 points, 50 with a photo, 10 growth value", "30 points, 10 growth value", "worse", False),
        ("Rule “Old”", "For orders: points × 2.", "", "worse", False),
        ("Rule “New”", "", "For orders by Gold and up: points × 2.", "better", False),
    ]
    told = wording.announcement(before, after, formats, {"gold": "Gold"}, TOMORROW).splitlines()
    assert told[0] == "From 4 Mar 2026 on:" and len(told) == 6
    assert told[1] == "Points for joining: 150; before, 100"
    assert told[4:] == [
        "No more: Rule “Old”. For orders: points × 2.",
        "New: Rule “New”. For orders by Gold and up: points × 2.",
    ]
    assert wording.announcement(before, before, formats, {}, TOMORROW) == ""


def test_every_setting_has_a_name_and_words_for_its_value():
    before = policy()
    for setting in draft.SETTINGS:
        assert wording.setting_name(setting.what)
        assert wording.setting_words(setting.what, setting.of(before), formats)
    assert wording.verdict_words(Verdict.WORSE) == "Worse"
    for kind in ("never", "days", "months", "end_of_month", "end_of_period", "inactivity"):
        for count in (0, 1, 2):
            if count or kind in ("end_of_month", "end_of_period", "never"):
                terms = policy(expiry={"kind": kind, "count": count}).expiry
                assert wording.expiry_words(terms, formats)
