"""Forgetting erased members: what they asked about decisions, and the words of those made by hand."""

import datetime as dt
from collections.abc import Sequence

from tiers.models import Challenge, Decision

GONE = "erased"


def forget(*, member_ids: Sequence[int], at: dt.datetime, actor: str) -> None:
    """Will empty the words of erased members' questions, and of decisions; what was decided stays.

    The transaction is open to words (members.actions.open_to_words).
    """
    questions = Challenge.objects.filter(member_id__in=member_ids)
    questions.update(words=GONE)
    questions.filter(answered_at__isnull=False).update(answer=GONE)
    Decision.objects.filter(member_id__in=member_ids).exclude(reason="").update(reason=GONE)
