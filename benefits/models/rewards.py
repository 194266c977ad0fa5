"""Benefits' tables of rewards: the catalogue, redemptions, gifts that are sent, and pools of partners' codes."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from benefits.enums import FulfilmentState, RedemptionState, RewardKind
from benefits.models.coupons import Coupon, CouponDefinition
from benefits.models.matrix import Entitlement
from kit.models import choices
from members.models import Member
from orders.models import KEY, money_field


class GiftItem(models.Model):
    """A thing that is sent to members: a gift of a tier, a reward, a prize; `left` is what can still be promised."""

    code = models.SlugField(unique=True, max_length=60)
    names = models.JSONField(help_text='{"en": ..., "zh-hans": ..., "zh-hant": ...}')
    sku = models.CharField(max_length=KEY, blank=True)
    value = money_field(default=0, help_text="What it would cost a member to buy.")
    cost = money_field(default=0, help_text="What it costs the shop.")
    left = models.IntegerField(null=True, help_text="Empty: never runs out.")
    low_water = models.PositiveIntegerField(default=0, help_text="Below it the staff are told.")
    needs_address = models.BooleanField(default=True)
    is_archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(left=None) | Q(left__gte=0), name="benefits_giftitem_never_short"),
        ]

    def __str__(self) -> str:
        return self.code


class Pool(models.Model):
    """Codes of a partner, imported and given out one by one."""

    code = models.SlugField(unique=True, max_length=60)
    partner = models.CharField(max_length=80)
    names = models.JSONField(help_text="What a code gives, by language.")
    instructions = models.JSONField(default=dict, help_text="How to use one, by language.")
    value = money_field(default=0, help_text="What a code is worth to the member.")
    cost = money_field(default=0, help_text="What a code costs the shop.")
    low_water = models.PositiveIntegerField(default=0, help_text="Below it the staff are told.")
    is_archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.code


class PartnerCode(models.Model):
    """A code of a partner: free, or given to one member for one cause."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="codes", db_index=False)
    code = models.CharField(max_length=200, db_collation="C")
    ends_on = models.DateField(null=True, help_text="The last date on which the partner takes it.")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    source_key = models.CharField(max_length=300, blank=True, db_collation="C", help_text="What it was given for.")
    given_at = models.DateTimeField(null=True)
    revealed_at = models.DateTimeField(null=True, help_text="When the member first read it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "code"], name="benefits_partnercode_once"),
            models.UniqueConstraint(
                fields=["member", "source_key"],
                condition=Q(member__isnull=False),
                name="benefits_partnercode_once_a_cause",
            ),
            models.CheckConstraint(
                condition=Q(member=None, given_at=None, source_key="", revealed_at=None)
                | (Q(member__isnull=False, given_at__isnull=False) & ~Q(source_key="")),
                name="benefits_partnercode_given_whole",
            ),
        ]
        indexes = [
            # The next code to give: those that end soonest first.
            models.Index(fields=["pool", "ends_on", "id"], name="benefits_partnercode_free", condition=Q(member=None)),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id} {self.pk}"


class Reward(models.Model):
    """Something that points are redeemed for, its price by tier and how many there are."""

    code = models.SlugField(unique=True, max_length=60)
    kind = models.CharField(max_length=14, choices=choices(RewardKind))
    names = models.JSONField(help_text='{"en": ..., "zh-hans": ..., "zh-hant": ...}')
    says = models.JSONField(default=dict, help_text="What it is and how it is used, by language.")
    icon = models.CharField(max_length=30)
    prices = models.JSONField(help_text='Points by the code of the tier; "*" for those that are not named.')
    coupon = models.ForeignKey(CouponDefinition, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    item = models.ForeignKey(GiftItem, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    prizes = models.JSONField(default=list, help_text="Of a draw: what benefits.rules.lottery reads.")
    left = models.IntegerField(null=True, help_text="How many can still be redeemed; empty: any number.")
    member_max = models.PositiveIntegerField(null=True, help_text="How many one member may redeem; empty: any number.")
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    cancel_days = models.PositiveSmallIntegerField(default=0, help_text="How long a member may take it back himself.")
    is_on = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(left=None) | Q(left__gte=0), name="benefits_reward_never_short"),
            models.CheckConstraint(
                condition=Q(kind=RewardKind.COUPON.value, coupon__isnull=False, item=None, pool=None)
                | Q(kind=RewardKind.GIFT.value, coupon=None, item__isnull=False, pool=None)
                | Q(kind=RewardKind.PARTNER_CODE.value, coupon=None, item=None, pool__isnull=False)
                | Q(kind=RewardKind.DRAW.value, coupon=None, item=None, pool=None),
                name="benefits_reward_gives_what_its_kind_says",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Taken(models.Model):
    """How many of a reward one member has redeemed: the row under whose lock his limit holds."""

    pk = models.CompositePrimaryKey("member_id", "reward_id")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="+", db_index=False)
    times = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.reward_id} by {self.member_id}: {self.times}"


class Redemption(models.Model):
    """A reward that a member took for points, and what he got; cancelled, its points go back to their lots."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="+", db_index=False)
    source_key = models.CharField(max_length=300, db_collation="C", help_text="What asked for it.")
    points = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=choices(RedemptionState), default=RedemptionState.DONE)
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    partner_code = models.ForeignKey(PartnerCode, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    drawn = models.JSONField(null=True, help_text="Of a draw: the seed, the number drawn, the prize.")
    redeemed_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=300, blank=True)
    actor = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "source_key"], name="benefits_redemption_once"),
            models.CheckConstraint(condition=Q(points__gte=0), name="benefits_redemption_costs_no_less_than_nought"),
            models.CheckConstraint(
                condition=Q(state=RedemptionState.DONE.value, cancelled_at=None)
                | Q(state=RedemptionState.CANCELLED.value, cancelled_at__isnull=False),
                name="benefits_redemption_cancelled_whole",
            ),
        ]
        indexes = [
            # A member's redemptions, latest first.
            models.Index(fields=["member", "-redeemed_at"], name="benefits_redemption_of_member"),
            # The redemptions of a reward, latest first.
            models.Index(fields=["reward", "-redeemed_at"], name="benefits_redemption_of_reward"),
        ]

    def __str__(self) -> str:
        return f"{self.reward_id} for {self.points}"


class Fulfilment(models.Model):
    """A thing on its way to a member: promised by an entitlement or a redemption, sent by the staff."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(GiftItem, on_delete=models.PROTECT, related_name="+", db_index=False)
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    redemption = models.ForeignKey(Redemption, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    source_key = models.CharField(max_length=300, db_collation="C", help_text="What it was promised for.")
    state = models.CharField(max_length=14, choices=choices(FulfilmentState))
    address = models.JSONField(default=dict, help_text="{name, phone, lines, city, region, postcode}; erasable.")
    carrier = models.CharField(max_length=60, blank=True)
    tracking = models.CharField(max_length=80, blank=True)
    promised_at = models.DateTimeField()
    address_until = models.DateTimeField(null=True, help_text="Without an address by then it is cancelled.")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "source_key"], name="benefits_fulfilment_once_a_cause"),
            models.CheckConstraint(
                condition=~Q(state__in=[FulfilmentState.SHIPPED.value, FulfilmentState.DELIVERED.value])
                | ~Q(carrier=""),
                name="benefits_fulfilment_shipped_by_somebody",
            ),
        ]
        indexes = [
            # The staff's list: what is to be sent, oldest first.
            models.Index(fields=["state", "changed_at"], name="benefits_fulfilment_by_state"),
            # A member's gifts.
            models.Index(fields=["member", "-promised_at"], name="benefits_fulfilment_of_member"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} for {self.member_id} {self.state}"


class FulfilmentStep(models.Model):
    """One change of a fulfilment's state. Append-only in the database."""

    fulfilment = models.ForeignKey(Fulfilment, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=14, choices=choices(FulfilmentState))
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    note = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.fulfilment_id} {self.state}"
