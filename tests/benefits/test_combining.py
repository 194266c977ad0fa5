"""Which coupons and benefits are used on a cart: the best lawful combination, and why not the others."""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benefits.enums import CouponKind, DiscountKind, ValidityKind
from benefits.rules import checkout
from benefits.rules.checkout import Cart, CartLine, Combination, Offer, combine
from benefits.rules.coupons import Bearer, Scope, Standing, Terms, Validity
from benefits.rules.returns import returned_share

NOW = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
BEARER = Bearer(NOW, tier="silver")
D = Decimal


def cart(*amounts: str, shipping: str = "8") -> Cart:
    """A line for each amount; the first is of skin, the others of hair."""
    lines = tuple(
        CartLine(str(place), 1, D(amount), sku=f"s{place}", category="hair" if place > 1 else "skin")
        for place, amount in enumerate(amounts, 1)
    )
    return Cart(lines, D(shipping))


def offer(key: str, *, ends: int | None = 30, held: int = 0, budget: str | None = None, **terms: Any) -> Offer:
    """A coupon that takes something off; amounts as texts."""
    kind = (
        CouponKind.PERCENT
        if "percent" in terms
        else CouponKind.FREE_SHIPPING
        if terms.pop("shipping", False)
        else CouponKind.GIFT
        if "gift" in terms
        else CouponKind.AMOUNT
    )
    for name in ("amount", "percent", "cap", "minimum"):
        if name in terms:
            terms[name] = D(terms[name])
    standing = Standing(
        NOW - DAY,
        NOW + ends * DAY if ends is not None else None,
        held=held,
        budget_left=None if budget is None else D(budget),
    )
    apart = terms.pop("apart", False)
    full = Terms(kind, Validity(ValidityKind.DAYS, 30), **{"group": key, **terms})
    return Offer(key, DiscountKind.COUPON, full, standing, stands_apart=apart)


def used(found: Combination) -> dict[str, Decimal]:
    """What each offer that is used takes off."""
    return {one.offer.key: one.amount for one in found.applied}


def refused(found: Combination) -> dict[str, str]:
    """Why each other one is not used."""
    return {one.key: why.code for one, why in found.rejected}


@pytest.mark.parametrize(
    ("amounts", "offers", "expected"),
    [
        (["100"], [offer("a", amount="10")], {"a": "10"}),
        (["7"], [offer("a", amount="10")], {"a": "7"}),
        (["100"], [offer("a", percent="20", cap="15")], {"a": "15"}),
        (["33.33"], [offer("a", percent="15")], {"a": "5.00"}),
        (["100"], [offer("a", shipping=True)], {"a": "8"}),
        # A share of the goods is taken before an amount comes off, so the member gets more.
        (["100"], [offer("a", amount="10"), offer("b", percent="20")], {"b": "20", "a": "10"}),
        # Unless the shop says otherwise by priority.
        (["100"], [offer("a", amount="10"), offer("b", percent="20", priority=1)], {"a": "10", "b": "18"}),
        # Only the lines in scope count.
        (["100", "50"], [offer("a", percent="10", scope=Scope(categories=("hair",)))], {"a": "5"}),
        (["100", "50"], [offer("a", percent="10", scope=Scope(not_categories=("hair",)))], {"a": "10"}),
        # One of a group is used, the better one.
        (["100"], [offer("a", amount="10", group="g"), offer("b", percent="20", group="g")], {"b": "20"}),
        # An exclusive one alone, where that is better than all others together.
        (["100"], [offer("a", amount="10"), offer("b", amount="9"), offer("c", amount="18", exclusive=True)],
         {"a": "10", "b": "9"}),
        (["100"], [offer("a", amount="10"), offer("b", amount="9"), offer("c", amount="20", exclusive=True)],
         {"c": "20"}),
        # What joins only some groups must be wanted by both.
        (["100"], [offer("a", amount="10", joins=("b",)), offer("b", amount="9"), offer("c", amount="8")],
         {"a": "10", "b": "9"}),
        # Free shipping of the tier stands apart from everything.
        (["100"], [offer("a", amount="30", exclusive=True), offer("b", shipping=True, apart=True)],
         {"a": "30", "b": "8"}),
        # The tier's free shipping spares the coupon for it.
        (["100"], [offer("a", shipping=True), offer("b", shipping=True, apart=True)], {"b": "8"}),
        # At a tie the coupon that lapses first is used, and no more coupons than are needed.
        (["100"], [offer("a", amount="10", group="g", ends=9), offer("b", amount="10", group="g", ends=3)],
         {"b": "10"}),
        (["10"], [offer("a", amount="10"), offer("b", amount="4"), offer("c", amount="6")], {"a": "10"}),
        # The gift takes off the price of one, not of all.
        (["100", "30"], [offer("a", gift="s2")], {"a": "30"}),
    ],
)  # fmt: skip
def test_the_best_lawful_combination_wins(amounts: list[str], offers: list[Offer], expected: dict[str, str]) -> None:
    assert used(combine(cart(*amounts), offers, BEARER)) == {key: D(amount) for key, amount in expected.items()}


@pytest.mark.parametrize(
    ("amounts", "offers", "expected"),
    [
        (["40"], [offer("a", amount="10", minimum="50")], {"a": "below_minimum"}),
        (["40"], [offer("a", amount="10", scope=Scope(skus=("other",)))], {"a": "nothing_in_scope"}),
        (["40"], [offer("a", gift="other")], {"a": "gift_not_in_cart"}),
        (["40"], [offer("a", amount="10", ends=0)], {"a": "lapsed"}),
        (["40"], [offer("a", amount="10", held=1)], {"a": "held"}),
        (["40"], [offer("a", amount="10", budget="9.99")], {"a": "budget"}),
        (["40"], [offer("a", amount="10", tiers=("gold",))], {"a": "tier"}),
        (["0"], [offer("a", amount="10")], {"a": "no_effect"}),
        (["100"], [offer("a", amount="10", exclusive=True), offer("b", amount="20")], {"a": "exclusive"}),
        (["100"], [offer("a", amount="10", group="g"), offer("b", amount="20", group="g")], {"a": "not_combined"}),
        (["100"], [offer("a", shipping=True), offer("b", shipping=True, apart=True)], {"a": "no_effect"}),
    ],
)
def test_what_is_not_used_has_its_reason(amounts: list[str], offers: list[Offer], expected: dict[str, str]) -> None:
    assert refused(combine(cart(*amounts), offers, BEARER)) == expected


def test_a_minimum_says_how_much_is_missing() -> None:
    found = combine(cart("20.50", "9.50"), [offer("a", amount="10", minimum="60")], BEARER)
    [(_, why)] = found.rejected
    assert why.facts == {"minimum": D("60"), "is": D("30"), "missing": D("30")}


def test_members_prices_come_first_and_count_for_minimums() -> None:
    whole = Cart((CartLine("1", 2, D("30"), D("5"), sku="s1"),), D(0))
    found = combine(
        whole,
        [offer("a", percent="10", minimum="40"), offer("b", amount="1", minimum="45.01")],
        BEARER,
        {"s1": D("25")},
    )
    assert [(line.amount, line.member_saving, line.left) for line in found.lines] == [(D("55"), D("10"), D("40.5"))]
    assert used(found) == {"a": D("4.5")}
    assert refused(found) == {"b": "below_minimum"}


def test_a_members_price_above_the_price_is_none() -> None:
    found = combine(cart("20"), [], BEARER, {"s1": D("25")})
    assert found.lines[0].member_saving == 0


AMOUNTS = st.decimals(min_value=0, max_value=300, places=2)
SCOPES = st.sampled_from([Scope(), Scope(categories=("skin",)), Scope(categories=("hair",)), Scope(not_skus=("s2",))])
GROUPS = st.sampled_from(["g", "h", "i", "j"])


@st.composite
def any_offers(draw: st.DrawFn, most: int = 6) -> list[Offer]:
    """Up to so many coupons of all kinds and rules."""
    found = []
    for place in range(draw(st.integers(0, most))):
        what: dict[str, Any] = draw(
            st.sampled_from([{"amount": "10"}, {"amount": "3.33"}, {"percent": "20"}, {"percent": "33", "cap": "7.77"}])
            | st.just({"shipping": True})
            | st.just({"gift": "s1"})
        )
        rules: dict[str, Any] = {
            "group": draw(GROUPS),
            "exclusive": draw(st.booleans()) and draw(st.booleans()),
            "joins": draw(st.none() | st.lists(GROUPS, max_size=3).map(tuple)),
            "priority": draw(st.integers(0, 1)),
            "minimum": draw(st.sampled_from(["0", "50"])),
            "scope": draw(SCOPES),
            "ends": draw(st.integers(1, 3)),
        }
        found.append(offer(f"o{place}", **what, **rules))
    return found


def lawful(offers: Sequence[Offer]) -> Iterator[tuple[Offer, ...]]:
    """Every set of which all may join each other."""
    for size in range(len(offers) + 1):
        for some in combinations(offers, size):
            if not any(checkout.may_join(one, other) for one, other in combinations(some, 2)):
                yield some


@settings(max_examples=300, deadline=None)
@given(st.lists(AMOUNTS, min_size=1, max_size=4), any_offers(), st.sampled_from(["0", "8"]))
def test_no_other_lawful_combination_saves_more(amounts: list[Decimal], offers: list[Offer], shipping: str) -> None:
    whole = cart(*map(str, amounts), shipping=shipping)
    found = combine(whole, offers, BEARER)
    alone = [one for one in offers if used(combine(whole, [one], BEARER))]
    best = max(sum(used(_all_of(whole, some)).values(), D(0)) for some in lawful(alone))
    assert found.saved == best
    chosen = [one.offer for one in found.applied]
    assert tuple(sorted(chosen, key=lambda one: one.key)) in [
        tuple(sorted(some, key=lambda one: one.key)) for some in lawful(alone)
    ]
    # All that was offered is either used or has its reason.
    assert {one.key for one in offers} == set(used(found)) | set(refused(found))


def _all_of(whole: Cart, some: Sequence[Offer]) -> Combination:
    """All of some offers, which may join each other, as they apply without a choice."""
    counter = checkout._Counter(whole, {})
    state = counter.start()
    applied = tuple(counter.apply(one, state) for one in sorted(some, key=checkout._order))
    return Combination(counter.outcomes(state), applied, (), counter.money(state.shipping))


@settings(max_examples=200, deadline=None)
@given(st.lists(AMOUNTS, min_size=1, max_size=6), any_offers())
def test_the_parts_sum_to_the_whole(amounts: list[Decimal], offers: list[Offer]) -> None:
    whole = cart(*map(str, amounts))
    found = combine(whole, offers, BEARER)
    for one in found.applied:
        assert sum(one.lines.values(), D(0)) + one.shipping == one.amount
        assert one.amount > 0
    for line in found.lines:
        taken = sum((one.lines.get(line.line_id, D(0)) for one in found.applied), D(0))
        assert line.left == line.amount - line.member_saving - taken >= 0
    assert found.shipping_left == whole.shipping - sum((one.shipping for one in found.applied), D(0)) >= 0


@settings(max_examples=60, deadline=None)
@given(st.lists(AMOUNTS, min_size=1, max_size=4), any_offers(), st.randoms())
def test_the_order_in_which_offers_are_named_changes_nothing(
    amounts: list[Decimal], offers: list[Offer], random: Any
) -> None:
    whole, mixed = cart(*map(str, amounts)), list(offers)
    random.shuffle(mixed)
    assert used(combine(whole, offers, BEARER)) == used(combine(whole, mixed, BEARER))


def test_of_more_than_twelve_the_most_promising_are_weighed_and_others_added() -> None:
    many = [offer(f"o{place:02}", amount=str(place)) for place in range(1, 16)]
    found = combine(cart("200"), many, BEARER)
    assert not found.is_exact
    assert len(found.applied) == 15
    assert found.saved == sum(range(1, 16))


def test_of_more_than_twelve_that_exclude_each_other_the_best_is_used() -> None:
    many = [offer(f"o{place:02}", amount=str(place), group="g") for place in range(1, 16)]
    found = combine(cart("200"), many, BEARER)
    assert used(found) == {"o15": D(15)}
    assert set(refused(found).values()) == {"not_combined"}


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 7), AMOUNTS), min_size=1, max_size=4),
    st.decimals(min_value=0, max_value=20, places=2),
    st.data(),
)
def test_any_sequence_and_grouping_of_returns_sums_to_the_whole(
    lines: list[tuple[int, Decimal]], shipping: Decimal, data: st.DataObject
) -> None:
    amounts = {str(place): amount for place, (_, amount) in enumerate(lines)}
    bought = {str(place): quantity for place, (quantity, _) in enumerate(lines)}
    units = data.draw(st.permutations([line_id for line_id, quantity in bought.items() for _ in range(quantity)]))
    returned = dict.fromkeys(bought, 0)
    before = added = D(0)
    while units:
        size = data.draw(st.integers(1, len(units)))
        for line_id in units[:size]:
            returned[line_id] += 1
        units = units[size:]
        state = {line_id: (returned[line_id], bought[line_id]) for line_id in bought}
        back = returned_share(amounts, shipping, before, state, nothing_left=not units, exponent=2)
        assert back.added >= 0
        assert all(back.lines[line_id] <= amounts[line_id] for line_id in amounts)
        before, added = back.total, added + back.added
    assert added == sum(amounts.values(), D(0)) + shipping
