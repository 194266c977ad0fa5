"""`python -m tests.torture.replay FOLDER`: does all that succeeded in a trial again, in peace, on an empty database.

The shops' calls are made in the order in which they were asked, with the nights between them. A call was done at some
instant from when it was first said until it was answered, so it must succeed at one of the two. What members have
afterwards must be what they have in the trial.
"""

import datetime as dt
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

from tests.torture.shop import REFERENCE, resolved

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "membership_site.settings")

Journals = list[list[dict[str, Any]]]


def main() -> int:
    """Will do it and say how many calls there were; exit 1 if one was refused."""
    django.setup()
    from kit import clock
    from tests.torture.proof import read_journals

    folder, key, last = sys.argv[1:]
    replay = Replay(read_journals(Path(folder)), key)
    clock.now = lambda: replay.present
    calls, refused = replay.run()
    replay.come_to_rest(dt.datetime.fromisoformat(last))
    print(f"{calls} calls done again, {refused} refused")
    return 1 if refused else 0


class Replay:
    """The present of a replay, and what its calls answered."""

    def __init__(self, journals: Journals, key: str) -> None:
        from django.test import Client

        self.key = key
        self.answers: list[dict[int, dict[str, Any]]] = [{} for _ in journals]
        self.carts = list(quoted_and_held(journals))
        self.client = Client(raise_request_exception=False)
        calls = ((instant(call["asked"]), place, call) for place, calls in enumerate(journals) for call in calls)
        self.calls = sorted(calls, key=lambda one: (one[0], one[1], one[2]["number"]))
        self.present = self.calls[0][0]

    def run(self) -> tuple[int, int]:
        """Will do all calls again, with the nights between them; returns how many there are and were refused."""
        from kit import clock
        from membership_site.flows import nightly

        closed, refused = clock.last_finished_date(self.present), 0
        for asked, place, call in self.calls:
            self.present = asked
            over = clock.last_finished_date(asked)
            if over > closed and not self._is_between(clock.day_end(over)):
                nightly.run(as_of=over)
                closed = over
            refused += not any(self._succeeds(place, call, at) for at in (asked, instant(call["at"])))
        return len(self.calls), refused

    def come_to_rest(self, at: dt.datetime) -> None:
        """Will let everything that is held come back, and do the nights that are left."""
        from kit import clock
        from membership_site.flows import checkout_released, nightly, points_reserved

        self.present = at
        checkout_released.lapse_due(at=at, actor="night")
        points_reserved.lapse_due(at=at, actor="night")
        nightly.run(as_of=clock.last_finished_date(at))

    def _is_between(self, midnight: dt.datetime) -> bool:
        """Whether a cart that was quoted before midnight is still to be held."""
        return any(quoted <= midnight < self.present <= held for quoted, held in self.carts)

    def _succeeds(self, place: int, call: dict[str, Any], at: dt.datetime) -> bool:
        self.present = at
        headers = {"Host": "localhost", "Authorization": f"Bearer {self.key}", "Accept-Language": "en"}
        if call["key"]:
            headers["Idempotency-Key"] = call["key"]
        answer = self.client.generic(
            call["method"],
            resolved(call["path"], self.answers[place]),
            "" if call["body"] is None else resolved(call["body"], self.answers[place]),
            content_type="application/json",
            headers=headers,
        )
        if answer.status_code >= 300:
            print(f"{at}: {call['method']} {call['path']} was {call['status']}, is {answer.status_code} {answer.text}")
            return False
        self.answers[place][call["number"]] = json.loads(answer.content)
        return True


def instant(text: str) -> dt.datetime:
    """Will read an instant of a journal."""
    return dt.datetime.fromisoformat(text)


def quoted_and_held(journals: Journals) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """When carts were quoted and when they were held. A night between the two may change what was quoted: in the trial
    it came later, or the cart would have been refused, and so it has to come later here."""
    for journal in journals:
        asked = {call["number"]: instant(call["asked"]) for call in journal}
        for call in journal:
            if call["path"].endswith("/checkout/reservations") and (named := REFERENCE.search(call["body"])):
                yield asked[int(named[1])], asked[call["number"]]


if __name__ == "__main__":
    sys.exit(main())
