"""The staff's second factor: an authenticator app and recovery codes, kept by django-allauth and encrypted by us."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from kit import audit, clock
from kit.throttle import Throttle
from members import actions as members_actions
from members.models import Account
from membership_site import entering

SECRET = "factor_secret"  # noqa: S105  # the name in the session under which one stands that is not confirmed yet
SHOWN = "factor_shown"
"""In the session: that the second factor was shown."""
TRIES = Throttle("factor_tries", 5)


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Encrypts what django-allauth keeps of factors, so that a copy of the database lets nobody in."""

    def encrypt(self, text: str) -> str:
        """Will encrypt a secret by the site's key."""
        return str(_fernet().encrypt(text.encode()).decode())

    def decrypt(self, encrypted_text: str) -> str:
        """Will decrypt it; under another SECRET_KEY it is lost, and the factor has to be reset."""
        try:
            return str(_fernet().decrypt(encrypted_text.encode()).decode())
        except InvalidToken:
            return "A" * 32


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs: an address for its camera, and the same to type."""

    url: str
    secret: str


def are_required() -> bool:
    """Will say whether the staff have to show a second factor."""
    return str(settings.STAFF_SECOND_FACTOR) == "required"


def has_factor(account_id: int) -> bool:
    """Will say whether an account has an authenticator app. One query."""
    return bool(Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.TOTP).exists())


def with_factors(account_ids: list[int]) -> set[int]:
    """Will return those of some accounts that have one. One query."""
    rows = Authenticator.objects.filter(user_id__in=account_ids, type=Authenticator.Type.TOTP)
    return set(rows.values_list("user_id", flat=True))


def begin(request: HttpRequest, account: Account) -> Enrolment:
    """Will return what the app needs; the secret stays in the session until a code of it is typed."""
    secret = request.session.get(SECRET) or generate_totp_secret()
    request.session[SECRET] = secret
    words = urlencode({"secret": secret, "issuer": settings.PROGRAMME_NAME}, quote_via=quote)
    url = f"otpauth://totp/{quote(f'{settings.PROGRAMME_NAME}:{account.email}')}?{words}"
    return Enrolment(url, " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)))


def enrol(request: HttpRequest, account: Account, code: str) -> list[str] | None:
    """Will keep the factor whose code was typed and return the recovery codes; None where the code is wrong."""
    secret = request.session.get(SECRET)
    if not secret or not _admitted(account) or not validate_totp_code(secret, _digits(code)):
        return None
    with transaction.atomic():
        Authenticator.objects.filter(user=account).delete()
        TOTP.activate(account, secret)
        recovery = RecoveryCodes.activate(account)
        _record(request, account, "factor.enrolled")
    del request.session[SECRET]
    note_shown(request)
    return list(recovery.get_unused_codes())


def check(request: HttpRequest, account: Account, code: str) -> bool:
    """Will say whether a code is one of the app's, or a recovery code that was not used yet; both open once."""
    if not _admitted(account):
        return False
    digits = _digits(code)
    for row in Authenticator.objects.filter(user=account):
        if row.wrap().validate_code(digits):
            if row.type == Authenticator.Type.RECOVERY_CODES:
                _record(request, account, "factor.recovery_used")
            row.record_usage()
            return True
    return False


def count_recovery_codes(account: Account) -> int:
    """Will return how many recovery codes are left. One query."""
    row = Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(row.wrap().get_unused_codes()) if row else 0


def draw_recovery_codes(request: HttpRequest, account: Account) -> list[str] | None:
    """Will draw new recovery codes in place of the old ones; None for who has no second factor."""
    if not has_factor(account.pk):
        return None
    with transaction.atomic():
        Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).delete()
        recovery = RecoveryCodes.activate(account)
        _record(request, account, "factor.codes_drawn")
    return list(recovery.get_unused_codes())


@transaction.atomic
def reset(request: HttpRequest, account_id: int, *, actor: str) -> None:
    """Will take an account's factors and sessions away; it sets up anew when it next enters."""
    at = clock.now()
    Authenticator.objects.filter(user_id=account_id).delete()
    members_actions.end_sessions(account_id=account_id, but="", at=at, actor=actor)
    audit.record(
        at=at,
        actor=actor,
        deed="staff.factor_reset",
        subject=f"account:{account_id}",
        origin=entering.place_of(request),
    )


def note_shown(request: HttpRequest) -> None:
    """Will note in the session that the factor was shown just now."""
    request.session[SHOWN] = True
    entering.note_shown(request)


def was_shown(request: HttpRequest) -> bool:
    """Will say whether the factor was shown in this session."""
    return bool(request.session.get(SHOWN))


def _admitted(account: Account) -> bool:
    return TRIES.admit(str(account.pk), 1, clock.now()) is None


def _digits(code: str) -> str:
    return "".join(sign for sign in code if sign.isdigit())


def _record(request: HttpRequest, account: Account, deed: str) -> None:
    audit.record(
        at=clock.now(),
        actor=f"staff:{account.pk}",
        deed=deed,
        subject=f"account:{account.pk}",
        origin=entering.place_of(request),
    )


def _fernet() -> Any:
    key = hashlib.sha256(f"membership_site.factors:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
