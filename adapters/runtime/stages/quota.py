"""The department's own quota: what is agreed on, and what its replies say. No request goes that it would refuse."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Mapping

from adapters.contract.errors import QuotaExceeded
from adapters.contract.manifest import Quota, seconds

_DELTA = re.compile(r"\d{1,9}")
_PARAMETER = re.compile(r";\s*([rt])=(\d{1,9})")


class QuotaMeter:
    """Counts the requests of this process in a sliding window, and believes a reply that says how many are left.

    `share` is the part of the agreed quota that this process may use. Who begins a request takes it off `under_way`
    when it is over.
    """

    def __init__(self, share: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._share, self._clock = share, clock
        self._sent: deque[float] = deque()
        self._calls, self._per = 0, 0.0
        self._longest_wait = 0.0
        self._closed_until = 0.0
        self._left, self._left_until = 0, 0.0
        self.under_way = 0

    def configure(self, quota: Quota | None, longest_wait: float) -> None:
        """Go on with another quota; a reply is believed for at most `longest_wait` seconds."""
        self._calls = max(1, int(quota.calls * self._share)) if quota else 0
        self._per = seconds(quota.per) if quota else 0.0
        self._longest_wait = longest_wait
        self._closed_until = min(self._closed_until, self._clock() + longest_wait)
        self._left_until = min(self._left_until, self._clock() + longest_wait)

    def check(self) -> None:
        """Raises: QuotaExceeded when no request may go now."""
        if not self._closed_until and not self._left_until and not self._calls:
            return
        now = self._clock()
        wait = max(self._closed_until, self._said(now), self._counted(now)) - now
        if wait > 0:
            raise QuotaExceeded("its quota of requests is used up", retry_after=wait)

    def begin(self) -> None:
        """A request goes now. Raises: QuotaExceeded when it may not."""
        if self._calls or self._left_until or self._closed_until:
            self._count()
        self.under_way += 1

    def _count(self) -> None:
        self.check()
        if self._calls:
            self._sent.append(self._clock())
        self._left -= 1

    def wait(self, retry_after: float | None) -> None:
        """A reply refuses for the quota's sake; it says for how long."""
        if retry_after:
            self._closed_until = self._clock() + min(retry_after, self._longest_wait)

    def heard(self, headers: Mapping[str, str]) -> None:
        """What a reply says about the requests that are left, with its own one over already.

        Those still under way may be counted in it or not; it is taken that they are not.
        """
        if "ratelimit-remaining" not in headers and "ratelimit" not in headers:
            return
        left, reset = left_in(headers)
        if left is None or not reset:
            return
        self._left = left - self.under_way
        self._left_until = self._clock() + min(reset, self._longest_wait)

    def _said(self, now: float) -> float:
        """When requests may go again, by the replies."""
        if self._left_until <= now:
            self._left_until = 0.0
            return 0.0
        return self._left_until if self._left <= 0 else 0.0

    def _counted(self, now: float) -> float:
        """When requests may go again, by our own count."""
        if not self._calls:
            return 0.0
        sent = self._sent
        while sent and sent[0] <= now - self._per:
            sent.popleft()
        return sent[-self._calls] + self._per if len(sent) >= self._calls else 0.0


def left_in(headers: Mapping[str, str]) -> tuple[int | None, float]:
    """How many requests are left, and for how many seconds that holds; None when the reply does not say.

    `RateLimit-Remaining` and `RateLimit-Reset` in seconds, or `RateLimit: "name";r=50;t=30` (IETF draft
    ratelimit-headers, its early and its present form). Of several policies, the one with the fewest left.
    """
    remaining, reset = headers.get("ratelimit-remaining"), headers.get("ratelimit-reset")
    if remaining is not None and reset is not None:
        if _DELTA.fullmatch(remaining) and _DELTA.fullmatch(reset):
            return int(remaining), float(reset)
        return None, 0.0
    field = headers.get("ratelimit")
    policies = [dict(_PARAMETER.findall(one)) for one in field.split(",")] if field else []
    known = [(int(one["r"]), float(one["t"])) for one in policies if one.keys() >= {"r", "t"}]
    return min(known, default=(None, 0.0))
