"""The reference shop's pages: a cart is priced, held, paid for and sent back by forms; nobody sees another's."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from benefits.models import Checkout
from members.models import Member
from membership_site.flows import shop_tried
from orders.models import Order
from tests.benefits.coupons import define, give
from tests.flows.carts import counts, rich

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop_open")]
SHOP = "/shop/"
TEA = {"units-TEA-9": "2"}


@pytest.fixture
def shop_open(settings: Any) -> None:
    """The shop is open, and nobody has guessed yet."""
    settings.DEMO_SHOP = True
    cache.clear()


@pytest.fixture
def buyer(browse: Client, ann: Member) -> Client:
    """Ann, with points and a coupon for ten off from 50."""
    rich(ann.id)
    define(minimum="50.00")
    give(ann.id)
    return browse


def hold(client: Client, cart: dict[str, str]) -> Any:
    """Will price a cart and press the button that holds it; returns the answer."""
    shown = client.get(SHOP, cart).context
    form = cart | {"quote_hash": shown["page"].cart.quote_hash, "form_key": str(shown["key"])}
    return client.post(f"{SHOP}hold/", form)


def press(client: Client, place: str, do: str, **more: str) -> str:
    """Will press a button of a checkout and return the page that follows."""
    answer = client.post(f"{place}do/", {"do": do, **more}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_closed_shop_is_not_there(browse: Client, settings: Any) -> None:
    assert "Reference shop" in browse.get("/").content.decode()
    settings.DEMO_SHOP = False
    assert browse.get(SHOP).status_code == 404
    assert "Reference shop" not in browse.get("/").content.decode()


def test_a_cart_is_priced_with_every_row_and_reason(buyer: Client) -> None:
    page = buyer.get(SHOP, TEA | {"points": "300", "codes": "nobody-knows"}).content.decode()
    assert "CN¥79.00" in page and "Ten off" in page and "CN¥74.00" in page
    assert "There is no such coupon. Check the code." in page
    assert not Checkout.objects.exists()


def test_the_empty_shop_and_the_empty_cart(buyer: Client) -> None:
    assert "The cart is empty" not in buyer.get(SHOP).content.decode()
    assert "The cart is empty" in buyer.get(SHOP, {"units-TEA-9": "0"}).content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"units-TEA-9": "two"}, "Use a whole number, for example 2."),
        ({"units-TEA-9": "100"}, "99 is the most of one article."),
        (TEA | {"points": "-1"}, "Use a whole number, for example 500."),
        (TEA | {"codes": "a b c d e f"}, "5 codes are the most at once."),
    ],
)
def test_what_cannot_be_is_named_at_its_field(buyer: Client, typed: dict[str, str], said: str) -> None:
    answer = buyer.get(SHOP, typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_cart_is_held_paid_for_and_sent_back(buyer: Client, ann: Member) -> None:
    place = hold(buyer, TEA | {"points": "300"}).url
    page = buyer.get(place).content.decode()
    assert "Held" in page and "Ten off" in page and "free-shipping" not in page
    assert counts()[:2] == (0, 1)
    assert "Held until" in press(buyer, place, "extend")
    paid = press(buyer, place, "pay")
    assert "Paid." in paid and Order.objects.get().source == shop_tried.SOURCE
    assert counts()[:2] == (1, 0)
    assert "paid for already" in press(buyer, place, "release")
    assert "Choose from 1" in press(buyer, place, "take_back", **{"back-3": "3"})
    back = press(buyer, place, "take_back", **{"back-3": "2"})
    assert "300 points that had paid came back." in back and "can be used again" in back
    assert counts()[:2] == (0, 0)


def test_units_beyond_all_counting_do_not_come_back(buyer: Client) -> None:
    place = hold(buyer, TEA)["Location"]
    press(buyer, place, "pay")
    for typed in ("9" * 5000, "1000001", "²"):
        assert "Nothing came back." in press(buyer, place, "take_back", **{"back-3": typed})


def test_a_second_press_is_the_same_cart(buyer: Client) -> None:
    shown = buyer.get(SHOP, TEA).context
    form = TEA | {"quote_hash": shown["page"].cart.quote_hash, "form_key": str(shown["key"])}
    first, again = buyer.post(f"{SHOP}hold/", form), buyer.post(f"{SHOP}hold/", form)
    assert first.url == again.url
    assert Checkout.objects.count() == 1
    other = buyer.post(f"{SHOP}hold/", form | {"units-TEA-9": "3"}, follow=True)
    assert "used for another cart" in other.content.decode()


def test_a_cart_that_is_given_up_pays_for_nothing(buyer: Client) -> None:
    place = hold(buyer, TEA).url
    assert "Given up." in press(buyer, place, "release")
    assert "This cart is over." in press(buyer, place, "pay")
    assert not Order.objects.exists()
    assert "There is no such button." in press(buyer, place, "steal")


def test_a_cart_that_comes_to_something_else_by_now_is_shown_anew(buyer: Client) -> None:
    shown = buyer.get(SHOP, TEA).context
    form = TEA | {"quote_hash": "0" * 64, "form_key": str(shown["key"])}
    answer = buyer.post(f"{SHOP}hold/", form)
    assert answer.status_code == 409
    assert "comes to something else by now" in answer.content.decode()
    assert not Checkout.objects.exists()


def test_nobody_sees_or_pays_anothers_cart(
    buyer: Client, client: Client, join: Callable[..., Member], account_of: Any, settings: Any
) -> None:
    place = hold(buyer, TEA).url
    bob = Client()
    bob.force_login(account_of(join("bob")), backend=settings.AUTHENTICATION_BACKENDS[-1])
    assert bob.get(place).status_code == bob.post(f"{place}do/", {"do": "pay"}).status_code == 404
    assert buyer.get(f"{SHOP}{uuid.uuid4()}/").status_code == 404
    assert Checkout.objects.get().state == "held"
    assert Client().get(SHOP).status_code == 302


def test_guessing_codes_rests(buyer: Client, settings: Any) -> None:
    settings.COUPON_GUESSES_A_MINUTE = 2
    for number in range(2):
        buyer.get(SHOP, TEA | {"codes": f"guess{number}"})
    answer = buyer.get(SHOP, TEA | {"codes": "guess9"})
    assert answer.status_code == 429
    assert "Too many wrong codes were tried." in answer.content.decode()


@pytest.mark.parametrize("articles", [1, 5])
def test_the_queries_do_not_grow_with_the_cart(
    buyer: Client, django_assert_max_num_queries: Any, articles: int
) -> None:
    cart = {f"units-{article.sku}": "1" for article in shop_tried.ARTICLES[:articles]}
    buyer.get(SHOP, cart)
    with django_assert_max_num_queries(18):
        buyer.get(SHOP, cart | {"points": "100"})
