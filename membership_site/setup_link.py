"""The link by which a fresh installation gets its first administrator: signed, for a day, printed on the server."""

from django.core import signing
from django.urls import reverse

SALT = "membership_site.setup_link"
SECONDS = 24 * 3600


def path() -> str:
    """Will return the path of a new link."""
    return reverse("console:set_up", args=(signing.dumps("first administrator", salt=SALT),))


def is_good(token: str) -> bool:
    """Will say whether a token was signed by this installation within a day."""
    try:
        signing.loads(token, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return False
    return True
