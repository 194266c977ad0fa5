"""Inbox's provider: a row of our own, in the transaction in which the message is taken and sent."""

from django.db import IntegrityError, transaction

from messaging.models import InboxItem
from messaging.providers import Provider
from messaging.rules.delivery import Accepted, Outcome, Outgoing, Refused

TITLE_MAX, URL_MAX, BUTTON_MAX = 200, 500, 80


def provider() -> Provider:
    """Will return the one provider there is."""
    return Inbox()


class Inbox:
    """Puts messages into members' inboxes."""

    name = "inbox"
    is_ours = True

    def deliver(self, outgoing: Outgoing) -> Outcome:
        """Will add the row; a second one of the same message is refused by its key."""
        parts = outgoing.parts
        url = parts.get("url", "")
        if len(url) > URL_MAX:
            return Refused(f"Its address has more than {URL_MAX} characters.")
        try:
            with transaction.atomic():
                InboxItem.objects.create(
                    message_id=outgoing.message_id,
                    member_id=outgoing.member_id,
                    title=parts.get("title", "")[:TITLE_MAX],
                    body=parts.get("body", ""),
                    url=url,
                    button=parts.get("button", "")[:BUTTON_MAX],
                    at=outgoing.at,
                    ends_at=outgoing.ends_at,
                )
        except IntegrityError as error:
            return Refused(f"It is in the inbox already: {error}"[:300])
        return Accepted()

    def close(self) -> None:
        """Will do nothing: it keeps nothing."""
