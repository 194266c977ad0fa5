"""Messaging's values of handing a message over: what goes out by any channel, and what can come of it. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as its channel hands it over: the parts rendered, to addresses of that channel."""

    message_id: int
    token: str
    member_id: int
    member_number: str
    addresses: tuple[str, ...]
    parts: Mapping[str, str]
    language: str
    is_marketing: bool
    at: dt.datetime
    unsubscribe_url: str = ""
    ends_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it; `provider_id` is how he will speak of it."""

    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Deferred:
    """It was certainly not taken, and may be tried again."""

    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """It was certainly not taken. `is_permanent`: nor will it be; `bounces`: it is the address that is bad."""

    text: str
    is_permanent: bool = True
    bounces: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can tell whether it was taken; it is never sent again unless a person says so."""

    text: str


Outcome = Accepted | Deferred | Refused | Unknown
