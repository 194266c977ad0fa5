"""Messaging's invariants: what is in an inbox was sent, and a dispatch that was cancelled sends no more."""

from collections.abc import Iterator

from kit import sql
from kit.invariants import Proof

SENTENCES = {
    "inbox_missing": "Message {message} to member {member} was sent to his inbox, and is not in it.",
    "inbox_unsent": "Message {message} is in the inbox of member {member}, and is {what}.",
    "left": "Message {message} to member {member} waits to be sent, and its dispatch {what} was cancelled.",
}


def messages_are_where_they_say() -> Iterator[str]:
    """Will yield a sentence for each message that is not where its row says."""
    for claim, message, member, what in sql.fetch("messaging", "broken_messages"):
        yield SENTENCES[claim].format(message=message, member=member, what=what)


PROOFS = (
    Proof(
        (
            "Whatever was sent to an inbox is in it.",
            "Whatever is in an inbox was sent to its member.",
            "Nothing waits in a dispatch that was cancelled.",
        ),
        messages_are_where_they_say,
    ),
)
