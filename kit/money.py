"""Kit's money: exact decimal amounts, and sharing a whole over parts without losing a unit. Pure."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache

from babel.numbers import get_currency_precision

EXACT = Context(prec=38)
"""Enough digits for any product we form: amounts have at most 16, multipliers at most 9."""


WEIGHT_SCALE = 10**6
"""Weights are shared in millionths, in whole numbers: exact, for money has at most three decimals."""


@cache
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
    return share_whole(total, [int(weight * WEIGHT_SCALE) for weight in weights])


def share_whole(total: int, weights: Sequence[int]) -> list[int]:
    """As share, of whole weights."""
    if len(weights) < 2:
        return [total] * len(weights)
    whole = sum(weights)
    if not whole:
        return [total] + [0] * (len(weights) - 1)
    shares = [divmod(total * weight, whole) for weight in weights]
    parts = [quotient for quotient, _ in shares]
    by_remainder = sorted(range(len(parts)), key=lambda i: (-shares[i][1], i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def share_money(total: Decimal, weights: Sequence[Decimal], exponent: int) -> list[Decimal]:
    """Will share an amount over weights in units of the currency's smallest coin (`exponent` decimals)."""
    unit = Decimal(1).scaleb(-exponent)
    return [part * unit for part in share(int(total.scaleb(exponent)), weights)]


def part_of(total: Decimal, numerator: int, denominator: int, exponent: int) -> Decimal:
    """Will return total x numerator / denominator, rounded half up to `exponent` decimals; the whole at 1."""
    if numerator >= denominator:
        return total
    unit = Decimal(1).scaleb(-exponent)
    return EXACT.divide(EXACT.multiply(total, numerator), denominator).quantize(unit, rounding=ROUND_HALF_UP)
