"""An answer that has something stale in it says so, and is kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.contract.manifest import Provided
from tests.adapters.runtime.test_stale import passes
from tests.gateway.test_wiring import CATEGORIES, Back, City, back, city

__all__ = ["back", "city", "passes"]


@pytest.fixture
def outage(city: City, back: Back, passes: Callable[[float], None]) -> City:
    """The department's answer of twenty minutes ago is kept, and it fails now."""
    providers: Any = city.gateway.registry.providers
    name = "complaints.categories"
    provided = Provided(personal=providers[name].provided.personal, fresh_for="10m", stale_if_error="1h")
    providers[name] = replace(providers[name], provided=provided)
    return city


async def test_what_is_stale_is_announced(outage: City, back: Back, passes: Callable[[float], None]) -> None:
    fresh = await outage.ask(CATEGORIES)
    assert set(fresh.json["extensions"]) == {"traceId"}
    back.status = "503 Service Unavailable"
    passes(1200)
    answer = await outage.ask(f"{CATEGORIES} # asked in other words")
    assert (answer.status, answer.json["data"], "errors" in answer.json) == (200, fresh.json["data"], False)
    [entry] = answer.json["extensions"]["freshness"]
    as_of = datetime.fromisoformat(entry.pop("asOf"))
    assert datetime.now(UTC) - timedelta(minutes=1) < as_of <= datetime.now(UTC)
    assert entry.pop("age") >= 0
    assert entry == {
        "department": "_template",
        "operation": "complaints.categories",
        "reason": "TPL_UNAVAILABLE",
    }
    (call,) = [span for span in outage.spans() if span.name == "_template complaints.categories"]
    assert (call.attributes["citygate.cache"], call.attributes["citygate.stale.reason"]) == ("stale", "TPL_UNAVAILABLE")
    assert outage.gateway.calls.tally["_template", "OK", "stale"] == 1
    seconds = call.attributes["citygate.stale.seconds"]
    assert isinstance(seconds, int)
    assert seconds >= 1200


async def test_what_is_stale_is_asked_for_again_each_time(
    outage: City, back: Back, passes: Callable[[float], None]
) -> None:
    document = f"{CATEGORIES} # asked in other words"
    await outage.ask(CATEGORIES)
    back.status = "503 Service Unavailable"
    passes(1200)
    for _ in range(2):
        assert (await outage.ask(document)).json["extensions"]["freshness"]
    back.status = "200 OK"
    assert "freshness" not in (await outage.ask(document)).json["extensions"]
    asked = len(outage.department.exchanges)
    assert "freshness" not in (await outage.ask(document)).json["extensions"], "fresh again, and kept"
    assert len(outage.department.exchanges) == asked
