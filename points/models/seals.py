"""Points' tables of proof: the hash chain over each member's entries, and the root that seals a night."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from members.models import Member

DIGEST_BYTES = 32


class Seal(models.Model):
    """The head of a member's chain after a night: SHA-256 over the head before it and all entries booked since.

    Append-only in the database. `points_seq` and `growth_seq` are the last entries it covers; `marks` are the first
    bytes of each covered entry's digest, in the order in which the head takes them, so that a broken head can say
    which entry it was.
    """

    pk = models.CompositePrimaryKey("member_id", "sealed_on")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    sealed_on = models.DateField(help_text="The business date whose night sealed it.")
    points_seq = models.IntegerField()
    growth_seq = models.IntegerField()
    head = models.BinaryField(max_length=DIGEST_BYTES)
    marks = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(points_seq__gte=0, growth_seq__gte=0), name="points_seal_covers_entries"
            ),
        ]
        indexes = [
            # The heads of a night, in the order in which its root takes them.
            models.Index(fields=["sealed_on", "member"], name="points_seal_of_night"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} on {self.sealed_on}"


class DaySeal(models.Model):
    """The root over all heads sealed since the root before it, chained to that one. Append-only; published.

    `branches` are the nodes of its tree above each 1,024 heads, side by side, so that a path to the root is quick.
    """

    sealed_on = models.DateField(primary_key=True)
    members = models.PositiveIntegerField()
    entries = models.PositiveBigIntegerField()
    root = models.BinaryField(max_length=DIGEST_BYTES)
    branches = models.BinaryField()
    sealed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.sealed_on}: {self.members} members"
