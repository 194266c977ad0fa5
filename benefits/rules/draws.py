"""Drawing winners so that anybody can draw them again from the seed and the numbers of those who took part. Pure."""

import hashlib
from collections.abc import Sequence


def digest_of(numbers: Sequence[str]) -> str:
    """Will return SHA-256 of the member numbers that took part, one a line, in the order given."""
    return hashlib.sha256("\n".join(numbers).encode()).hexdigest()


def lot_of(seed: str, number: str) -> str:
    """Will return the lot of one member number: SHA-256 of the seed, a colon and the number."""
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()


def draw(seed: str, numbers: Sequence[str], winners: int) -> tuple[str, ...]:
    """Will return the numbers that win: those with the smallest lots, the very smallest first."""
    return tuple(sorted(numbers, key=lambda number: lot_of(seed, number))[:winners])
