"""What the database promises of rewards, each promise broken once by name; and what is proved besides."""

import pytest
from django.db import connection

from benefits import invariants
from benefits.models import (
    Coupon,
    Fulfilment,
    FulfilmentStep,
    GiftItem,
    PartnerCode,
    Pool,
    Redemption,
    Reward,
    Taken,
)
from tests.benefits.shelf import CREAM, coupon, gift, pool, prizes, promise, redeem, reward, take
from tests.kit.broken import breaks, refuses_all_change
from tests.points.conftest import give  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(join, give):  # noqa: F811
    """Ann with points, and one of everything."""
    member_id = join("ann").id
    give(member_id, 1000)
    gift(left=9), pool(), coupon()
    reward(price=10), reward("ten", "coupon", 10), reward("film", "partner_code", 10)
    reward("wheel", "draw", 10, prizes=prizes(("luck", "points", "1", "1", 5)))
    for code in ("cream", "ten", "film", "wheel"):
        redeem(member_id, code, code)
    return member_id


def test_stocks_and_rewards(ann):
    with breaks("benefits_giftitem_never_short"):
        GiftItem.objects.update(left=-1)
    with breaks("benefits_reward_never_short"):
        Reward.objects.filter(code="cream").update(left=-1)
    for wrong in ({"item": None}, {"pool": Pool.objects.get()}, {"kind": "draw"}):
        with breaks("benefits_reward_gives_what_its_kind_says"):
            Reward.objects.filter(code="cream").update(**wrong)
    for model in (GiftItem, Reward):
        with breaks(constraint_of(model)):
            model.objects.create(**twin(model))
    with breaks("benefits_taken_pkey"):
        Taken.objects.bulk_create([Taken(member_id=ann, reward=Reward.objects.get(code="cream"))])


def twin(model):
    """Will return the fields of a second one of the same code."""
    item = GiftItem.objects.get(code="cream")
    rest = {"kind": "gift", "item": item, "icon": "gift", "prices": {}} if model is Reward else {}
    return {"code": "cream", "names": CREAM} | rest


def constraint_of(model):
    """Will return the database's own name for the unique code of a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'", [model._meta.db_table]
        )
        return cursor.fetchone()[0]


def test_partner_codes(ann):
    free = PartnerCode.objects.filter(member=None)
    with breaks("benefits_partnercode_once"):
        PartnerCode.objects.create(pool=Pool.objects.get(), code="cinema-1")
    key = take(ann, "grant:1").id
    with breaks("benefits_partnercode_once_a_cause"):
        free.update(member_id=ann, source_key="grant:1", given_at="2026-03-03T00:00Z")
    for wrong in ({"member_id": ann}, {"source_key": "x"}, {"given_at": "2026-03-03T00:00Z"}):
        with breaks("benefits_partnercode_given_whole"):
            free.update(**wrong)
    with breaks("benefits_partnercode_given_whole"):
        PartnerCode.objects.filter(id=key).update(source_key="")


def test_redemptions(ann, noon):
    row = Redemption.objects.filter(reward__code="cream")
    with breaks("benefits_redemption_once"):
        Redemption.objects.create(
            member_id=ann, reward=Reward.objects.get(code="cream"), source_key="cream", points=1, redeemed_at=noon,
            actor="x",
        )  # fmt: skip
    with breaks("benefits_redemption_costs_no_less_than_nought"):
        row.update(points=-1)
    for wrong in ({"state": "cancelled"}, {"cancelled_at": noon}):
        with breaks("benefits_redemption_cancelled_whole"):
            row.update(**wrong)


def test_fulfilments(ann, noon):
    promise(ann, "grant:1")
    rows = Fulfilment.objects.filter(source_key="grant:1")
    with breaks("benefits_fulfilment_once_a_cause"):
        Fulfilment.objects.exclude(source_key="grant:1").update(source_key="grant:1")
    for state in ("shipped", "delivered"):
        with breaks("benefits_fulfilment_shipped_by_somebody"):
            rows.update(state=state)
    assert FulfilmentStep.objects.exists()
    refuses_all_change("benefits_fulfilmentstep")


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda: Redemption.objects.filter(reward__code="ten").update(points=11), "the ledger took 10 for it"),
        (lambda: Redemption.objects.filter(reward__code="ten").update(coupon=None), "has not got what it gives"),
        (
            lambda: Redemption.objects.filter(reward__code="film").update(partner_code=PartnerCode.objects.last()),
            "has not got what it gives",
        ),
        (lambda: Fulfilment.objects.update(source_key="other"), "has not got what it gives"),
        (
            lambda: Redemption.objects.filter(reward__code="cream").update(
                state="cancelled", cancelled_at="2026-03-03T00:00Z"
            ),
            "is cancelled",
        ),
        (lambda: Taken.objects.filter(reward__code="ten").update(times=2), "is counted to have had ten 2 times"),
        (
            lambda: Redemption.objects.filter(reward__code="wheel").update(
                drawn=dict(Redemption.objects.get(reward__code="wheel").drawn or {}, place=None)
            ),
            "its seed gives",
        ),
        (
            lambda: Reward.objects.filter(code="wheel").update(
                prizes=[Reward.objects.get(code="wheel").prizes[0] | {"left": -1}]
            ),
            "-1 are left",
        ),
    ],
)
def test_what_is_proved_besides_is_found_when_it_is_broken(ann, break_it, words):
    def found():
        return [sentence for proof in invariants.PROOFS for sentence in proof.violations()]

    assert not found()
    break_it()
    assert any(words in sentence for sentence in found()), found()
    assert Coupon.objects.exists()
