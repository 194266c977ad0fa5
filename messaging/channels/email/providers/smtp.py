"""E-mail's provider SMTP: a server that takes one message after the other, and is asked how far each has got."""

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from messaging.channels.email.providers.mime import BadHeader
from messaging.rules.delivery import Accepted, Deferred, Outcome, Outgoing, Refused, Unknown

TIMEOUT_SECONDS = 20
UNKNOWN_ADDRESS = (510, 511, 513, 550, 551, 553)
"""What servers answer a recipient whom they do not know."""
PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+", re.ASCII)
GO_ON = 354
AGAIN = 421
"""The server closes the line; whatever it speaks of was not taken."""

Letter = Callable[[Outgoing], bytes]


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over: smtp:// upgrades to TLS where the server can, smtps:// is TLS from the start."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    is_tls: bool = False
    wants_tls: bool = True


class BadServer(Exception):
    """An address of a mail server cannot be read; the message says how to write one."""


def server_from(url: str) -> Server:
    """Will read smtp://user:password@host:port; raises BadServer. `?tls=off` is for a server of this machine."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise BadServer("Write smtp://user:password@host:587, or smtps:// for TLS from the start.")
    return Server(
        host=parts.hostname,
        port=parts.port or (465 if parts.scheme == "smtps" else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_tls=parts.scheme == "smtps",
        wants_tls=parts.query != "tls=off",
    )


class Smtp:
    """Hands letters over to a mail server, all by one connection as long as it lasts."""

    name = "smtp"
    is_ours = False

    def __init__(self, server: Server, sender: str, letter: Letter, timeout: float = TIMEOUT_SECONDS) -> None:
        self._server, self._sender, self._letter, self._timeout = server, sender, letter, timeout
        self._line: smtplib.SMTP | None = None

    def deliver(self, outgoing: Outgoing) -> Outcome:
        """Will hand one letter over: until its last byte is written nothing is sent, then only the answer tells."""
        try:
            letter = self._letter(outgoing)
            line = self._line or self._connected()
            early = self._envelope(line, outgoing.addresses[0])
            if early is not None:
                return early
            body = letter.replace(b"\r\n.", b"\r\n..")
            line.send((b"." if body.startswith(b".") else b"") + body + b".\r\n")
        except BadHeader as error:
            return Refused(str(error))
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Deferred(f"before the message was through: {_said(error)}")
        return self._answer(line)

    def _answer(self, line: smtplib.SMTP) -> Outcome:
        try:
            code, text = line.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Unknown(f"after the message was through: {_said(error)}")
        if code // 100 == 2:
            return Accepted()
        return self._refusal(line, code, text, bounces=False)

    def _envelope(self, line: smtplib.SMTP, address: str) -> Outcome | None:
        """Will say from whom and to whom, and ask for the word to begin; returns what the server has against it.

        All at once where the server takes it so (RFC 2920), for each answer that is waited for costs a way to it.
        """
        asked = (f"MAIL FROM:{_path(self._sender)}", f"RCPT TO:{_path(address)}", "DATA")
        at_once = line.has_extn("pipelining")
        if at_once:
            line.send("".join(f"{one}\r\n" for one in asked))
        for place, one in enumerate(asked):
            code, text = line.getreply() if at_once else line.docmd(one)
            if code == GO_ON if one == "DATA" else code // 100 == 2:
                continue
            if at_once and code != AGAIN:
                self._hear_out(line, len(asked) - place - 1)
            bounces = one.startswith("RCPT") and code in UNKNOWN_ADDRESS
            return self._refusal(line, code, text, bounces=bounces)
        return None

    def _hear_out(self, line: smtplib.SMTP, answers: int) -> None:
        """Will hear the answers to what was asked in vain; a server that waits for words all the same gets none."""
        try:
            codes = [line.getreply()[0] for _ in range(answers)]
        except (OSError, smtplib.SMTPException):
            codes = [AGAIN]
        if GO_ON in codes or AGAIN in codes:
            self.close()

    def _refusal(self, line: smtplib.SMTP, code: int, text: bytes, *, bounces: bool) -> Outcome:
        said = f"{code} {text.decode('utf-8', 'replace')}"
        if code == AGAIN:
            self.close()
        elif self._line is not None:
            with suppress(OSError, smtplib.SMTPException):
                line.rset()
        return Refused(said, bounces=bounces) if code // 100 == 5 else Deferred(said)

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.is_tls:
            context = ssl.create_default_context()
            line: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=context)
        else:
            line = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        line.ehlo_or_helo_if_needed()
        if not server.is_tls and server.wants_tls and line.has_extn("starttls"):
            line.starttls(context=ssl.create_default_context())
            line.ehlo()
        if server.user:
            line.login(server.user, server.password)
        self._line = line
        return line

    def close(self) -> None:
        """Will close the connection, if there is one."""
        line, self._line = self._line, None
        if line is not None:
            with suppress(OSError, smtplib.SMTPException):
                line.close()


def _path(address: str) -> str:
    """Will return an address as the envelope names it; most need no reading for it, which takes longer than asking."""
    if PLAIN.fullmatch(address):
        return f"<{address}>"
    if not address.isascii() or "\r" in address or "\n" in address:
        raise BadHeader("The address has a sign in it that mail servers do not take.")
    return smtplib.quoteaddr(address)


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
