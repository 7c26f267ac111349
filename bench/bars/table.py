"""The bars in the order of the table."""

from __future__ import annotations

from collections.abc import Mapping

from bench.bars.against_peers import NEVER_KEPT, against_peers
from bench.bars.bar import Bar
from bench.bars.calls import upstream_calls
from bench.bars.executor import executor
from bench.bars.hanging import hanging_department
from bench.bars.memory import memory
from bench.bars.ours import floors, second_worker, telemetry
from bench.bars.protections import protections

PHONE = {"tailcall": 1.2, "mercurius": 4.0, "hive": 20.0}
JOIN = {"tailcall": 4.0, "mercurius": 5.0, "hive": 40.0}
HOT = {"tailcall": 1.2, "hive": 5.0}

BARS: Mapping[str, Bar] = {
    bar.name: bar
    for bar in (
        Bar("phone-screen", "phone screen, cold, distinct credentials", against_peers("phone-screen", PHONE)),
        Bar("list-with-join", "list with join, cold, distinct credentials", against_peers("list-with-join", JOIN)),
        Bar(
            "list-with-shared-join",
            "the same with ten joined objects for a hundred rows",
            against_peers("list-with-shared-join", JOIN, overlay=NEVER_KEPT),
        ),
        Bar(
            "hot-cache", "phone screen from a cache private to the person", against_peers("phone-screen", HOT, hot=True)
        ),
        Bar("executor", "compiled executor against graphql-core, 100 rows of 4 fields", executor),
        Bar("telemetry", "default telemetry against none", telemetry),
        Bar("protections", "what each protection costs", protections),
        Bar("hanging-department", "one of five departments hangs", hanging_department),
        Bar("upstream-calls", "calls as the selection needs, identical reads in flight are one", upstream_calls),
        Bar("second-worker", "a second worker on a second core", second_worker),
        Bar("memory", "memory of a worker under load", memory, apart=True),
        Bar("floors", "servers that answer a constant, for comparison", floors),
    )
}
