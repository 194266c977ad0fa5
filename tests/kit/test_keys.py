"""Source keys cannot be mistaken for one another, whatever a shop puts into its ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.keys import event_key, order_key, parts_of, source_key
from kit.paging import Place, read_place
from tests.kit.examples import MANY

odd = st.text(st.sampled_from("ab:%3A25;/ é"), min_size=1, max_size=8)


@MANY
@given(parts=st.lists(odd, min_size=1, max_size=4), others=st.lists(odd, min_size=1, max_size=4))
def test_a_key_says_its_parts_and_only_equal_parts_give_equal_keys(parts, others):
    assert parts_of(source_key(*parts)) == parts
    assert (source_key(*parts) == source_key(*others)) == (parts == others)


@MANY
@given(source=odd, first=odd, second=odd)
def test_what_begins_with_an_orders_key_is_that_orders(source, first, second):
    mine, other = order_key(source, first), order_key(source, second) + ":line:1"
    assert (mine + ":" <= other < mine + ";") == (first == second)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (order_key("web", "10045"), "order:web:10045"),
        (order_key("web", "a:b"), "order:web:a%3Ab"),
        (event_key("app", "50%"), "event:app:50%25"),
        (source_key("refund", 7), "refund:7"),
    ],
)
def test_keys_by_hand(key, text):
    assert key == text


@MANY
@given(key=st.text(st.sampled_from("aZ09_.:+-"), max_size=40), row=st.integers(0, 10**18 - 1))
def test_a_place_on_a_page_is_read_as_it_was_written(key, row):
    assert read_place(str(Place(key, row))) == Place(key, row)


@pytest.mark.parametrize("text", ["", "~", "2026~", "~x", "a b~1", "a~1~2x", "~-1", "k~" + "9" * 19, "k" * 41 + "~1"])
def test_anything_else_is_the_first_page(text):
    assert read_place(text) is None
