"""`python -m tests.torture.replay FOLDER`: does all that succeeded in a trial again, in peace, on an empty database.

The shops' calls are made in the order in which they were answered, each at the instant it was answered at, with the
nights between them. What members have afterwards must be what they have in the trial.
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


def main() -> int:
    """Will do it and say how many calls there were; exit 1 if one was refused."""
    django.setup()
    from django.test import Client

    from kit import clock
    from membership_site.flows import nightly
    from tests.torture.proof import read_journals

    key, last = sys.argv[2], dt.datetime.fromisoformat(sys.argv[3])
    journals = read_journals(Path(sys.argv[1]))
    calls = sorted(
        ((call["at"], place, call) for place, journal in enumerate(journals) for call in journal),
        key=lambda one: (dt.datetime.fromisoformat(one[0]), one[1], one[2]["number"]),
    )
    answers: list[dict[int, dict[str, object]]] = [{} for _ in journals]
    carts = list(quoted_and_held(journals))
    present = dt.datetime.fromisoformat(calls[0][0])
    clock.now = lambda: present
    client, closed, refused = Client(raise_request_exception=False), clock.last_finished_date(present), 0
    for at, place, call in calls:
        present = dt.datetime.fromisoformat(at)
        over = clock.last_finished_date(present)
        if over > closed and not any(quoted <= clock.day_end(over) < present <= held for quoted, held in carts):
            nightly.run(as_of=over)
            closed = over
        headers = {"Host": "localhost", "Authorization": f"Bearer {key}", "Accept-Language": "en"}
        if call["key"]:
            headers["Idempotency-Key"] = call["key"]
        body = "" if call["body"] is None else resolved(call["body"], answers[place])
        answer = client.generic(
            call["method"],
            resolved(call["path"], answers[place]),
            body,
            content_type="application/json",
            headers=headers,
        )
        if answer.status_code >= 300:
            refused += 1
            print(f"{at}: {call['method']} {call['path']} {body} was {call['status']}")
            print(f"  is {answer.status_code} {answer.text}")
            continue
        answers[place][call["number"]] = json.loads(answer.content)
    present = last
    _come_to_rest(present)
    nightly.run(as_of=clock.last_finished_date(present))
    print(f"{len(calls)} calls done again, {refused} refused")
    return 1 if refused else 0


def quoted_and_held(journals: list[list[dict[str, Any]]]) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """When carts were quoted and when they were held. A night between the two may change what was quoted: in the trial
    it came later, or the cart would have been refused, and so it has to come later here."""
    for journal in journals:
        at = {call["number"]: dt.datetime.fromisoformat(call["at"]) for call in journal}
        for call in journal:
            if call["path"].endswith("/checkout/reservations"):
                yield at[int(REFERENCE.search(call["body"])[1])], at[call["number"]]


def _come_to_rest(at: dt.datetime) -> None:
    from membership_site.flows import checkout_released, points_reserved

    checkout_released.lapse_due(at=at, actor="night")
    points_reserved.lapse_due(at=at, actor="night")


if __name__ == "__main__":
    sys.exit(main())
