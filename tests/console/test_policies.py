"""The pages of the earning rules: read by all, drafted as a sentence, tried, published by those who may."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from campaigns import actions as campaigns_actions
from campaigns.models import Segment
from kit import clock
from members.models import Account
from membership_site.flows.starter import POINTS_TERMS
from orders.models import ShopEvent
from points import actions as points_actions
from points import queries as points_queries
from points.models import PolicyVersion

from .conftest import Join, Look, buy, happen, open_staff, queries_of, text_of

pytestmark = pytest.mark.django_db

RULES = "/console/rules/"
DRAFT = RULES + "draft/"
RULE = DRAFT + "rule/"
Enter = Callable[[str], Client]

SENTENCE = {
    "deed": "order",
    "effect": "multiply",
    "amount": "2",
    "name_en": "Tea week",
    "name_zh_hans": "茶周",
    "name_zh_hant": "茶週",
    "stacking": "add",
    "priority": "10",
    "is_on": "on",
    "starts_on": "",
    "ends_on": "",
}


def rule(code: str = "tea-week", **terms: Any) -> dict[str, Any]:
    """Will return the terms of a rule."""
    names = {"en": "Tea week", "zh-hans": "茶周", "zh-hant": "茶週"}
    return {"code": code, "names": names, "deed": "order", "effect": "multiply", "amount": "2", **terms}


def draft_with(noon: dt.datetime, *rules: dict[str, Any], **settings: Any) -> int:
    """Will open a draft with rules and settings and return its id."""
    draft = points_actions.start_draft(at=noon, actor="test")
    terms = {**POINTS_TERMS, **settings, "rules": list(rules)}
    PolicyVersion.objects.filter(id=draft.id).update(terms=terms)
    return draft.id


def now() -> dict[str, Any]:
    """Will return the terms of the open draft."""
    draft = points_queries.find_draft()
    assert draft is not None
    return dict(draft.terms)


def test_every_role_reads_and_only_some_write(enter: Enter, programme: None, noon: dt.datetime) -> None:
    """Agents and auditors read rules and draft; what changes them is neither offered nor allowed."""
    draft_with(noon, rule())
    for role in ("operator", "admin", "agent", "auditor"):
        client = enter(role)
        may = role in ("operator", "admin")
        for path in (RULES, DRAFT, RULES + "versions/1/"):
            page = client.get(path)
            assert page.status_code == 200
            assert "Earning rules" in page.content.decode()
        assert ("Switch off" in client.get(DRAFT).content.decode()) is may
        for path in (RULE, DRAFT + "settings/", DRAFT + "publish/", DRAFT + "discard/"):
            assert client.get(path).status_code == (200 if may else 403)
        for path in (DRAFT + "start/", DRAFT + "change/", DRAFT + "discard/", RULE):
            if not may:
                assert client.post(path).status_code == 403
    assert Client().get(RULES).status_code == 302
    assert enter("").get(RULES).status_code == 403


def test_a_rule_is_written_as_a_sentence_without_scripts(enter: Enter, programme: None, noon: dt.datetime) -> None:
    """Draft, add conditions, take one out, save; what was typed stays all the while."""
    client = enter("operator")
    assert client.post(DRAFT + "start/").status_code == 302
    page = client.get(RULE).content.decode()
    assert "Add the condition" in page and "hx-post" in page
    typed = {**SENTENCE, "amount": "2.5", "do": "add", "add_kind": "category"}
    page = client.post(RULE, typed).content.decode()
    assert 'name="w0_values"' in page and 'value="2.5"' in page and "Tea week" in page
    typed |= {"w0_kind": "category", "w0_values": "tea，coffee", "add_kind": "tier_min"}
    page = client.post(RULE, typed).content.decode()
    assert 'name="w1_values"' in page and "tea，coffee" in page
    typed |= {"w1_kind": "tier_min", "w1_values": "gold", "do": "drop-0"}
    page = client.post(RULE, typed).content.decode()
    assert 'name="w1_values"' not in page and "coffee" not in page and '<option value="gold" selected>' in page
    assert now().get("rules", []) == []
    saved = {
        **SENTENCE,
        "w0_kind": "category",
        "w0_values": "tea，coffee",
        "w1_kind": "weekday",
        "w1_values": ["6", "7"],
        "k0_points": "2000",
        "k0_per": "month",
        "k1_points": "",
        "k1_per": "deed",
        "ends_on": "2026-12-31",
        "do": "save",
    }
    answer = client.post(RULE, saved)
    assert (answer.status_code, answer["Location"]) == (302, DRAFT)
    assert now()["rules"] == [
        rule(
            stacking="add",
            priority=10,
            is_on=True,
            when=[{"what": "category", "is": ["tea", "coffee"]}, {"what": "weekday", "is": ["6", "7"]}],
            caps=[{"per": "month", "points": 2000}],
            ends_on="2026-12-31",
        )
    ]
    page = client.get(DRAFT).content.decode()
    assert "“Tea week” is saved in the draft." in page and "at most 2,000 points a member and month" in page
    page = client.get(RULE + "?code=tea-week").content.decode()
    assert 'value="tea, coffee"' in page and 'value="2026-12-31"' in page and 'value="2000"' in page


def test_every_kind_of_condition_goes_through_the_form_unchanged(
    enter: Enter, programme: None, noon: dt.datetime
) -> None:
    """A rule that is opened and saved again is the same rule."""
    when = [
        {"what": "tier_min", "is": ["gold"]},
        {"what": "tier", "is": ["gold", "diamond"]},
        {"what": "tag", "is": ["vip"]},
        {"what": "segment", "is": [str(shared("Guests", noon))]},
        {"what": "birthday", "is": ["day", "week"]},
        {"what": "channel", "is": ["web"]},
        {"what": "weekday", "is": ["1"]},
        {"what": "day_of_month", "is": ["1", "15"]},
        {"what": "month", "is": ["3"]},
        {"what": "time", "is": ["18:00", "23:30"]},
        {"what": "order_number", "is": ["1"]},
        {"what": "every_nth_order", "is": ["5"]},
        {"what": "order_min", "is": ["99.5"]},
        {"what": "category", "is": ["tea"]},
        {"what": "brand", "is": ["plain"]},
        {"what": "sku", "is": ["A-1", "A-2"]},
    ]
    before = rule(
        when=when, caps=[{"per": "day", "points": 5}, {"per": "budget", "points": 9}], priority=7, stacking="largest",
        is_on=True, starts_on="2026-03-05",
    )  # fmt: skip
    named = [{"what": "property", "is": ["glass"], "name": "stuff"}]
    event = rule("kilo", deed="recycled", effect="property", property="kg", when=named, caps=[], priority=8)
    event |= {"stacking": "add", "is_on": False}
    draft_with(noon, before, event)
    client = enter("operator")
    for code in ("tea-week", "kilo"):
        form = client.get(f"{RULE}?code={code}").context["form"]
        data = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False)}
        answer = client.post(f"{RULE}?code={code}", {**data, "do": "save"})
        assert answer.status_code == 302, answer.context["form"].errors
    assert now()["rules"] == [before, event]


def shared(name: str, at: dt.datetime) -> int:
    """Will make a list that everybody of the staff sees."""
    made = campaigns_actions.make_list(name=name, owner_id=open_staff("finance").id, at=at, actor="test")
    campaigns_actions.share_segment(segment_id=made, is_shared=True, at=at, actor="test")
    return made


def test_a_rule_names_a_shared_segment_and_says_when_it_is_gone(
    enter: Enter, programme: None, noon: dt.datetime
) -> None:
    """The staff read its name; one that only its owner sees is not offered, and one that is put away is an error."""
    guests = shared("Guests", noon)
    campaigns_actions.make_list(
        name="Hidden", owner_id=Account.objects.get(name="Finance Person").id, at=noon, actor="test"
    )
    draft_with(noon, rule(when=[{"what": "segment", "is": [str(guests)]}]))
    client = enter("operator")
    page = text_of(client.get(f"{RULE}?code=tea-week").content.decode())
    assert "by members in the segment “Guests”" in page
    assert "Hidden" not in page
    assert "by members in the segment “Guests”" in text_of(client.get(DRAFT).content.decode())
    empty = {"w0_kind": "segment", "w0_values": "", "deed": "order", "do": "save"}
    assert "Only shared segments can be chosen." in client.post(RULE, empty).content.decode()
    Segment.objects.filter(id=guests).update(is_archived=True)
    page = text_of(client.get(f"{RULE}?code=tea-week").content.decode())
    assert "“Guests” (gone)" in page
    assert "The segment “Guests” is put away, or its owner keeps it to himself." in page


def test_bad_input_is_refused_at_the_field_and_nothing_typed_is_lost(
    enter: Enter, programme: None, noon: dt.datetime
) -> None:
    """422, the sentence at the field, everything else as it was typed."""
    draft_with(noon)
    client = enter("operator")
    wrongs: list[tuple[dict[str, Any], str]] = [
        ({"amount": "a lot"}, "Use a number, for example 1.5."),
        ({"amount": ""}, "Say how much, for example 2."),
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"effect": "fixed", "amount": "2.5"}, "Points and growth value are whole."),
        ({"effect": "property"}, "Name the property"),
        ({"effect": "property", "property_name": "kg"}, "Orders have no properties."),
        ({"deed": "…", "deed_other": "Not so"}, "Name the event as the shop sends it"),
        ({"name_en": ""}, "Give the rule a name"),
        ({"starts_on": "2026-05-01", "ends_on": "2026-04-01"}, "It would end before it starts."),
        ({"starts_on": "soon"}, "Use a date such as 2026-12-31."),
        ({"w0_kind": "category", "w0_values": " ，"}, "Say which, or take the condition out."),
        ({"w0_kind": "tier", "w0_values": []}, "Say which, or take the condition out."),
        ({"w0_kind": "tier_min", "w0_values": "platinum"}, "platinum is not one of the available choices"),
        ({"w0_kind": "day_of_month", "w0_values": "1, 32"}, "Use whole numbers from 1 to 31"),
        ({"w0_kind": "time", "w0_values": "9", "w0_until": "12:00"}, "Use a time such as 18:30."),
        ({"k0_points": "5", "k0_per": "day", "k1_points": "6", "k1_per": "day"}, "There is such a cap already."),
        ({"k0_points": "0", "k0_per": "day"}, "greater than or equal to 1"),
    ]
    for wrong, said in wrongs:
        answer = client.post(RULE, {**SENTENCE, "name_zh_hans": "别丢", **wrong, "do": "save"})
        page = answer.content.decode()
        assert answer.status_code == 422 and said in text_of(page) and "别丢" in page, wrong
    assert now()["rules"] == []


def test_a_rule_is_tried_on_a_real_order_before_it_is_saved(enter: Enter, join: Join, noon: dt.datetime) -> None:
    """Line by line, with what did not fire and why; nothing is saved or booked."""
    join("ann")
    buy("ann", "A1", "100 33.50", noon - dt.timedelta(days=2))
    draft_with(noon, rule("gold", names={"en": "Gold days"}, when=[{"what": "tier_min", "is": ["gold"]}]))
    client = enter("operator")
    before = points_queries.find_draft()
    tried = {**SENTENCE, "priority": "20", "k0_points": "50", "k0_per": "deed", "do": "try"}
    page = text_of(client.post(RULE, {**tried, "try_number": "A1"}).content.decode())
    assert "Order A1 earns <b>183</b> points by the draft. By the rules of its date it earns 133: +50." in page
    assert "Without caps it would earn 267." in page
    assert "cut from 133.5: at most 50 points at once" in page
    assert "it is only by Gold and up; here it was Member" in page and "this rule" in page
    latest = client.get(DRAFT).context["try_form"].fields["try_order"].choices
    assert [label for _value, label in latest][1].startswith("A1: ")
    page = text_of(client.get(DRAFT, {"try_order": str(latest[1][0])}).content.decode())
    assert "Order A1 earns <b>133</b> points by the draft." in page
    for missing in ({"try_number": "A9"}, {}):
        answer = client.post(RULE, {**tried, **missing})
        assert answer.status_code == 422 and "try_error" in answer.content.decode()
    assert "No order of a member has this number." in client.get(DRAFT, {"try_number": "A9"}).content.decode()
    assert points_queries.find_draft() == before


def test_a_rule_is_tried_on_a_real_event_or_a_made_one(enter: Enter, join: Join, noon: dt.datetime) -> None:
    """With the reason of each rule that did not fire; what is missing stands at its field; nothing is stored."""
    ann = join("ann")
    happen("ann", "review", noon - dt.timedelta(days=1))
    draft_with(noon, rule("gold", deed="review", when=[{"what": "tier_min", "is": ["gold"]}]))
    client = enter("operator")
    sent = {**SENTENCE, "deed": "review", "priority": "20", "k0_points": "15", "k0_per": "deed", "do": "try_event"}
    latest = client.get(DRAFT).context["event_form"].fields["try_event"].choices
    assert [label for _value, label in latest][1] == f"Review, 2 Mar 2026, member {ann.number}"
    chosen = {"try_event": str(latest[1][0])}
    page = text_of(client.post(RULE, {**sent, **chosen}).content.decode())
    assert "“Review” earns <b>35</b> points by the draft. By the rules of its date it earns 20: +15." in page
    assert "Growth value: 10 by the draft, 10 by the rules of its date." in page
    assert "Limit: at most 15 points at once. 15 were left, so 15 of 20 points count." in page
    assert "did not apply: it is only by Gold and up; here it was Member." in page and "Happened 2 Mar 2026" in page
    made = {"try_type": "review", "try_member": ann.number, "try_properties": "photo = true， note = a b"}
    page = text_of(client.post(RULE, {**sent, **made}).content.decode())
    assert "“Review with a photo” earns <b>65</b> points" in page and "Made up for trying" in page
    assert "photo = true" in page and 'value="photo = true， note = a b"' in page
    for wrong, said in (
        ({}, "Choose an event, or make one."),
        ({**made, "try_member": "M999"}, "No member has this number."),
        ({**made, "try_member": ""}, "Say whose event it is"),
        ({**made, "try_properties": "photo"}, "Write each property as name = value"),
        ({**made, "try_type": "Not this"}, "Name the event as the shop sends it"),
        ({**made, "try_properties": ",".join(f"a{n}=1" for n in range(21))}, "at most 20 properties"),
    ):
        answer = client.post(RULE, {**sent, **wrong})
        assert answer.status_code == 422 and said in text_of(answer.content.decode()), said
        assert "by the draft" not in answer.content.decode()
    page = text_of(client.get(DRAFT, made).content.decode())
    assert "“Review with a photo” earns <b>50</b> points by the draft." in page
    assert "No member has this number." in client.get(DRAFT, {**made, "try_member": "M999"}).content.decode()
    assert ShopEvent.objects.count() == 1 and now()["rules"][0]["code"] == "gold"


def test_a_rule_of_growth_is_written_tried_and_listed(enter: Enter, join: Join, noon: dt.datetime) -> None:
    """The same sentence, with growth value in place of points; on an order and on an event."""
    join("ann")
    buy("ann", "A1", "100", noon - dt.timedelta(days=2))
    happen("ann", "review", noon - dt.timedelta(days=1))
    draft_with(noon)
    client = enter("operator")
    sent = {**SENTENCE, "wallet": "growth", "k0_points": "30", "k0_per": "month"}
    page = text_of(client.post(RULE, {**sent, "do": "try", "try_number": "A1"}).content.decode())
    assert "Growth value: 130 by the draft, 100 by the rules of its date." in page
    assert "cut from 100: at most 30 growth value a member and month" in page and "earns <b>100</b> points" in page
    event = {**sent, "deed": "review", "do": "try_event"}
    chosen = {"try_event": str(ShopEvent.objects.get().id)}
    page = text_of(client.post(RULE, {**event, **chosen}).content.decode())
    assert "Growth value: 20 by the draft, 10 by the rules of its date." in page and "+10" in page
    assert client.post(RULE, {**sent, "do": "save"}).status_code == 302
    assert now()["rules"][0]["wallet"] == "growth"
    shown = text_of(client.get(DRAFT).content.decode())
    assert "growth value × 2" in shown and "at most 30 growth value a member and month" in shown
    editor = client.get(RULE + "?code=tea-week").content.decode()
    assert '<option value="growth" selected>' in editor
    assert client.post(RULE + "?code=tea-week", {**sent, "wallet": "points", "do": "save"}).status_code == 302
    assert "wallet" not in now()["rules"][0]


def test_rules_are_switched_moved_and_taken_out_by_buttons(enter: Enter, programme: None, noon: dt.datetime) -> None:
    """Each says what it did; a rule that is gone is said to be."""
    draft_with(noon, *(rule(code, priority=n) for n, code in enumerate("abc", 1)))
    client = enter("admin")

    def press(do: str) -> str:
        answer = client.post(DRAFT + "change/", {"do": do}, follow=True)
        return text_of(answer.content.decode())

    assert "is off in the draft" in press("off:a")
    assert "was moved" in press("down:a")
    assert [r["code"] for r in sorted(now()["rules"], key=lambda r: r["priority"])] == ["b", "a", "c"]
    assert "was moved" in press("up:a")
    assert "was moved" in press("up:a")
    assert "is on in the draft" in press("on:a")
    assert "is taken out of the draft" in press("remove:a")
    for do in ("remove:a", "off:zzz", "nonsense"):
        assert "The draft has changed meanwhile" in press(do)
    assert [r["code"] for r in now()["rules"]] == ["b", "c"]


def test_settings_go_through_the_form_unchanged_and_are_saved(enter: Enter, programme: None, noon: dt.datetime) -> None:
    """Opening and saving changes nothing members see; each field lands where it belongs."""
    draft_with(noon)
    client = enter("operator")
    form = client.get(DRAFT + "settings/").context["form"]
    data = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False)}
    assert client.post(DRAFT + "settings/", data).status_code == 302
    before = points_queries.list_versions()[0].policy
    after = points_queries.find_draft()
    assert after is not None
    assert (after.policy.events, after.policy.expiry, after.policy.basis) == (
        before.events,
        before.expiry,
        before.basis,
    )
    assert "It changes nothing yet." in client.get(DRAFT).content.decode()
    data = {bound.html_name: bound.value() for bound in client.get(DRAFT + "settings/").context["form"]}
    data = {name: value for name, value in data.items() if value not in (None, False)}
    data |= {"points_per_unit": "1.5", "cap_month": "5000", "expiry_kind": "inactivity", "expiry_count": "18"}
    data |= {"reminder_days": "14，3", "gifts_day_max": "200", "redemption_share_max": "37.5"}
    survey = next(place for place in range(6) if data[f"e{place}_type"] == "survey")
    data |= {f"e{survey}_gone": "on", "e6_type": "unboxing", "e6_points": "7", "e6_day_max": "2"}
    assert client.post(DRAFT + "settings/", data).status_code == 302
    terms = now()
    assert (terms["points_per_unit"], terms["caps"]) == ("1.5", [{"per": "month", "points": 5000}])
    assert terms["expiry"] == {"kind": "inactivity", "count": 18} and terms["reminder_days"] == [14, 3]
    assert terms["redemption"]["share_max"] == "0.375" and "survey" not in terms["events"]
    assert terms["events"]["unboxing"] == {"points": 7, "day_max": 2}
    page = text_of(client.get(DRAFT).content.decode())
    assert "after 18 months without an order" in page and "Worse" in page


def test_settings_that_are_wrong_are_refused_at_the_field(enter: Enter, programme: None, noon: dt.datetime) -> None:
    """And what somebody else saved meanwhile is not overwritten."""
    draft = draft_with(noon)
    client = enter("operator")
    form = client.get(DRAFT + "settings/").context["form"]
    data = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False)}
    for wrong, said in [
        ({"points_per_unit": ""}, "This field is required."),
        ({"redemption_points_per_unit": "0"}, "greater than or equal to 1"),
        ({"redemption_share_max": "101"}, "less than or equal to 100"),
        ({"expiry_kind": "months", "expiry_count": ""}, "Say how many, for example 12."),
        ({"gifts_points_min": "5000"}, "This is more than may be given a day."),
        ({"e6_type": "Not So", "e6_points": "5"}, "Name the event as the shop sends it"),
        ({"e6_type": "review", "e6_points": "5"}, "This event stands above already."),
        ({"e6_type": "", "e6_points": "5"}, "Name the event, for example unboxing."),
        ({"e0_streak": "5, five"}, "Use whole numbers with commas between them"),
        ({"reminder_days": "x"}, "Use whole numbers with commas between them"),
    ]:
        answer = client.post(DRAFT + "settings/", {**data, "sign_up_points": "123", **wrong})
        assert answer.status_code == 422 and said in answer.content.decode() and "123" in answer.content.decode(), wrong
    points_actions.save_settings(version_id=draft, terms={"sign_up_points": 5}, at=noon, actor="other")
    answer = client.post(DRAFT + "settings/", data)
    assert answer.status_code == 422 and "Somebody changed these settings meanwhile" in answer.content.decode()


def test_a_draft_is_published_with_what_members_are_told(enter: Enter, programme: None, noon: dt.datetime) -> None:
    """The typed number is the yes; an empty note is composed in its language; the version stays readable."""
    draft_with(noon, rule())
    client = enter("operator")
    page = client.get(DRAFT + "publish/")
    assert "From 4 Mar 2026 on:" in page.content.decode()
    seen = page.context["form"]["seen"].value()
    data = {"number": "2", "seen": seen, "effective_on": "2026-03-04", "confirmed": "2", "note_en": "Double tea."}
    answer = client.post(DRAFT + "publish/", {**data, "confirmed": "3"})
    assert answer.status_code == 422 and "Type 2, the number of this version." in answer.content.decode()
    answer = client.post(DRAFT + "publish/", {**data, "effective_on": "2026-03-03"})
    assert answer.status_code == 422 and "Choose 4 Mar 2026 or later." in answer.content.decode()
    assert "Double tea." in answer.content.decode()
    answer = client.post(DRAFT + "publish/", data)
    assert (answer.status_code, answer["Location"]) == (302, RULES)
    version = points_queries.list_versions()[0]
    assert (version.number, version.effective_on, version.note["en"]) == (2, dt.date(2026, 3, 4), "Double tea.")
    assert "Tea week" not in version.note["zh-hans"] and "茶周" in version.note["zh-hans"]
    said = text_of(client.get(RULES).content.decode())
    assert "Version 2 holds from 4 Mar 2026 on" in said and "Draft a new version" in said
    said = text_of(client.get(RULES + "versions/2/").content.decode())
    assert "Double tea." in said and "To come" in said
    assert "Draft a version like this one" in client.get(RULES + "versions/1/").content.decode()
    assert client.get(RULES + "versions/9/").status_code == 404
    late = client.post(DRAFT + "publish/", data, follow=True)
    assert "published version 2 just before, from 4 Mar 2026 on" in late.content.decode()


def test_what_takes_from_members_cannot_be_published_before_its_notice(
    enter: Enter, programme: None, noon: dt.datetime
) -> None:
    """The page says how many and from when; the field says so again."""
    draft_with(noon, sign_up_points=10)
    client = enter("operator")
    page = client.get(DRAFT + "publish/")
    assert "1 change takes something from members, so it needs a notice of 30 days" in text_of(page.content.decode())
    seen = page.context["form"]["seen"].value()
    data = {"number": "2", "seen": seen, "effective_on": "2026-04-01", "confirmed": "2"}
    answer = client.post(DRAFT + "publish/", data)
    assert answer.status_code == 422
    assert "notice has to run out first: 2 Apr 2026 at the earliest" in answer.content.decode()
    assert client.post(DRAFT + "publish/", {**data, "effective_on": "2026-04-02"}).status_code == 302


def test_errors_keep_a_draft_from_being_published_and_lead_to_their_rule(
    enter: Enter, programme: None, noon: dt.datetime
) -> None:
    """The form is not offered; sent all the same, it is refused with a sentence."""
    draft_with(noon, rule(when=[{"what": "tier", "is": ["platinum"]}]))
    client = enter("operator")
    page = client.get(DRAFT + "publish/").content.decode()
    assert "1 error keeps it from being published" in page and "The ladder has no tier “platinum”" in page
    assert "rule/?code=tea-week" in page and 'name="confirmed"' not in page
    answer = client.post(DRAFT + "publish/", {"number": "2", "effective_on": "2026-03-09", "confirmed": "2"})
    assert answer.status_code == 422 and "Mend them first" in answer.content.decode()


def test_a_draft_is_discarded_on_a_yes_and_pages_without_one_lead_back(
    enter: Enter, programme: None, noon: dt.datetime
) -> None:
    """Every page of a draft that is gone says so."""
    draft_with(noon, rule())
    client = enter("operator")
    assert "1 change of the draft is lost" in client.get(DRAFT + "discard/").content.decode()
    assert points_queries.find_draft() is not None
    assert client.post(DRAFT + "discard/").status_code == 302
    for path in (DRAFT, RULE, DRAFT + "settings/", DRAFT + "publish/", DRAFT + "discard/"):
        answer = client.get(path, follow=True)
        assert answer.redirect_chain == [(RULES, 302)] and "There is no open draft" in answer.content.decode()
    answer = client.post(DRAFT + "start/", {"copy": "7"}, follow=True)
    assert "There is no such version to begin from." in answer.content.decode()
    assert client.get(RULE + "?code=nothing", follow=True).status_code == 200


def test_pages_take_the_same_queries_however_many_rules(enter: Enter, join: Join, noon: dt.datetime) -> None:
    """One rule or thirty, one version or four."""
    join("ann")
    buy("ann", "A1", "100", noon)
    draft = draft_with(noon, rule())
    client = enter("operator")
    paths = [RULES, DRAFT, RULE + "?code=tea-week", DRAFT + "settings/", DRAFT + "publish/", RULES + "versions/1/"]
    happen("ann", "review", noon)
    event = ShopEvent.objects.get()
    paths += [DRAFT + "?try_number=A1", DRAFT + f"?try_type=&try_event={event.id}"]
    few = [queries_of(client, path)[0] for path in paths]
    rules = [rule("tea-week"), *(rule(f"r{n}", priority=n, when=[{"what": "tag", "is": [str(n)]}]) for n in range(30))]
    PolicyVersion.objects.filter(id=draft).update(terms={**POINTS_TERMS, "rules": rules})
    buy("ann", "A2", "1 2 3 4", noon)
    happen("ann", "share", noon)
    assert [queries_of(client, path)[0] for path in paths] == few
    assert max(few) <= 60


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_pages_open_in_every_language(enter: Enter, join: Join, noon: dt.datetime, language: str) -> None:
    """With rules named in it."""
    join("ann")
    buy("ann", "A1", "100", noon)
    draft_with(noon, rule(caps=[{"per": "budget", "points": 5}]))
    client = enter("operator")
    client.cookies["django_language"] = language
    for path in (RULES, DRAFT + "?try_number=A1", RULE + "?code=tea-week", DRAFT + "settings/", DRAFT + "publish/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert ("茶周" if language == "zh-hans" else "茶週") in answer.content.decode() or "settings" in path


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_sentence_is_built_tried_and_saved_in_a_browser(look: Look, join: Join) -> None:
    """With scripts and without; nothing is complained of, nothing is wider than the phone."""
    at = clock.now()
    join("ann", at=at)
    buy("ann", "A1", "100 33.50", at)
    account = open_staff("operator")
    draft_with(at, rule())
    for scripts, width, theme in ((True, 1440, "light"), (False, 390, "dark")):
        seen = look(f"{RULE}?code=tea-week", account, scripts=scripts, width=width, theme=theme)
        page = seen.page
        page.fill("[name=amount]", "3")
        page.select_option("[name=add_kind]", "category")
        page.click("button[value=add]")
        page.wait_for_selector("[name=w0_values]")
        page.fill("[name=w0_values]", "tea")
        page.fill("[name=try_number]", "A1")
        page.click("button[value=try]")
        page.wait_for_selector(".tried")
        assert page.input_value("[name=amount]") == "3"
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert "it is only for goods of the category tea" in page.inner_text(".tried")
        page.click("button[value=drop-0]")
        page.wait_for_selector("[name=w0_values]", state="detached")
        page.click("button.btn[value=save]:visible")
        page.wait_for_url("**/draft/")
        assert seen.complaints == []
        assert now()["rules"][0]["amount"] == "3"
