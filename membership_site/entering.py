"""The site's sessions: who is let in by what, opening and noting them, and what was shown lately."""

import datetime as dt
import hashlib
import logging
import re
import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.backends import ModelBackend
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from kit import clock
from kit.throttle import Throttle
from members import actions as members_actions
from members import queries as members_queries
from members.models import Account
from members.queries import entering, merging

log = logging.getLogger(__name__)

BACKEND = "membership_site.entering.Backend"
DOOR = "door"
PORTAL, CONSOLE = "portal", "console"
"""In the session: by which door it was entered; the staff's asks for more than the members'."""

SHOWN_AT = "shown_at"
"""In the session: when a password, a code or a factor was last shown."""
SEEN_AT = "seen_at"
SEEN_MINUTES = 10
OPENED_AT, IDLE = "opened_at", "idle_seconds"
"""In the session: when it was opened, and how long it may go unused."""
LONGEST = {CONSOLE: dt.timedelta(hours=24), PORTAL: dt.timedelta(days=90)}
"""So long a session may be in use at most, by its door; then its owner shows anew who he is."""

INVITED_COOKIE = "invited_by"
KNOWN_COOKIE = "known_here"
COOKIE_DAYS = 30
KNOWN_HERE_MAX = 8

CODES_OF_ADDRESS = Throttle("codes_of_address", 3)
CODES_OF_PLACE = Throttle("codes_of_place", 12)
TRIES_OF_PLACE = Throttle("code_tries_of_place", 30)


class Backend(ModelBackend):
    """Lets in by password: members by e-mail address or phone number, the staff by e-mail address."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **rest: Any
    ) -> Account | None:
        """Will return whose address and password these are; otherwise nobody else is asked, and it takes as long."""
        typed = rest.get("email", username)
        if not typed or password is None:
            return None
        account = entering.account_entered_by(str(typed))
        if account is None:
            Account().set_password(password)
            log.warning("log-in refused: nobody is known by what was typed")
            raise PermissionDenied
        if not account.check_password(password) or not self.user_can_authenticate(account):
            log.warning("log-in refused: account %s", account.pk)
            raise PermissionDenied
        return account


class NotOurName:
    """Refuses a password that is the programme's name and nothing but figures and signs besides."""

    def validate(self, password: str, user: Account | None = None) -> None:
        """Will raise ValidationError for such a password."""
        names = (settings.PROGRAMME_NAME, *settings.PROGRAMME_NAMES.values())
        if _letters(password) in set(map(_letters, names)) - {""}:
            raise ValidationError(self.get_help_text(), code="password_is_our_name")

    def get_help_text(self) -> str:
        """Will say what is asked for."""
        return _("The password can’t be the name of the programme.")


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.casefold()))


def open_session(request: HttpRequest, account: Account, *, door: str = PORTAL, seconds: int | None = None) -> None:
    """Will log an account in, with a fresh session key, and note the session for its owner's list."""
    at = clock.now()
    login(request, account, backend=BACKEND)
    log.info("entered: account %s by the door %s", account.pk, door)
    request.session[DOOR], request.session[IDLE] = door, seconds or settings.SESSION_COOKIE_AGE
    request.session[SHOWN_AT] = request.session[SEEN_AT] = request.session[OPENED_AT] = at.isoformat()
    request.session.set_expiry(request.session[IDLE])
    request.session.save()
    members_actions.note_session(
        account_id=account.pk,
        session_key=request.session.session_key or "",
        device=request.META.get("HTTP_USER_AGENT", ""),
        at=at,
        actor=f"account:{account.pk}",
    )


def say_if_merged(request: HttpRequest, account: Account, address: str) -> None:
    """Will tell somebody who enters by what belonged to a merged membership that he is in the one that goes on."""
    key = members_queries.find_of_account(account.pk)
    old = merging.entered_as_merged(key.id, account_id=account.pk, address=address) if key else ""
    if key and old:
        text = _(
            "Your membership %(old)s was joined with %(number)s. All you have is here, and both numbers lead to it."
        )
        messages.info(request, text % {"old": old, "number": key.number})


def keep_session_after_change(request: HttpRequest, account: Account) -> None:
    """Will let this session go on after its account's password changed, under a new key; all others end."""
    at = clock.now()
    members_actions.end_sessions(account_id=account.pk, but="", at=at, actor=f"account:{account.pk}")
    request.session.flush()
    open_session(request, account)


def has_shown_lately(request: HttpRequest, minutes: int) -> bool:
    """Will say whether who is logged in showed a password, a code or a factor within so many minutes."""
    shown = _instant(request.session.get(SHOWN_AT))
    return shown is not None and clock.now() - shown <= dt.timedelta(minutes=minutes)


def note_shown(request: HttpRequest) -> None:
    """Will note that a password, a code or a factor was shown just now."""
    request.session[SHOWN_AT] = clock.now().isoformat()


def note_seen(request: HttpRequest) -> None:
    """Will note, to within ten minutes, that a session opened by our doors is in use, and until when it may be."""
    if not request.session.accessed or SEEN_AT not in request.session:
        return
    at, seen = clock.now(), _instant(request.session[SEEN_AT])
    if seen is None or at - seen >= dt.timedelta(minutes=SEEN_MINUTES):
        request.session[SEEN_AT] = at.isoformat()
        _bound(request, at)
        members_actions.note_seen(session_key=request.session.session_key or "", at=at, actor="session")


def _bound(request: HttpRequest, at: dt.datetime) -> None:
    """Will let a session live as long as it may go unused, and no longer than sessions of its door may be in use."""
    session = request.session
    opened = _instant(session.setdefault(OPENED_AT, at.isoformat())) or at
    left = opened + LONGEST.get(session.get(DOOR, PORTAL), LONGEST[PORTAL]) - at
    session.set_expiry(max(1, min(session.get(IDLE, settings.SESSION_COOKIE_AGE), int(left.total_seconds()))))


def own_address(request: HttpRequest, target: str) -> str:
    """Will return an address of this site as it was given, and nothing for one that leads elsewhere or nowhere."""
    own = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    # A bare word would be taken for the name of a page.
    return target if own and target.startswith(("/", "http://", "https://")) else ""


def way_back(request: HttpRequest) -> str:
    """Will return what follows once it is known who asks: the page he asked for, or the one from which he posted."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    return own_address(request, request.META.get("HTTP_REFERER", ""))


def may_ask_code(request: HttpRequest, address: str) -> dt.datetime | None:
    """Will count a code asked for; None where it may go out, otherwise when there is room again."""
    at = clock.now()
    who = hashlib.sha256(address.encode()).hexdigest()[:32]
    return CODES_OF_PLACE.admit(place_of(request), 1, at) or CODES_OF_ADDRESS.admit(who, 1, at)


def may_try_code(request: HttpRequest) -> dt.datetime | None:
    """Will count a code tried; None where it may be looked at, otherwise when there is room again."""
    return TRIES_OF_PLACE.admit(place_of(request), 1, clock.now())


def place_of(request: HttpRequest) -> str:
    """Will return the network address that a request came from, as the outermost of our own proxies saw it.

    Each proxy adds at the end of X-Forwarded-For whom it heard; what stands before is what the visitor says of himself.
    """
    heard = [part.strip() for part in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if part.strip()]
    proxies = int(settings.PROXY_COUNT)
    if proxies and len(heard) >= proxies:
        return heard[-proxies][:60]
    return str(request.META.get("REMOTE_ADDR", ""))[:60]


# ---- what a device remembers, signed


def keep_invitation(response: HttpResponse, code: str) -> None:
    """Will remember on this device who invited; for thirty days."""
    _keep(response, INVITED_COOKIE, code)


def invitation_of(request: HttpRequest) -> str:
    """Will return the code of who invited on this device, or nothing."""
    return _kept(request, INVITED_COOKIE)


def remember_here(request: HttpRequest, response: HttpResponse, number: str) -> None:
    """Will remember on this device which members entered on it, the last eight."""
    numbers = [number, *(known for known in known_here(request) if known != number)]
    _keep(response, KNOWN_COOKIE, ".".join(numbers[:KNOWN_HERE_MAX]))


def known_here(request: HttpRequest) -> list[str]:
    """Will return the numbers of the members who entered on this device, the latest first."""
    return [number for number in _kept(request, KNOWN_COOKIE).split(".") if number]


def _keep(response: HttpResponse, cookie: str, value: str) -> None:
    response.set_signed_cookie(
        cookie, value, max_age=COOKIE_DAYS * 24 * 3600, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )


def _kept(request: HttpRequest, cookie: str) -> str:
    try:
        return str(request.get_signed_cookie(cookie, default="", max_age=COOKIE_DAYS * 24 * 3600))
    except signing.BadSignature:
        return ""


# ---- words


SYSTEMS = (
    ("iPhone|iPad", "iPhone"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X|Macintosh", "Mac"),
    ("Linux", "Linux"),
)  # fmt: skip
BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox|FxiOS", "Firefox"),
    ("Chrome|CriOS", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip


def device_words(device: str) -> str:
    """Will say what a browser calls itself in words: Firefox, Windows."""
    found = [next((name for sign, name in kinds if re.search(sign, device)), "") for kinds in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, found)) or _("A device that does not say what it is")


def ticket_of(text: Any) -> uuid.UUID | None:
    """Will read a ticket as the session keeps it."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


def _instant(text: Any) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
