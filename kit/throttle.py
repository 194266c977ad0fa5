"""Kit's throttle: how often somebody may miss within a sliding minute, counted in the cache all processes share."""

import datetime as dt
import logging
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

WINDOW = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Throttle:
    """So many tries that miss are allowed within any minute to each who tries; `name` is what is tried.

    A window that slides is estimated from two that do not: the count of this minute, and of the minute before it the
    share that the last sixty seconds still cover.
    """

    name: str
    most: int

    def admit(self, who: str, tries: int, at: dt.datetime) -> dt.datetime | None:
        """Will count tries as missed before it is known, so that many at once cannot get past; None where they may be.

        Otherwise nothing is counted, and the instant is returned at which there is room again. While the cache cannot
        be reached nobody is refused: that the shop can sell goes before.
        """
        try:
            before, now = self._counts(who, at)
            now = self._add(who, at, tries)
            if before * _share_left(at) + now <= self.most:
                return None
            self._add(who, at, -tries)
        except RedisError:
            logger.warning("%s is not throttled: the cache cannot be reached", self.name)
            return None
        return self._room_at(before, now - tries, tries, at)

    def forgive(self, who: str, tries: int, at: dt.datetime) -> None:
        """Will take back tries that turned out not to have missed, counted at the same instant."""
        try:
            if tries:
                self._add(who, at, -tries)
        except RedisError:
            logger.warning("%s is not throttled: the cache cannot be reached", self.name)

    def _counts(self, who: str, at: dt.datetime) -> tuple[int, int]:
        keys = [self._key(who, at - WINDOW), self._key(who, at)]
        found = cache.get_many(keys)
        before, now = (int(found.get(key, 0)) for key in keys)
        return before, now

    def _add(self, who: str, at: dt.datetime, tries: int) -> int:
        key = self._key(who, at)
        cache.add(key, 0, timeout=int(3 * WINDOW.total_seconds()))
        return int(cache.incr(key, tries))

    def _key(self, who: str, at: dt.datetime) -> str:
        return f"throttle:{self.name}:{who}:{int(at.timestamp() // WINDOW.total_seconds())}"

    def _room_at(self, before: int, now: int, tries: int, at: dt.datetime) -> dt.datetime:
        """When this minute's count and what is left of the one before allow the tries, or else the next minute's."""
        begun = at - WINDOW * (1 - _share_left(at))
        room = self.most - tries - now
        if room >= 0:
            return begun + WINDOW * (1 - room / max(before, 1))
        return begun + WINDOW * (2 - max(self.most - tries, 0) / max(now, 1))


def _share_left(at: dt.datetime) -> float:
    """The share of the minute before that the last sixty seconds still cover."""
    seconds = WINDOW.total_seconds()
    return 1 - at.timestamp() % seconds / seconds
