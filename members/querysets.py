"""Members' chainable filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models.functions import Lower

if TYPE_CHECKING:
    from members.models import Member  # noqa: F401  # named in the class's base


class MemberQuerySet(models.QuerySet["Member"]):
    """Filters of members."""

    def whole_of(self, member_id: int) -> Self:
        """Will keep a member and all who were merged into him: whose rows are his to see, too."""
        return self.filter(models.Q(id=member_id) | models.Q(merged_into_id=member_id))

    def matching(self, text: str) -> Self:
        """Will keep members whose number, identity or part of the name is the given text."""
        text = text.strip()
        exact = models.Q(number=text.upper()) | models.Q(identities__value__in=[text, text.lower()])
        return (
            self.alias(lower_name=Lower("name")).filter(exact | models.Q(lower_name__contains=text.lower())).distinct()
        )
