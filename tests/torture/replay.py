"""`python -m tests.torture.replay FOLDER`: does all that succeeded in a trial again, in peace, on an empty database.

The shops' calls are made in the order in which they were asked, with the steps of the nights where the trial ended
them: what a night gives changes what the next cart comes to. A call is done when the trial's web did it; where that was
killed before it could note so, at some instant from when it was first said until it was answered, and it must succeed
at one of the two. What members have afterwards is what they have in the trial.
"""

import datetime as dt
import json
import os
import sys
from collections import deque
from pathlib import Path
from typing import Any

import django

from tests.torture.shop import resolved

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "membership_site.settings")

Journals = list[list[dict[str, Any]]]
STEPS = "steps.json"
"""Which step was done of which date, and when, in the order in which they were."""
DONE = "done"
"""When the calls with a key came that were done, as the trial's web noted it: beside the folder of the journals."""


def main() -> int:
    """Will do it and say how many calls there were; exit 1 if one was refused."""
    django.setup()
    from kit import clock
    from tests.torture.proof import read_journals

    folder, key, last = sys.argv[1:]
    noted = dict(line.split() for line in Path(folder).with_name(DONE).read_text().splitlines())
    replay = Replay(read_journals(Path(folder)), key, json.loads(Path(folder, STEPS).read_text()), noted)
    clock.now = lambda: replay.present
    calls, refused = replay.run()
    replay.come_to_rest(dt.datetime.fromisoformat(last))
    print(f"{calls} calls done again, {refused} refused")
    return 1 if refused else 0


class Replay:
    """The present of a replay, and what its calls answered."""

    def __init__(self, journals: Journals, key: str, steps: list[tuple[str, str, str]], noted: dict[str, str]) -> None:
        from django.test import Client

        self.key = key
        self.steps = deque(steps)
        self.noted = noted
        self.answers: list[dict[int, dict[str, Any]]] = [{} for _ in journals]
        self.client = Client(raise_request_exception=False)
        calls = ((instant(call["asked"]), place, call) for place, calls in enumerate(journals) for call in calls)
        self.calls = sorted(calls, key=lambda one: (one[0], one[1], one[2]["number"]))
        self.present = self.calls[0][0]

    def run(self) -> tuple[int, int]:
        """Will do all calls again, with the nights between them; returns how many there are and were refused."""
        refused = 0
        for asked, place, call in self.calls:
            self._do_steps(asked)
            noted = self.noted.get(call["key"] or "")
            instants = [instant(noted)] if noted else [asked, instant(call["at"])]
            refused += not any(self._succeeds(place, call, at) for at in instants)
        return len(self.calls), refused

    def come_to_rest(self, at: dt.datetime) -> None:
        """Will let everything that is held come back, and do the nights that are left."""
        from kit import clock
        from membership_site.flows import checkout_released, nightly, points_reserved

        self.present = at
        checkout_released.lapse_due(at=at, actor="night")
        points_reserved.lapse_due(at=at, actor="night")
        nightly.run(as_of=clock.last_finished_date(at))

    def _do_steps(self, upto: dt.datetime) -> None:
        from membership_site.flows import nightly

        while self.steps and instant(self.steps[0][0]) <= upto:
            done, date, name = self.steps.popleft()
            self.present = instant(done)
            nightly.run_step(name=name, as_of=dt.date.fromisoformat(date))

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


if __name__ == "__main__":
    sys.exit(main())
