"""What every request passes: it has an id, it is counted, and its session is seen."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from kit import counters, logs
from membership_site import entering

ID_HEADER = "X-Request-ID"
DOORS = {
    "api": "api", "console": "console", "static": "files",
    "healthz": "health", "readyz": "health", "metrics": "health",
}  # fmt: skip
"""What a path begins with, and who stands at that door; all else is members'."""
SECONDS_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Numbered:
    """Gives each request an id that stands in its answer and in all that is logged of it, its tasks' lines included.

    One that a proxy of ours has given it already is kept (PROXY_COUNT says that there is one).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Will answer under the id, which stays until the next request: Django logs refusals when we are through."""
        given = request.headers.get(ID_HEADER, "") if settings.PROXY_COUNT else ""
        work = given if logs.is_id(given) else logs.new_id()
        logs.WORKED_ON.set(work)
        response = self.get_response(request)
        response[ID_HEADER] = work
        return response


class Counted:
    """Counts answers by door and kind, and how long they took, for whoever watches the site (`/metrics`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Will answer, and then count it."""
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        door = DOORS.get(request.path.split("/", 2)[1], "portal")
        counters.add("requests", door, f"{response.status_code // 100}xx")
        counters.add("seconds", door, amount=seconds)
        bucket = next((edge for edge in SECONDS_BUCKETS if seconds <= edge), "+Inf")
        counters.add("took", door, str(bucket))
        return response


class Unstored:
    """Lets nobody keep a page of somebody who is logged in: going back after he left shows nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Will answer, and say so."""
        response = self.get_response(request)
        if request.session.accessed and SESSION_KEY in request.session:
            response.setdefault("Cache-Control", "private, no-store")
        return response


class SessionsSeen:
    """Notes that a session is in use, at most once in ten minutes; a page costs no query more between."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Will answer, and then note it."""
        response = self.get_response(request)
        entering.note_seen(request)
        return response
