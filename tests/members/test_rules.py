"""By what a member is known: addresses and numbers are normalised, mistyped member numbers are caught."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.enums import IdentityKind
from members.rules import (
    BadIdentity,
    MemberReference,
    check_digit,
    email_identity,
    external_identity,
    may_change_birthday,
    member_number,
    phone_identity,
)
from tests.kit.examples import MANY


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" Ann@Example.COM ", "ann@example.com"),
        ("a.b+c@mail.example.co.uk", "a.b+c@mail.example.co.uk"),
        ("用户@例子.中国", "用户@例子.中国"),
    ],
)
def test_an_address_is_kept_in_lower_case(text, value):
    identity = email_identity(text)
    assert (identity.kind, identity.value, identity.source) == (IdentityKind.EMAIL, value, "")
    assert email_identity(identity.value) == identity


@pytest.mark.parametrize(
    "text",
    ["", "ann", "ann@", "@example.com", "ann@example", "a b@example.com", "a@b.c,d@e.f", "a@b.", "a" * 250 + "@b.cd"],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(BadIdentity, match="not an e-mail address"):
        email_identity(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("+86 138-0013-8000", "+8613800138000"),
        ("(0571) 8888.1234", "057188881234"),
        ("12345", "12345"),
        ("138/0013/8000", "13800138000"),
    ],
)
def test_a_phone_number_is_kept_as_digits(text, value):
    identity = phone_identity(text)
    assert (identity.kind, identity.value) == (IdentityKind.PHONE, value)
    assert phone_identity(identity.value) == identity


@pytest.mark.parametrize("text", ["", "1234", "1" * 16, "+", "++8613800138000", "138x0013800", "86+13800138000"])
def test_what_is_no_phone_number_is_refused(text):
    with pytest.raises(BadIdentity, match="not a phone number"):
        phone_identity(text)


def test_an_external_id_is_kept_as_it_is_and_belongs_to_its_system():
    identity = external_identity("web", " C-0042 ")
    assert (identity.kind, identity.value, identity.source) == (IdentityKind.EXTERNAL, "C-0042", "web")
    assert external_identity("web", "x" * 128) != external_identity("pos", "x" * 128)
    for bad in ("", " ", "x" * 129, "a\x00b", "a\nb"):
        with pytest.raises(BadIdentity, match="printable"):
            external_identity("web", bad)


@pytest.mark.parametrize(
    ("digits", "digit"), [("7992739871", "3"), ("0", "0"), ("10000001", "7"), ("453201511283036", "6")]
)
def test_check_digits_by_hand(digits, digit):
    assert check_digit(digits) == digit


@MANY
@given(sequence=st.integers(10_000_001, 10**15), data=st.data())
def test_a_mistyped_or_swapped_digit_is_caught(sequence, data):
    number = member_number(sequence)
    digits = number[1:]
    assert number == f"M{sequence}{check_digit(str(sequence))}"
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != digits[place]]))
    wrong = digits[:place] + other + digits[place + 1 :]
    assert check_digit(wrong[:-1]) != wrong[-1]
    pairs = [
        i for i in range(len(digits) - 1) if digits[i] != digits[i + 1] and {digits[i], digits[i + 1]} != set("09")
    ]
    for i in pairs:
        swapped = digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]
        assert check_digit(swapped[:-1]) != swapped[-1]


@pytest.mark.parametrize(
    ("reference", "stated"),
    [
        (MemberReference(email=" Ann@Example.com "), {"email": "ann@example.com"}),
        (MemberReference(phone="+86 138-0013-8000"), {"phone": "+8613800138000"}),
        (MemberReference(external_id=" C-1 "), {"external_id": "C-1"}),
        (MemberReference(anything="Ann@Example.com"), {"anything": "ann@example.com"}),
        (MemberReference(number=" M100000017 "), {"number": "M100000017"}),
        (MemberReference(), {}),
    ],
)
def test_what_is_kept_beside_a_parked_order_is_normalised(reference, stated):
    assert reference.stated() == stated


@pytest.mark.parametrize(
    ("changed", "today", "may"),
    [
        (None, dt.date(2026, 3, 3), True),
        (dt.date(2025, 3, 3), dt.date(2026, 3, 3), True),
        (dt.date(2025, 3, 4), dt.date(2026, 3, 3), False),
        (dt.date(2024, 2, 29), dt.date(2025, 2, 28), True),
    ],
)
def test_another_birthday_may_be_stated_a_year_after_the_last(changed, today, may):
    assert may_change_birthday(changed, today) is may
