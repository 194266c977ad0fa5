"""Coupons in a real browser: written with and without script, for everybody, on a small screen too."""

import uuid
from typing import Any

import pytest
from playwright.sync_api import expect

from benefits import actions as benefits_actions
from benefits import jobs as benefits_jobs
from benefits.models import Coupon, CouponTerms
from kit import clock
from members.models import Member
from tests.benefits.coupons import NAMES, define, terms
from tests.everybody import faces, faults, walk

from .conftest import Join, Look, open_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEN = "/console/coupons/ten/"


@pytest.fixture
def ann(join: Join, transactional_db: None) -> Member:
    """Ann with two coupons, of which there are a batch, a draft and a shared code."""
    now = clock.now()
    ann = join("ann")
    deed: dict[str, Any] = {"at": now, "actor": "staff:1"}
    define(at=now, minimum="50", scope={"categories": ["tea"]}, uses_total=100, budget="1000", uses_per_code=None)
    for number in range(2):
        issued = benefits_actions.issue(member_id=ann.id, definition="ten", source_key=f"gift:{number}", **deed)
    benefits_actions.void(coupon_id=issued.id, reason="Given twice", **deed)
    benefits_actions.start_coupon_draft(definition="ten", **deed)
    benefits_actions.save_coupon_draft(definition="ten", names=NAMES, terms=terms(amount="12"), **deed)
    batch: dict[str, Any] = {"definition": "ten", "label": "Leaflet in May", **deed}
    benefits_actions.request_batch(size=3, form_key=uuid.uuid4(), **batch)
    benefits_actions.share_code(code="WELCOME10", form_key=uuid.uuid4(), **batch)
    return ann


def test_a_coupon_is_written_and_its_batch_watched_in_a_browser(look: Look, ann: Member) -> None:
    """With scripts its sentences follow what is typed; without, it is saved as well."""
    operator = open_staff("operator")
    for scripts, width, amount in ((True, 1440, "15"), (False, 390, "16")):
        seen = look(TEN + "draft/", operator, scripts=scripts, width=width)
        page = seen.page
        page.get_by_label("Amount", exact=False).first.fill(amount)
        if scripts:
            expect(page.get_by_text("CN¥15 off.")).to_be_visible()
        kind = page.locator("#id_kind")
        for chosen, there in (
            ("gift", (False, False, True)),
            ("percent", (False, True, False)),
            ("amount", (True, False, False)),
        ):
            kind.select_option(chosen)
            assert tuple(page.locator(f"#id_{name}").is_visible() for name in ("amount", "percent", "gift")) == there
        page.get_by_role("button", name="Save in the draft").click()
        page.wait_for_url("**/coupons/ten/")
        assert CouponTerms.objects.get(published_at=None).terms["amount"] == amount
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert seen.complaints == []
    batch = Coupon.objects.get(code="WELCOME10").batch_id - 1  # type: ignore[operator]
    seen = look(f"/console/coupons/batches/{batch}/", operator)
    expect(seen.page.get_by_role("heading", name="0 of 3 made")).to_be_visible()
    benefits_jobs.make_open_batches(clock.now)
    expect(seen.page.get_by_role("heading", name="3 of 3 made")).to_be_visible(timeout=15_000)
    assert seen.complaints == []


@pytest.mark.slow
@faces(("en", "light", 1440), ("zh-hans", "dark", 390))
def test_coupons_are_for_everybody(look: Look, ann: Member, language: str, theme: str, width: int) -> None:
    """No violation, nothing sideways, no complaint of the browser."""
    batch = Coupon.objects.get(code="WELCOME10").batch_id
    paths = (
        *("/console/coupons/", TEN, "/console/coupons/new/", f"/console/coupons/batches/{batch}/"),
        *(TEN + rest for rest in ("draft/", "draft/publish/", "draft/discard/", "make/codes/", "make/members/")),
        *("/console/coupons/code/?code=welcome10", f"/console/members/{ann.number}/coupon/"),
        f"/console/members/{ann.number}/?panel=coupons",
    )
    found: list[str] = []
    for _path, visit in walk(look, paths, open_staff("admin"), language=language, theme=theme, width=width):
        found += faults(visit)
    assert not found, "\n".join(found)
