"""Batches of coupons: whole chunks, gone on with after a kill, no code too many, once for each member."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
import uuid

import pytest
from django.db import connection

from benefits import actions as benefits_actions
from benefits import invariants as benefits_invariants
from benefits import jobs as benefits_jobs
from benefits import queries as benefits_queries
from benefits.actions.issuing import new_codes
from benefits.enums import BatchState
from benefits.models import Coupon, CouponBatch
from kit.models import AuditRow
from tests.benefits.coupons import define, give
from tests.kit.threads import kinds, together

DAY = dt.timedelta(days=1)
KEY = uuid.UUID(int=7)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _coupon(db):
    """A coupon for ten off."""
    define()


def request(noon, **changes):
    sent = {
        "definition": "ten",
        "label": "Spring",
        "size": 10,
        "form_key": uuid.uuid4(),
        "at": noon,
        "actor": "staff:1",
    }
    return benefits_actions.request_batch(**sent | changes)


def make(batch_id, noon, **more):
    return benefits_jobs.make_batch(batch_id, lambda: noon, **more)


def batch(batch_id):
    return benefits_queries.find_batch(batch_id)


# ---- asking


def test_a_batch_is_asked_for_once_for_a_form(noon):
    first, again = (request(noon, form_key=KEY, prefix="spr-") for _ in range(2))
    assert (first[1], again[1], first[0] == again[0]) == (True, False, True)
    assert batch(first[0]).state is BatchState.WAITING and batch(first[0]).prefix == "SPR"
    for other in ({"size": 11}, {"prefix": "x"}, {"definition": define("five", amount="5")}, {"members": [1]}):
        with pytest.raises(benefits_actions.OtherContent):
            request(noon, form_key=KEY, **{"prefix": "spr", **other})
    assert CouponBatch.objects.count() == 1
    assert AuditRow.objects.filter(deed="coupon.batch_requested").count() == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"size": 0}, benefits_actions.BadBatch),
        ({"size": 1_000_001}, benefits_actions.BadBatch),
        ({"members": []}, benefits_actions.BadBatch),
        ({"prefix": "ABCDEFGHIJKLM"}, benefits_actions.BadBatch),
        ({"definition": "none"}, benefits_actions.UnknownCoupon),
        ({"definition": "over"}, benefits_actions.NotIssued),
    ],
)
def test_what_cannot_be_made_is_refused_before(noon, changes, error):
    define("over", validity={"kind": "dates", "ends_on": "2026-03-02"})
    with pytest.raises(error):
        request(noon, **changes)
    assert not CouponBatch.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_twice_at_once_asks_for_one_batch(noon):
    answers = together([lambda: request(noon, form_key=KEY) for _ in range(4)])
    assert len({answer[0] for answer in answers}) == 1 and [answer[1] for answer in answers].count(True) == 1


# ---- making


def test_all_codes_are_made_in_chunks_under_one_moment(noon):
    batch_id, _ = request(noon, prefix="SPR")
    assert make(batch_id, noon + DAY, chunk=4) == 10
    done = batch(batch_id)
    assert (done.state, done.made, done.finished_at) == (BatchState.DONE, 10, noon + DAY)
    rows = list(Coupon.objects.filter(batch_id=batch_id))
    assert len({row.code for row in rows}) == 10 and all(row.code.startswith("SPR") for row in rows)
    assert {(row.issued_at, row.starts_at, row.member_id, row.uses_max) for row in rows} == {(noon, noon, None, 1)}
    assert make(batch_id, noon + DAY) == 0
    assert Coupon.objects.count() == 10
    assert AuditRow.objects.filter(deed="coupon.batch_made").count() == 1


def test_codes_that_are_known_already_are_drawn_anew(noon, join):
    known = give(join("ann").id).code
    batch_id, _ = request(noon, size=3)
    drawn = iter([[known, "AAAAAAAAAA", "AAAAAAAAAA"], [known, "BBBBBBBBBB"], ["CCCCCCCCCC"]])
    assert make(batch_id, noon, draw=lambda _prefix, count: next(drawn)[:count]) == 3
    assert set(Coupon.objects.filter(batch_id=batch_id).values_list("code", flat=True)) == {
        "AAAAAAAAAA",
        "BBBBBBBBBB",
        "CCCCCCCCCC",
    }


def test_members_get_one_each_also_where_a_code_was_known(noon, join):
    ids = [join(name).id for name in ("ann", "bob", "cid")]
    batch_id, _ = request(noon, members=[*ids, ids[0]])
    drawn = iter([["AAAAAAAAAA", "AAAAAAAAAA"], ["BBBBBBBBBB"], ["CCCCCCCCCC"]])
    assert make(batch_id, noon, chunk=2, draw=lambda _prefix, count: next(drawn)[:count]) == 3
    rows = Coupon.objects.filter(batch_id=batch_id)
    assert sorted(rows.values_list("member_id", flat=True)) == sorted(ids)
    assert set(rows.values_list("source_key", flat=True)) == {f"batch:{batch_id}"}
    assert len(benefits_queries.wallet_of(ids[0], noon).ready) == 1


def test_a_fault_closes_the_batch_and_it_goes_on_where_it_stopped(noon):
    batch_id, _ = request(noon)
    calls = []

    def draw(prefix, count):
        calls.append(count)
        if len(calls) == 2:
            raise RuntimeError("no entropy")
        return new_codes(prefix, count)

    with pytest.raises(RuntimeError):
        make(batch_id, noon, chunk=4, draw=draw)
    failed = batch(batch_id)
    assert (failed.state, failed.made, failed.error) == (BatchState.FAILED, 4, "RuntimeError: no entropy")
    assert make(batch_id, noon) == 0
    benefits_actions.resume_batch(batch_id=batch_id, at=noon, actor="staff:1")
    benefits_actions.resume_batch(batch_id=batch_id, at=noon, actor="staff:1")
    assert AuditRow.objects.filter(deed="coupon.batch_resumed").count() == 1
    assert benefits_jobs.make_open_batches(lambda: noon) == 6
    assert batch(batch_id).state is BatchState.DONE and Coupon.objects.count() == 10
    with pytest.raises(benefits_actions.NotFailed):
        benefits_actions.resume_batch(batch_id=batch_id, at=noon, actor="staff:1")


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_batch_make_no_code_too_many(noon):
    batch_id, _ = request(noon, size=200)
    together([lambda: None])
    answers = _outside_of_transactions([lambda: make(batch_id, noon, chunk=10) for _ in range(4)])
    assert kinds(answers) == {"int": 4} and sum(answers) == 200
    assert Coupon.objects.count() == 200 and not list(benefits_invariants.batches_agree())


def _outside_of_transactions(deeds):
    """Each in a thread of its own, whose chunks are transactions of their own."""
    import threading

    answers = [None] * len(deeds)

    def body(place, deed):
        try:
            answers[place] = deed()
        finally:
            connection.close()

    threads = [threading.Thread(target=body, args=(place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


KILLED = """
import django
django.setup()
from benefits.jobs import make_batch
from kit import clock
make_batch(int({batch_id}), clock.now, chunk=500)
"""


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_whole_chunks_and_the_next_one_goes_on(noon):
    batch_id, _ = request(noon, size=60_000)
    environment = os.environ | {"DATABASE_URL": _address(), "DJANGO_SETTINGS_MODULE": "membership_site.settings"}
    worker = subprocess.Popen([sys.executable, "-c", KILLED.format(batch_id=batch_id)], env=environment)
    until = time.monotonic() + 60
    while not batch(batch_id).made and time.monotonic() < until:
        time.sleep(0.005)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    time.sleep(0.2)
    left = batch(batch_id)
    assert left.state is BatchState.RUNNING and 0 < left.made < 60_000 and left.made % 500 == 0
    assert Coupon.objects.count() == left.made
    assert benefits_jobs.make_open_batches(lambda: noon) == 60_000 - left.made
    assert Coupon.objects.count() == 60_000 and not list(benefits_invariants.batches_agree())


def _address():
    settings = connection.settings_dict
    host = f"{settings['HOST']}:{settings['PORT']}" if settings["PORT"] else settings["HOST"]
    return f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{host}/{settings['NAME']}"


# ---- one code for many


def share(noon, **changes):
    sent = {
        "definition": "ten",
        "code": "Welcome-10",
        "label": "Leaflet",
        "form_key": KEY,
        "at": noon,
        "actor": "staff:1",
    }
    return benefits_actions.share_code(**sent | changes)


def test_a_code_of_ones_own_choosing_is_shared_by_many(noon, join):
    define("many", uses_per_code=None, uses_per_member=1)
    first, again = (share(noon, definition="many") for _ in range(2))
    assert (first[1], again[1], first[0] == again[0]) == (True, False, True)
    found = benefits_queries.find_by_code("welcome 10", join("ann").id, noon)
    assert (found.coupon_id, found.standing.uses_max, found.standing.member_left) == (first[0], None, 1)
    assert found.standing.is_mine and not list(benefits_invariants.batches_agree())
    for other in ({"code": "WELCOME20"}, {"definition": "ten"}):
        with pytest.raises(benefits_actions.OtherContent):
            share(noon, **{"definition": "many", **other})


def test_a_code_is_shared_by_one_batch_only(noon):
    share(noon)
    with pytest.raises(benefits_actions.CodeTaken):
        share(noon, form_key=uuid.UUID(int=8), code="WELCOME_10")
    assert Coupon.objects.count() == CouponBatch.objects.count() == 1


@pytest.mark.parametrize("code", ["", "AB-1", "A" * 31, "优惠券"])
def test_a_code_that_cannot_be_typed_is_refused(noon, code):
    with pytest.raises(benefits_actions.BadBatch):
        share(noon, code=code)
    assert not CouponBatch.objects.exists()


# ---- reading


def test_the_codes_of_a_batch_are_listed_in_order(noon, join, django_assert_num_queries):
    ann = join("ann")
    batch_id, _ = request(noon, members=[ann.id])
    make(batch_id, noon)
    other, _ = request(noon, size=3)
    make(other, noon)
    assert [number for _code, number in benefits_queries.codes_of_batch(batch_id)] == [ann.number]
    assert [number for _code, number in benefits_queries.codes_of_batch(other)] == [None, None, None]
    with django_assert_num_queries(1):
        listed = benefits_queries.list_batches("ten")
    assert [(one.id, one.for_members) for one in listed] == [(other, False), (batch_id, True)]
