"""A member's benefits in a real browser: nobody is shut out, nothing scrolls sideways, a booking without scripts."""

from decimal import Decimal

import pytest
from django.db import transaction

from benefits.models import Booking, Coupon
from kit import clock
from members.models import Member
from tests.benefits.coupons import define, give
from tests.benefits.matrices import publish, row
from tests.benefits.shelf import gift, promise
from tests.benefits.test_checkouts import back, confirm, hold
from tests.browser import Open
from tests.everybody import NARROWEST, faces, violations

from .conftest import FaceCast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TALK = row("talk", "service", {"*": {"times": 2, "booking": True}})


@transaction.atomic
def save(member_id: int) -> None:
    """Will let a coupon and a gift save a member something, of which a part comes back."""
    at = clock.now()
    define()
    confirm(hold(Coupon.objects.get(id=give(member_id, at=at).id), at).id, at)
    gift(value=Decimal(88))
    promise(member_id, at=at)
    back({"1": (1, 3), "2": (0, 1)}, at, "refund:1")


@faces(("en", "light", 1440), ("zh-hant", "dark", 390))
def test_the_benefits_are_for_everybody(
    visit: Open, face_cast: FaceCast, language: str, theme: str, width: int
) -> None:
    """No violation of WCAG 2.2 AA, no complaint of the browser, nothing wider than the narrowest phone."""
    publish(TALK)
    save(Member.objects.get(account=face_cast.mei).id)
    found: list[str] = []
    for path in ("/benefits/", "/benefits/saved/", "/tiers/benefits/", "/benefits/talk/book/"):
        seen = visit(path, face_cast.mei, language=language, theme=theme, width=width)
        assert seen.status == 200
        found += violations(seen.page) + seen.complaints
        seen.page.set_viewport_size({"width": NARROWEST if width == 390 else width, "height": 900})
        over = seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{path}: {over} px too wide"] if over > 0 else []
    assert not found, "\n".join(found)


def test_something_is_asked_for_without_scripts(visit: Open, face_cast: FaceCast) -> None:
    """From the list to the answer that appears there."""
    publish(TALK)
    page = visit("/benefits/", face_cast.mei, scripts=False, width=390).page
    page.locator("a[href='/benefits/talk/book/']").click()
    page.get_by_label("What should we know?").fill("About my order")
    page.get_by_role("button", name="Ask for it").click()
    assert page.get_by_text("Waits for an answer").is_visible()
    assert Booking.objects.get().note == "About my order"
