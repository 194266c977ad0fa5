"""Codes: what is drawn, how it is kept whatever was typed, and how it is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benefits.rules import codes


@given(st.binary(min_size=12, max_size=120), st.sampled_from(["", "SPRING", "ABCDEFGHIJKL"]))
def test_random_bytes_become_codes_of_the_alphabet_behind_the_prefix(random, prefix):
    length = codes.length_after(prefix)
    for code in codes.codes_of(prefix, random[: len(random) // length * length]):
        assert code.startswith(prefix)
        assert len(code) == len(prefix) + length and length >= codes.LENGTH_MIN
        assert set(code.removeprefix(prefix)) <= set(codes.ALPHABET)


def test_every_sign_is_as_likely_as_every_other():
    drawn = codes.codes_of("", bytes(range(256)) * 3)
    assert {"".join(drawn).count(sign) for sign in codes.ALPHABET} == {24}
    assert not set("01OI") & set(codes.ALPHABET)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("welcome10", "WELCOME10"),
        (" Welcome-10 ", "WELCOME10"),
        ("WEL_COME 10", "WELCOME10"),
        ("ＷＥＬＣＯＭＥ１０", "WELCOME10"),
        ("WEL–COME—10", "WELCOME10"),
        ("优惠WELCOME10", "WELCOME10"),
        ("", ""),
        ("—", ""),
    ],
)
def test_a_code_is_kept_in_one_form(typed, kept):
    assert codes.normal(typed) == kept


@given(st.text(max_size=60))
def test_what_is_kept_and_what_is_shown_are_typed_back_to_the_same(typed):
    kept = codes.normal(typed)
    assert codes.normal(kept) == kept == codes.normal(codes.shown(kept)) == codes.normal(kept.lower())


def test_long_codes_are_shown_in_fours_and_chosen_ones_whole():
    assert codes.shown("ABCDEFGHJKLM") == "ABCD-EFGH-JKLM"
    assert codes.shown("WELCOME10") == "WELCOME10"


def test_a_pasted_list_is_read_once_each():
    assert codes.listed("M1, M2;M3\nM1\tM4，M5、M6\r\n") == ["M1", "M2", "M3", "M4", "M5", "M6"]
