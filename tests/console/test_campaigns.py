"""Campaigns at the console: begun, built step by step, read by a second person, started, watched and ended."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client

from campaigns import actions as campaigns_actions
from campaigns import jobs as campaigns_jobs
from campaigns.enums import CampaignKind, CampaignState
from campaigns.models import Campaign, ControlGroup, Headline, Review
from campaigns.rules.recipes import RECIPES
from kit import cached
from kit.jobs import Night
from kit.models import AuditRow
from members.models import Account
from membership_site.flows import starter_templates
from messaging import actions as messaging_actions
from messaging.enums import Question
from messaging.models import Message, Template
from tests.campaigns import cast
from tests.conftest import NOON

from .conftest import buy, queries_of, questions_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]

Enter = Callable[[str], Client]
LIST = "/console/campaigns/"
MOST_QUERIES = 60
STEPS = ("goal", "who", "reward", "message", "when", "check")
REPORT = "/console/reports/campaigns/?ends=2026-03"


def page(client: Client, path: str, status: int = 200) -> str:
    """Will return what a page says in one line; it must answer so."""
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return text_of(answer.content.decode())


def seen(client: Client, path: str) -> str:
    """Will return the digest that a form was opened with."""
    return re.search(r'name="seen" value="(\w+)"', client.get(path).content.decode())[1]


def send(client: Client, path: str, status: int = 302, /, **typed: Any) -> Any:
    """Will post a form; it must answer so."""
    answer = client.post(path, typed)
    assert answer.status_code == status, (path, answer.status_code, text_of(answer.content.decode())[:3000])
    return answer


def refused(client: Client, path: str, expected: str, /, **typed: Any) -> str:
    """Will post a form that must be refused with these words."""
    said = text_of(send(client, path, 422, **typed).content.decode())
    assert expected in said, said[said.find("<main") :][:6000]
    return said


def begun(client: Client, recipe: str = "win_back", name: str = "Come back") -> int:
    """Will begin a campaign by its page and return its id."""
    answer = send(client, LIST + "new/", name=name, recipe=recipe)
    return int(re.search(r"/campaigns/(\d+)/", answer["Location"])[1])


def step(campaign: int, name: str) -> str:
    """Will return the address of a step."""
    return f"{LIST}{campaign}/{name}/"


WHO = {
    "control_percent": "10",
    "segment": "",
    "join": "all",
    "r0-field": "members.joined",
    "r0-was": "members.joined",
    "r0-operator": "at_least",
    "r0-value": "1",
}


def filled(client: Client, campaign: int, **message: Any) -> None:
    """Will fill in all steps of a campaign that goes out once."""
    typed = {"title": "Come back", "goal": "order", "window_days": "14", "margin_percent": "30"}
    send(client, step(campaign, "goal"), do="next", seen=seen(client, step(campaign, "goal")), **typed)
    send(client, step(campaign, "who"), do="next", seen=seen(client, step(campaign, "who")), **WHO)
    gift = {"gives_points": "on", "points": "50", "points_most": "5000", "points_en": "We miss you"}
    send(client, step(campaign, "reward"), do="next", seen=seen(client, step(campaign, "reward")), **gift)
    words = {"channels": ["email", "inbox"], "template_A": str(cast.words().id), "obeys_caps": "on", **message}
    send(client, step(campaign, "message"), do="next", seen=seen(client, step(campaign, "message")), **words)
    send(client, step(campaign, "when"), do="next", seen=seen(client, step(campaign, "when")), on="", at_time="")


def asked(client: Client) -> int:
    """Will begin, fill in and ask a review for a campaign."""
    campaign = begun(client)
    filled(client, campaign)
    send(client, f"{LIST}{campaign}/ask/", words="Is the sum right?")
    return campaign


def agreed(enter: Enter) -> int:
    """Will have a campaign of an operator agreed to by finance."""
    campaign = asked(enter("operator"))
    finance = enter("finance")
    send(
        finance, f"{LIST}{campaign}/review/", answer="agree", words="", seen=seen(finance, f"{LIST}{campaign}/review/")
    )
    return campaign


def test_a_campaign_is_built_read_started_paused_and_ended(enter: Enter) -> None:
    """From the empty list to the last message."""
    for name in ("ann", "bob", "cid"):
        cast.reachable(name)
    operator = enter("operator")
    assert "No campaigns yet" in page(operator, LIST)
    campaign = begun(operator)
    assert "Still missing" in page(operator, step(campaign, "check"))
    filled(operator, campaign)
    check = page(operator, step(campaign, "check"))
    for said in (
        "It is to bring about orders. Whoever orders within 14 days of it counts.",
        "Of what is sold, 30% is reckoned as margin.",
        "10% of them get nothing, to see what happens without it.",
        "Each gets 50 points, at most 5,000 altogether: enough for 100 members.",
        "The words are “Come back”.",
        "It goes by E-mail and Inbox: to each member by those that reach him.",
        "It goes out at once when it is started.",
    ):
        assert said in check
    assert "Still missing" not in check and "Ask for review" in check
    send(operator, f"{LIST}{campaign}/ask/", words="Is the sum right?")
    assert Campaign.objects.get().state == CampaignState.IN_REVIEW

    finance = enter("finance")
    approvals = page(finance, "/console/approvals/")
    assert "Campaign to read: Come back" in approvals and "Is the sum right?" in approvals
    assert '<span class="cnt"' in approvals
    review = f"{LIST}{campaign}/review/"
    refused(finance, review, "Say what should be changed.", answer="refuse", words="", seen=seen(finance, review))
    send(finance, review, answer="agree", words="Fine.", seen=seen(finance, review))
    assert "Start the campaign" in page(operator, step(campaign, "check"))
    send(operator, f"{LIST}{campaign}/start/")
    cast.turn(Campaign.objects.get())
    shown = page(operator, f"{LIST}{campaign}/")
    assert "What it says" not in shown and "Launches" in shown and "messages dealt with" in shown
    assert 'hx-trigger="every 5s"' in shown

    refused(operator, f"{LIST}{campaign}/pause/", "Say why", words="")
    send(operator, f"{LIST}{campaign}/pause/", words="Wrong price")
    shown = page(operator, f"{LIST}{campaign}/")
    assert "Wrong price" in shown and 'hx-trigger="every 5s"' not in shown
    send(operator, f"{LIST}{campaign}/resume/")
    foretold = page(operator, f"{LIST}{campaign}/cancel/")
    assert "have not gone out and will not be sent" in foretold
    send(operator, f"{LIST}{campaign}/cancel/", words="Over")
    assert Campaign.objects.get().state == CampaignState.CANCELLED
    assert "Cancelled" in page(operator, LIST + "?view=ended")


def test_a_reader_is_neither_who_asked_nor_who_wrote(enter: Enter) -> None:
    operator = enter("operator")
    campaign = asked(operator)
    review = f"{LIST}{campaign}/review/"
    assert "You asked for it; another person decides." in page(operator, review)
    digest = Review.objects.get().digest
    refused(operator, review, "Somebody else has to read it", answer="agree", words="", seen=digest)
    assert not Review.objects.get().verdict
    approvals = page(operator, "/console/approvals/")
    assert "You asked for it" in approvals and 'class="cnt"' not in approvals
    agent = enter("agent")
    assert agent.get(review).status_code == 403


def test_an_edit_takes_the_question_and_the_answer_back(enter: Enter) -> None:
    campaign = agreed(enter)
    operator = enter("operator")
    path = step(campaign, "goal")
    send(
        operator, path, do="save", seen=seen(operator, path), title="Come back", goal="click", window_days="7",
        margin_percent="30",
    )  # fmt: skip
    assert Campaign.objects.get().state == CampaignState.DRAFT
    refused(operator, f"{LIST}{campaign}/start/", "A second person has to agree")
    assert "Void by an edit" in page(operator, f"{LIST}{campaign}/")


def test_nobody_overwrites_what_somebody_else_saved(enter: Enter) -> None:
    operator = enter("operator")
    campaign = begun(operator)
    path = step(campaign, "goal")
    old = seen(operator, path)
    typed = {"title": "Come back", "goal": "order", "margin_percent": "30"}
    send(operator, path, do="save", seen=old, window_days="10", **typed)
    refused(
        operator,
        path,
        "Somebody else has changed this campaign meanwhile",
        seen=old,
        window_days="20",
        do="save",
        **typed,
    )
    refused(operator, path, "Somebody else has changed this campaign meanwhile", window_days="20", do="save", **typed)
    assert Campaign.objects.get().plan["window_days"] == 10


DAYS = {"title": "Day", "multiplier": "2", "starts_on": "2026-04-02", "ends_on": "2026-05-01"}
GOAL = {"title": "Come back", "goal": "order", "window_days": "14", "margin_percent": "30"}


@pytest.mark.parametrize(
    ("recipe", "name", "typed", "field", "words"),
    [
        ("win_back", "goal", {**GOAL, "title": ""}, "id_title", "Give it a name."),
        ("win_back", "goal", {**GOAL, "window_days": "91"}, "id_window_days", "Use 90 or less."),
        ("win_back", "goal", {**GOAL, "window_days": "x"}, "id_window_days", "Use a whole number"),
        ("win_back", "goal", {**GOAL, "margin_percent": "101"}, "id_margin_percent", "Use 100 or less."),
        ("win_back", "goal", {**GOAL, "goal": "fame"}, "id_goal", "This is not one of the choices any more."),
        ("win_back", "who", {**WHO, "control_percent": "51"}, "id_control_percent", "Use 50 or less."),
        ("win_back", "who", {**WHO, "segment": "99"}, "id_segment", "This is not one of the choices any more."),
        ("win_back", "who", {**WHO, "r0-value": "soon"}, "r0", "Use a whole number of days"),
        ("win_back", "reward", {"gives_points": "on", "points": "50"}, "id_points_most", "or take the tick away"),
        ("win_back", "reward", {"gives_points": "on", "points": "0", "points_most": "9"}, "id_points", "Use 1"),
        ("win_back", "reward", {"gives_coupon": "on", "coupon_most": "9"}, "id_coupon", "or take the tick away"),
        (
            "win_back",
            "reward",
            {"gives_tier": "on", "tier": "gold", "tier_most": "9", "tier_days": "367"},
            "id_tier_days",
            "Use 366 or less.",
        ),
        ("win_back", "reward", {"gives_tag": "on", "tag_most": "9"}, "id_tag", "or take the tick away"),
        ("win_back", "message", {"rate_per_minute": "0"}, "id_rate_per_minute", "Use 1 or more."),
        ("win_back", "message", {"channels": ["pigeon"]}, "id_channels", "This is not one of the choices any more."),
        ("win_back", "message", {"template_A": "999"}, "id_template_A", "This is not one of the choices any more."),
        ("win_back", "when", {"on": "2026-13-01"}, "id_on", "Use a date"),
        ("win_back", "when", {"on": "2026-04-01"}, "id_at_time", "Say at what time of that date"),
        ("win_back", "when", {"at_time": "25:00"}, "id_at_time", "Use a time"),
        ("blank_recurring", "when", {"every": "week", "at_time": "10:00"}, "id_weekdays", "Tick at least one day"),
        ("blank_recurring", "when", {"every": "month", "at_time": "10:00"}, "id_day", "Say on which day of the month"),
        ("birthday", "when", {"trigger": "event"}, "id_event", "Name the event"),
        ("birthday", "when", {"trigger": "gone_quiet"}, "id_days", "Say after how many days"),
        ("birthday", "when", {"trigger": "welcome", "delay_hours": "9999"}, "id_delay_hours", "Use 2160 or less."),
        ("double_points", "days", {**DAYS, "multiplier": "1"}, "id_multiplier", "Use 1.01 or more"),
        ("double_points", "days", {**DAYS, "starts_on": ""}, "id_starts_on", "Use a date"),
        (
            "double_points",
            "days",
            {**DAYS, "ends_on": "2026-04-01"},
            "id_ends_on",
            "The last day is before the first one.",
        ),
        (
            "double_points",
            "days",
            {**DAYS, "weekdays": ["1"], "day": "3"},
            "id_day",
            "not both",
        ),
    ],
)  # fmt: skip
def test_what_is_typed_wrong_is_said_at_its_field(
    enter: Enter, recipe: str, name: str, typed: dict[str, Any], field: str, words: str
) -> None:
    """Nothing is saved, and what was typed stays."""
    operator = enter("operator")
    campaign = begun(operator, recipe)
    before = Campaign.objects.get().plan
    path = step(campaign, name)
    said = refused(operator, path, words, do="save", seen=seen(operator, path), **typed)
    assert f'href="#{field}"' in said or f'id="{field}"' in said
    assert Campaign.objects.get().plan == before


def test_more_than_one_variant_asks_how_they_compete(enter: Enter) -> None:
    operator = enter("operator")
    campaign = begun(operator)
    path = step(campaign, "message")
    first, second = cast.words("One"), cast.words("Two")
    variants = {"channels": ["email"], "template_A": str(first.id), "template_C": str(second.id)}
    refused(operator, path, "there is more than one variant", do="save", seen=seen(operator, path), **variants)
    how = {"metric": "ordered", "horizon_hours": "72", "test_percent": "20", "fallback": "stop"}
    send(operator, path, do="save", seen=seen(operator, path), **variants, **how)
    plan = Campaign.objects.get().plan
    assert [one["code"] for one in plan["variants"]] == ["A", "B"]
    assert plan["experiment"] == {"metric": "ordered", "horizon_hours": 72, "test_share": 2000, "fallback": "stop"}
    shown = page(operator, path)
    assert "They are compared once, after 3 days, by how many ordered." in shown
    assert "If no variant wins, the others are sent nothing." in shown
    said = operator.post(
        path + "says/", {**variants, **how, "usual_percent": "3", "wished_percent": "3.6"}
    ).content.decode()
    assert "To tell 3.0% from 3.6%, each variant needs 13,914 members." in text_of(said)


def test_words_are_copied_for_a_campaign_alone(enter: Enter) -> None:
    operator = enter("operator")
    campaign = begun(operator)
    path = step(campaign, "message")
    words = cast.words("Ours")
    typed = {"channels": ["email"], "obeys_caps": "on"}
    refused(operator, path, "Choose a template for this variant first", do="copy:A", seen=seen(operator, path), **typed)
    send(operator, path, do="copy:A", seen=seen(operator, path), template_A=str(words.id), **typed)
    [variant] = Campaign.objects.get().plan["variants"]
    assert variant["template"] != words.id and "Come back A" in page(operator, path)


def test_a_start_that_reaches_many_asks_for_their_number(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("membership_site.console.pages.campaign_builder.TYPED_FROM", 2)
    for name in ("ann", "bob", "cid"):
        cast.reachable(name)
    campaign = agreed(enter)
    operator = enter("operator")
    assert "It goes to 3 members. Type their number." in page(operator, step(campaign, "check"))
    for typed in ("", "2", "three"):
        refused(operator, f"{LIST}{campaign}/start/", "It goes to 3 members now. Type that number", number=typed)
    assert Campaign.objects.get().state == CampaignState.APPROVED
    send(operator, f"{LIST}{campaign}/start/", number="3")
    assert Campaign.objects.get().state == CampaignState.SCHEDULED


def test_point_days_are_built_started_and_told_to_members(enter: Enter, client: Client) -> None:
    operator = enter("operator")
    campaign = begun(operator, "double_points", "Double in March")
    path = step(campaign, "days")
    typed = {
        "title": "Double in March",
        "name_en": "Double day",
        "name_zh_hans": "双倍日",
        "starts_on": NOON.date().isoformat(),
        "ends_on": NOON.date().isoformat(),
        "multiplier": "2",
    }
    send(operator, path, do="next", seen=seen(operator, path), **typed)
    check = page(operator, step(campaign, "check"))
    assert "Orders earn double (×2) points on" in check and "Members read it as “Double day”." in check
    send(operator, f"{LIST}{campaign}/ask/", words="")
    finance = enter("finance")
    review = f"{LIST}{campaign}/review/"
    send(finance, review, answer="agree", words="", seen=seen(finance, review))
    send(operator, f"{LIST}{campaign}/start/")
    assert "Double day" in page(operator, LIST)
    public = page(client, "/programme/")
    assert "Double day" in public and "Orders placed today earn double (×2) points." in public
    assert "Pause" not in page(operator, f"{LIST}{campaign}/")
    send(operator, f"{LIST}{campaign}/pause/", words="no")
    assert Campaign.objects.get().state == CampaignState.SCHEDULED
    send(operator, f"{LIST}{campaign}/cancel/", words="Mistake")
    assert "Double day" not in page(client, "/programme/")


def test_results_budget_and_csv(enter: Enter) -> None:
    """Results beside who was kept apart; a name that a spreadsheet would run is made harmless."""
    members = [cast.reachable(f"guest{n}") for n in range(6)]
    reward = [{"kind": "points", "most": 300, "points": 10}]
    run = cast.launched(rewards=reward, control_share=5000)
    campaign = run.campaign
    Campaign.objects.filter(id=campaign.id).update(name="=cmd|'calc'!A1")
    cast.sent(run, NOON)
    treated = [one.member for one in cast.recipients(run).values() if one.group == "treated"]
    assert 0 < len(treated) < len(members)
    operator = enter("operator")
    path = f"{LIST}{campaign.id}/"
    shown = page(operator, path)
    assert "who were written to" in shown and "Kept apart by this campaign" in shown
    assert "The difference cannot be told apart from chance" in shown and "It has cost" in shown
    file = operator.get(path + "results.csv").content.decode()
    assert "'=cmd" in file and "treated-A" in file
    refused(operator, path + "budget/points/", "a budget is only raised", most="200")
    send(operator, path + "budget/points/", most="900")
    assert campaign.budgets.get().most == 900
    assert operator.post(path + "budget/coupon/", {"most": "9"}).status_code == 404
    member = page(operator, f"/console/members/{treated[0].number}/?panel=messages")
    assert "Written to, variant A" in member and "10 points" in member


def test_results_that_took_long_are_kept_for_some_minutes(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    """And say as of when they are; another launch is counted by itself."""
    cast.reachable("guest")
    run = cast.launched()
    operator = enter("operator")
    path = f"{LIST}{run.campaign_id}/"
    monkeypatch.setattr(cached, "SLOW_SECONDS", -1.0)
    try:
        assert "Counted just now" in page(operator, path)
        buy("guest", "A-1", "640", NOON)
        with time_machine.travel(NOON + dt.timedelta(minutes=4), tick=False):
            assert "Counted at 12:00" in page(operator, path)
            assert "Counted just now" in page(operator, path + f"?run={run.id}")
    finally:
        cache.clear()


def test_results_that_take_too_long_are_those_of_the_night(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another transaction holds a table that counting reads, so that it takes longer than the page waits."""
    for n in range(4):
        cast.reachable(f"guest{n}")
    run = cast.launched(control_share=5000)
    operator = enter("operator")
    path = f"{LIST}{run.campaign_id}/"
    monkeypatch.setattr("membership_site.console.pages.campaign.MILLISECONDS", 200)
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            cursor.execute("LOCK TABLE messaging_messageevent IN ACCESS EXCLUSIVE MODE")
        assert "no night has counted it yet" in page(operator, path)
        night = dict.fromkeys(("rewarded", "delivered", "opened", "clicked", "unsubscribed", "orders"), 3)
        Headline.objects.create(
            campaign_id=run.campaign_id, at=NOON, members=812, control_members=90, sent=811, converted=41,
            control_converted=2, revenue=Decimal("1234.50"), cost=Decimal("56.70"), **night,
        )  # fmt: skip
        shown = page(operator, path + f"?run={run.id}")
        assert "Counting anew takes too long just now." in shown and "of all launches together" in shown
        assert "12:00" in shown and "Of 812 members who were written to, 41" in shown and "811" in shown
        assert "Of 90 who were kept apart, 2 did" in shown and "56.70" in shown and "results.csv" not in shown
        assert operator.get(path + "results.csv").status_code == 404
    finally:
        other.rollback()
        other.close()
    again = page(operator, path)
    assert "Counted just now" in again and "812" not in again and "results.csv" in again


def test_the_night_counts_headlines_for_the_list_and_the_report(enter: Enter) -> None:
    for n in range(12):
        cast.reachable(f"guest{n}")
    run = cast.launched(control_share=5000)
    cast.sent(run, NOON)
    Campaign.objects.filter(id=run.campaign_id).update(name="=1+1")
    operator = enter("operator")
    assert "Counted" not in page(operator, LIST)
    assert "none was counted yet" in page(operator, REPORT)
    for _twice in range(2):
        list(campaigns_jobs.count_results(Night(NOON.date(), slice_only=False, approved=None), 0))
    found = Headline.objects.get()
    assert found.members + found.control_members == 12 and found.lift == 0
    listed = page(operator, LIST)
    assert "Counted" in listed and "as by chance" in listed
    report = page(operator, REPORT)
    assert "1 campaign reached members" in report and "=1+1" in report
    file = operator.get("/console/reports/campaigns/campaigns.csv?ends=2026-03").content.decode()
    assert "'=1+1" in file


def test_a_message_of_which_nobody_can_tell_is_decided(enter: Enter) -> None:
    cast.reachable("ann")
    run = cast.launched()
    message = Message.objects.filter(dispatch_id=run.dispatch_id, channel="email").get()
    Message.objects.filter(id=message.id).update(state="unknown", sending_at=NOON)
    operator = enter("operator")
    path = f"{LIST}{run.campaign_id}/"
    number = Message.objects.get(id=message.id).member.number
    for client, is_named in ((operator, True), (enter("campaign_author"), False)):
        for answer in (client.get(path), client.get(f"{path}progress/")):
            shown = answer.content.decode()
            assert "Not known whether they were sent" in shown and number in shown
            assert (f"/console/members/{number}/" in shown) is is_named
    send(operator, f"{path}messages/{message.id}/", do="send_again")
    assert Message.objects.get(id=message.id).state == "queued"
    send(operator, f"{path}messages/{message.id}/", do="as_sent")
    assert Message.objects.get(id=message.id).state == "queued"
    assert operator.post(f"{path}messages/{message.id + 99}/", {"do": "as_sent"}).status_code == 404


def test_a_preview_is_noted(enter: Enter) -> None:
    """Who may not see members reads the words with examples, whatever number is sent along."""
    starter_templates.load(at=NOON, actor="test")
    ann = cast.reachable("ann")
    operator = enter("operator")
    campaign = begun(operator)
    campaigns_actions.save(
        campaign_id=campaign,
        changes={"variants": [{"code": "A", "template": Template.objects.get(code="win_back").id}]},
        at=NOON,
        actor="test",
    )
    path = step(campaign, "message") + "preview/"
    asked = {"number": ann.number, "variant": "A", "channel": "email", "language": "en"}
    shown = text_of(send(operator, path, 200, **asked).content.decode())
    assert "Subject" in shown
    assert AuditRow.objects.filter(deed="message.previewed").count() == 1
    refused(operator, path, "There is no member of this number", **{**asked, "number": "M9"})
    tried = page(operator, step(campaign, "message") + "tried/")
    assert "Tried on the first" in tried
    author = enter("campaign_author")
    assert 'name="number"' in page(operator, step(campaign, "message"))
    assert 'name="number"' not in page(author, step(campaign, "message"))
    examples = text_of(send(author, path, 200, **asked).content.decode())
    assert "Subject" in examples and AuditRow.objects.filter(deed="message.previewed").count() == 1


def test_the_control_group_and_the_windows(enter: Enter) -> None:
    for n in range(3):
        cast.reachable(f"guest{n}")
    operator = enter("operator")
    path = LIST + "settings/"
    assert "E-mail: 5 days after a click" in page(operator, path)
    refused(operator, path + "group/begin/", "Use 15 or less.", percent="16")
    send(operator, path + "group/begin/", percent="15")
    refused(operator, path + "group/begin/", "There is such a group already", percent="5")
    assert "15% of all members" in page(operator, path)
    send(operator, path + "group/end/")
    assert ControlGroup.objects.get().ends_at is not None
    windows = {"email_clicked": "48", "sms_sent": "12"}
    refused(operator, path + "windows/", "Use 2160 or less.", **{**windows, "email_clicked": "9999"})
    send(operator, path + "windows/", **windows)
    send(operator, path + "windows/", **{**windows, "push_clicked": "24"})
    shown = page(operator, path)
    assert "E-mail: 2 days after a click" in shown and "Version 2" in shown and "Version 1" in shown
    assert enter("auditor").post(path + "group/begin/", {"percent": "5"}).status_code == 403


def test_who_may_what(enter: Enter) -> None:
    """All but integrators see; authors write; operators start; finance and approvers read."""
    operator = enter("operator")
    seeing = {"operator", "admin", "finance", "auditor", "agent", "campaign_author", "approver"}
    writing = {"operator", "admin", "campaign_author"}
    campaign = asked(operator)
    paths = {
        **dict.fromkeys((LIST, LIST + "settings/", f"{LIST}{campaign}/"), seeing),
        **{f"{LIST}{campaign}/{part}/": seeing for part in ("count", "progress")},
        f"{LIST}{campaign}/review/": {"operator", "admin", "finance", "approver"},
        LIST + "new/": writing,
        **{step(campaign, name): writing for name in STEPS},
        **{f"{LIST}{campaign}/{part}/": writing for part in ("message/tried", "discard")},
        **{f"{LIST}{campaign}/{deed}/": {"operator", "admin"} for deed in ("pause", "cancel")},
    }
    for role in (*sorted(seeing), "integrator", ""):
        client = enter(role)
        for path, roles in paths.items():
            assert client.get(path).status_code == (200 if role in roles else 403), (role, path)
    for deed in ("ask", "start", "resume", "copy"):
        assert enter("finance").post(f"{LIST}{campaign}/{deed}/").status_code == 403
        assert enter("agent").post(f"{LIST}{campaign}/{deed}/").status_code == 403
    assert Client().get(LIST).status_code == 302
    assert operator.get(f"{LIST}999/").status_code == 404
    assert operator.get(step(campaign, "days")).status_code == 404


def test_an_author_sees_numbers_and_no_names(enter: Enter) -> None:
    """Who may not see members builds campaigns for them all the same."""
    cast.reachable("ann")
    author = enter("campaign_author")
    campaign = begun(author)
    filled(author, campaign)
    sends = {**WHO, "do": "count"}
    for path in (f"{LIST}{campaign}/count/", step(campaign, "check"), step(campaign, "who"), "/console/segments/new/"):
        assert "Ann" not in page(author, path), path
        assert path.startswith("/console/segments") or "Ann" in page(enter("operator"), path)
    for path in (f"{LIST}{campaign}/who/count/", "/console/segments/count/"):
        said = author.post(path, sends).content.decode()
        assert "member matches" in said and "Ann" not in said


def test_pages_cost_the_same_for_one_and_for_three(enter: Enter) -> None:
    operator = enter("operator")

    def make(number: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS messaging_wanted")  # a test's transaction is one for all launches
        run = cast.launched(at=NOON + dt.timedelta(minutes=number))
        list(campaigns_jobs.count_results(Night(NOON.date(), slice_only=False, approved=None), 0))
        return run.campaign_id

    cast.reachable("ann")
    first = make(0)
    asked(operator)
    paths = (
        LIST,
        f"{LIST}{first}/",
        LIST + "settings/",
        "/console/approvals/",
        "/console/reports/campaigns/?ends=2026-03",
    )
    one = {path: queries_of(operator, path)[0] for path in paths}
    for number in (1, 2):
        cast.reachable(f"bob{number}")
        make(number)
        asked(operator)
        ControlGroup.objects.create(
            number=number, share=100, salt=str(number), starts_at=NOON, ends_at=NOON, actor="test"
        )
    for path in paths:
        count, _said = queries_of(operator, path)
        slack = 3 if path.endswith("settings/") else 0
        assert count <= one[path] + slack, (path, one[path], count)
        assert count <= MOST_QUERIES, (path, count)


def test_a_started_campaign_asks_little_however_many_it_reaches(enter: Enter) -> None:
    """Its plan, launch, progress, results with their cost, and answers; session and account among them."""
    operator, points = enter("operator"), {"kind": "points", "points": 30, "most": 1000}
    cast.reachable("ann")
    one = cast.launched(rewards=[points])
    for number in range(30):
        cast.reachable(f"m{number}")
    many = cast.launched(rewards=[points], control_share=1000)
    cast.sent(many, NOON)
    Message.objects.filter(dispatch_id=many.dispatch_id).update(state="unknown", sending_at=NOON)
    paths = [f"{LIST}{run.campaign_id}/{query}" for run in (one, many) for query in ("", f"?run={run.id}")]
    assert [questions_of(operator, path) for path in paths] == [13, 13, 14, 14]  # once more for the unknown messages


def test_a_campaign_is_copied_and_thrown_away(enter: Enter) -> None:
    operator = enter("operator")
    campaign = begun(operator)
    filled(operator, campaign)
    send(operator, f"{LIST}{campaign}/copy/")
    assert Campaign.objects.filter(name="Come back, copy").exists()
    send(operator, f"{LIST}{campaign}/discard/")
    assert Campaign.objects.get(id=campaign).state == CampaignState.CANCELLED
    assert operator.get(step(campaign, "goal")).status_code == 302
    send(operator, f"{LIST}{campaign}/discard/")


def test_every_recipe_can_be_built_on(enter: Enter) -> None:
    operator = enter("operator")
    for recipe in RECIPES:
        campaign = begun(operator, recipe.code, recipe.code)
        names = (
            ("days", "check")
            if recipe.kind is CampaignKind.POINT_DAYS
            else ("goal", "who", "reward", "message", "when", "check")
        )
        for name in names:
            page(operator, step(campaign, name))
    refused(operator, LIST + "new/", "Choose what it begins with.", name="X")
    listed = page(operator, LIST + "?q=streak")
    assert "streak_broken" in listed and "win_back" not in listed
    assert "No campaign matches" in page(operator, LIST + "?q=nothing%00")
    assert Account.objects.count()


def test_the_list_goes_on_by_key(enter: Enter) -> None:
    operator = enter("operator")
    author = Account.objects.get(email="operator@staff.example")
    for number in range(27):
        campaigns_actions.create(
            name=f"C{number:02}", kind=CampaignKind.ONCE, author_id=author.id, at=NOON, actor="test"
        )
    first = operator.get(LIST).content.decode()
    older = re.search(r'rel="next" href="\?([^"]+)"', first)[1].replace("&amp;", "&")
    second = operator.get(LIST + "?" + older).content.decode()
    assert "C26" in first and "C01" not in first and "C01" in second and "C26" not in second
    assert operator.get(LIST + "?before=rubbish~1&view=nonsense").status_code == 200


def test_buying_counts(enter: Enter) -> None:
    """Whoever orders within the window did it."""
    cast.reachable("ann")
    run = cast.launched()
    cast.sent(run, NOON)
    buy("ann", "A1", "100", NOON + dt.timedelta(hours=2))
    with time_machine.travel(NOON + dt.timedelta(hours=3), tick=False):
        shown = page(enter("operator"), f"{LIST}{run.campaign_id}/")
    assert "Of 1 member who were written to, 1 ordered within 14 days (100.0%)." in shown


def test_conditions_of_more_levels_than_the_page_shows_are_kept(enter: Enter) -> None:
    """A step that cannot show what is kept must not replace it by everybody, or by what another campaign asks."""
    region = {"field": "members.region", "operator": "is", "values": ["Shanghai"]}
    deep = {"any": [{"all": [{"not": {"all": [region, region]}}]}, region]}
    campaign = cast.draft(tree=deep)
    client = enter("operator")
    path = f"{LIST}{campaign.id}/who/"
    assert "have more levels than this page shows" in page(client, path)
    send(client, path, seen=seen(client, path), do="save", control_percent="20", segment="")
    kept = Campaign.objects.get(id=campaign.id).plan
    assert (kept["tree"], kept["control_share"]) == (campaign.plan["tree"], 2000)


def test_what_members_answered_stands_with_the_results_the_member_and_the_report(enter: Enter) -> None:
    member = cast.reachable("ann")
    run = cast.launched()
    cast.sent(run, NOON)
    path = f"{LIST}{run.campaign_id}/"
    operator = enter("operator")
    assert "What members answered" not in page(operator, path)
    [message] = cast.messages(run).values()
    for question, score in (("satisfaction", 2), ("recommendation", 10)):
        messaging_actions.answer(
            token=message.token, question=Question(question), score=score, comment="<i>Slow</i>", at=NOON, actor="link"
        )
    shown = page(operator, path)
    assert "What members answered" in shown
    assert "0% satisfied" in shown
    assert "NPS +100" in shown
    own = f"/console/members/{member.number}/?panel=messages"
    assert "Satisfaction: 2 of 5" in page(operator, own)
    assert "&lt;i&gt;Slow&lt;/i&gt;" in operator.get(own).content.decode()
    report = page(operator, "/console/reports/satisfaction/")
    assert "Satisfaction: 0.0% satisfied, by 1 answer." in report
    assert "Recommendation: NPS +100, by 1 answer." in report
    assert "Nobody has answered in the period." in page(
        operator, "/console/reports/satisfaction/?months=12&ends=2025-12"
    )
