"""The site as gunicorn serves it, with the trial's clock: `gunicorn tests.torture.web`.

It notes when the calls with a key came that it did, for the replay: who only asks knows a call as done at some instant
from the first try to the answer, and between these a member may have joined before or after midnight.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from membership_site.wsgi import application as site
from tests.torture import clockwork
from tests.torture.replay import DONE

CLOCK = clockwork.install()
NOTES = os.open(Path(os.environ[clockwork.VARIABLE]).parent / DONE, os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Will answer as the site does."""
    at, key = CLOCK.now(), environ.get("HTTP_IDEMPOTENCY_KEY")

    def start_and_note(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        if key and status.startswith("2") and "Idempotent-Replayed" not in dict(headers):
            os.write(NOTES, f"{key} {at.isoformat()}\n".encode())
        return start_response(status, headers, *more)

    return site(environ, start_and_note)
