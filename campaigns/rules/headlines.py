"""The few figures that stand for a whole campaign, of what came of its groups and what it cost. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from campaigns.rules.experiments import Arm, Interval, Sums, difference, extra_per_member

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Side:
    """What came of all who were treated, or of all who were kept apart."""

    members: int = 0
    converted: int = 0
    revenue: float = 0.0
    squares: float = 0.0

    def __add__(self, other: "Side") -> "Side":
        return Side(
            self.members + other.members,
            self.converted + other.converted,
            self.revenue + other.revenue,
            self.squares + other.squares,
        )

    @property
    def arm(self) -> Arm:
        """As experiments compare rates."""
        return Arm("", self.members, self.converted)

    @property
    def sums(self) -> Sums:
        """As experiments compare amounts."""
        return Sums(self.members, self.revenue, self.squares)


@dataclass(frozen=True, slots=True)
class Lifts:
    """How many more converted and how much more was spent because of a campaign; None where nobody was kept apart."""

    rate: Interval | None
    extra: Interval | None


def together(sides: Iterable[Side]) -> Side:
    """Will add sides up."""
    return sum(sides, Side())


def lifts(treated: Side, control: Side) -> Lifts:
    """Will compare the treated with the control, both of whom were watched alike."""
    if not treated.members or not control.members:
        return Lifts(None, None)
    each = extra_per_member(treated.sums, control.sums) if min(treated.members, control.members) > 1 else None
    times = treated.members
    extra = Interval(each.value * times, each.low * times, each.high * times) if each else None
    return Lifts(difference(treated.arm, control.arm), extra)


def in_money(points: int, coupons: Decimal, points_per_unit: int) -> Decimal:
    """Will return what points and coupons cost together, points at what they pay for."""
    worth = Decimal(points) / points_per_unit if points_per_unit else Decimal(0)
    return (worth + coupons).quantize(CENT)
