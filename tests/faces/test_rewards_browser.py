"""Rewards in a real browser: taken, addressed and given back without script; for everybody, on small screens too."""

import re

import pytest
from playwright.sync_api import expect

from kit import clock
from members.models import Member
from membership_site.flows import demo
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from tests.browser import Open
from tests.everybody import NARROWEST, faces, violations

from .conftest import FaceCast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shelf(face_cast: FaceCast) -> None:
    """The demo's rewards, and points enough for Mei."""
    at = clock.now()
    demo.stock_shelf(at=at)
    today = clock.business_date(at)
    policy = points_queries.policy_on(today)
    points_actions.credit(
        member_id=Member.objects.get(account__email="mei@example.com").id,
        wallet=Wallet.POINTS,
        source_key="test",
        points=9000,
        lot=(today, policy.expires_on(today)),
        explanation=[],
        policy_id=policy.id,
        at=at,
        actor="test",
    )


def test_a_member_takes_a_gift_says_where_to_and_gives_it_back(visit: Open, face_cast: FaceCast, shelf: None) -> None:
    """Every step is a form that works without script."""
    page = visit("/", face_cast.mei, scripts=False, width=390).page
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Rewards").click()
    page.get_by_role("link", name="Hand cream").click()
    page.get_by_role("button", name="Redeem for 2,000 points").click()
    expect(page.get_by_text("Redeemed for 2,000 points.")).to_be_visible()
    page.get_by_role("link", name="Say where to send it").click()
    for label, text in (("Name", "Mei"), ("Phone", "12"), ("Street and house", "1 Garden Road"), ("City", "Shanghai")):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Send it there").click()
    expect(page.get_by_text("Use a phone number").first).to_be_visible()
    page.get_by_label("Phone", exact=True).fill("139 1234 5678")
    page.get_by_role("button", name="Send it there").click()
    expect(page.get_by_text("Thank you. We send it there.")).to_be_visible()
    page.get_by_role("link", name="What you have redeemed").click()
    page.get_by_role("link", name=re.compile("Hand cream")).click()
    page.get_by_role("button", name="Give it back").click()
    expect(page.get_by_text("2,000 points are back.")).to_be_visible()


@faces(("en", "light", 1440), ("zh-hans", "dark", 390))
def test_rewards_are_for_everybody(
    visit: Open, face_cast: FaceCast, shelf: None, language: str, theme: str, width: int
) -> None:
    """No violation, nothing sideways, no complaint of the browser."""
    found: list[str] = []
    seen = visit("/rewards/spring-draw/", face_cast.mei, language=language, theme=theme, width=width)
    seen.page.locator("form .btn").last.click()
    drawn = seen.page.url
    paths = [
        "/rewards/",
        "/rewards/hand-cream/",
        "/rewards/spring-draw/",
        "/redeemed/",
        drawn[drawn.index("/redeemed/") :],
    ]
    for path in paths:
        seen = visit(path, face_cast.mei, language=language, theme=theme, width=width)
        found += violations(seen.page) + [f"{path}: {complaint}" for complaint in seen.complaints]
        seen.page.set_viewport_size({"width": NARROWEST if width == 390 else width, "height": 800})
        wider = seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{path}: {wider} px wider than the screen"] if wider > 0 else []
    assert not found, "\n".join(found)
