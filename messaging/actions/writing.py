"""Writing to somebody of the staff at once: he is no member, so the outbox does not know him."""

import datetime as dt
import logging
import uuid

from messaging.channels import CHANNELS
from messaging.enums import Channel
from messaging.rules.delivery import Accepted, Outgoing

logger = logging.getLogger(__name__)


def write_to_staff(*, address: str, subject: str, text: str, language: str, at: dt.datetime) -> bool:
    """Will hand a letter over by whoever takes e-mail out of the house, and say whether it was certainly taken.

    Nothing is kept and nothing is tried again: whoever asks waits for the answer, and can hand the words over himself.
    Outside a transaction, for a server may take its time. Never raises for what a provider may do.
    """
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
    provider = CHANNELS[Channel.EMAIL].provider()
    try:
        outcome = provider.deliver(outgoing)
    except Exception:
        logger.exception("%s broke over a letter to the staff", provider.name)
        return False
    finally:
        provider.close()
    if isinstance(outcome, Accepted):
        return True
    logger.warning("a letter to the staff was not taken: %s", outcome.text)
    return False
