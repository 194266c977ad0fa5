"""Campaigns in a real browser: built with and without script, for everybody, on a small screen too."""

from contextlib import AbstractContextManager, nullcontext

import pytest
from playwright.sync_api import Page, expect

from campaigns.models import Campaign
from kit import clock
from members.models import Account
from tests.campaigns import cast
from tests.everybody import faces, faults, walk

from .conftest import Join, Look, open_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/console/campaigns/"


@pytest.fixture
def operator(join: Join, transactional_db: None) -> Account:
    """An operator in a shop with three members who can be written to, and words to send."""
    now = clock.now()
    for name in ("ann", "bob", "cid"):
        cast.reachable(name, at=now)
    cast.words("Come back soon")
    return open_staff("operator")


def _answered(page: Page, scripts: bool) -> AbstractContextManager[object]:
    """Will wait until the rows have been drawn anew, where a script does it."""
    return page.expect_response("**/who/") if scripts else nullcontext()


@pytest.mark.parametrize(("scripts", "width"), [(True, 1440), (False, 390)])
def test_a_campaign_is_built_step_by_step(look: Look, operator: Account, scripts: bool, width: int) -> None:
    """With scripts sentences and count follow what is typed; without, every step is saved as well."""
    visit = look(LIST + "new/", operator, scripts=scripts, width=width)
    page = visit.page
    page.get_by_role("textbox", name="Name").fill("Spring")
    page.get_by_text("Win back", exact=True).click()
    page.get_by_role("button", name="Begin the draft").click()
    page.wait_for_url("**/goal/")

    page.get_by_label("within so many days").fill("21")
    if scripts:
        expect(page.get_by_text("Whoever orders within 21 days of it counts.")).to_be_visible()
        expect(page.get_by_text("members match")).to_be_visible()
    page.get_by_role("button", name="Next: Who").click()
    page.wait_for_url("**/who/")

    with _answered(page, scripts):
        page.locator("#r0-field").select_option("members.joined")
    if not scripts:
        page.get_by_role("button", name="Show what this field asks").first.click()
    expect(page.locator("#r0-operator option")).to_have_count(2)
    with _answered(page, scripts):
        page.locator("#r0-operator").select_option("at_most")
    page.locator("#r0-value").fill("30")
    with _answered(page, scripts):
        page.get_by_role("button", name="Take away: Condition 2").click()
    expect(page.locator("#r1-field")).to_have_count(0)
    page.get_by_role("button", name="Count", exact=True).last.click()
    expect(page.locator("#live .big")).to_have_text("3")
    page.get_by_role("button", name="Next: Reward").click()
    page.wait_for_url("**/reward/")

    page.get_by_role("checkbox", name="Points", exact=True).check()
    page.get_by_role("button", name="Next: Message").click()
    expect(page.locator(".notice.bad")).to_contain_text("Points for each")
    visit.complaints.clear()  # of a form that was refused, as it should be
    page.get_by_label("Points for each").fill("50")
    page.get_by_label("At most so many points altogether").fill("5000")
    if scripts:
        expect(page.get_by_text("Each gets 50 points, at most 5,000 altogether")).to_be_visible()
    page.get_by_role("button", name="Next: Message").click()
    page.wait_for_url("**/message/")

    page.get_by_label("Words of variant A").select_option(label="Come back soon")
    page.get_by_role("button", name="Next: When").click()
    page.wait_for_url("**/when/")
    page.get_by_role("button", name="Next: Check").click()
    page.wait_for_url("**/check/")

    expect(page.get_by_text("Still missing")).to_have_count(0)
    expect(page.get_by_text("Each gets 50 points, at most 5,000 altogether: enough for 100 members.")).to_be_visible()
    page.get_by_role("button", name="Ask for review").click()
    page.wait_for_url("**/campaigns/*/")
    assert Campaign.objects.get().state == "in_review"
    assert Campaign.objects.get().plan["window_days"] == 21
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert visit.complaints == []


def test_progress_is_watched_and_stops_asking(look: Look, operator: Account) -> None:
    """The messages' counts follow while it runs; paused, the page asks no more."""
    run = cast.launched(at=clock.now())
    visit = look(f"{LIST}{run.campaign_id}/", operator)
    page = visit.page
    expect(page.get_by_text("0 of 6 messages dealt with")).to_be_visible()
    cast.sent(run, clock.now())
    expect(page.get_by_text("6 of 6 messages dealt with")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="Pause").click()
    page.get_by_label("Reason").fill("Wrong price")
    page.get_by_role("button", name="Pause the campaign").click()
    page.wait_for_url("**/campaigns/*/")
    expect(page.get_by_text("Wrong price").first).to_be_visible()
    assert page.locator("#progress[hx-trigger]").count() == 0
    assert visit.complaints == []


@pytest.mark.slow
@faces(("en", "light", 1440), ("zh-hans", "dark", 390))
def test_campaigns_are_for_everybody(look: Look, operator: Account, language: str, theme: str, width: int) -> None:
    """No violation, nothing sideways, no complaint of the browser."""
    variants = [{"code": code, "template": cast.words(code).id} for code in "AB"]
    how = {"metric": "ordered", "horizon_hours": 72, "test_share": 2000}
    draft = cast.draft(at=clock.now(), variants=variants, experiment=how, control_share=1000)
    days = cast.draft(
        kind=cast.CampaignKind.POINT_DAYS,
        at=clock.now(),
        point_days={"starts_on": "2030-01-01", "ends_on": "2030-01-02", "multiplier": "2", "names": {"en": "Day"}},
    )
    run = cast.launched(at=clock.now(), control_share=5000, rewards=[{"kind": "points", "most": 90, "points": 10}])
    asked = cast.draft(at=clock.now())
    cast.campaigns_actions.ask_review(
        campaign_id=asked.id, words="Please.", asked_by=cast.staff().id, at=clock.now(), actor="test"
    )
    member = next(iter(cast.recipients(run).values())).member
    paths = (
        *(LIST, LIST + "new/", LIST + "settings/", f"{LIST}{draft.id}/", f"{LIST}{run.campaign_id}/"),
        *(f"{LIST}{draft.id}/{step}/" for step in ("goal", "who", "reward", "message", "when", "check", "discard")),
        *(f"{LIST}{days.id}/{step}/" for step in ("days", "check")),
        *(f"{LIST}{run.campaign_id}/{deed}/" for deed in ("pause", "cancel", "count")),
        *(f"{LIST}{draft.id}/message/tried/", f"{LIST}{asked.id}/review/", "/console/approvals/"),
        *("/console/reports/campaigns/", f"/console/members/{member.number}/?panel=messages"),
    )
    found: list[str] = []
    for _path, visit in walk(look, paths, open_staff("admin"), language=language, theme=theme, width=width):
        found += faults(visit)
    assert not found, "\n".join(found)
