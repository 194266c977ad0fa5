"""The member's coupons: where each stands, why one cannot be used, and what a typed code gives."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benefits import actions as benefits_actions
from benefits.models import Coupon
from members.models import Member
from tests.benefits.coupons import define, give

pytestmark = pytest.mark.django_db

PATH = "/coupons/"
DAY = dt.timedelta(days=1)
MOST_QUERIES = 18


def text_of(page: bytes) -> str:
    """Will return a page in one line, entities of quotes as they are read."""
    return " ".join(page.decode().replace("&#x27;", "'").split())


def test_a_member_without_coupons_is_told_where_they_come_from(browse: Client) -> None:
    """And can look at a code."""
    page = text_of(browse.get(PATH).content)
    assert "No coupons just now" in page and "What does a code give?" in page and 'aria-current="page"' in page


def test_coupons_stand_where_they_are(browse: Client, ann: Member, noon: dt.datetime) -> None:
    """Ready, not yet, used and lapsed, with value, condition, last date and code."""
    define(minimum="50", tiers=["gold"])
    define("five", amount="5")
    ready = give(ann.id, "five", source_key="ready")
    give(ann.id, source_key="gold")
    give(ann.id, "five", source_key="coming", starts_on=dt.date(2026, 3, 5))
    give(ann.id, "five", source_key="lapsed", at=noon - 30 * DAY)
    used = give(ann.id, "five", source_key="used")
    Coupon.objects.filter(id=used.id).update(used=1, used_at=noon - DAY)
    void = give(ann.id, "five", source_key="void")
    benefits_actions.void(coupon_id=void.id, reason="Given twice", at=noon, actor="staff:1")
    page = text_of(browse.get(PATH).content)
    for said in (
        *("CN¥10 off", "From CN¥50", "CN¥5 off", "Use by 10 Mar 2026, 7 days left", "From 5 Mar 2026 on"),
        *("Used 2 Mar 2026", "Expired after 8 Feb 2026", "Void"),
        *("It is for Gold.", "It can be used from 5 Mar 2026 on.", f'data-copy="{ready.code}"'),
    ):
        assert said in page, said
    assert (
        page.index("Ready to use") < page.index("Not yet") < page.index("Used coupons") < page.index("Expired or void")
    )
    assert f'data-copy="{used.code}"' not in page and "Given twice" not in page


def test_the_page_takes_the_same_queries_for_more_coupons(browse: Client, ann: Member) -> None:
    """However many there are."""
    define()
    give(ann.id, source_key="0")
    browse.get(PATH)
    counts = []
    for more in (0, 5):
        for number in range(more):
            give(ann.id, define(f"c{number}"), source_key=f"c{number}")
        with CaptureQueriesContext(connection) as asked:
            assert browse.get(PATH).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= MOST_QUERIES


def test_a_shared_code_is_looked_at_and_nothing_is_kept(browse: Client, ann: Member, noon: dt.datetime) -> None:
    """What it gives, its conditions, and what stands in its way."""
    define(uses_per_code=None, first_order=True)
    benefits_actions.share_code(
        definition="ten", code="WELCOME10", label="x", form_key=uuid.uuid4(), at=noon, actor="staff:1"
    )
    cache.clear()
    page = text_of(browse.post(PATH, {"code": "welcome 10"}).content)
    assert "CN¥10 off" in page and "WELCOME10" in page and "Type it at the checkout" in page
    assert "It is for a first order only." in page and "No coupons just now" in page
    shared = Coupon.objects.get(code="WELCOME10")
    benefits_actions.void(coupon_id=shared.id, reason="It leaked", at=noon, actor="staff:1")
    assert "It was made void." in text_of(browse.post(PATH, {"code": "welcome 10"}).content)


def test_anothers_code_and_no_code_look_alike(browse: Client, join: Any) -> None:
    """What was typed stays."""
    define()
    cache.clear()
    issued = give(join("bob").id)
    for typed, words in ((issued.code, "There is no such coupon."), ("NOSUCHCODE", "There is no such coupon.")):
        answer = browse.post(PATH, {"code": typed})
        assert answer.status_code == 422 and words in answer.content.decode() and typed in answer.content.decode()
    answer = browse.post(PATH, {"code": ""})
    assert answer.status_code == 422 and "Type a code" in answer.content.decode()


def test_guessing_is_held_back(browse: Client, settings: Any) -> None:
    """And the page says for how long."""
    settings.COUPON_GUESSES_A_MINUTE = 2
    cache.clear()
    assert [browse.post(PATH, {"code": f"WRONG{n}"}).status_code for n in range(3)] == [422, 422, 429]
    answer = browse.post(PATH, {"code": "WRONG"})
    assert answer.status_code == 429 and "Too many codes were wrong. Wait" in answer.content.decode()
    assert browse.get(PATH).status_code == 200


def test_strangers_are_sent_to_the_log_in(client: Client) -> None:
    """And come back."""
    assert client.get(PATH)["Location"].startswith("/login/?next=")
