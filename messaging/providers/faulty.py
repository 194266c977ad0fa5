"""Messaging's provider that fails as often as it is told, to see what sending makes of it: for tests and drills."""

import random
from collections.abc import Mapping

from messaging.rules.delivery import Accepted, Deferred, Outcome, Outgoing, Refused, Unknown

FAULTS = ("deferred", "refused", "bounced", "unknown")


class BadFaults(Exception):
    """The shares of faults cannot be read; the message says why."""


def faults_from(text: str) -> dict[str, float]:
    """Will read shares such as seed=1,deferred=0.1,unknown=0.02; raises BadFaults."""
    shares: dict[str, float] = {}
    for one in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = one.partition("=")
        if name not in (*FAULTS, "seed"):
            raise BadFaults(f"{name} is no fault: choose of {', '.join(FAULTS)}, and seed.")
        try:
            shares[name] = float(value)
        except ValueError as error:
            raise BadFaults(f"{one} is no share: write {name}=0.1 for one message in ten.") from error
    if sum(share for name, share in shares.items() if name != "seed") > 1:
        raise BadFaults("The shares of faults come to more than 1.")
    return shares


class Faulty:
    """Takes most messages and fails the others, the same ones for the same seed."""

    name = "faulty"
    is_ours = False

    def __init__(self, shares: Mapping[str, float]) -> None:
        self._shares = shares

    def deliver(self, outgoing: Outgoing) -> Outcome:
        """Will draw by the seed and the message what comes of it."""
        drawn = random.Random(f"{self._shares.get('seed', 0)}:{outgoing.token}:{outgoing.at}").random()  # noqa: S311
        for name in FAULTS:
            drawn -= self._shares.get(name, 0)
            if drawn < 0:
                return self._fault(name)
        return Accepted(outgoing.token)

    def _fault(self, name: str) -> Outcome:
        if name == "deferred":
            return Deferred("421 put off on purpose")
        if name == "unknown":
            return Unknown("the line was cut on purpose")
        return Refused(f"550 {name} on purpose", bounces=name == "bounced")

    def close(self) -> None:
        """Will do nothing: it keeps nothing."""
