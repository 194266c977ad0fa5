"""Points' tables of the ledger: balances, lots and entries."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from kit.models import choices
from members.models import Member
from points.enums import EntryKind, Wallet
from points.models.policies import PolicyVersion

ADDING = [EntryKind.ACCRUAL, EntryKind.RESTORATION, EntryKind.REINSTATEMENT, EntryKind.WRITE_OFF]
TAKING = [EntryKind.REDEMPTION, EntryKind.EXPIRY, EntryKind.REVERSAL]
KNOWN_WALLETS = Q(wallet__in=[wallet.value for wallet in Wallet])


class Balance(models.Model):
    """What a member holds in one wallet: the row that is locked, and the sum that is proved.

    available + pending = sum of the lots; available + pending - debt = sum of the entries. `seq` is the number of the
    wallet's last entry.
    """

    pk = models.CompositePrimaryKey("member_id", "wallet")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    wallet = models.CharField(max_length=10, choices=choices(Wallet))
    available = models.BigIntegerField(default=0)
    pending = models.BigIntegerField(default=0)
    debt = models.BigIntegerField(default=0)
    seq = models.IntegerField(default=0)
    idle_until = models.DateField(
        null=True, help_text="Through which date lots that expire by inactivity can be used; each deed moves it on."
    )
    idle_months = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="By how much: the longest wait promised for the lots held; 0 where none is."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=KNOWN_WALLETS, name="points_balance_wallet_known"),
            models.CheckConstraint(
                condition=Q(available__gte=0, pending__gte=0, debt__gte=0, seq__gte=0),
                name="points_balance_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(debt=0) | Q(available=0, pending=0), name="points_balance_debt_only_when_empty"
            ),
            models.CheckConstraint(
                condition=Q(idle_until=None) | Q(idle_months__gt=0), name="points_balance_waits_some_months"
            ),
        ]
        indexes = [
            # The console's list by points held.
            models.Index(fields=["wallet", "-available", "member"], name="points_balance_largest"),
            # expire_lots, notice_expiries: who has done nothing for too long by a date.
            models.Index(
                fields=["idle_until", "member"], name="points_balance_idle", condition=Q(idle_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wallet} of {self.member_id}"


class Lot(models.Model):
    """Units of one member that become active and expire on the same dates; several accruals may share it.

    Both dates are inclusive: it can be spent from the start of `active_on` to the end of `expires_on`. A lot that is
    used up is deleted, for what happened to it stands in the entries.
    """

    pk = models.CompositePrimaryKey("member_id", "wallet", "active_on", "expires_on")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    wallet = models.CharField(max_length=10, choices=choices(Wallet))
    active_on = models.DateField()
    expires_on = models.DateField()
    points = models.BigIntegerField()
    pending = models.BooleanField(
        help_text="Counted in the balance's pending; the night or the next deed books it over."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=KNOWN_WALLETS, name="points_lot_wallet_known"),
            models.CheckConstraint(condition=Q(points__gt=0), name="points_lot_holds_something"),
            models.CheckConstraint(condition=Q(active_on__lte=F("expires_on")), name="points_lot_active_before_expiry"),
        ]
        indexes = [
            # expire_lots: what ends on or before a date.
            models.Index(fields=["expires_on", "member"], name="points_lot_expiring"),
            # release_lots: what becomes active on or before a date.
            models.Index(fields=["active_on", "member"], name="points_lot_pending", condition=Q(pending=True)),
        ]

    def __str__(self) -> str:
        return f"{self.points} from {self.active_on} to {self.expires_on}"


class Entry(models.Model):
    """One line of the append-only ledger; UPDATE, DELETE and TRUNCATE are refused by the database.

    `points` is signed. What it did to lots is: for an accrual `points + debt_change` put into the lot (active_on,
    expires_on); for all others the three arrays, side by side, of amounts moved in the entry's own direction.
    `debt_change` is positive where the debt grew: points = sum of lots moved - debt_change.
    """

    pk = models.CompositePrimaryKey("member_id", "wallet", "seq")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    wallet = models.CharField(max_length=10, choices=choices(Wallet))
    seq = models.IntegerField()
    kind = models.CharField(max_length=14, choices=choices(EntryKind))
    points = models.BigIntegerField()
    debt_change = models.BigIntegerField(default=0)
    balance_after = models.BigIntegerField()
    source_key = models.CharField(max_length=1400, db_collation="C")
    at = models.DateTimeField()
    business_date = models.DateField()
    counts_on = models.DateField(help_text="The date whose window it counts in: of the accrual that a reversal undoes.")
    active_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    lot_active_on = ArrayField(models.DateField(), null=True)
    lot_expires_on = ArrayField(models.DateField(), null=True)
    lot_points = ArrayField(models.BigIntegerField(), null=True)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    explanation = models.JSONField(default=list, help_text="Steps as codes and facts; points.wording says them.")
    actor = models.CharField(max_length=80)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "wallet", "source_key", "kind"], name="points_entry_source_key_once"
            ),
            models.CheckConstraint(condition=KNOWN_WALLETS, name="points_entry_wallet_known"),
            models.CheckConstraint(condition=Q(seq__gt=0), name="points_entry_seq_counts_up"),
            models.CheckConstraint(
                # A return of which nothing is taken, or of which nothing comes back, has its line all the same.
                condition=Q(kind__in=ADDING, points__gt=0)
                | Q(kind__in=TAKING, points__lt=0)
                | Q(kind__in=[EntryKind.RESTORATION, EntryKind.REVERSAL], points=0)
                | (Q(kind__in=[EntryKind.TRANSFER, EntryKind.ADJUSTMENT]) & ~Q(points=0)),
                name="points_entry_sign_of_kind",
            ),
            models.CheckConstraint(
                condition=Q(active_on=None, expires_on=None)
                | Q(active_on__lte=F("expires_on"), expires_on__isnull=False, points__gt=0, lot_points=None),
                name="points_entry_one_lot_or_list",
            ),
        ]
        indexes = [
            # growth_in_window(): a member's growth by date.
            models.Index(
                fields=["member", "counts_on"],
                include=["business_date", "points"],
                name="points_entry_growth_window",
                condition=Q(wallet=Wallet.GROWTH),
            ),
            # recalculate_tiers: members whose window changes on a night.
            models.Index(
                fields=["counts_on", "member"], name="points_entry_growth_date", condition=Q(wallet=Wallet.GROWTH)
            ),
            # The same, for what became known on another date than it counts on: returns, edits.
            models.Index(
                fields=["business_date", "member"],
                name="points_entry_growth_late",
                condition=Q(wallet=Wallet.GROWTH) & ~Q(business_date=F("counts_on")),
            ),
            # points_open_books: what of a member's lots was let be on returns; the proof looks at all returns.
            models.Index(fields=["member"], name="points_entry_reversals", condition=Q(kind=EntryKind.REVERSAL)),
            # Day slices: the proof of a day, reports by month.
            BrinIndex(fields=["business_date"], pages_per_range=16, name="points_entry_by_date"),
            # close_liability: what was booked since the last closing.
            BrinIndex(fields=["recorded_at"], pages_per_range=16, name="points_entry_by_recorded"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.points} ({self.source_key})"
