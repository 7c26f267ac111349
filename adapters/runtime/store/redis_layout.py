"""How entries and tags lie in Redis.

    <prefix>e:<key>          header + value; the header stamps each tag (digest of 16 bytes, token of 8)
    <prefix>t:{<digest>}:g   the tag's generation: a random token, absent after a drop
    <prefix>t:{<digest>}:i   the tag's index: a sorted set of entry keys by the time they expire

An entry is readable while each stamp's token is the tag's present generation. So one `UNLINK` of the
generation makes all carriers unreadable at once, in every slot of a cluster; an entry that was read before
and lands after carries a token that never comes back; and what eviction or a restart takes away can only
turn hits into misses. The index merely finds what to delete. A tag's two keys share a slot by their hash tag.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b
from secrets import token_bytes

from adapters.runtime.store.contract import MOST_TAGS

DIGEST_BYTES = 16
TOKEN_BYTES = 8
STAMP_BYTES = DIGEST_BYTES + TOKEN_BYTES
LONGEST_HEADER = 1 + MOST_TAGS * STAMP_BYTES

# Milliseconds that a generation outlives a snapshot without a put: longer than any read from a department.
FRESH_GENERATION_MS = 600_000

# Keys: generation, index. Arguments: the snapshot's token, then entry key and ttl in ms in turn.
# Returns 0, and changes nothing, when the tag was dropped since the snapshot.
REGISTER = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local longest = 0
for i = 2, #ARGV, 2 do
  local ttl = tonumber(ARGV[i + 1])
  redis.call('ZADD', KEYS[2], 'GT', now + ttl, ARGV[i])
  longest = math.max(longest, ttl + 1000)
end
for _, key in ipairs(KEYS) do
  if redis.call('PTTL', key) < longest then redis.call('PEXPIRE', key, longest) end
end
return 1
"""


class Layout:
    """The names of keys below one prefix."""

    def __init__(self, prefix: str) -> None:
        self._entry = f"{prefix}e:".encode()
        self._tag = f"{prefix}t:{{".encode()

    @property
    def every_entry(self) -> bytes:
        """Return the pattern that all entries' keys match."""
        return re.sub(rb"([\\*?\[\]^])", rb"\\\1", self._entry) + b"*"

    def entry(self, key: str) -> bytes:
        """Return the name of an entry's key."""
        return self._entry + key.encode()

    def generation(self, digest: bytes) -> bytes:
        """Return the name of the key that holds a tag's token."""
        return self._tag + digest.hex().encode() + b"}:g"

    def index(self, digest: bytes) -> bytes:
        """Return the name of the key that lists a tag's entries."""
        return self._tag + digest.hex().encode() + b"}:i"


def digest_of(tag: str) -> bytes:
    """Return a tag's digest: tags take the same room whatever their length and show nothing."""
    return blake2b(tag.encode(), digest_size=DIGEST_BYTES).digest()


def new_token() -> bytes:
    """Return a generation that has never been before."""
    return token_bytes(TOKEN_BYTES)


def pack(stamps: Iterable[bytes], value: bytes) -> bytes:
    """Return an entry as it is kept."""
    header = b"".join(stamps)
    return b"%c%b%b" % (len(header) // STAMP_BYTES, header, value)


def stamps_of(raw: bytes) -> tuple[bytes, ...]:
    """Return the stamps of a kept entry or of its first bytes; those of anything else are no tag's."""
    end = 1 + raw[0] * STAMP_BYTES if raw else 1
    return tuple(raw[at : at + STAMP_BYTES] for at in range(1, end, STAMP_BYTES))


def value_of(raw: bytes) -> bytes:
    """Return the value of a kept entry."""
    return raw[1 + raw[0] * STAMP_BYTES :]
