"""Kit's rates: how many of a thing may be done within a minute by all processes together, as a bucket of tokens."""

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

TAKE = """
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local rate, burst, wanted, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local tokens, at = tonumber(kept[1]) or burst, tonumber(kept[2]) or now
if now > at then
    tokens, at = math.min(burst, tokens + (now - at) * rate), now
end
local granted = math.max(0, math.min(wanted, math.floor(tokens + 0.000001)))
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - granted), 'at', tostring(at))
redis.call('EXPIRE', KEYS[1], 3600)
return granted
"""
GIVE_BACK = """
local tokens = tonumber(redis.call('HGET', KEYS[1], 'tokens'))
if tokens then
    redis.call('HSET', KEYS[1], 'tokens', tostring(math.min(tonumber(ARGV[2]), tokens + tonumber(ARGV[1]))))
end
return 1
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a minute of what `name` names. At once no more than a second's worth, one at least."""

    name: str
    per_minute: int

    @property
    def burst(self) -> int:
        """How many may be done at once after a pause."""
        return max(1, self.per_minute // 60)

    def take(self, wanted: int, at: dt.datetime) -> int:
        """Will return how many of those wanted may be done now, and count them, in one step for all processes.

        None while the cache cannot be reached: to wait is better than to flood a provider who then locks us out.
        """
        if wanted < 1:
            return 0
        arguments = (self.per_minute / 60, self.burst, wanted, at.timestamp())
        try:
            return int(_client().eval(TAKE, 1, self._key, *arguments))
        except RedisError:
            logger.warning("nothing of %s is done: the cache cannot be reached", self.name)
            return 0

    def give_back(self, count: int) -> None:
        """Will take back what was granted and not used."""
        if count < 1:
            return
        try:
            _client().eval(GIVE_BACK, 1, self._key, count, self.burst)
        except RedisError:
            logger.warning("%s of %s are not given back: the cache cannot be reached", count, self.name)

    @property
    def _key(self) -> str:
        return cache.make_key(f"rate:{self.name}")


def _client() -> Any:
    """The cache's own connection: the cache itself knows no deed of several steps that nobody comes between."""
    return cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
