"""Members' tables of what is done with what is known of them: merges, notes, copies that were asked for, erasures."""

from django.db import models
from django.db.models import F, Q

from kit.models import choices
from members.enums import DuplicateKind, ExportState
from members.models.people import Account, Member


class Merge(models.Model):
    """Two memberships made one: what the survivor was given of the other's profile, so that it can be taken back.

    What moved in ledger, spend and coupons stands in their own rows, under the key merge:<id>.
    """

    survivor = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    merged = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=300)
    moved = models.JSONField(help_text="Identities by id, tags, fields that were filled, consents; emptied by erasure.")
    form_key = models.UUIDField(unique=True, help_text="Of the form, so that a second press is no second one.")
    merged_at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=80, blank=True)
    undo_reason = models.CharField(max_length=300, blank=True)
    rounds = models.PositiveIntegerField(default=0, help_text="How often something was carried over.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merged"], condition=Q(undone_at=None), name="members_merge_one_open"),
            models.CheckConstraint(condition=~Q(survivor=F("merged")), name="members_merge_of_two"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by="", undo_reason="")
                | (Q(undone_at__isnull=False) & ~Q(undone_by="")),
                name="members_merge_undone_whole",
            ),
        ]
        indexes = [
            # What was merged into a member, latest first.
            models.Index(fields=["survivor", "-merged_at"], name="members_merge_of_survivor"),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} into {self.survivor_id}"


class NotTwice(models.Model):
    """Two memberships that looked like one person's and are not: somebody has looked."""

    first = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=choices(DuplicateKind))
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="members_nottwice_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="members_nottwice_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"


class Note(models.Model):
    """What the staff write down about a member; he does not read it here, but gets it with the copy of his data."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=2000)
    written_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    form_key = models.UUIDField(unique=True, help_text="Of the form, so that a second press is no second one.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="members_note_says_something"),
            models.CheckConstraint(
                condition=Q(edited_at=None) | Q(edited_at__gte=F("written_at")), name="members_note_edited_later"
            ),
        ]
        indexes = [
            # The notes on a member's page, latest first.
            models.Index(fields=["member", "-written_at"], name="members_note_of_member"),
        ]

    def __str__(self) -> str:
        return f"note {self.pk} on {self.member_id}"


class DataExport(models.Model):
    """A copy of all that is held of a member: asked for, made by the worker, kept for a week."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    reason = models.CharField(max_length=300, blank=True, help_text="Why the staff asked; empty where he did.")
    state = models.CharField(max_length=10, choices=choices(ExportState), default=ExportState.WAITING)
    content = models.BinaryField(null=True, help_text="A zip file; taken away when its time is over.")
    error = models.CharField(max_length=300, blank=True)
    actor = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True, help_text="The first instant at which it cannot be fetched any more.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ExportState.DONE, content__isnull=False, made_at__isnull=False, ends_at__isnull=False)
                | (~Q(state=ExportState.DONE) & Q(content=None)),
                name="members_dataexport_there_when_done",
            ),
            models.UniqueConstraint(
                fields=["member", "actor"],
                condition=Q(state=ExportState.WAITING),
                name="members_dataexport_one_waiting",
            ),
        ]
        indexes = [
            # A member's copies, latest first.
            models.Index(fields=["member", "-asked_at"], name="members_dataexport_of_member"),
            # What is to be made, and what is over.
            models.Index(
                fields=["state", "ends_at"],
                name="members_dataexport_open",
                condition=Q(state__in=[ExportState.WAITING, ExportState.DONE]),
            ),
        ]

    def __str__(self) -> str:
        return f"export of {self.member_id} {self.state}"


class ErasureRequest(models.Model):
    """A member's wish to be erased: carried out by the night once he had time to change his mind."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    due_on = models.DateField(help_text="The date whose night erases.")
    actor = models.CharField(max_length=80)
    cancelled_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(cancelled_at=None, done_at=None),
                name="members_erasurerequest_one_open",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None) | Q(done_at=None), name="members_erasurerequest_closed_once"
            ),
        ]
        indexes = [
            # What the night carries out.
            models.Index(
                fields=["due_on"],
                name="members_erasurerequest_due",
                condition=Q(cancelled_at=None, done_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"erasure of {self.member_id} on {self.due_on}"


class Erasure(models.Model):
    """That a member was erased. Append-only in the database: whatever a restored backup brings back goes again."""

    member = models.OneToOneField(Member, on_delete=models.PROTECT, primary_key=True, related_name="+")
    erased_at = models.DateTimeField()
    by_request = models.BooleanField(help_text="He asked for it himself.")
    reason = models.CharField(max_length=300, blank=True, help_text="Why the staff did; no personal words.")
    actor = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"{self.member_id} erased"
