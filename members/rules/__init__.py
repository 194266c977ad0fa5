"""What a member is known by: pure normalising and checking of identities and numbers."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kit import dates
from members.enums import CodeVerdict, IdentityKind, StaffChange

EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")
PHONE = re.compile(r"\+?\d{5,15}")
EMAIL_LENGTH_MAX = 254
UNMERGE_DAYS = 30
"""So long a merge can be undone."""
ERASURE_DAYS = 14
"""So long a member who asked to be erased may change his mind."""
EXPORT_DAYS = 7
"""So long a copy of his data can be fetched."""
NOTE_HOURS = 24
"""So long a note can be edited by who wrote it."""
MERGE_KEY = "merge"
TIME_ZONE_LENGTH_MAX = 40


class BadIdentity(Exception):
    """An e-mail address, phone number or id cannot be one; the message says why."""


class BadTimeZone(Exception):
    """There is no such time zone; the message says how to name one. Nothing was changed."""


@dataclass(frozen=True)
class IdentityValue:
    """A normalised identity; `source` names the system of an external id and is empty otherwise."""

    kind: IdentityKind
    value: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class MemberReference:
    """How the shop named a member: one of the four, or a bare text of which the kind must be guessed."""

    number: str = ""
    email: str = ""
    phone: str = ""
    external_id: str = ""
    anything: str = ""

    def stated(self) -> dict[str, str]:
        """Will return what was stated, normalised, as it is kept beside a parked order."""
        named = {name: getattr(self, name).strip() for name in self.__slots__ if getattr(self, name).strip()}
        return {name: _as_known(name, value) for name, value in named.items()}


def _as_known(name: str, value: str) -> str:
    """An address or phone number is kept as its identity will be, so that joining finds it."""
    if "@" in value:
        return value.lower()
    try:
        return phone_identity(value).value if name == "phone" else value
    except BadIdentity:
        return value


def may_change_birthday(changed_on: dt.date | None, today: dt.date) -> bool:
    """Will say whether another birthday may be stated: a year after the last change, for gifts come with it."""
    return changed_on is None or dates.add_years(changed_on, 1) <= today


def may_undo_merge(merged_on: dt.date, today: dt.date) -> bool:
    """Will say whether a merge may still be undone on a date."""
    return today <= merged_on + dt.timedelta(days=UNMERGE_DAYS)


def may_edit_note(written_at: dt.datetime, at: dt.datetime) -> bool:
    """Will say whether who wrote a note may still edit it."""
    return at < written_at + dt.timedelta(hours=NOTE_HOURS)


def email_identity(text: str) -> IdentityValue:
    """Will return an e-mail address in lower case, or raise BadIdentity."""
    value = text.strip().lower()
    if len(value) > EMAIL_LENGTH_MAX or not EMAIL.fullmatch(value):
        raise BadIdentity(f"“{text[:60]}” is not an e-mail address. Use one such as name@example.com.")
    return IdentityValue(IdentityKind.EMAIL, value)


def phone_identity(text: str) -> IdentityValue:
    """Will return a phone number as digits with its leading + kept, or raise BadIdentity."""
    value = re.sub(r"[\s().\-/]", "", text.strip())
    if not PHONE.fullmatch(value):
        raise BadIdentity(f"“{text[:40]}” is not a phone number. Use 5 to 15 digits, for example +8613800138000.")
    return IdentityValue(IdentityKind.PHONE, value)


def time_zone(text: str) -> str:
    """Will return the IANA name of a time zone, empty for the programme's, or raise BadTimeZone."""
    name = text.strip()
    if name and (len(name) > TIME_ZONE_LENGTH_MAX or name not in zoneinfo.available_timezones()):
        raise BadTimeZone(f"“{name[:40]}” is not a time zone. Use a name such as Asia/Shanghai or Europe/London.")
    return name


def external_identity(source: str, text: str) -> IdentityValue:
    """Will return the id a member has in another system, or raise BadIdentity."""
    value = text.strip()
    if not value or len(value) > 128 or not value.isprintable():
        raise BadIdentity("An external id needs 1 to 128 printable characters.")
    return IdentityValue(IdentityKind.EXTERNAL, value, source)


def check_digit(digits: str) -> str:
    """Will return the Luhn check digit (ISO/IEC 7812-1) of a string of digits."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def member_number(sequence: int) -> str:
    """Will return the number on the card: M, the sequence, and a check digit that catches a mistyped digit."""
    return f"M{sequence}{check_digit(str(sequence))}"


# ---- codes sent to addresses

CODE_DIGITS = 6
CODE_MINUTES = 10
CODE_TRIES_MAX = 5
CODES_AN_HOUR = 5
"""So many codes go to one address within an hour: six digits, guessed 25 times an hour, hold for years."""

INVITE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
INVITE_LENGTH = 8


def judge_code(*, matches: bool, tries: int, is_used: bool, expires_at: dt.datetime, at: dt.datetime) -> CodeVerdict:
    """Will say what becomes of a code; one that was tried too often, used or is late opens nothing, right or not."""
    if is_used or tries >= CODE_TRIES_MAX:
        return CodeVerdict.USED_UP
    if expires_at <= at:
        return CodeVerdict.EXPIRED
    return CodeVerdict.RIGHT if matches else CodeVerdict.WRONG


def address_identity(text: str) -> IdentityValue:
    """Will return what a person typed as an e-mail address or a phone number, or raise BadIdentity."""
    return email_identity(text) if "@" in text else phone_identity(text)


def masked(identity: IdentityValue) -> str:
    """Will return an address as its owner knows it again and nobody else reads it: a•••@example.com, •••5678."""
    if identity.kind == IdentityKind.PHONE:
        return f"•••{identity.value[-4:]}"
    name, _, domain = identity.value.partition("@")
    return f"{name[:1]}•••@{domain}"


def invite_code(text: str) -> str:
    """Will return an invitation's code as it is kept, empty for what cannot be one."""
    code = text.strip().upper()
    return code if len(code) == INVITE_LENGTH and all(sign in INVITE_SIGNS for sign in code) else ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What of a person can show that he is somebody we know: addresses, name and birthday."""

    addresses: tuple[IdentityValue, ...]
    name: str = ""
    birthday: dt.date | None = None


def same_person(one: Likeness, other: Likeness, *, same_device: bool) -> tuple[str, ...]:
    """Will return by what two memberships look like one person's: phone, email, birthday_and_name, device."""
    found = [
        kind.value
        for kind in (IdentityKind.PHONE, IdentityKind.EMAIL)
        if {_mailbox(a) for a in one.addresses if a.kind == kind}
        & {_mailbox(a) for a in other.addresses if a.kind == kind}
    ]
    if one.birthday and one.birthday == other.birthday and one.name.strip().casefold() == other.name.strip().casefold():
        found.append("birthday_and_name")
    return (*found, *(["device"] if same_device else []))


def _mailbox(identity: IdentityValue) -> str:
    """The box an address ends in: nothing after a plus, for Gmail no dots; of a phone the last nine digits."""
    if identity.kind == IdentityKind.PHONE:
        return identity.value[-9:]
    name, _, domain = identity.value.partition("@")
    name = name.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        return f"{name.replace('.', '')}@gmail.com"
    return f"{name}@{domain}"


# ---- the staff


def refuse_staff_change(
    *, account_id: int, by: int | None, is_admin_after: bool, admins: AbstractSet[int]
) -> StaffChange | None:
    """Will say why a person may not be changed so; `admins` are those who are and may enter. None where he may.

    Nobody raises himself, and nobody lowers himself either: both are another person's to do.
    """
    if by == account_id:
        return StaffChange.ONESELF
    return StaffChange.LAST_ADMIN if not is_admin_after and admins <= {account_id} else None


# ---- log-ins of elsewhere

LOGIN = "login:"


def login_identity(provider: str, uid: str) -> IdentityValue:
    """Will return by what a member is known who enters through a provider; no shop's system can be called so."""
    return external_identity(f"{LOGIN}{provider}", uid)


def is_login(source: str) -> bool:
    """Will say whether an identity's source is a provider of log-ins."""
    return source.startswith(LOGIN)
