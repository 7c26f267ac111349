"""The guards of all departments of one process."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from functools import partial

from adapters.contract.manifest import Manifest
from adapters.contract.policy import CallPolicy
from adapters.contract.transport import Transport
from adapters.runtime.stages.breaker import Breaker
from adapters.runtime.stages.deadline import DeadlineTransport
from adapters.runtime.stages.guard import Guard
from adapters.runtime.stages.metered import MeteredTransport
from adapters.runtime.stages.shared import SharedBreakers
from adapters.runtime.store import Store

logger = logging.getLogger(__name__)


class Guards:
    """The guards by department. With `shared`, breakers follow those of the other processes on that store.

    `share` is the part of a department's quota that this process may use.
    """

    def __init__(
        self,
        policies: Mapping[str, CallPolicy],
        *,
        shared: Store | None = None,
        share: float = 1.0,
    ) -> None:
        self._share = share
        self._guards: dict[str, Guard] = {}
        self._breakers: dict[str, Breaker] = {}
        self._shared = SharedBreakers(shared, self._breakers) if shared is not None else None
        self.configure(policies)

    def of(self, department: str) -> Guard:
        """A department's guard; with the defaults when nothing was said about it."""
        return self._guards.get(department) or self._new(department, CallPolicy())

    def door(self, transport: Transport, manifest: Manifest) -> Transport:
        """A department's transport as its adapter gets it: with its quota, and its deadline where it takes one."""
        metered = MeteredTransport(transport, self.of(manifest.name).quota)
        return DeadlineTransport(metered, manifest.deadline_header) if manifest.deadline_header else metered

    def configure(self, policies: Mapping[str, CallPolicy]) -> None:
        """Go on with other policies."""
        for department, policy in policies.items():
            known = self._guards.get(department)
            if known is None:
                self._new(department, policy)
            else:
                known.configure(policy)

    def each(self) -> Mapping[str, Guard]:
        """All of them by department."""
        return self._guards

    def may_send(self, department: str, now: datetime) -> datetime | None:
        """None when a department is open at a moment; otherwise when it opens."""
        return self.of(department).calendar.closed_until(now)

    def _new(self, department: str, policy: CallPolicy) -> Guard:
        look = self._shared.look if self._shared else None
        guard = Guard(policy, share=self._share, changed=partial(self._changed, department), look=look)
        self._guards[department], self._breakers[department] = guard, guard.breaker
        return guard

    def _changed(self, department: str) -> None:
        state = self._breakers[department].state
        logger.warning("%s: the breaker is %s", department, state)
        if self._shared is not None:
            self._shared.changed(department)

    async def aclose(self) -> None:
        """Look at what others know no further."""
        if self._shared is not None:
            await self._shared.aclose()
