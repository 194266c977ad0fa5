"""Messaging's way into the web: one POST to a public address, pinned to what its name stood for, following nothing."""

import http.client
import socket
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from messaging.rules.addresses import is_public

TIMEOUT_SECONDS = 15
ANSWER_BYTES_MAX = 4096


class NotSent(Exception):
    """Nothing was sent; the message says why. It may be tried again."""


class Forbidden(NotSent):
    """The address is none we may speak to; trying again changes nothing."""


class NoAnswer(Exception):
    """It was sent, or partly, and no answer came: nobody can tell what became of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said."""

    status: int
    text: str


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def post(url: str, body: bytes, headers: Mapping[str, str], allowed_hosts: Collection[str] = ()) -> Answer:
    """Will post a body and return the answer; raises NotSent, Forbidden and NoAnswer. Waits 15 seconds at most.

    Only https, and only addresses of the public network; a host that the settings name may be reached wherever it is,
    and by http too. The name is resolved once, so that it cannot mean something else a moment later.
    """
    parts = urlsplit(url)
    host, named = parts.hostname or "", (parts.hostname or "") in allowed_hosts
    if parts.scheme not in ("https", "http") or not host or (parts.scheme == "http" and not named):
        raise Forbidden(f"{parts.scheme}://{host} is not an https address.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = _connection(host, port, _pinned(host, port, trusted=named), secure=parts.scheme == "https")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        return _exchange(connection, target, body, headers)
    finally:
        connection.close()


def _pinned(host: str, port: int, *, trusted: bool) -> str:
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError as error:
        raise NotSent(f"{host} cannot be found: {error}") from error
    if not found:
        raise NotSent(f"{host} cannot be found.")
    if not trusted and not all(is_public(address.partition("%")[0]) for address in found):
        raise Forbidden(f"{host} is an address inside a network, which is not written to.")
    return found[0]


def _connection(host: str, port: int, address: str, *, secure: bool) -> http.client.HTTPConnection:
    """Will connect to the address found, under the host's name; raises NotSent."""
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        line = socket.create_connection((address, port), timeout=TIMEOUT_SECONDS)
        connection.sock = _tls().wrap_socket(line, server_hostname=host) if secure else line
    except OSError as error:
        raise NotSent(f"{host} cannot be reached: {error}") from error
    return connection


def _exchange(connection: http.client.HTTPConnection, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    try:
        connection.request("POST", target, body, dict(headers))
        response = connection.getresponse()
        text = response.read(ANSWER_BYTES_MAX).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(f"{connection.host} gave no answer: {str(error) or type(error).__name__}") from error
    return Answer(response.status, text)
