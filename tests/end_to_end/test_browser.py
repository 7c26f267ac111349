"""What a newcomer does: opens the page, presses play as two personas, opens the trace of the request."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.settings import ROOT
from tests.browser import Chromium, RecordedPage, chromium
from tests.end_to_end.gateway import CONFIGURED, PATIENCE, address_in, call
from tests.end_to_end.test_home_screen import NEEDED

__all__ = ["chromium"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    """The address of a running `citygate demo`."""
    with subprocess.Popen(
        [sys.executable, "-m", "gateway", "demo", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        yield address_in(process)
        process.terminate()
        assert process.wait(PATIENCE) == 0


async def play_as(recorded: RecordedPage, persona: str) -> Any:
    """Choose a persona, press play, and read the answer that appears."""
    await recorded.page.select_option("#persona", value=persona)
    await recorded.page.click(".graphiql-execute-button")
    await recorded.page.wait_for_selector("#trace-link")
    await recorded.page.locator(".result-window .CodeMirror-code", has_text="totalCount").wait_for()
    shown = await recorded.page.evaluate("document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()")
    return json.loads(shown)


async def test_play_as_two_personas_and_open_the_trace(demo: str, chromium: Chromium) -> None:
    recorded = await chromium.open(f"{demo}/", viewport={"width": 1400, "height": 900})
    first = await play_as(recorded, "entrepreneur")
    assert first["data"]["viewer"]["name"]
    await chromium.screenshot(recorded, "end-to-end-graphiql-entrepreneur")
    await recorded.page.reload()
    second = await play_as(recorded, "parent")
    assert second["data"]["viewer"]["name"] not in (None, first["data"]["viewer"]["name"])
    await chromium.screenshot(recorded, "end-to-end-graphiql-parent")

    async with recorded.page.expect_popup() as popup:
        await recorded.page.click("#trace-link")
    trace = await popup.value
    await trace.wait_for_load_state()
    identifier = second["extensions"]["traceId"]
    assert trace.url.startswith(f"{demo}/traces/{identifier}")
    await trace.screenshot(path=chromium.screenshots / "end-to-end-trace.png", full_page=True)
    recorded.assert_quiet()

    spans = call(f"{demo}/traces/{identifier}.json")["spans"]
    departments = {span["attributes"].get("citygate.department") for span in spans}
    assert departments >= NEEDED
    text = await trace.locator("body").inner_text()
    assert "HomeScreen" in text


async def test_a_browser_at_the_endpoint_gets_the_page(demo: str, chromium: Chromium) -> None:
    recorded = await chromium.open(f"{demo}/graphql")
    await recorded.page.wait_for_selector(".graphiql-container")
    recorded.assert_quiet()


def test_personas_have_titles_in_both_languages(demo: str) -> None:
    personas = call(f"{demo}/sandbox/personas")
    assert {"entrepreneur", "resident", "parent", "officer", "manager", "operator"} <= {one["name"] for one in personas}
    for persona in personas:
        assert persona["title"]["en"].isascii()
        assert not persona["title"]["zh-CN"].isascii()
    assert CONFIGURED
