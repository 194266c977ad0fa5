"""Campaigns' buckets: where chance puts a member, alike for ever for one salt. Pure."""

import hashlib

BUCKETS = 10_000


def bucket_of(salt: str, member_id: int) -> int:
    """Will return the bucket of a member from 0 to 9,999: of SHA-256 of salt and id, the first four bytes."""
    return int.from_bytes(hashlib.sha256(f"{salt}:{member_id}".encode()).digest()[:4]) % BUCKETS
