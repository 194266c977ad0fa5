"""How a member enters: password, open sessions, log-ins of elsewhere."""

import datetime as dt
from dataclasses import dataclass

from members.queries import entering as entering_queries
from membership_site import entering, social


@dataclass(frozen=True)
class Session:
    """An open session in words."""

    id: int
    device: str
    opened_at: dt.datetime
    seen_at: dt.datetime
    is_this: bool


@dataclass(frozen=True)
class Login:
    """A log-in of elsewhere that is linked."""

    id: int
    name: str
    linked_at: dt.datetime


@dataclass(frozen=True)
class Way:
    """A log-in of elsewhere that could be linked."""

    name: str
    url: str


@dataclass(frozen=True)
class SecurityPage:
    """The page as the template shows it."""

    has_password: bool
    sessions: tuple[Session, ...]
    logins: tuple[Login, ...]
    ways: tuple[Way, ...]

    @property
    def has_others(self) -> bool:
        """Whether another device is logged in."""
        return any(not session.is_this for session in self.sessions)


def security_page(member_id: int, account_id: int, session_key: str) -> SecurityPage:
    """Will assemble the page. Four queries."""
    account = entering_queries.find_account(account_id)
    linked = entering_queries.linked_logins(member_id)
    have = {login.provider for login in linked}
    return SecurityPage(
        has_password=account is not None and account.has_usable_password(),
        sessions=tuple(sessions(account_id, session_key)),
        logins=tuple(Login(login.id, social.name_of(login.provider), login.linked_at) for login in linked),
        ways=tuple(Way(name, url) for provider, name, url in social.ways() if provider not in have),
    )


def sessions(account_id: int, session_key: str) -> list[Session]:
    """Will return the open sessions of an account in words. Two queries."""
    return [
        Session(row.id, entering.device_words(row.device), row.opened_at, row.seen_at, row.is_this)
        for row in entering_queries.sessions_of(account_id, session_key)
    ]
