"""Coupons in words: what they say in three languages, and a sentence for every reason why one is not used."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils.translation import override

from benefits import wording as benefits_wording
from benefits.enums import BatchState, CouponKind, CouponState
from benefits.rules import coupons as rules
from benefits.rules.coupons import BadTerms, Rejection, terms_from
from benefits.wording.rejections import CODES
from membership_site import formats
from tests.benefits.coupons import terms

NOON = dt.datetime(2026, 3, 3, 4, 0, tzinfo=dt.UTC)
LANGUAGES = ("en", "zh-hans", "zh-hant")


def three(words):
    """Will say something in each language."""
    said = []
    for language in LANGUAGES:
        with override(language):
            said.append(words())
    return said


def value(**changes):
    kept = terms_from(terms(**changes))
    return three(lambda: benefits_wording.value_words(kept, formats))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ["CN¥10 off", "减¥10", "減CN¥10"]),
        ({"amount": "9.50"}, ["CN¥9.50 off", "减¥9.50", "減CN¥9.50"]),
        ({"kind": "percent", "amount": "", "percent": "15"}, ["15% off", "85折", "85折"]),
        ({"kind": "percent", "amount": "", "percent": "20"}, ["20% off", "8折", "8折"]),
        ({"kind": "percent", "amount": "", "percent": "12.5"}, ["12.5% off", "8.75折", "8.75折"]),
        ({"kind": "percent", "amount": "", "percent": "95"}, ["95% off", "0.5折", "0.5折"]),
        ({"kind": "percent", "amount": "", "percent": "100"}, ["Free", "全免", "全免"]),
        (
            {"kind": "percent", "amount": "", "percent": "20", "cap": "50"},
            ["20% off, up to CN¥50", "8折，最高减¥50", "8折，最高減CN¥50"],
        ),
        ({"kind": "free_shipping", "amount": ""}, ["Free shipping", "免运费", "免運費"]),
        ({"kind": "gift", "amount": "", "gift": "MUG-1"}, ["MUG-1 as a gift", "赠品MUG-1", "贈品MUG-1"]),
    ],
)
def test_what_a_coupon_takes_off(changes, said):
    assert value(**changes) == said


def test_all_that_terms_say():
    kept = terms_from(
        terms(
            minimum="50",
            scope={"categories": ["tea", "cups"], "not_skus": ["T9"]},
            tiers=["gold"],
            first_order=True,
            weekdays=[6, 7],
            hours=["18:00", "22:00"],
            uses_per_code=None,
            uses_per_member=1,
            uses_total=100,
            budget="1000",
            exclusive=True,
        )
    )
    english, simplified, traditional = three(lambda: benefits_wording.terms_words(kept, formats, {"gold": "Gold"}))
    assert english == [
        "CN¥10 off.",
        "Good for 7 days after the day it is issued.",
        "It takes CN¥50 or more.",
        "It is for these goods: tea and cups.",
        "It is not for these goods: T9.",
        "It is for Gold.",
        "It is for a first order only.",
        "It works on Saturday and Sunday.",
        "It works from 18:00 to 22:00.",
        "It is used alone, with no other coupon.",
        "A code works any number of times.",
        "Each member may use it 1 time.",
        "100 uses for everybody together.",
        "At most CN¥1,000 off for everybody together.",
    ]
    for said in (simplified, traditional):
        assert len(said) == len(english) and all(one.endswith("。") for one in said)
    assert simplified[2] == "满¥50可用。" and traditional[2] == "滿CN¥50可用。"


@pytest.mark.parametrize(
    ("validity", "said"),
    [
        ({"kind": "days", "days": 0}, "Good on the day it is issued."),
        ({"kind": "days", "days": 1}, "Good for 1 day after the day it is issued."),
        (
            {"kind": "dates", "starts_on": "2026-03-05", "ends_on": "2026-03-31"},
            "Good from 5 Mar 2026 through 31 Mar 2026.",
        ),
        ({"kind": "dates", "ends_on": "2026-03-31"}, "Good through 31 Mar 2026."),
        ({"kind": "dates", "starts_on": "2026-03-05"}, "Good from 5 Mar 2026 on, without an end."),
        ({"kind": "dates"}, "Good without an end."),
    ],
)
def test_how_long_it_is_good(validity, said):
    assert benefits_wording.validity_words(terms_from(terms(validity=validity)), formats) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (1, 31, "Use by 31 Mar 2026, 28 days left"),
        (1, 4, "Use by 4 Mar 2026, 1 day left"),
        (1, 3, "Use by today, 3 Mar 2026"),
        (1, 2, "Expired after 2 Mar 2026"),
        (4, 31, "From 4 Mar 2026 on"),
        (1, None, "No end date"),
    ],
)
def test_until_when_it_can_be_used(first, last, said):
    dates = (dt.date(2026, 3, first), last and dt.date(2026, 3, last), dt.date(2026, 3, 3))
    assert benefits_wording.use_by_words(*dates, formats) == said


@pytest.mark.parametrize(("joins", "said"), [([], "not used with coupons of other groups"), (["shipping"], "shipping")])
def test_what_it_is_used_with(joins, said):
    assert said in " ".join(benefits_wording.condition_words(terms_from(terms(joins=joins)), formats))


REJECTIONS = {
    "unknown": ({}, "There is no such coupon. Check the code."),
    "not_yours": ({}, "It belongs to another member."),
    "void": ({}, "It was made void."),
    "not_started": ({"starts_at": NOON}, "It can be used from 3 Mar 2026 on."),
    "used": ({}, "It was used."),
    "lapsed": ({"ends_at": dt.datetime(2026, 3, 2, 16, tzinfo=dt.UTC)}, "It could be used through 2 Mar 2026."),
    "held": ({}, "A checkout holds it just now. It is free again when that is given up."),
    "tier": ({"tiers": ("gold", "diamond"), "is": "silver"}, "It is for Gold and diamond."),
    "not_first_order": ({}, "It is for a first order only."),
    "weekday": ({"weekdays": (6, 7), "is": 2}, "It works on Saturday and Sunday."),
    "hour": ({"starts": "18:00", "ends": "22:00"}, "It works from 18:00 to 22:00."),
    "member_limit": ({"uses": 2}, "Each member may use it 2 times, and that is used up."),
    "total_limit": ({"uses": 9}, "All its uses are taken."),
    "budget": ({}, "What was set aside for it is used up."),
    "below_minimum": ({"missing": Decimal(30)}, "It needs CN¥30.00 more."),
    "nothing_in_scope": ({}, "Nothing in the cart is what it is for."),
    "gift_not_in_cart": ({"sku": "MUG-1"}, "Put the gift, MUG-1, into the cart."),
    "no_effect": ({}, "It would take nothing off."),
    "not_combined": ({"with": "ten"}, "It cannot be used together with Ten off."),
    "exclusive": ({"with": ["ten"]}, "It cannot be used beside Ten off, for one of them is used alone."),
}


@pytest.mark.parametrize("code", REJECTIONS)
def test_every_reason_is_a_sentence_with_its_fact(code):
    facts, said = REJECTIONS[code]
    names = {"gold": "Gold", "ten": "Ten off"}
    english, *chinese = three(lambda: benefits_wording.rejection_words(Rejection(code, facts), formats, names))
    assert english == said
    assert all(one.endswith("。") and one != said for one in chinese)


def test_there_are_words_for_every_reason_of_the_rules():
    source = Path(rules.__file__).read_text(encoding="utf-8")
    assert set(re.findall(r'Rejection\("(\w+)"', source)) <= CODES == set(REJECTIONS)


def test_facts_may_come_from_where_they_were_kept_as_text():
    kept = Rejection("lapsed", {"ends_at": "2026-03-02T16:00:00+00:00"})
    assert benefits_wording.rejection_words(kept, formats) == "It could be used through 2 Mar 2026."
    kept = Rejection("below_minimum", {"missing": "30.00"})
    assert benefits_wording.rejection_words(kept, formats) == "It needs CN¥30.00 more."


def test_everything_has_a_name_in_each_language():
    for words, values in (
        (benefits_wording.coupon_state_words, CouponState),
        (benefits_wording.batch_words, BatchState),
        (benefits_wording.coupon_kind_words, CouponKind),
    ):
        for one in values:
            assert len(set(three(lambda words=words, one=one: words(one)))) >= 2
    assert benefits_wording.named({"en": "Ten"}, "ten") == "Ten"
    assert benefits_wording.named({}, "ten") == "ten"


def test_every_field_that_is_refused_has_its_own_sentence():
    general = benefits_wording.terms_fault("whatever")
    for changes in (
        {"kind": ""},
        {"amount": "x"},
        {"cap": "x"},
        {"uses_total": "x"},
        {"hours": ["x"]},
        {"validity": {}},
    ):
        with pytest.raises(BadTerms) as refused:
            terms_from(terms(**changes))
        assert benefits_wording.terms_fault(refused.value.field) != general
