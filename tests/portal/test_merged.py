"""A member into whom another was merged: he enters by what was the other's, and sees what the other had."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client

from benefits.models import Coupon
from members import actions as members_actions
from members.enums import Purpose
from members.models import Member
from members.queries import entering
from membership_site.flows import member_merged
from messaging.enums import Channel
from points import queries as points_queries
from tests.benefits.coupons import define
from tests.benefits.coupons import give as issue
from tests.benefits.shelf import coupon, gift, pool, promise, redeem, reward
from tests.messaging.outbox import put, send
from tests.messaging.outbox import words as make_words
from tests.portal.conftest import PASSWORD, order

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def text_of(answer: Any) -> str:
    """Will return what a page says, in one line."""
    return " ".join(answer.content.decode().split())


@pytest.fixture
def bob(join: Any, give: Any, noon: dt.datetime) -> Member:
    """Bob with points, an order that has earned, and something of each kind redeemed or promised."""
    bob: Member = join("bob", at=noon - 90 * DAY)
    order("B-1", ["300"], noon - 40 * DAY, name="bob")
    give(bob.id, 9000, "rich", lot=(noon.date(), noon.date() + 300 * DAY))
    coupon(), gift(), pool()
    reward("cream"), reward("ten", "coupon", 1000, cancel_days=7), reward("film", "partner_code", 500)
    return bob


def merge(ann: Member, bob: Member, at: dt.datetime) -> int:
    """Will merge Bob into Ann."""
    done = member_merged.merge(
        survivor_id=ann.id, merged_id=bob.id, reason="One person", form_key=uuid.uuid4(), at=at, actor="staff:1"
    )
    return done.merge_id


def test_who_enters_by_the_others_log_in_is_told_where_he_is(
    client: Client, ann: Member, bob: Member, noon: dt.datetime
) -> None:
    """By the merged one's log-in, and by his address at the survivor's; by one's own nothing is said."""
    for member, name in ((bob, "bob"), (ann, "ann")):
        members_actions.open_member_account(
            member_id=member.id, email=f"{name}@example.com", password=PASSWORD, at=noon, actor="test"
        )
    merge_id = merge(ann, bob, noon)
    said = f"Your membership {bob.number} was joined with {ann.number}."
    for email, is_told in (("bob@example.com", True), ("ann@example.com", False)):
        client.post("/login/", {"email": email, "password": PASSWORD})
        page = text_of(client.get("/me/"))
        assert ann.number in page and (said in page) == is_told, email
        client.post("/logout/")
    member_merged.unmerge(merge_id=merge_id, reason="Two", at=noon, actor="staff:1")
    client.post("/login/", {"email": "bob@example.com", "password": PASSWORD})
    page = text_of(client.get("/me/"))
    assert bob.number in page and said not in page


def test_what_the_other_redeemed_is_seen_and_can_be_used(
    browse: Client, ann: Member, bob: Member, noon: dt.datetime
) -> None:
    """A code is read, a parcel addressed, a reward given back, whose points come at once; parted, it is all gone."""
    film, cream, ten = (redeem(bob.id, name, name) for name in ("film", "cream", "ten"))
    present = promise(bob.id)
    for path in ("/redeemed/", f"/redeemed/{film.id}/"):
        assert "Hand cream" not in text_of(browse.get(path))
    merge_id = merge(ann, bob, noon)
    page = text_of(browse.get("/redeemed/"))
    for one in (film, cream, ten):
        assert f"/redeemed/{one.id}/" in page
    assert f"/parcels/{present.id}/" in page
    browse.post(f"/redeemed/{film.id}/code/")
    assert "cinema-1" in text_of(browse.get(f"/redeemed/{film.id}/"))
    typed = {"name": "Ann Lee", "phone": "13912345678", "line1": "1 Garden Road", "city": "Shanghai"}
    assert browse.post(f"/parcels/{present.id}/", typed).status_code == 302
    assert "1 Garden Road" in text_of(browse.get(f"/parcels/{present.id}/"))
    held = points_queries.get_balance(ann.id, noon).available
    browse.post(f"/redeemed/{ten.id}/undo/")
    assert points_queries.get_balance(ann.id, noon).available == held + 1000
    assert points_queries.get_balance(bob.id, noon).available == 0
    member_merged.unmerge(merge_id=merge_id, reason="Two", at=noon, actor="staff:1")
    assert f"/redeemed/{film.id}/" not in text_of(browse.get("/redeemed/"))
    assert browse.get(f"/redeemed/{film.id}/").status_code == 404
    assert browse.get(f"/parcels/{present.id}/").status_code == 404


def test_the_others_orders_stand_in_the_list(browse: Client, ann: Member, bob: Member, noon: dt.datetime) -> None:
    """With what they earned; what a return would do is not worked out for them."""
    order("A-1", ["80"], noon - 20 * DAY)
    assert browse.get("/orders/web/B-1/").status_code == 404
    merge(ann, bob, noon)
    page = text_of(browse.get("/orders/"))
    assert page.index("A-1") < page.index("B-1") and "+300" in page and "+80" in page
    page = text_of(browse.get("/orders/web/B-1/"))
    assert "joined with yours since" in page and "Show what it would do" not in page
    assert "Show what it would do" in text_of(browse.get("/orders/web/A-1/"))


def test_coupons_the_other_used_are_seen_and_twins_are_not(
    browse: Client, ann: Member, bob: Member, noon: dt.datetime
) -> None:
    """What he had left of the very same stays his, and is shown to nobody."""
    define("five", at=noon)
    issue(ann.id, "five", source_key="monthly", at=noon), issue(bob.id, "five", source_key="monthly", at=noon)
    used = issue(bob.id, "five", source_key="then", at=noon - DAY)
    Coupon.objects.filter(id=used.id).update(used=1, used_at=noon - DAY)
    merge(ann, bob, noon)
    page = text_of(browse.get("/coupons/"))
    assert "Used coupons" in page and f'id="c{used.id}"' in page
    assert page.count('<article class="coupon"') == 1


def test_a_letter_to_the_other_opens(browse: Client, ann: Member, bob: Member, noon: dt.datetime) -> None:
    """Its link leads to it, and it is read once."""
    message = put(bob.id, make_words(), key="k", channel=Channel.INBOX, purpose=Purpose.SERVICE)
    send()
    assert browse.get(f"/messages/{message.id}/").status_code == 404
    merge(ann, bob, noon)
    assert "Unread" in text_of(browse.get("/messages/"))
    assert browse.get(f"/messages/{message.id}/").status_code == 200
    assert "Unread" not in text_of(browse.get("/messages/"))


def test_a_friend_who_comes_by_the_others_link_is_the_survivors(
    client: Client, ann: Member, bob: Member, noon: dt.datetime
) -> None:
    """The code that the other once told leads to who goes on."""
    code = members_actions.open_invitations(member_id=bob.id, at=noon, actor="test")
    merge(ann, bob, noon)
    assert entering.find_inviter(code) == ann.id
    assert "You were invited by a member." in text_of(client.get(f"/join/?ref={code}"))
