"""Campaigns' tables of segments: saved questions about members with their versions, and lists of members."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from members.models import Account, Member


class Segment(models.Model):
    """A saved set of members: a question that is asked anew whenever it is used, or a list that was put together.

    Its owner sees it; everybody does once it is shared.
    """

    name = models.CharField(max_length=120)
    is_list = models.BooleanField(default=False)
    is_shared = models.BooleanField(default=False)
    is_archived = models.BooleanField(default=False)
    owner = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(is_archived=False), name="campaigns_segment_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentVersion(models.Model):
    """One wording of a segment's question. Append-only in the database; the latest is in use."""

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    tree = models.JSONField(help_text="What campaigns.rules.segments.tree_from reads.")
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "number"], name="campaigns_segmentversion_once"),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} version {self.number}"


class ListedMember(models.Model):
    """A member on a list."""

    pk = models.CompositePrimaryKey("segment_id", "member_id")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="listed", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.member_id} on {self.segment_id}"
