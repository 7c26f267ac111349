"""The trace pages in a real browser: on a desk, on a phone, in the dark, in both languages."""

import aiohttp
import pytest

from tests.browser import Chromium, chromium
from tests.gateway.console.small_city import EXAMPLES, SmallCity, serving

__all__ = ["chromium"]

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def city():
    built = SmallCity()
    yield built
    built.telemetry.close()


async def one_answer(url: str) -> str:
    """Ask the home screen's question; returns the trace's id."""
    query = (EXAMPLES / "home-screen.graphql").read_text("utf-8")
    async with aiohttp.ClientSession() as client:
        body = {"query": query, "operationName": "HomeScreen"}
        async with client.post(f"{url}/graphql", json=body) as answer:
            return str((await answer.json())["extensions"]["traceId"])


async def test_from_the_list_to_the_failing_call(chromium: Chromium, city):
    async with serving(city.app()) as url:
        trace_id = await one_answer(url)
        recorded = await chromium.open(f"{url}/traces")
        await chromium.screenshot(recorded, "traces")
        await recorded.page.click("text=HomeScreen")
        assert recorded.page.url == f"{url}/traces/{trace_id}?lang=en"

        failing = recorded.page.locator("li", has_text="accounts.by_person")
        assert await failing.locator(".badge").all_inner_texts() == [
            "Taxation",
            "HMRC REST",
            "cache: miss",
            "TAX_TIMED_OUT",
        ]
        tries = recorded.page.locator("li", has_text="HTTP 50")
        assert await tries.locator(".badge.error").all_inner_texts() == ["HTTP 503", "HTTP 504"]
        assert await failing.locator(".explanation").inner_text() == "The department did not answer in time."
        await failing.locator("summary").click()
        assert await failing.locator(".details dt", has_text="citygate.operation").is_visible()
        await chromium.screenshot(recorded, "trace")
        recorded.assert_quiet()


async def test_bars_stand_where_the_time_went(chromium: Chromium, city):
    async with serving(city.app()) as url:
        trace_id = await one_answer(url)
        recorded = await chromium.open(f"{url}/traces/{trace_id}")
        bars = await recorded.page.evaluate(
            "[...document.querySelectorAll('rect')].map((bar) => bar.getBoundingClientRect().toJSON())"
        )
        root, viewer, _name, _field, appointments, *_, tax, first_try, second_try = bars
        assert root["x"] <= viewer["x"] <= appointments["x"]
        assert appointments["width"] < tax["width"] < viewer["width"] <= root["width"]
        assert tax["x"] <= first_try["x"] < first_try["right"] <= second_try["x"] + 1


@pytest.mark.parametrize("path", ["/traces", "/traces/{trace_id}", "/traces/" + "0" * 32])
async def test_nothing_sticks_out_on_a_phone(chromium: Chromium, city, path):
    async with serving(city.app()) as url:
        trace_id = await one_answer(url)
        recorded = await chromium.open(
            url + path.format(trace_id=trace_id), viewport=PHONE, locale="zh-CN", color_scheme="dark"
        )
        assert await recorded.page.get_attribute("html", "lang") == "zh-CN"
        assert await recorded.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        await chromium.screenshot(recorded, f"phone{path[:8].replace('/', '-')}")
        assert recorded.urls_beyond_loopback == []


async def test_the_other_language_is_one_click_away(chromium: Chromium, city):
    async with serving(city.app()) as url:
        await one_answer(url)
        recorded = await chromium.open(f"{url}/traces")
        await recorded.page.click("text=中文")
        assert await recorded.page.locator("h1").inner_text() == "最近的请求"
        await recorded.page.click("text=English")
        assert await recorded.page.locator("h1").inner_text() == "The last requests"
        recorded.assert_quiet()
