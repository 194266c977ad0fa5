"""Guessing of codes, held back: so many wrong ones a minute by each member, and through each key of machines."""

import datetime as dt

from django.conf import settings

from kit.throttle import Throttle


class TooManyGuesses(Exception):
    """Too many wrong codes were tried within a minute; nothing was looked up. `again_at` says when to try again."""

    def __init__(self, again_at: dt.datetime) -> None:
        super().__init__("Too many wrong codes were tried. Wait a minute, then try again. Nothing was looked up.")
        self.again_at = again_at


def admit_guesses(member_id: int, tries: int, at: dt.datetime, api_key: str = "") -> None:
    """Will count codes that are about to be looked up as wrong; raises TooManyGuesses. No SQL query.

    Whoever has looked them up takes those back that were right, with forgive_guesses.
    """
    admitted: list[tuple[Throttle, str]] = []
    for throttle, who in _throttles(member_id, api_key):
        again_at = throttle.admit(who, tries, at)
        if again_at is not None:
            for other, whose in admitted:
                other.forgive(whose, tries, at)
            raise TooManyGuesses(again_at)
        admitted.append((throttle, who))


def forgive_guesses(member_id: int, tries: int, at: dt.datetime, api_key: str = "") -> None:
    """Will take back so many guesses, which were right, counted at the same instant. No SQL query."""
    for throttle, who in _throttles(member_id, api_key):
        throttle.forgive(who, tries, at)


def _throttles(member_id: int, api_key: str) -> list[tuple[Throttle, str]]:
    by_member = Throttle("coupon", settings.COUPON_GUESSES_A_MINUTE)
    by_key = Throttle("coupon-key", settings.COUPON_GUESSES_A_MINUTE_OF_KEY)
    return [(by_member, str(member_id)), *([(by_key, api_key)] if api_key else [])]
