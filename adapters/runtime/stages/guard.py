"""One department's stages, in the order in which a call meets them.

Is it open (`calendar`), is its quota left (`quota`), is it alone (`breaker`), is there a place (`bulkhead`), how much
time is there; and when it fails, may the call be repeated (`retries`). A stage that has nothing to do is a comparison.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

from opentelemetry.trace import get_current_span

from adapters.contract.deadline import Deadline
from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Maintenance,
    QuotaExceeded,
    TimedOut,
    Unavailable,
    Unreachable,
)
from adapters.contract.manifest import seconds
from adapters.contract.policy import CallPolicy
from adapters.runtime.bound import Bound
from adapters.runtime.stages.breaker import CLOSED, Breaker
from adapters.runtime.stages.bulkhead import Bulkhead
from adapters.runtime.stages.calendar import Calendar
from adapters.runtime.stages.quota import QuotaMeter
from adapters.runtime.stages.retries import RetryBudget

T = TypeVar("T")
Attempt = Callable[[float], Awaitable[T]]
"""Makes the call once, until the moment (by the event loop's clock) at which nobody waits for it any more."""
ITS_FAULT = (Unavailable, TimedOut, BadReply)
"""What a department that is well does not do. To refuse, to be closed or full is no fault."""


def nothing() -> None:
    """Who is to be told when there is nobody."""


class Guard:
    """Everything that one process knows of how a department can be called now."""

    def __init__(
        self,
        policy: CallPolicy,
        *,
        share: float = 1.0,
        changed: Callable[[], None] = nothing,
        look: Callable[[float], None] | None = None,
    ) -> None:
        self._look = look
        self.calendar = Calendar(policy)
        self.quota = QuotaMeter(share)
        self.breaker = Breaker(policy.breaker, changed=changed)
        self.bulkhead = Bulkhead(policy)
        self.retries = RetryBudget(policy.retries)
        self._longest_wait = seconds(policy.longest_wait)
        self.quota.configure(policy.quota, self._longest_wait)

    def configure(self, policy: CallPolicy) -> None:
        """Go on with another policy; what is known of the department stays."""
        self._longest_wait = seconds(policy.longest_wait)
        self.calendar.configure(policy)
        self.quota.configure(policy.quota, self._longest_wait)
        self.breaker.configure(policy.breaker)
        self.bulkhead.configure(policy)
        self.retries.configure(policy.retries)

    def longest(self, bound: Bound) -> float:
        """Seconds after which a call of an operation that begins now is over: the wait for a place, and its time."""
        return self.bulkhead.patience + bound.timeout

    async def call(self, bound: Bound, attempt: Attempt[T], *, repeatable: bool = False, within: float = math.inf) -> T:
        """What `attempt` gives within the operation's timeout; made again when it fails, is `repeatable`, and may be.

        `within` (seconds) bounds all of it, the wait for a place included. Raises: AdapterError with department and
        operation; Unreachable, QuotaExceeded and Maintenance for what is refused here and was not sent.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        if self._look is not None:
            self._look(begun)
        self.retries.earn()
        ticket = await self._enter(bound)
        now = loop.time()
        end = min(now + bound.timeout, begun + within)  # the wait for a place is not the department's
        if end <= now:
            self._leave(ticket)
            raise bound.blame(Unreachable("there was no time left to send it"))
        try:
            return await self._run(bound, ticket, attempt, end)
        except Unavailable as exc:
            if not repeatable:
                raise
            error = exc
        return await self._again(bound, attempt, end, error)

    async def _again(self, bound: Bound, attempt: Attempt[T], end: float, error: Unavailable) -> T:
        loop, repeated = asyncio.get_running_loop(), 0
        while (pause := self.retries.pause(error, repeated, end - loop.time())) is not None:
            repeated += 1
            get_current_span().set_attribute("citygate.retries.count", repeated)
            await asyncio.sleep(pause)
            ticket = self._enter_at_once()
            if ticket is None:
                break
            try:
                return await self._run(bound, ticket, attempt, end)
            except Unavailable as exc:
                error = exc
        raise error

    async def _run(self, bound: Bound, ticket: int, attempt: Attempt[T], end: float) -> T:
        try:
            with Deadline(end):
                found = await attempt(end)
        except TimeoutError as exc:
            self.breaker.failed(ticket)
            raise bound.blame(TimedOut(f"no answer within {bound.timeout:g} s")) from exc
        except AdapterError as exc:
            self._learn(ticket, exc)
            bound.blame(exc)
            raise
        except BaseException:
            self.breaker.abandoned(ticket)
            raise
        else:
            self.breaker.answered(ticket)
            return found
        finally:
            self.bulkhead.give_back()

    async def _enter(self, bound: Bound) -> int:
        try:
            self._check()
            if not self.bulkhead.take():
                await self.bulkhead.wait()
                try:
                    self._check()
                except AdapterError:
                    self.bulkhead.give_back()
                    raise
        except AdapterError as exc:
            bound.blame(exc)
            if self.breaker.state is not CLOSED:
                get_current_span().set_attribute("citygate.breaker", self.breaker.state)
            raise
        return self.breaker.begin()

    def _leave(self, ticket: int) -> None:
        self.breaker.abandoned(ticket)
        self.bulkhead.give_back()

    def _enter_at_once(self) -> int | None:
        try:
            self._check()
        except AdapterError:
            return None
        return self.breaker.begin() if self.bulkhead.take() else None

    def _check(self) -> None:
        self.calendar.check()
        self.quota.check()
        self.breaker.check()

    def _learn(self, ticket: int, error: AdapterError) -> None:
        if isinstance(error, ITS_FAULT):
            self.breaker.failed(ticket)
        elif isinstance(error, QuotaExceeded):
            self.breaker.abandoned(ticket)
            self.quota.wait(error.retry_after)
        elif isinstance(error, Maintenance):
            self.breaker.abandoned(ticket)
            self.calendar.announce(error.until, error.retry_after, self._longest_wait)
        else:
            self.breaker.answered(ticket)
