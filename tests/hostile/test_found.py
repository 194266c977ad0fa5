"""What the hostile hand has found, each once by itself; and that it would find what a careless page does."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.urls import path

from kit import audit
from members import actions as members_actions
from members.models import Member
from tests.benefits.shelf import gift, reward
from tests.conftest import NOON, enrol
from tests.console.conftest import open_staff
from tests.hostile import scene
from tests.hostile.hand import MARKUP, Hand

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(programme: None, settings: Any) -> Iterator[Client]:
    """An administrator at noon."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with time_machine.travel(NOON, tick=False):
        open_staff("admin")
        yield scene.entered(email="admin@staff.example")


def member_of(name: str) -> tuple[Member, Client]:
    """Will let a member join, and return him and a client of his."""
    member = enrol(name)
    members_actions.open_member_account(
        member_id=member.id, email=f"{name}@example.com", password="a-long-password", at=NOON, actor="test"
    )
    return member, scene.entered(member=member)


def test_a_reward_has_a_last_day_that_has_a_day_after_it(admin: Client) -> None:
    """Of the last day of the calendar there is none: the field says how a date looks, and nothing is saved."""
    gift(), reward()
    typed = {
        "name_en": "Cream",
        "price_rest": "100",
        "gives": "cream",
        "icon": "gift",
        "revision": "1",
        "ends_on": "9999-12-31",
    }
    answer = admin.post("/console/rewards/cream/edit/", typed)
    assert answer.status_code == 422
    assert "Use a date such as 2026-12-31." in answer.content.decode()


@pytest.mark.parametrize("wrong", [{"percent": "5"}, {"uses_per_member": "-1"}])
def test_terms_are_not_said_that_do_not_go_together(admin: Client, wrong: dict[str, str]) -> None:
    """Also while the coupon has no name yet, so that more than one thing is the matter."""
    typed = {"kind": "amount", "amount": "10", "validity": "days", "days": "7", "joining": "any"}
    said = admin.post("/console/coupons/says/", typed)
    assert said.status_code == 200 and "10" in said.content.decode()
    assert admin.post("/console/coupons/says/", {**typed, **wrong}).status_code == 200


def test_rows_of_a_campaign_change_while_the_rest_is_empty(admin: Client) -> None:
    """A button of the builder asks nothing of the fields beside it."""
    begun = admin.post("/console/campaigns/new/", {"name": "Come back", "recipe": "win_back"})["Location"]
    who = f"{begun.rstrip('/').rpartition('/')[0]}/who/"
    assert admin.post(who, {"do": "add"}).status_code == 200
    assert admin.post(who, {}).status_code == 200


def test_no_order_has_a_number_that_is_no_text(admin: Client) -> None:
    """A NUL in the address finds nothing, for the member and for the staff."""
    member, client = member_of("ann")
    for way in ("%00/x", "web/a%00b"):
        assert client.get(f"/orders/{way}/").status_code == 404
        assert admin.get(f"/console/members/{member.number}/orders/{way}/").status_code == 404


@pytest.mark.parametrize(
    ("wished", "target"), [("/points/", "/points/"), ("points", "/"), ("//elsewhere.example", "/")]
)
def test_a_choice_leads_back_to_an_address_of_its_own(client: Client, wished: str, target: str) -> None:
    """Not to words that a browser would put behind the address it is at."""
    assert client.post("/preferences/theme/", {"theme": "dark", "next": wished})["Location"] == target


# ---- careless pages


def falls(request: HttpRequest) -> HttpResponse:
    """Does not think of words where a number is meant."""
    return HttpResponse(int(request.POST["x"]))


def echoes(request: HttpRequest) -> HttpResponse:
    """Writes what was typed into a page."""
    return HttpResponse(f"<p>{request.POST['x']}</p>")


def reckons(request: HttpRequest) -> HttpResponse:
    """Takes what was typed for a template."""
    return HttpResponse(engines["django"].from_string(request.POST["x"]).render())


def writes(request: HttpRequest) -> HttpResponse:
    """Notes something, and then refuses."""
    audit.record(actor="careless", deed="wrote", subject="nothing", at=NOON)
    return HttpResponse("no", status=422)


def handler500(request: HttpRequest) -> HttpResponse:
    """Says no more than that: the site's own page of faults leads to pages that are not here."""
    return HttpResponse("fault", status=500)


urlpatterns = [path(f"{view.__name__}/", view, name=view.__name__) for view in (falls, echoes, reckons, writes)]


@pytest.mark.parametrize(
    ("name", "typed", "found"),
    [
        ("falls", "x", "ValueError"),
        ("echoes", MARKUP, "gives markup back"),
        ("reckons", "{% widthratio 7777 1 7777 %}", "reckons what was typed"),
        ("writes", "x", "was refused (422) and changed kit_auditrow"),
    ],
)
def test_a_careless_page_is_found_out(client: Client, settings: Any, name: str, typed: str, found: str) -> None:
    """Each of the claims can fail."""
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    hand = Hand(client)
    hand.post(f"/{name}/", [("x", typed)], "careless")
    assert found in hand.complaints()
