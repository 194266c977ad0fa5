"""Codes that people type: hard to guess, hard to misread, the same in capitals and small letters. Pure."""

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Letters and figures without those that look alike: no 0 and O, no 1 and I."""

LENGTH_MIN = 10
"""So long that nobody guesses one of a million live codes in a lifetime: 32^10 is more than 10^15."""

LOOKALIKES = str.maketrans({" ": "", "-": "", "_": ""})


def normal(typed: str) -> str:
    """Will return a code as it is kept: in capitals, without the blanks and hyphens that people put in."""
    return typed.translate(LOOKALIKES).upper()


def code_of(prefix: str, random: bytes) -> str:
    """Will write random bytes as a code after a prefix: a character of the alphabet for each byte."""
    return prefix + "".join(ALPHABET[byte % len(ALPHABET)] for byte in random)


def shown(code: str) -> str:
    """Will write a code in groups of four, as it is read and typed most easily."""
    return "-".join(code[first : first + 4] for first in range(0, len(code), 4))
