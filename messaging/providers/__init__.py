"""Messaging's providers: who takes words out of the house, behind one face; here what several channels share."""

from typing import Protocol

from messaging.rules.delivery import Outcome, Outgoing


class Provider(Protocol):
    """Who hands messages of one channel over, for one sender: it keeps its connection until it is closed.

    `is_ours`: it writes into our own database, so that a message is taken and sent in one transaction.
    """

    name: str
    is_ours: bool

    def deliver(self, outgoing: Outgoing) -> Outcome:
        """Will hand one message over and say what came of it; never raises for what a provider may do."""
        ...

    def close(self) -> None:
        """Will let go of what it keeps open."""
        ...
