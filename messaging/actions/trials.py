"""Sending a template's words to oneself: a look at how they arrive, and so a row in the audit log."""

import datetime as dt
import logging

from celery import current_app
from django.db import transaction
from django.utils import translation
from django.utils.translation import pgettext
from kombu.exceptions import OperationalError as BrokerAway

from kit import audit, locks
from members import queries as members_queries
from messaging.enums import Channel
from messaging.models import Trial
from messaging.queries.merging import values_for
from messaging.queries.previews import Previewed, preview_with
from messaging.rules.content import Words
from messaging.rules.fields import LANGUAGES

logger = logging.getLogger(__name__)

SEND_TRIALS = "messaging.send_trials"
"""The pinned name of the task that sends them; the site has its shell."""
AN_HOUR = dt.timedelta(hours=1)
AN_HOUR_MAX = 20
"""So many trials somebody may send in an hour: enough to try every language, too few to write to anybody."""


class TooManyTrials(Exception):
    """The person has sent as many trials as he may in an hour; nothing was sent."""

    def __init__(self, again_at: dt.datetime) -> None:
        self.again_at = again_at
        super().__init__(f"You have sent {AN_HOUR_MAX} tests within an hour. Nothing was sent.")


class NotToBeSent(Exception):
    """The words cannot be written so; `shown` says why. Nothing was sent."""

    def __init__(self, shown: Previewed) -> None:
        self.shown = shown
        super().__init__("The words cannot be written so. Nothing was sent.")


@transaction.atomic
def send_trial(
    *,
    account_id: int,
    template_id: int,
    words: Words,
    language: str,
    is_marketing: bool,
    member_number: str = "",
    at: dt.datetime,
    actor: str,
) -> Trial:
    """Will have an e-mail's words sent to a person of the staff, as a member would read them, or with examples.

    Its subject is marked as a test, it has no unsubscription and no counted links, and the audit log notes whose data
    it was written with. Wakes a sender on commit. Takes turns by person. Raises TooManyTrials, NotToBeSent, and
    members' UnknownMember.
    """
    locks.take_turns([f"messaging.trials:{account_id}"])
    latest = Trial.objects.filter(account_id=account_id, created_at__gt=at - AN_HOUR).order_by("-created_at")
    times = list(latest.values_list("created_at", flat=True)[:AN_HOUR_MAX])
    if len(times) == AN_HOUR_MAX:
        raise TooManyTrials(times[-1] + AN_HOUR)
    member = members_queries.get_member(member_number) if member_number else None
    values = values_for([member.id], {member.id: language}, at)[member.id] if member else {}
    shown = preview_with(values, words=words, channel=Channel.EMAIL, language=language, is_marketing=is_marketing)
    if shown.missing or shown.fault:
        raise NotToBeSent(shown)
    trial = Trial.objects.create(
        account_id=account_id,
        template_id=template_id,
        member_id=member.id if member else None,
        language=language,
        parts={**shown.parts, "subject": f"{_mark(language)} {shown.parts['subject']}"},
        created_at=at,
    )
    audit.record(
        at=at,
        actor=actor,
        deed="message.tried",
        subject=f"member:{member.id}" if member else f"template:{template_id}",
        becomes={"template": template_id, "channel": Channel.EMAIL.value, "language": language},
    )
    transaction.on_commit(_wake, robust=True)
    return trial


def _mark(language: str) -> str:
    with translation.override(language if language in LANGUAGES else LANGUAGES[0]):
        return pgettext("before the subject of a message sent to oneself", "[Test]")


def _wake() -> None:
    try:
        current_app.send_task(SEND_TRIALS, retry=False)
    except BrokerAway:
        logger.warning("no sender of tests was woken: the broker cannot be reached; the next minute wakes one")
