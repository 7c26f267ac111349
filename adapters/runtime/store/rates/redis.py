"""Rates in Redis or Valkey, for many machines: one script takes from all buckets, by the server's clock."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.runtime.store.rates.contract import MICROSECONDS, Bucket, Taken
from adapters.runtime.store.redis_wire import Wire

# Keys: buckets. Arguments: least, most, then units and interval (in microseconds) of each bucket.
# Returns what was given, the microseconds to wait, and what is left of each. The arithmetic is that of `taken`; a
# double holds microseconds exactly until the year 2255.
TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local least, given, wait = tonumber(ARGV[1]), tonumber(ARGV[2]), 0
local owed, left = {}, {}
for i, key in ipairs(KEYS) do
  local units, interval = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  owed[i] = math.max(0, tonumber(redis.call('GET', key) or 0) - now)
  left[i] = math.max(0, units - math.ceil(owed[i] / interval))
  given = math.min(given, left[i])
  wait = math.max(wait, owed[i] - (units - least) * interval)
end
if given < least then return {0, wait, unpack(left)} end
for i, key in ipairs(KEYS) do
  owed[i] = owed[i] + given * tonumber(ARGV[2 * i + 2])
  left[i] = left[i] - given
  redis.call('SET', key, string.format('%.0f', now + owed[i]), 'PX', math.ceil(owed[i] / 1000))
end
return {given, 0, unpack(left)}
"""


class RedisRates:
    """Buckets behind one hash tag, so that a cluster has them all in one slot: few takes come here, each a lease."""

    def __init__(self, wire: Wire, *, prefix: str) -> None:
        self._wire = wire
        self._prefix = f"{prefix}r:{{rates}}:".encode()

    async def take(self, buckets: Sequence[Bucket], least: int, most: int) -> Taken:
        """See `Rates`."""
        self._wire.check()
        keys = [self._prefix + one.name.encode() for one in buckets]
        sizes = [size for one in buckets for size in (one.units, one.interval)]
        ((given, wait, *left),) = await self._wire.send([("EVAL", TAKE, len(keys), *keys, least, most, *sizes)])
        return Taken(given, tuple(left), wait / MICROSECONDS)

    async def aclose(self) -> None:
        """Close the connections; see `Rates`."""
        await self._wire.aclose()
