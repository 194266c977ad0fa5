"""Redeeming: points for a reward, in one transaction or not at all, and taken back as long as nothing was used.

Locks are taken in one order, so that no two deeds wait for each other: the member's wallets, by which all deeds on one
member's points go one after the other; then his count of the reward; then what members share - the reward's row, the
row of a gift, one code - held as shortly as may be. The wallets come first although the points are the last thing a
refusal asks about: every other deed of the house begins with them.
"""

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from benefits.actions.fulfilling import OutOfStock, UnknownItem, cancel_fulfilment, promise
from benefits.actions.issuing import NotIssued, UnknownCoupon, issue
from benefits.actions.pools import PoolEmpty, UnknownPool, give_back_code, take_code
from benefits.enums import FulfilmentState, PrizeKind, RedemptionState, RewardKind
from benefits.models import Coupon, Fulfilment, FulfilmentStep, Redemption, Reward, Taken
from benefits.queries.offers import offers_of
from benefits.rules import lottery
from benefits.rules.fulfilment import NOT_SENT, WrongStep
from benefits.rules.lottery import Prize
from benefits.rules.rewards import PRICE_MAX, Purse, Refusal, cancels_until, fault_of, price_for
from kit import audit, clock
from points import actions as points_actions
from points import queries as points_queries
from points.actions import KeyReused, NotEnoughPoints, NoWallet
from points.enums import Wallet
from tiers import queries as tiers_queries

NAMES = uuid.UUID("0f0f7a86-6a0b-5c39-8f55-3f6f6f3b7a11")
"""Ids come from member and source key, as those of points' reservations do."""

NO_ADDRESS = "no address in time"
GONE = (OutOfStock, PoolEmpty)
WITHDRAWN = (NotIssued, UnknownCoupon, UnknownItem, UnknownPool)


class NotRedeemed(Exception):
    """A member cannot have a reward; nothing was spent and nothing given. `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(f"{REFUSALS[refusal.code] % refusal.facts} Nothing was spent.")


class NotCancelled(Exception):
    """A redemption cannot be taken back; nothing was changed. `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(f"{KEPT[refusal.code] % refusal.facts} Nothing was changed.")


class NoRedemption(Exception):
    """There is no redemption of this id; nothing was changed."""


REFUSALS = {
    "unknown_reward": "There is no such reward.",
    "not_joined": "The member has not joined the programme.",
    "off": "The reward is not offered at present.",
    "not_yet": "The reward is not offered yet.",
    "over": "The reward is not offered any more.",
    "not_for_tier": "The reward is not for the member's tier.",
    "sold_out": "None of the reward is left.",
    "limit": "The member has had the reward as often as one member may (%(most)s).",
    "not_enough": "%(missing)s more points are needed.",
}
KEPT = {
    "draw": "A draw is final.",
    "used": "The coupon has been used.",
    "held": "A checkout holds the coupon.",
    "sent": "The gift has been sent.",
    "read": "The code has been read.",
    "too_late": "The time in which the member could give it back is over.",
}


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A reward that a member has for points; `is_new` is False where the same call had given it before.

    `code` is that of the coupon. A partner's code is read by `reveal_code`, for from then on it counts as used.
    """

    id: uuid.UUID
    member_id: int
    reward: str
    kind: str
    points: int
    state: str
    code: str
    partner_code_id: int | None
    drawn: dict[str, Any] | None
    redeemed_at: dt.datetime
    is_new: bool = False


@transaction.atomic
def redeem(
    *, member_id: int, reward: str, source_key: str, at: dt.datetime, actor: str, seed: bytes | None = None
) -> Redeemed:
    """Will take a reward's price from a member's points and give him the reward, all or nothing.

    The same key gives the first redemption again as it stands, for another reward it raises KeyReused. Raises
    NotRedeemed with the refusal. `seed` decides a draw, a random one where none is stated. Locks as the module says.
    """
    redemption_id = uuid.uuid5(NAMES, f"{member_id}:{source_key}")
    if there := _redeemed_before(redemption_id, reward, source_key):
        return there
    row, price = _allowed(member_id, reward, at)
    _pay(member_id, row, redemption_id, price, at, actor)
    if there := _redeemed_before(redemption_id, reward, source_key):
        return there
    _count(member_id, row)
    _take_one(row)
    made = Redemption.objects.create(
        id=redemption_id,
        member_id=member_id,
        reward=row,
        source_key=source_key,
        points=price,
        redeemed_at=at,
        actor=actor,
    )
    try:
        _give(made, row, at, actor, seed)
    except GONE as error:
        raise NotRedeemed(Refusal("sold_out")) from error
    except WITHDRAWN as error:
        raise NotRedeemed(Refusal("off")) from error
    made.save(update_fields=["coupon", "partner_code", "drawn"])
    becomes = {"redemption": str(made.id), "reward": reward, "points": price}
    audit.record(at=at, actor=actor, deed="reward.redeemed", subject=f"member:{member_id}", becomes=becomes)
    return _value(made, is_new=True)


def _redeemed_before(redemption_id: uuid.UUID, reward: str, source_key: str) -> Redeemed | None:
    row = Redemption.objects.filter(id=redemption_id).select_related("reward", "coupon").first()
    if row is None:
        return None
    if row.reward.code != reward:
        raise KeyReused(source_key)
    return _value(row)


def _allowed(member_id: int, reward: str, at: dt.datetime) -> tuple[Reward, int]:
    """Will return a reward and its price for a member; whether his points suffice the ledger says, under its lock."""
    row = Reward.objects.filter(code=reward).select_related("coupon", "item", "pool").first()
    if row is None:
        raise NotRedeemed(Refusal("unknown_reward"))
    tier = tiers_queries.tier_before(member_id, at, "").code
    times = Taken.objects.filter(member_id=member_id, reward=row).values_list("times", flat=True).first() or 0
    [offer] = offers_of([row], clock.business_date(at))
    if fault := fault_of(offer, Purse(tier, PRICE_MAX, times=times), at):
        raise NotRedeemed(fault)
    price = price_for(offer.prices, tier)
    assert price is not None, "fault_of refuses a tier without a price"
    return row, price


def _pay(member_id: int, row: Reward, redemption_id: uuid.UUID, price: int, at: dt.datetime, actor: str) -> None:
    policy = points_queries.policy_on(clock.business_date(at))
    try:
        points_actions.spend(
            member_id=member_id,
            source_key=key_of(redemption_id),
            points=price,
            explanation=[{"code": "redeemed", "points": price, "reward": row.code, "names": row.names}],
            policy_id=policy.id,
            at=at,
            actor=actor,
        )
    except NotEnoughPoints as error:
        missing = error.wanted + error.debt - error.spendable
        raise NotRedeemed(Refusal("not_enough", {"missing": missing, "price": price})) from error
    except NoWallet as error:
        raise NotRedeemed(Refusal("not_joined")) from error


def key_of(redemption_id: uuid.UUID) -> str:
    """Will return the source key of a redemption: of its entries, and of whatever it gives."""
    return f"redemption:{redemption_id}"


def _count(member_id: int, row: Reward) -> None:
    """Will count one more of the member's; his wallets are locked, so nobody else counts for him just now."""
    Taken.objects.bulk_create([Taken(member_id=member_id, reward=row)], ignore_conflicts=True)
    mine = Taken.objects.filter(member_id=member_id, reward=row)
    free = mine if row.member_max is None else mine.filter(times__lt=row.member_max)
    if not free.update(times=F("times") + 1):
        raise NotRedeemed(Refusal("limit", {"most": row.member_max}))


def _take_one(row: Reward) -> None:
    """Will take one off the reward's stock; where there is no limit nobody waits for a lock."""
    if row.left is not None and not Reward.objects.filter(id=row.id, left__gt=0).update(left=F("left") - 1):
        raise NotRedeemed(Refusal("sold_out"))


# ---- what it gives


def _give(made: Redemption, row: Reward, at: dt.datetime, actor: str, seed: bytes | None) -> None:
    if row.kind == RewardKind.DRAW:
        _draw(made, row, at, actor, seed or secrets.token_bytes(lottery.SEED_BYTES))
    else:
        given = {RewardKind.COUPON: row.coupon, RewardKind.GIFT: row.item, RewardKind.PARTNER_CODE: row.pool}
        thing = given[RewardKind(row.kind)]
        assert thing is not None, "benefits_reward_gives_what_its_kind_says"
        _hand_over(made, PrizeKind(row.kind), thing.code, at, actor)


def _hand_over(made: Redemption, kind: PrizeKind, what: str, at: dt.datetime, actor: str) -> None:
    """Will give a coupon, promise a gift or take a code, and name it in the redemption."""
    key, member_id = key_of(made.id), made.member_id
    match kind:
        case PrizeKind.COUPON:
            issued = issue(member_id=member_id, definition=what, source_key=key, at=at, actor=actor)
            made.coupon_id = issued.id
        case PrizeKind.GIFT:
            promise(member_id=member_id, item=what, source_key=key, redemption_id=made.id, at=at, actor=actor)
        case PrizeKind.PARTNER_CODE:
            taken = take_code(member_id=member_id, pool=what, source_key=key, at=at, actor=actor)
            made.partner_code_id = taken.id
        case PrizeKind.POINTS:
            raise ValueError("Points are credited by _credit.")


def _draw(made: Redemption, row: Reward, at: dt.datetime, actor: str, seed: bytes) -> None:
    """Will draw a prize and give it; one that turns out to be gone leaves its chance to the consolation prize.

    The reward's row is locked, so that the odds that are kept are those under which it was drawn.
    """
    locked = Reward.objects.select_for_update(no_key=True).get(id=row.id)
    prizes = lottery.prizes_from(locked.prizes)
    gone = set(lottery.emptied(prizes))
    drawn = lottery.draw(prizes, seed, gone)
    while drawn.place is not None and not _give_prize(made, prizes[drawn.place], at, actor):
        gone.add(drawn.place)
        drawn = lottery.draw(prizes, seed, gone)
    if drawn.place is not None and prizes[drawn.place].left is not None:
        locked.prizes[drawn.place]["left"] -= 1
        locked.save(update_fields=["prizes"])
    made.drawn = {
        "seed": seed.hex(),
        "number": drawn.number,
        "place": drawn.place,
        "prizes": [lottery.stored_prize(prize) for prize in prizes],
        "gone": sorted(gone),
    }


def _give_prize(made: Redemption, prize: Prize, at: dt.datetime, actor: str) -> bool:
    """Will give a prize; False, with nothing changed, where none of it is left or it is given no more."""
    if prize.kind is PrizeKind.POINTS:
        _credit(made, prize, at, actor)
        return True
    try:
        with transaction.atomic():
            _hand_over(made, prize.kind, prize.gives, at, actor)
    except (*GONE, *WITHDRAWN):
        return False
    return True


def _credit(made: Redemption, prize: Prize, at: dt.datetime, actor: str) -> None:
    today = clock.business_date(at)
    policy = points_queries.policy_on(today)
    points_actions.credit(
        member_id=made.member_id,
        wallet=Wallet.POINTS,
        source_key=f"{key_of(made.id)}:prize",
        points=prize.points,
        lot=(today, policy.expires_on(today)),
        explanation=[{"code": "prize", "points": prize.points, "reward": prize.key, "names": dict(prize.names)}],
        policy_id=policy.id,
        at=at,
        actor=actor,
    )


# ---- taken back


@transaction.atomic
def cancel_redemption(
    *, redemption_id: uuid.UUID, reason: str, at: dt.datetime, actor: str, by_member: bool
) -> Redeemed:
    """Will take a reward back, and put its points into the very lots they came from; again changes nothing.

    The coupon becomes void, the gift goes back on the shelf, the code is free again, the stock and the member's limit
    have one more. Raises NoRedemption, and NotCancelled where the reward has been used, sent or read, is a draw, or
    the member himself comes after the reward's days. Locks as the module says.
    """
    row = Redemption.objects.filter(id=redemption_id).select_related("reward").first()
    if row is None:
        raise NoRedemption(f"There is no redemption {redemption_id}. Nothing was changed.")
    if row.state == RedemptionState.CANCELLED:
        return _value(row)
    if row.reward.kind == RewardKind.DRAW:
        raise NotCancelled(Refusal("draw"))
    if by_member:
        _refuse_late(row, at)
    steps = [{"code": "redemption_cancelled", "points": row.points, "reward": row.reward.code}]
    steps[0]["names"] = row.reward.names
    points_actions.return_spent(member_id=row.member_id, source_key=key_of(row.id), steps=steps, at=at, actor=actor)
    row.refresh_from_db(fields=["state"])
    if row.state == RedemptionState.CANCELLED:
        return _value(row)
    _take_back(row, reason, at, actor, by_member=by_member)
    Taken.objects.filter(member_id=row.member_id, reward=row.reward, times__gt=0).update(times=F("times") - 1)
    Reward.objects.filter(id=row.reward_id, left__isnull=False).update(left=F("left") + 1)
    row.state, row.cancelled_at, row.cancel_reason = RedemptionState.CANCELLED, at, reason
    row.save(update_fields=["state", "cancelled_at", "cancel_reason", "partner_code"])
    becomes = {"redemption": str(row.id), "reward": row.reward.code, "points": row.points}
    audit.record(
        at=at, actor=actor, deed="reward.cancelled", subject=f"member:{row.member_id}", becomes=becomes, reason=reason
    )
    return _value(row)


@transaction.atomic
def give_up_gift(*, fulfilment_id: int, reason: str, at: dt.datetime, actor: str) -> None:
    """Will give up sending a gift: with the redemption that paid for it, so that its points come back, else alone.

    A prize of a draw goes alone, for a draw is final. Raises NoFulfilment, WrongStep and NotCancelled. Locks as
    cancel_redemption and cancel_fulfilment do.
    """
    paid = Fulfilment.objects.filter(id=fulfilment_id, redemption__isnull=False)
    paid = paid.exclude(redemption__reward__kind=RewardKind.DRAW)
    redemption_id = paid.values_list("redemption_id", flat=True).first()
    if redemption_id is None:
        cancel_fulfilment(fulfilment_id=fulfilment_id, reason=reason, at=at, actor=actor)
    else:
        cancel_redemption(redemption_id=redemption_id, reason=reason, at=at, actor=actor, by_member=False)


def lapse_gift(*, fulfilment_id: int, at: dt.datetime, actor: str) -> bool:
    """Will give up a gift that has no address by its time, as give_up_gift does; False where it has one by now.

    Whether it has is asked afterwards, of its steps: only give_up_gift holds the locks in their order. Raises
    NoFulfilment.
    """
    try:
        with transaction.atomic():
            give_up_gift(fulfilment_id=fulfilment_id, reason=NO_ADDRESS, at=at, actor=actor)
            steps = FulfilmentStep.objects.filter(fulfilment_id=fulfilment_id).order_by("-id")
            if [step.state for step in steps[:2]][-1] != FulfilmentState.NEEDS_ADDRESS:
                raise _AddressedMeanwhile
    except (_AddressedMeanwhile, NotCancelled, WrongStep):
        return False
    return True


class _AddressedMeanwhile(Exception):
    """The member was faster than the night."""


def _refuse_late(row: Redemption, at: dt.datetime) -> None:
    until = cancels_until(clock.business_date(row.redeemed_at), row.reward.cancel_days)
    if until is None or clock.business_date(at) > until:
        raise NotCancelled(Refusal("too_late", {"until": until}))


def _take_back(row: Redemption, reason: str, at: dt.datetime, actor: str, *, by_member: bool) -> None:
    match RewardKind(row.reward.kind):
        case RewardKind.COUPON:
            _void(row, reason, at)
        case RewardKind.GIFT:
            _keep(row, reason, at, actor, by_member=by_member)
        case RewardKind.PARTNER_CODE:
            assert row.partner_code_id is not None, "a redemption of a code has its code"
            if not give_back_code(code_id=row.partner_code_id, at=at, actor=actor):
                raise NotCancelled(Refusal("read"))
            # The code may be another member's tomorrow.
            row.partner_code = None


def _void(row: Redemption, reason: str, at: dt.datetime) -> None:
    assert row.coupon_id is not None, "a redemption of a coupon has its coupon"
    coupon = Coupon.objects.select_for_update().get(id=row.coupon_id)
    if coupon.used or coupon.held:
        raise NotCancelled(Refusal("used" if coupon.used else "held"))
    if coupon.voided_at is None:
        coupon.voided_at, coupon.void_reason = at, reason or "redemption cancelled"
        coupon.save(update_fields=["voided_at", "void_reason"])


def _keep(row: Redemption, reason: str, at: dt.datetime, actor: str, *, by_member: bool) -> None:
    """Will keep a gift in the house: one that is not sent, or, where the staff say so, one that came back."""
    sent = Fulfilment.objects.select_for_update().get(member_id=row.member_id, source_key=key_of(row.id))
    may = NOT_SENT | {FulfilmentState.CANCELLED} | (set() if by_member else {FulfilmentState.RETURNED})
    if FulfilmentState(sent.state) not in may:
        raise NotCancelled(Refusal("sent"))
    cancel_fulfilment(fulfilment_id=sent.id, reason=reason, at=at, actor=actor)


def _value(row: Redemption, *, is_new: bool = False) -> Redeemed:
    return Redeemed(
        id=row.id,
        member_id=row.member_id,
        reward=row.reward.code,
        kind=row.reward.kind,
        points=row.points,
        state=row.state,
        code=row.coupon.code if row.coupon else "",
        partner_code_id=row.partner_code_id,
        drawn=row.drawn,
        redeemed_at=row.redeemed_at,
        is_new=is_new,
    )
