"""Members' chainable filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from members.models import Member  # noqa: F401  # named in the class's base


class MemberQuerySet(models.QuerySet["Member"]):
    """Filters of members."""

    def whole_of(self, member_id: int) -> Self:
        """Will keep a member and all who were merged into him: whose rows are his to see, too."""
        return self.filter(models.Q(id=member_id) | models.Q(merged_into_id=member_id))
