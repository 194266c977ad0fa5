"""Codes that people type: hard to guess, hard to misread, the same in capitals and small letters. Pure."""

import unicodedata
from collections.abc import Iterable

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Letters and figures without those that look alike: no 0 and O, no 1 and I."""

LENGTH_MIN = 10
"""So long that nobody guesses one of a million live codes in a lifetime: 32^10 is more than 10^15."""

LENGTH = 12
"""How many characters a code without a prefix has; a prefix takes the place of the last two of them."""

CHOSEN_MIN = 4
CHOSEN_MAX = 30
PREFIX_MAX = 12

LETTER_OF_BYTE = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
"""The alphabet has 32 signs, so that each stands for as many of the 256 bytes: none is likelier than another."""


def normal(typed: str) -> str:
    """Will return a code as it is kept: letters and figures alone, in capitals, full-width signs as narrow ones."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", typed).upper() if sign.isascii() and sign.isalnum())


def length_after(prefix: str) -> int:
    """Will return how many random characters follow a prefix."""
    return max(LENGTH_MIN, LENGTH - len(prefix))


def codes_of(prefix: str, random: bytes) -> list[str]:
    """Will write random bytes as codes after a prefix: a character of the alphabet for each byte."""
    text, length = random.translate(LETTER_OF_BYTE).decode("ascii"), length_after(prefix)
    return [prefix + text[first : first + length] for first in range(0, len(text), length)]


def shown(code: str) -> str:
    """Will write a long code in groups of four, as it is read and typed most easily; a chosen short one as it is."""
    if len(code) < LENGTH_MIN:
        return code
    return "-".join(code[first : first + 4] for first in range(0, len(code), 4))


def listed(text: str) -> list[str]:
    """Will read a list that was pasted: what stands between blanks, commas, semicolons and lines, each once."""
    return once(text.translate(str.maketrans(",;，；、\t", "      ")).split())


def once(words: Iterable[str]) -> list[str]:
    """Will leave out what was there before, in the same order."""
    return list(dict.fromkeys(words))
