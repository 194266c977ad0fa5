"""What benefits bring: who may use them and does, what that saved and cost, and users beside the others. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from benefits.enums import BenefitKind, Family, SavedBy
from benefits.rules.matrix import Benefit

REWARD = "reward"
"""The kind of a use that was paid with points, where there is no benefit whose kind it would be."""

AT_CHECKOUT = frozenset({BenefitKind.FREE_SHIPPING, BenefitKind.MEMBER_PRICE, BenefitKind.MEMBER_DAY})


def is_counted(benefit: Benefit) -> bool:
    """Will say whether anybody could tell that a benefit is used: at a checkout, by what it gives, or by asking for it.

    A faster dispatch is used without anybody noting it.
    """
    is_booked = any(cell is not None and cell.is_booked() for cell in benefit.cells.values())
    return benefit.kind in AT_CHECKOUT or benefit.family is Family.ISSUED or is_booked


@dataclass(frozen=True, slots=True)
class SavedRow:
    """What a member saved by one coupon, one benefit, or all of a kind, and on what basis; `uses` after what came back.

    `names` are of the coupon, or of the reward of a single use; `coupon` is its code.
    """

    kind: str
    benefit: str
    coupon: str
    names: Mapping[str, str]
    saved_by: SavedBy
    uses: int
    saved: Decimal


@dataclass(frozen=True, slots=True)
class Group:
    """Some members, and what they ordered and spent in a period."""

    members: int = 0
    orders: int = 0
    spend: Decimal = Decimal(0)

    @property
    def spend_each(self) -> Decimal | None:
        """What one of them spent; None of nobody."""
        return self.spend / self.members if self.members else None

    @property
    def orders_each(self) -> Decimal | None:
        """How often one of them ordered; None of nobody."""
        return Decimal(self.orders) / self.members if self.members else None

    def without(self, part: "Group") -> "Group":
        """Will return the others of a group of which a part is known."""
        return Group(self.members - part.members, self.orders - part.orders, self.spend - part.spend)


NOBODY = Group()


def together(groups: Iterable[Group]) -> Group:
    """Will return several groups that share no member as one."""
    known = list(groups)
    return Group(
        sum(one.members for one in known),
        sum(one.orders for one in known),
        sum((one.spend for one in known), Decimal(0)),
    )


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of a benefit or a coupon in a period.

    `eligible` may use it, `using` are those of them who did. `users` counts all who did, whatever they hold by now.
    `given` members were given it, `seen` of them have looked; None where nothing is given.
    """

    eligible: Group = NOBODY
    using: Group = NOBODY
    users: int = 0
    times: int = 0
    saved: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    given: int | None = None
    seen: int | None = None

    @property
    def others(self) -> Group:
        """Those who may use it and did not."""
        return self.eligible.without(self.using)

    @property
    def use_rate(self) -> float | None:
        """Which share of those who may use it did; None where nobody may."""
        return self.using.members / self.eligible.members if self.eligible.members else None

    @property
    def is_idle(self) -> bool:
        """Whether somebody might have used it and nobody did."""
        return self.eligible.members > 0 and self.users == 0


@dataclass(frozen=True, slots=True)
class Used:
    """How a benefit was used by those who hold a tier now, empty where they hold none on its ladder."""

    tier: str
    times: int
    saved: Decimal
    cost: Decimal
    users: Group


def effect_of(
    benefit: Benefit,
    standing: Mapping[str, Group],
    used: Iterable[Used],
    given: tuple[int, int] | None,
) -> Effect:
    """Will put together what became of a benefit, from those who stand on each tier of its ladder and its uses."""
    known = list(used)
    held, seen = given or (0, 0)
    is_given = benefit.family is Family.ISSUED
    return Effect(
        eligible=together(group for tier, group in standing.items() if benefit.cell_of(tier) is not None),
        using=together(one.users for one in known if one.tier in standing and benefit.cell_of(one.tier) is not None),
        users=sum(one.users.members for one in known),
        times=sum(one.times for one in known),
        saved=sum((one.saved for one in known), Decimal(0)),
        cost=sum((one.cost for one in known), Decimal(0)),
        given=held if is_given else None,
        seen=seen if is_given else None,
    )
