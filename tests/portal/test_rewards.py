"""Rewards on the member's pages: found, priced, redeemed once, given back, a parcel addressed, a draw checked."""

import datetime as dt
import hashlib
import re
import uuid
from typing import Any

import pytest
from django.test import Client

from benefits.models import Fulfilment, PartnerCode, Redemption
from members.models import Member
from points import queries as points_queries
from tests.benefits.shelf import coupon, gift, pool, prizes, promise, redeem, reward
from tests.kit.threads import together

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
QUERIES = 18


@pytest.fixture
def rich(ann: Member, give: Any, noon: dt.datetime) -> Member:
    """Ann with 1,200 points that end soon and 2,000 later; her welcome points are over."""
    give(ann.id, 1200, "soon", lot=(noon.date(), noon.date() + 10 * DAY))
    give(ann.id, 2000, "later", lot=(noon.date(), noon.date() + 300 * DAY))
    return ann


def shown(client: Client, path: str) -> str:
    """Will return what a page says, in one line."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def press(client: Client, code: str) -> Any:
    """Will open a reward's page and press its button."""
    page = client.get(f"/rewards/{code}/").content.decode()
    found = re.search(r'name="form_key" value="([^"]+)"', page)
    assert found, page
    return client.post(f"/rewards/{code}/", {"form_key": found[1]})


def test_what_can_be_had_comes_first_then_what_is_in_reach(browse: Client, rich: Member) -> None:
    """Three lists; the bar is how far the points reach."""
    coupon(), gift(left=3)
    reward("ten", "coupon", 1000), reward("cream", price=6400), reward("gold", prices={"gold": 1})
    page = shown(browse, "/rewards/")
    assert "3,200 points to spend" in page
    places = [page.index(words) for words in ("/rewards/ten/", "/rewards/cream/", "/rewards/gold/")]
    assert places == sorted(places)
    assert "3,200 more points are needed." in page and '<progress max="1" value="0.5"' in page
    assert "It is for Gold." in page


def test_the_list_takes_as_many_queries_for_many(
    browse: Client, rich: Member, django_assert_max_num_queries: Any
) -> None:
    """One of each kind, and four of each."""
    coupon(), gift(), pool()
    rows = prizes(("cream", "gift", "cream", "0.1", 1), ("ten", "coupon", "ten", "0.1", 1))
    for n in range(4):
        for kind in ("coupon", "gift", "partner_code", "draw"):
            reward(f"{kind[:4]}-{n}", kind, 100, prizes=rows if kind == "draw" else [])
        with django_assert_max_num_queries(QUERIES + 3) as asked:
            shown(browse, "/rewards/")
        if n == 0:
            first = len(asked)
        assert len(asked) == first


def test_a_reward_says_what_it_takes_and_is_redeemed_by_one_press(browse: Client, rich: Member) -> None:
    """2,000 of 3,200 leaves 1,200; the soonest first; a second press shows the same redemption."""
    coupon()
    reward("ten", "coupon", 2000, left=9, member_max=2, cancel_days=7, says={"en": "Off your next order."})
    page = shown(browse, "/rewards/ten/")
    for words in (
        "2,000 of 3,200, leaves 1,200.", "Expire 13 Mar 2026", "9 left", "2 are the most for one member.",
        "You can give it back within 7 days", "Off your next order.", "Redeem for 2,000 points",
    ):  # fmt: skip
        assert words in page, words
    key = str(uuid.uuid4())
    first, again = (browse.post("/rewards/ten/", {"form_key": key}) for _press in range(2))
    assert first.status_code == 302 and first["Location"] == again["Location"]
    done = Redemption.objects.get()
    assert done.source_key == f"portal:{key}" and first["Location"] == f"/redeemed/{done.id}/"
    page = shown(browse, first["Location"])
    assert done.coupon and done.coupon.code in page and "Good through 2 May 2026." in page
    assert "Redeemed for 2,000 points." in page and "You can give it back through 10 Mar 2026" in page
    statement = shown(browse, "/points/")
    assert "Redeemed: Hand cream" in statement and "were exchanged for Hand cream" in statement


def test_a_refusal_stands_on_the_page_and_nothing_is_spent(browse: Client, rich: Member) -> None:
    """Sold out between looking and pressing; a page without its key."""
    gift(left=1)
    reward(price=100)
    answer = press(browse, "cream")
    assert answer.status_code == 302
    refused = browse.post("/rewards/cream/", {"form_key": str(uuid.uuid4())})
    assert refused.status_code == 422 and "None is left." in refused.content.decode()
    assert browse.post("/rewards/cream/", {}).status_code == 422
    assert Redemption.objects.count() == 1
    for path in ("/rewards/nothing/", f"/redeemed/{uuid.uuid4()}/", "/parcels/9/"):
        assert browse.get(path).status_code == 404


def test_it_is_given_back_once_and_says_why_not(browse: Client, rich: Member, noon: dt.datetime) -> None:
    """The points are back with their dates; what was read stays."""
    coupon(), pool(instructions={"en": "Show it at the till."})
    reward("ten", "coupon", 1000, cancel_days=7), reward("film", "partner_code", 500, cancel_days=7)
    path = press(browse, "ten")["Location"]
    for _press in range(2):
        assert browse.post(f"{path}undo/").status_code == 302
    assert "1,000 points are back" in shown(browse, path)
    assert points_queries.get_balance(rich.id, noon).available == 3200
    film = press(browse, "film")["Location"]
    page = shown(browse, film)
    assert "cinema-1" not in page and "Show the code" in page and "Give it back" in page
    assert browse.post(f"{film}code/").status_code == 302
    page = shown(browse, film)
    assert "cinema-1" in page and "Show it at the till." not in page.replace("Show it at the till.", "", 1)
    assert "Give it back" not in page and PartnerCode.objects.get(code="cinema-1").revealed_at == noon
    browse.post(f"{film}undo/")
    assert "cannot be given back" in shown(browse, film)
    assert browse.post(f"{path}code/").status_code == 404


def test_a_parcel_is_addressed_by_its_member_alone(browse: Client, rich: Member, join: Any) -> None:
    """What is wrong stands at its field and stays typed; another's parcel is not there."""
    gift()
    reward(price=100)
    mine = press(browse, "cream")["Location"]
    assert "Tell us where to send it by 2 Apr 2026." in shown(browse, mine)
    parcel = Fulfilment.objects.get()
    path = f"/parcels/{parcel.id}/"
    typed = {"name": "Ann Lee", "phone": "12", "line1": "1 Garden Road", "city": "Shanghai"}
    refused = browse.post(path, typed)
    said = refused.content.decode()
    assert refused.status_code == 422 and "1 Garden Road" in said and "Use a phone number" in said
    assert "Fill this in" in browse.post(path, typed | {"city": ""}).content.decode()
    assert browse.post(path, typed | {"phone": "13912345678"}).status_code == 302
    parcel.refresh_from_db()
    assert (parcel.state, parcel.address["lines"]) == ("ready", ["1 Garden Road"])
    assert "1 Garden Road" in shown(browse, path) and "Change the address" in shown(browse, mine)
    Fulfilment.objects.update(state="shipped", carrier="SF Express", tracking="SF1")
    assert "With SF Express under the number SF1." in shown(browse, mine)
    assert browse.post(path, typed | {"phone": "13912345678", "city": "Beijing"}).status_code == 422
    other = promise(join("bob").id).id
    assert browse.get(f"/parcels/{other}/").status_code == 404


def test_what_was_redeemed_is_listed_with_gifts_of_the_tier(
    browse: Client, rich: Member, django_assert_num_queries: Any
) -> None:
    """Where each stands; the same number of queries for one and for many."""
    assert "Nothing redeemed yet" in shown(browse, "/redeemed/")
    gift(left=None), coupon()
    reward(price=10), reward("ten", "coupon", 10)
    counts = set()
    for n in range(3):
        redeem(rich.id, f"a{n}"), redeem(rich.id, f"b{n}", "ten"), promise(rich.id, f"grant:{n}")
        with django_assert_num_queries(7):
            page = shown(browse, "/redeemed/")
        counts.add(page.count("Needs an address"))
    assert counts == {2, 4, 6} and "Ready to use" in page and "Gifts for you" in page


def test_a_draw_states_its_chances_before_and_can_be_checked_after(browse: Client, rich: Member) -> None:
    """Odds on the page, seed and number afterwards."""
    gift(left=0)
    rows = prizes(
        ("cream", "gift", "cream", "0.05", 3),
        ("ten", "points", "10", "0.2", None),
        ("luck", "points", "1", "rest", None),
    )
    reward("wheel", "draw", 100, prizes=rows)
    page = shown(browse, "/rewards/wheel/")
    assert "None is left; its chance is now that of “Luck”." in page
    assert "80%" in page and "20%" in page and "A draw is final" in page and "Draw for 100 points" in page
    path = press(browse, "wheel")["Location"]
    drawn = Redemption.objects.get().drawn
    page = shown(browse, path)
    number = int.from_bytes(hashlib.sha256(bytes.fromhex(drawn["seed"])).digest()) % 1_000_000
    assert f"{number:06d}" in page and drawn["seed"] in page and "050000–249999" in page
    assert "Give it back" not in page


@pytest.mark.django_db(transaction=True)
def test_many_presses_of_one_page_are_one_reward(browse: Client, rich: Member) -> None:
    """Sixteen at once."""
    coupon()
    reward("ten", "coupon", 1000)
    key = str(uuid.uuid4())
    cookies = browse.cookies

    def send() -> str:
        client = Client()
        client.cookies = cookies
        return str(client.post("/rewards/ten/", {"form_key": key})["Location"])

    assert len(set(together([send] * 8))) == 1 and Redemption.objects.count() == 1


def test_strangers_are_sent_to_log_in(client: Client) -> None:
    """Every page of rewards."""
    for path in ("/rewards/", "/rewards/x/", "/redeemed/", f"/redeemed/{uuid.uuid4()}/", "/parcels/1/"):
        assert client.get(path)["Location"].startswith("/login/")
