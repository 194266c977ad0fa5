"""Joining, entering and the staff's log-ins in a real browser: for everybody, and without scripts."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from kit import api_keys, clock
from members import actions as members_actions
from members.models import Account
from messaging.models import Message
from tests.browser import Open
from tests.everybody import PHONE, walk

from .conftest import FaceCast
from .test_member_pages import LANGUAGES, TOO_SMALL, shut_out

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GUESTS = ("/login/", "/join/", "/join/?ref=ABCDEFGH", "/enter/", "/enter/forgotten/")
MEMBERS = ("/invite/", "/welcome/", "/me/security/", "/me/password/", "/code/", "/me/")
STAFF = (
    *("/console/", "/console/own/", "/console/own/factor/", "/console/own/confirm/", "/console/people/"),
    *("/console/people/invite/", "/console/keys/"),
)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def looked_at(walked: Any, language: str) -> list[str]:
    """What is wrong with the pages of a walk."""
    found = []
    for path, seen in walked:
        found += [f"{path}: {complaint}" for complaint in seen.complaints]
        if language == "en":
            found += [f"{path}: {small} is too small to press" for small in seen.page.evaluate(TOO_SMALL)]
        found += shut_out(seen.page)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_shut_out_of_joining(visit: Open, face_cast: FaceCast, language: str) -> None:
    """Guests' pages and the new ones of members, in each language, theme and width."""
    style: dict[str, Any] = {"language": language, "reduced_motion": "reduce", "width": PHONE}
    found = looked_at(walk(visit, GUESTS, **style), language) + looked_at(
        walk(visit, MEMBERS, face_cast.mei, **style), language
    )
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_shut_out_of_the_settings(visit: Open, face_cast: FaceCast, language: str) -> None:
    """People, keys and one's own log-in."""
    at = clock.now()
    boss = Account.objects.create_user("boss@example.com", "x", is_staff=True, roles=["admin"], name="Boss Person")
    eve = members_actions.invite_staff(email="eve@example.com", name="Eve", roles=[], at=at, actor="t")
    api_keys.create(name="web shop", scopes=["members:read", "orders:write"], at=at, actor="t")
    style: dict[str, Any] = {"language": language, "reduced_motion": "reduce", "width": PHONE}
    found = looked_at(
        walk(visit, (*STAFF, f"/console/people/{eve}/", f"/console/people/{boss.pk}/"), boss, **style), ""
    )
    assert not found, "\n".join(found)


def test_joining_works_without_scripts(visit: Open, face_cast: FaceCast) -> None:
    """From the log-in to the welcome by links and forms; a wrong code is said where it was typed."""
    seen = visit("/login/", None, scripts=False, width=PHONE)
    page = seen.page
    page.get_by_role("link", name="Not a member yet: join").click()
    page.get_by_label("E-mail address or phone number").fill("eve@example.com")
    page.get_by_role("button", name="Join and get a code").click()
    # The browser itself asks for the box of the terms.
    expect(page).to_have_url(re.compile("/join/"))
    page.get_by_label("I agree to the terms").check()
    page.get_by_role("button", name="Join and get a code").click()
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    expect(page.get_by_text("e•••@example.com")).to_be_visible()
    sent = Message.objects.get().values["code"]
    page.get_by_label("Code of six digits").fill(f"{(int(sent) + 1) % 10**6:06d}")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".err")).to_contain_text("4 tries are left")
    page.get_by_label("Code of six digits").fill(sent)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name=re.compile("Welcome to"))).to_be_visible()
    page.get_by_role("link", name="Invite friends").click()
    link = page.get_by_label("Copy it into a message")
    expect(link).to_have_value(re.compile(r"/join/\?ref=[A-Z2-9]{8}$"))
    expect(page.get_by_role("button", name="Share the link")).to_be_hidden()
    assert not [complaint for complaint in seen.complaints if "422" not in complaint]


def test_the_code_for_the_till_is_read_by_scanners(visit: Open, face_cast: FaceCast) -> None:
    """Both drawings stand on the page itself, so it shows them off-line once loaded."""
    seen = visit("/code/", face_cast.mei, width=PHONE)
    seen.context.set_offline(True)
    bars = seen.page.locator(".bar-code")
    expect(bars).to_be_visible()
    expect(seen.page.locator(".qr svg")).to_be_visible()
    box = bars.bounding_box()
    assert box is not None and box["width"] > 200 and box["height"] >= 64
