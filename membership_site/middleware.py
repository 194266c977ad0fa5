"""What every request passes: sessions are seen."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from membership_site import entering


class SessionsSeen:
    """Notes that a session is in use, at most once in ten minutes; a page costs no query more between."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Will answer, and then note it."""
        response = self.get_response(request)
        entering.note_seen(request)
        return response
