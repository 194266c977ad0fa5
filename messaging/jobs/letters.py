"""A letter to somebody of the staff, handed over while a page waits by whoever takes all mail out of the house."""

import datetime as dt
import logging
import uuid

from messaging.channels import CHANNELS
from messaging.enums import Channel
from messaging.rules.delivery import Accepted, Outgoing

logger = logging.getLogger(__name__)

WRITTEN = ("console", "file")
"""The providers that send nothing."""


def hand_over_letter(*, address: str, subject: str, text: str, language: str, at: dt.datetime) -> bool:
    """Will hand an e-mail over and say whether somebody took it to send it; nothing of it is kept here."""
    provider = CHANNELS[Channel.EMAIL].provider()
    outgoing = Outgoing(
        message_id=0,
        token=str(uuid.uuid4()),
        member_id=0,
        member_number="",
        addresses=(address,),
        parts={"subject": subject, "text": text},
        language=language,
        is_marketing=False,
        at=at,
    )
    try:
        outcome = provider.deliver(outgoing)
    except Exception:
        logger.exception("%s broke over a letter to the staff", provider.name)
        return False
    finally:
        provider.close()
    if not isinstance(outcome, Accepted):
        logger.warning("%s did not take a letter to the staff: %s", provider.name, outcome.text)
        return False
    return provider.name not in WRITTEN
