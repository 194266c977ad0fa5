"""Who falls where: members are dealt into 10,000 buckets by a hash, the same today, tomorrow and in SQL. Pure."""

import hashlib
from collections.abc import Sequence

BUCKETS = 10_000


def bucket_of(salt: str, member_id: int) -> int:
    """Will return a member's bucket, 0 to 9,999: the first four bytes of SHA-256 of "salt:id", modulo 10,000.

    `sql/freeze.sql` computes the same. A salt of its own makes each deal independent of all others.
    """
    digest = hashlib.sha256(f"{salt}:{member_id}".encode()).digest()
    return int.from_bytes(digest[:4]) % BUCKETS


def control_salt(campaign_id: int) -> str:
    """Will return the salt by which a campaign keeps members apart: the same for all its launches."""
    return f"campaign:{campaign_id}:control"


def variant_salt(campaign_id: int) -> str:
    """Will return the salt by which a campaign deals its variants."""
    return f"campaign:{campaign_id}:variant"


def bounds(shares: Sequence[int]) -> tuple[int, ...]:
    """Will return for shares of 10,000 the bucket below which each one ends: (5000, 5000) gives (5000, 10000)."""
    ends, total = [], 0
    for share in shares:
        total += share
        ends.append(total)
    return tuple(ends)


def even_shares(parts: int, whole: int = BUCKETS) -> tuple[int, ...]:
    """Will share buckets evenly over parts; the first ones take what does not divide."""
    each, rest = divmod(whole, parts)
    return tuple(each + (1 if part < rest else 0) for part in range(parts))
