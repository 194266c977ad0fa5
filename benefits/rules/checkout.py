"""The checkout's engine: which of the coupons and benefits at hand take how much off a cart, and why not the others.

Pure. Amounts are whole coins of the currency inside, decimals outside. The best lawful combination wins - the most
that comes off, then the fewest coupons, then those that lapse first - exactly among up to EXACT_MAX candidates, among
the most promising of more.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from benefits.enums import CouponKind, DiscountKind
from benefits.rules.coupons import Bearer, Rejection, Standing, Terms, fault_of
from kit.money import share_whole

EXACT_MAX = 12
"""Among so many candidates every combination is weighed; of more, those that alone would take off the most."""

LAST = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class CartLine:
    """A line of a cart; `discount` is what the shop itself takes off the line's total."""

    line_id: str
    quantity: int
    unit_price: Decimal
    discount: Decimal = Decimal(0)
    sku: str = ""
    name: str = ""
    category: str = ""
    brand: str = ""


@dataclass(frozen=True, slots=True)
class Cart:
    """What a member is about to buy; `exponent` is how many decimals the currency's smallest coin has."""

    lines: tuple[CartLine, ...]
    shipping: Decimal = Decimal(0)
    exponent: int = 2


@dataclass(frozen=True, slots=True)
class Offer:
    """A coupon or a benefit that may take something off. `key` is unique among those of a cart.

    An entitlement that `stands_apart` goes with everything: it is neither kept out by an exclusive coupon nor counted
    as a coupon used.
    """

    key: str
    kind: DiscountKind
    terms: Terms
    standing: Standing
    stands_apart: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """An offer that is used: what it takes off altogether, off the shipping, and off each line."""

    offer: Offer
    amount: Decimal
    shipping: Decimal
    lines: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """A line as it comes out: the shop's price less its discount, the members' price, and what is left to pay."""

    line_id: str
    amount: Decimal
    member_saving: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class Combination:
    """What comes off a cart. `is_exact` is False where there were more candidates than every combination of could be
    weighed."""

    lines: tuple[LineOutcome, ...]
    applied: tuple[Applied, ...]
    rejected: tuple[tuple[Offer, Rejection], ...]
    shipping_left: Decimal
    is_exact: bool = True

    @property
    def basis(self) -> Decimal:
        """What is left to pay for the goods."""
        return sum((line.left for line in self.lines), Decimal(0))

    @property
    def saved(self) -> Decimal:
        """What all offers take off, members' prices not counted."""
        return sum((one.amount for one in self.applied), Decimal(0))


def combine(
    cart: Cart, offers: Sequence[Offer], bearer: Bearer, member_prices: Mapping[str, Decimal] | None = None
) -> Combination:
    """Will find the best lawful combination of offers for a cart; `member_prices` are by SKU, and come first."""
    counter = _Counter(cart, member_prices or {})
    good, rejected = _sift(counter, offers, bearer)
    good.sort(key=_order)
    weighed = good
    if len(good) > EXACT_MAX:
        promising = sorted(good, key=lambda offer: (-counter.alone(offer), _lapses(offer), offer.key))[:EXACT_MAX]
        weighed = sorted(promising, key=_order)
    chosen = _Search(counter, weighed).best()
    if len(good) > EXACT_MAX:
        chosen = _with_more(counter, chosen, [offer for offer in good if offer not in weighed])
    state = counter.start()
    applied = tuple(counter.apply(offer, state) for offer in chosen)
    for offer in good:
        if offer not in chosen:
            rejected.append((offer, _why_not(counter, offer, chosen)))
    return Combination(
        lines=counter.outcomes(state),
        applied=applied,
        rejected=tuple(rejected),
        shipping_left=counter.money(state.shipping),
        is_exact=len(good) <= EXACT_MAX,
    )


def _sift(
    counter: "_Counter", offers: Sequence[Offer], bearer: Bearer
) -> tuple[list[Offer], list[tuple[Offer, Rejection]]]:
    """Will tell offers that can be used on this cart from those that cannot, with why."""
    good: list[Offer] = []
    rejected: list[tuple[Offer, Rejection]] = []
    for offer in offers:
        fault = fault_of(offer.terms, offer.standing, bearer) or counter.fault(offer)
        if fault:
            rejected.append((offer, fault))
        else:
            good.append(offer)
    return good, rejected


KIND_ORDER = {CouponKind.GIFT: 0, CouponKind.PERCENT: 1, CouponKind.AMOUNT: 2, CouponKind.FREE_SHIPPING: 3}
"""A share of the goods is taken before an amount comes off: so the member gets more."""


def _order(offer: Offer) -> tuple[int, int, dt.datetime, str]:
    return offer.terms.priority, KIND_ORDER[offer.terms.kind], _lapses(offer), offer.key


def _lapses(offer: Offer) -> dt.datetime:
    return offer.standing.ends_at or LAST


def may_join(one: Offer, other: Offer) -> Rejection | None:
    """Will return why two offers may not be used together, or None where they may."""
    if one.stands_apart or other.stands_apart:
        return None
    for this, that in ((one, other), (other, one)):
        if this.terms.exclusive:
            return Rejection("exclusive", {"with": other.key, "exclusive": this.key})
        if this.terms.joins is not None and that.terms.group not in this.terms.joins:
            return Rejection("not_combined", {"with": other.key})
    if one.terms.group == other.terms.group:
        return Rejection("not_combined", {"with": other.key})
    return None


def _why_not(counter: "_Counter", offer: Offer, chosen: Sequence[Offer]) -> Rejection:
    """Will say why a good offer is not in the best combination: what it may not join, or that nothing is left."""
    for other in chosen:
        if refused := may_join(offer, other):
            return refused
    return Rejection("no_effect")


@dataclass(slots=True)
class _State:
    """What is left of each line and of the shipping, in coins, while offers are applied one by one."""

    lines: list[int]
    shipping: int


class _Counter:
    """A cart in coins, and what one offer takes off a state of it."""

    def __init__(self, cart: Cart, member_prices: Mapping[str, Decimal]) -> None:
        self.cart = cart
        self.unit = Decimal(1).scaleb(-cart.exponent)
        self.amounts = [self._coins(line.quantity * line.unit_price - line.discount) for line in cart.lines]
        self.savings = [
            self._member_saving(line, amount, member_prices)
            for line, amount in zip(cart.lines, self.amounts, strict=True)
        ]
        self.net = [amount - saving for amount, saving in zip(self.amounts, self.savings, strict=True)]
        self.places: dict[str, tuple[int, ...]] = {}
        self.caps: dict[str, tuple[int, int | None]] = {}
        self.solo: dict[str, int] = {}

    def _coins(self, amount: Decimal) -> int:
        return int(amount.scaleb(self.cart.exponent).to_integral_value(rounding=ROUND_HALF_UP))

    def money(self, coins: int) -> Decimal:
        """Will write coins as an amount."""
        return coins * self.unit

    def _member_saving(self, line: CartLine, amount: int, prices: Mapping[str, Decimal]) -> int:
        price = prices.get(line.sku) if line.sku else None
        if price is None or price >= line.unit_price:
            return 0
        return min(self._coins(line.quantity * (line.unit_price - price)), amount)

    def start(self) -> _State:
        """Will return the cart before any offer."""
        return _State(list(self.net), self._coins(self.cart.shipping))

    def scope(self, offer: Offer) -> tuple[int, ...]:
        """Will return the positions of the lines that an offer is for."""
        if offer.key not in self.places:
            terms = offer.terms
            self.places[offer.key] = tuple(
                place
                for place, line in enumerate(self.cart.lines)
                if (line.sku == terms.gift if terms.kind is CouponKind.GIFT else True)
                and terms.scope.has(line.sku, line.category, line.brand)
            )
            cap = None if terms.cap is None else self._coins(terms.cap)
            self.caps[offer.key] = self._coins(terms.amount), cap
        return self.places[offer.key]

    def fault(self, offer: Offer) -> Rejection | None:
        """Will return why an offer takes nothing off this cart, whatever else is used; None where it does."""
        terms, places = offer.terms, self.scope(offer)
        if terms.kind is CouponKind.GIFT and not places:
            return Rejection("gift_not_in_cart", {"sku": terms.gift})
        if not places:
            return Rejection("nothing_in_scope")
        counted = places if terms.kind is not CouponKind.GIFT else tuple(self._in_scope_of_minimum(terms))
        total = sum(self.net[place] for place in counted)
        minimum = self._coins(terms.minimum)
        if total < minimum:
            facts = {"minimum": self.money(minimum), "is": self.money(total), "missing": self.money(minimum - total)}
            return Rejection("below_minimum", facts)
        alone = self.alone(offer)
        if not alone:
            return Rejection("no_effect")
        left = offer.standing.budget_left
        if left is not None and self.money(alone) > left:
            return Rejection("budget")
        return None

    def _in_scope_of_minimum(self, terms: Terms) -> Iterator[int]:
        for place, line in enumerate(self.cart.lines):
            if line.sku != terms.gift:
                yield place

    def alone(self, offer: Offer) -> int:
        """Will return what an offer takes off the untouched cart: the most that it can."""
        if offer.key not in self.solo:
            state = self.start()
            self.solo[offer.key] = self.takes(offer, state)
        return self.solo[offer.key]

    def takes(self, offer: Offer, state: _State) -> int:
        """Will return how many coins an offer takes off a state, which is left as it is."""
        terms, places = offer.terms, self.scope(offer)
        amount, cap = self.caps[offer.key]
        if terms.kind is CouponKind.FREE_SHIPPING:
            coins = state.shipping
        elif terms.kind is CouponKind.GIFT:
            place = max(places, key=lambda one: state.lines[one] // self.cart.lines[one].quantity)
            coins = state.lines[place] // self.cart.lines[place].quantity
        else:
            left = sum(state.lines[place] for place in places)
            coins = min(amount, left) if terms.kind is CouponKind.AMOUNT else _percent(left, terms.percent)
        return coins if cap is None else min(coins, cap)

    def take(self, offer: Offer, state: _State) -> tuple[int, list[int]]:
        """Will take what an offer takes off a state; returns the coins, and how many of each line in its scope."""
        coins, places = self.takes(offer, state), self.scope(offer)
        if offer.terms.kind is CouponKind.FREE_SHIPPING:
            state.shipping -= coins
            return coins, []
        weights = [state.lines[place] for place in places]
        if offer.terms.kind is CouponKind.GIFT:
            best = max(places, key=lambda one: state.lines[one] // self.cart.lines[one].quantity)
            parts = [coins if place == best else 0 for place in places]
        else:
            parts = _share(coins, weights)
        for place, part in zip(places, parts, strict=True):
            state.lines[place] -= part
        return coins, parts

    def apply(self, offer: Offer, state: _State) -> Applied:
        """Will take what an offer takes off a state, and say it in amounts."""
        coins, parts = self.take(offer, state)
        is_shipping = offer.terms.kind is CouponKind.FREE_SHIPPING
        lines = {
            self.cart.lines[place].line_id: self.money(part)
            for place, part in zip(self.scope(offer), parts, strict=False)
            if part
        }
        return Applied(offer, self.money(coins), self.money(coins) if is_shipping else Decimal(0), lines)

    def outcomes(self, state: _State) -> tuple[LineOutcome, ...]:
        """Will return the lines of a state in amounts."""
        return tuple(
            LineOutcome(line.line_id, self.money(amount), self.money(saving), self.money(left))
            for line, amount, saving, left in zip(self.cart.lines, self.amounts, self.savings, state.lines, strict=True)
        )


def _percent(coins: int, percent: Decimal) -> int:
    """Will return so many percent of coins, half a coin rounded up."""
    exact = coins * percent
    return int((exact / 100).to_integral_value(rounding=ROUND_HALF_UP))


def _share(coins: int, weights: list[int]) -> list[int]:
    """As kit.money.share, of whole weights."""
    if len(weights) == 1:
        return [coins]
    if coins == sum(weights):
        return weights
    return share_whole(coins, weights)


@dataclass(slots=True)
class _Found:
    """The best combination so far: what it takes off, and by what it wins a tie."""

    saved: int = 0
    rank: tuple[int, tuple[tuple[dt.datetime, str], ...]] = (0, ())
    chosen: tuple[Offer, ...] = ()


class _Search:
    """Every lawful combination of some offers, in the order in which they apply; branches that cannot win are cut."""

    def __init__(self, counter: _Counter, offers: Sequence[Offer]) -> None:
        self.counter, self.offers = counter, offers
        most = [counter.alone(offer) for offer in offers]
        self.most_from = [sum(most[place:]) for place in range(len(offers) + 1)]
        self.foes = {
            offer.key: frozenset(other.key for other in offers if other is not offer and may_join(offer, other))
            for offer in offers
        }
        self.found = _Found()

    def best(self) -> tuple[Offer, ...]:
        """Will return the offers of the best combination, in the order in which they apply."""
        self._from(0, self.counter.start(), 0, ())
        return self.found.chosen

    def _from(self, place: int, state: _State, saved: int, chosen: tuple[Offer, ...]) -> None:
        if saved + self.most_from[place] < self.found.saved:
            return
        if place == len(self.offers):
            self._weigh(saved, chosen)
            return
        offer = self.offers[place]
        if not any(other.key in self.foes[offer.key] for other in chosen):
            with_it = _State(list(state.lines), state.shipping)
            coins, _ = self.counter.take(offer, with_it)
            if coins:
                self._from(place + 1, with_it, saved + coins, (*chosen, offer))
        self._from(place + 1, state, saved, chosen)

    def _weigh(self, saved: int, chosen: tuple[Offer, ...]) -> None:
        rank = _rank(chosen)
        if saved > self.found.saved or (saved == self.found.saved and rank < self.found.rank):
            self.found = _Found(saved, rank, chosen)


def _rank(chosen: Sequence[Offer]) -> tuple[int, tuple[tuple[dt.datetime, str], ...]]:
    """By what a combination wins a tie: the fewest coupons, then those that lapse first."""
    coupons = [offer for offer in chosen if not offer.stands_apart]
    return len(coupons), tuple(sorted((_lapses(offer), offer.key) for offer in chosen))


def _with_more(counter: _Counter, chosen: Sequence[Offer], others: Sequence[Offer]) -> tuple[Offer, ...]:
    """Will add to a combination, one by one, what may join it and still takes something off."""
    kept = list(chosen)
    for offer in others:
        if any(may_join(offer, other) for other in kept):
            continue
        tried = sorted([*kept, offer], key=_order)
        if _saved(counter, tried) > _saved(counter, kept):
            kept = tried
    return tuple(kept)


def _saved(counter: _Counter, offers: Sequence[Offer]) -> int:
    state = counter.start()
    return sum(counter.take(offer, state)[0] for offer in offers)
