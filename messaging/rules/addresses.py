"""Messaging's rules of addresses: how one is hashed so that a suppression outlives it, which are public. Pure."""

import hashlib
import hmac
import ipaddress

from messaging.enums import Channel


def address_hash(key: bytes, channel: str, address: str) -> bytes:
    """Will return the keyed hash under which a channel's address is suppressed; e-mail in any case is one address."""
    text = address.strip()
    if channel == Channel.EMAIL:
        text = text.lower()
    elif channel == Channel.SMS:
        text = "".join(char for char in text if char.isdigit())
    return hmac.new(key, f"{channel}:{text}".encode(), hashlib.sha256).digest()


def is_public(address: str) -> bool:
    """Will say whether an IP address belongs to the public network: not ours, not a neighbour's, not a cloud's own."""
    ip = ipaddress.ip_address(address)
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if mapped is not None:
        return is_public(str(mapped))
    return ip.is_global and not ip.is_multicast
