"""E-mail's letters: a message with a text and an HTML part as bytes, its headers closed to what would slip in."""

import base64
import binascii
import email.utils
from email.header import Header
from functools import lru_cache

from messaging.rules.delivery import Outgoing

LINE_MAX = 900
HEADER_MAX = 70
CODED_LINE = 76
OTHER_SHARE = 0.1
"""Of a text's bytes so many at most are added by signs that are none of ASCII, where it goes quoted-printable."""


class BadHeader(Exception):
    """A header would break off into another one; nothing was sent."""


def letter(outgoing: Outgoing, sender: str, reply_to: str = "", domain: str = "localhost") -> bytes:
    """Will return a message as it goes out, lines ended by CRLF; raises BadHeader.

    Marketing carries the headers by which a reader's program unsubscribes with one click (RFC 8058).
    """
    headers = [
        ("From", _address(sender)),
        ("To", outgoing.addresses[0]),
        ("Subject", " ".join(outgoing.parts.get("subject", "").split())),
        ("Date", email.utils.format_datetime(outgoing.at)),
        ("Message-ID", message_id(outgoing.token, domain)),
        *([("Reply-To", _address(reply_to))] if reply_to else []),
        ("MIME-Version", "1.0"),
        ("Auto-Submitted", "auto-generated"),
    ]
    if outgoing.language:
        headers.append(("Content-Language", outgoing.language))
    if outgoing.is_marketing and outgoing.unsubscribe_url:
        headers.append(("List-Unsubscribe", f"<{outgoing.unsubscribe_url}>"))
        headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    text, html = outgoing.parts.get("text", ""), outgoing.parts.get("html", "")
    written = "".join(_header(name, value) for name, value in headers)
    if not html:
        return (written + _part("plain", text)).encode("ascii")
    border = f"=_{outgoing.token.replace('-', '')}"
    body = "".join(f"--{border}\r\n{part}\r\n" for part in (_part("plain", text), _part("html", html)))
    mixed = f'Content-Type: multipart/alternative; boundary="{border}"\r\n\r\n'
    return f"{written}{mixed}{body}--{border}--\r\n".encode("ascii")


def message_id(token: str, domain: str) -> str:
    """Will return the Message-ID of a message: its token at our domain."""
    return f"<{token}@{domain}>"


@lru_cache(maxsize=8)
def _address(text: str) -> str:
    name, address = email.utils.parseaddr(text)
    return email.utils.formataddr((name, address)) if name else address


def _header(name: str, value: str) -> str:
    if "\r" in value or "\n" in value or "\0" in value:
        raise BadHeader(f"The header {name} has a line break in it.")
    if value.isascii() and len(value) + len(name) < LINE_MAX and value.isprintable():
        return f"{name}: {value}\r\n"
    coded = Header(value, "utf-8", maxlinelen=HEADER_MAX, header_name=name).encode(linesep="\r\n")
    return f"{name}: {coded}\r\n"


def _part(kind: str, text: str) -> str:
    """Will return a part with its headers: as it is where any mail server lets it pass so.

    Where a line is too long for that, or few signs are none of ASCII, in quoted-printable; else in base64, which is
    shorter then.
    """
    lines = text.splitlines()
    if text.isascii() and max(map(len, lines), default=0) <= LINE_MAX:
        return _coded(kind, "us-ascii", "7bit", lines)
    raw = text.encode("utf-8")
    if len(raw) - len(text) > len(raw) * OTHER_SHARE:
        coded = base64.b64encode(raw).decode("ascii")
        return _coded(kind, "utf-8", "base64", [coded[at : at + CODED_LINE] for at in range(0, len(coded), CODED_LINE)])
    # It folds by the kind of line break that it meets first, so there has to be one.
    folded = binascii.b2a_qp(("\r\n".join(lines) + "\r\n").encode("utf-8")).decode("ascii")
    return _coded(kind, "utf-8", "quoted-printable", [folded.removesuffix("\r\n")])


def _coded(kind: str, charset: str, coding: str, lines: list[str]) -> str:
    told = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {coding}\r\n\r\n"
    return told + "\r\n".join(lines) + "\r\n"
