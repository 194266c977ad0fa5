"""Segments in a real browser: built with and without script, the focus stays, the count is said, and for everybody."""

import datetime as dt
from typing import Any

import pytest
from playwright.sync_api import expect

from campaigns import actions as campaigns_actions
from campaigns import queries as campaigns_queries
from campaigns.models import SegmentVersion
from campaigns.rules.segments import tree_from
from kit import clock
from members.models import Account
from tests.everybody import faces, faults, walk

from .conftest import Join, Look, buy, open_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW = "/console/segments/new/"
FIELDS = campaigns_queries.segment_fields()


@pytest.fixture
def operator(join: Join, transactional_db: None) -> Account:
    """An operator with a segment of two levels and a list; Ann is Silver, Bob is not."""
    now = clock.now()
    ann = join("ann")
    join("bob")
    buy("ann", "A-1", "1500", now - dt.timedelta(days=10))
    operator = open_staff("operator")
    deed: dict[str, Any] = {"owner_id": operator.id, "at": now, "actor": f"staff:{operator.id}"}
    tags = {"field": "members.tag", "operator": "any_of", "values": ["vip"]}
    tree = {
        "all": [
            {"field": "tiers.tier", "operator": "any_of", "values": ["silver", "gold"]},
            {"field": "orders.spend", "operator": "at_least", "values": ["100"]},
            {"not": {"any": [tags, {"field": "members.attribute", "operator": "is", "values": ["M"], "name": "size"}]}},
        ]
    }
    campaigns_actions.create_segment(name="Silver and up", tree=tree_from(tree, FIELDS), **deed)
    campaigns_actions.make_list(name="Tasters", member_ids=[ann.id], **deed)
    return operator


def test_a_segment_is_built_in_a_browser(look: Look, operator: Account) -> None:
    """The count follows what is typed, the focus stays where it is, and no script is needed for anything."""
    seen = look(NEW, operator)
    page = seen.page
    live = page.locator("#live")
    expect(live.locator(".big")).to_have_text("1")
    page.locator("#r0-value").select_option("gold")
    expect(live.locator(".big")).to_have_text("0")
    page.locator("#r0-value").select_option("silver")
    expect(live.locator(".big")).to_have_text("1")
    page.get_by_role("button", name="Add condition", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#r1-field")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "add-row", "the focus stays"
    page.locator("#r1-field").focus()
    page.locator("#r1-field").select_option("orders.last")
    expect(page.locator("input#r1-value")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "r1-field"
    expect(live).to_contain_text("Not counted")
    page.locator("#r1-value").press_sequentially("45")
    expect(live.locator(".big")).to_have_text("0")
    page.get_by_text("any", exact=True).first.click()
    expect(live.locator(".big")).to_have_text("1")
    page.get_by_role("button", name="Take away: Condition 2").click()
    expect(page.locator("#r1-field")).to_have_count(0)
    expect(live.locator(".big")).to_have_text("1")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Name", exact=True).fill("With script")
    page.get_by_role("button", name="Save the segment").click()
    page.wait_for_url("**/console/segments/*/")
    assert seen.complaints == []


def test_a_segment_is_built_without_script(look: Look, operator: Account) -> None:
    seen = look(NEW, operator, scripts=False, width=390)
    page = seen.page
    page.get_by_label("Name", exact=True).fill("Without script")
    page.locator("#r0-field").select_option("orders.last")
    page.get_by_role("button", name="Show what this field asks").click()
    page.locator("#r0-operator").select_option("at_most")
    page.locator("#r0-value").fill("30")
    page.get_by_role("button", name="Count", exact=True).last.click()
    expect(page.locator("#live .big")).to_have_text("1")
    page.get_by_role("button", name="Save the segment").click()
    page.wait_for_url("**/console/segments/*/")
    saved = SegmentVersion.objects.get(segment__name="Without script")
    assert saved.tree == {"all": [{"field": "orders.last", "operator": "at_most", "values": ["30"]}]}
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert seen.complaints == []


@pytest.mark.slow
@faces(("en", "light", 1440), ("zh-hans", "dark", 390))
def test_segments_are_for_everybody(look: Look, operator: Account, language: str, theme: str, width: int) -> None:
    """No violation, nothing sideways, no complaint of the browser."""
    rows = campaigns_queries.segments_for(operator.id)
    base = "/console/segments/"
    paths = [base, NEW, f"{base}?archived=1", f"{base}lists/new/", *(f"{base}{row.id}/" for row in rows)]
    paths += [f"{base}{row.id}/edit/" for row in rows if not row.is_list]
    paths += [f"/console/members/?segment={row.id}" for row in rows]
    found: list[str] = []
    for _path, visit in walk(look, paths, operator, language=language, theme=theme, width=width):
        found += faults(visit)
    assert not found, "\n".join(found)
