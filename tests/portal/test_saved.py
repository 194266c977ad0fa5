"""What a member saved: by what, in which year, with the order it was of; nothing yet; and the way there."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.test import Client

from benefits.models import Coupon
from members.models import Member
from tests.benefits.coupons import define, give
from tests.benefits.shelf import gift, promise
from tests.benefits.test_checkouts import back, confirm, held_of, hold
from tests.conftest import NOON

from .test_benefits import costs
from .test_overview import shown as page_of

pytestmark = pytest.mark.django_db
PATH = "/benefits/saved/"


def shown(browse: Client, path: str) -> str:
    """Will return a page as it is read, without marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page_of(browse, path)))


def paid(member: Member, number: int, at: dt.datetime = NOON) -> None:
    """Will let a coupon take ten off an order."""
    one = Coupon.objects.get(id=give(member.id, source_key=f"gift:{number}").id)
    view = hold(one, at, f"cart{number}", held=[held_of(one, member_max=None)])
    confirm(view.id, at, f"order:web:{number}")


def test_nothing_saved_says_how_it_begins(browse: Client, ann: Member) -> None:
    """And neither the overview nor anything else makes much of nothing."""
    page = shown(browse, PATH)
    assert "What you saved in 2026" in page and "Nothing saved in this year" in page
    assert "Saved this year" not in shown(browse, "/")


def test_what_was_saved_by_what(browse: Client, ann: Member) -> None:
    """The sum, each row with its basis, and the order of a use; returns are taken off and said."""
    define(uses_per_member=None)
    paid(ann, 1)
    gift(value=Decimal(88))
    promise(ann.id)
    page = shown(browse, PATH)
    assert "You saved CN¥98.00 in 2026" in page
    assert "Ten off Off your orders 1 time CN¥10.00" in page
    assert "Rewards What it would have cost you 1 time CN¥88.00" in page
    assert 'href="/orders/web/1/"' in browse.get(PATH).content.decode()
    assert "CN¥98.00" in shown(browse, "/") and "Saved this year" in shown(browse, "/")
    for path in ("/", "/benefits/", "/coupons/"):
        assert f'href="{PATH}"' in browse.get(path).content.decode(), path
    back({"1": (3, 3), "2": (1, 1)}, NOON, "refund:1", nothing_left=True)
    page = shown(browse, PATH)
    assert "You saved CN¥88.00 in 2026" in page and "Came back Order 1 \N{MINUS SIGN}CN¥10.00" in page
    assert "Ten off Off your orders" not in page, "what came back whole saved nothing"


def test_years_are_chosen(browse: Client, ann: Member) -> None:
    """Those with uses and the running one; what is no year is the running one."""
    define(uses_per_member=None, at=NOON - dt.timedelta(days=400))
    paid(ann, 1, NOON - dt.timedelta(days=300))
    page = shown(browse, f"{PATH}?year=2025")
    assert "You saved CN¥10.00 in 2025" in page and "Ten off" in page
    assert "What you saved in 2026" in shown(browse, PATH)
    for odd in ("2027", "x", "", "1999", "99999999999999999999", "²", "-1"):
        assert "in 2026" in shown(browse, f"{PATH}?year={odd}"), odd
    client = Client()
    assert client.get(PATH).status_code == 302


def test_the_page_costs_the_same_for_one_and_many(browse: Client, ann: Member) -> None:
    """However much was saved."""
    define(uses_per_member=None)
    paid(ann, 1)
    once = (costs(browse, PATH), costs(browse, PATH))[1]
    for number in range(2, 6):
        paid(ann, number)
    assert costs(browse, PATH) == once <= 8
