"""The site's answer to a fault of its own: a page with a number that also stands in the log."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader

from membership_site import preferences

log = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """Will log the fault under a number and show that number; nothing of the session or the database is touched."""
    reference = secrets.token_hex(4)
    log.error("fault %s at %s %s", reference, request.method, request.path)
    page = loader.render_to_string("500.html", {"reference": reference, **preferences.context(request)})
    return HttpResponseServerError(page)
