"""Messaging's rule of where a link may lead: to a page of this site, or into the web; nowhere else. Pure."""

import re

TARGET = re.compile(r"(?:https?://[A-Za-z0-9\[][^\s\\<>\"'@]*|/(?![/\\])[^\s\\<>\"']*)\Z")
"""An address with a host and no log-in in front of it, or a path that cannot be read as another host."""


def target(address: str) -> str | None:
    """Will return an address that may be followed as it is, or None."""
    return address if TARGET.match(address) else None
