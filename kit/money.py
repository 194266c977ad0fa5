"""Kit's money: exact decimal amounts, and sharing a whole over parts without losing a unit. Pure."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

from babel.numbers import get_currency_precision

PRECISION = 38
"""Digits kept in intermediate results; amounts have at most 16, multipliers at most 8."""


def exponent_of(currency: str) -> int:
    """Will return how many decimals a currency's smallest coin has (ISO 4217, by way of CLDR)."""
    return get_currency_precision(currency)


def plain(amount: Decimal) -> str:
    """Will write an amount without trailing noughts or exponent, so that equal amounts are written alike."""
    return format(amount.normalize(), "f")


def share(total: int, weights: Sequence[Decimal]) -> list[int]:
    """Will share a whole number over weights so that the parts sum to it exactly (largest remainder, Hamilton).

    Ties go to the earlier part. Weights must not be negative; where all are zero the first part takes everything.
    """
    if not weights:
        return []
    with localcontext(prec=PRECISION):
        whole = sum(weights, Decimal(0))
        if not whole:
            return [total] + [0] * (len(weights) - 1)
        exact = [total * weight / whole for weight in weights]
        parts = [int(value) for value in exact]
        missing = total - sum(parts)
        by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
        for i in by_remainder[:missing]:
            parts[i] += 1
    return parts


def share_money(total: Decimal, weights: Sequence[Decimal], exponent: int) -> list[Decimal]:
    """Will share an amount over weights in units of the currency's smallest coin (`exponent` decimals)."""
    unit = Decimal(1).scaleb(-exponent)
    return [part * unit for part in share(int(total / unit), weights)]


def part_of(total: Decimal, numerator: int, denominator: int, exponent: int) -> Decimal:
    """Will return total x numerator / denominator, rounded half up to `exponent` decimals; the whole at 1."""
    if numerator >= denominator:
        return total
    with localcontext(prec=PRECISION):
        return (total * numerator / denominator).quantize(Decimal(1).scaleb(-exponent), rounding=ROUND_HALF_UP)
