"""A person opens GraphiQL in a real browser, presses play, changes who and in which language, opens the trace."""

import json

import pytest

from tests.browser import Chromium, RecordedPage, chromium
from tests.gateway.console.small_city import SmallCity, serving

__all__ = ["chromium"]

pytestmark = pytest.mark.browser
PLAY = ".graphiql-execute-button"


@pytest.fixture
def city():
    built = SmallCity()
    yield built
    built.telemetry.close()


async def answer_after(recorded: RecordedPage, expected: str) -> dict:
    """Press play and wait until the answer holds the text."""
    await recorded.page.click(PLAY)
    shown = recorded.page.locator(".result-window .CodeMirror-code", has_text=expected)
    await shown.wait_for()
    await recorded.page.wait_for_selector("#trace-link")
    text = await recorded.page.evaluate("document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()")
    answer: dict = json.loads(text)
    return answer


async def test_play_works_at_once_and_the_trace_is_one_click_away(chromium: Chromium, city):
    async with serving(city.app()) as url:
        recorded = await chromium.open(f"{url}/graphql")
        answer = await answer_after(recorded, "entrepreneur")
        assert answer["data"]["viewer"]["name"] == "entrepreneur"
        await chromium.screenshot(recorded, "graphiql")

        async with recorded.page.expect_popup() as popup:
            await recorded.page.click("#trace-link")
        trace = await popup.value
        await trace.wait_for_load_state()
        assert trace.url == f"{url}/traces/{answer['extensions']['traceId']}?lang=en"
        assert await trace.locator("h1").inner_text() == "queryHomeScreen"
        recorded.assert_quiet()


async def test_two_personas_get_two_answers(chromium: Chromium, city):
    async with serving(city.app()) as url:
        recorded = await chromium.open(f"{url}/")
        await answer_after(recorded, "entrepreneur")
        await recorded.page.select_option("#persona", label="Resident")
        await answer_after(recorded, "resident")
        await recorded.page.select_option("#persona", label="Nobody (no token)")
        await answer_after(recorded, "nobody")
        recorded.assert_quiet()
    assert city.asked == [("Bearer token-of-entrepreneur", "en"), ("Bearer token-of-resident", "en"), (None, "en")]
    assert city.issued == ["entrepreneur", "resident"]


async def test_the_persona_outlives_a_reload_and_its_token_does_not(chromium: Chromium, city):
    async with serving(city.app()) as url:
        recorded = await chromium.open(f"{url}/")
        await recorded.page.select_option("#persona", label="Resident")
        await answer_after(recorded, "resident")
        stored = await recorded.page.evaluate("JSON.stringify([localStorage, sessionStorage])")
        assert "token-of" not in stored
        await recorded.page.reload()
        await answer_after(recorded, "resident")
        assert await recorded.page.input_value("#persona") == "resident"


async def test_nothing_typed_stays_on_the_machine(chromium: Chromium, city):
    async with serving(city.app()) as url:
        recorded = await chromium.open(f"{url}/")
        await answer_after(recorded, "entrepreneur")
        assert await recorded.page.evaluate("localStorage.length") == 0


async def test_a_token_about_to_expire_is_issued_anew(chromium: Chromium, city):
    city.expires_in = 5
    async with serving(city.app()) as url:
        recorded = await chromium.open(f"{url}/")
        await answer_after(recorded, "entrepreneur")
        assert len(city.issued) > 1
        recorded.assert_quiet()


async def test_an_example_brings_its_variables_and_the_language_its_answer(chromium: Chromium, city):
    async with serving(city.app()) as url:
        recorded = await chromium.open(f"{url}/")
        await recorded.page.wait_for_selector(PLAY)
        await recorded.page.select_option("#example", label="Greeting")
        answer = await answer_after(recorded, "Good day")
        assert answer["data"] == {"greeting": "Good day"}
        await recorded.page.select_option("#language", label="中文")
        answer = await answer_after(recorded, "您好")
        assert await recorded.page.locator("#trace-link").inner_text() == "查看本次请求的链路"
        assert await recorded.page.get_attribute("html", "lang") == "zh-CN"
        await chromium.screenshot(recorded, "graphiql-chinese")
        recorded.assert_quiet()


async def test_a_chinese_browser_starts_in_chinese(chromium: Chromium, city):
    async with serving(city.app()) as url:
        recorded = await chromium.open(f"{url}/graphql", locale="zh-CN", color_scheme="dark")
        await answer_after(recorded, "entrepreneur")
        assert city.asked[-1][1] == "zh-CN"
        await chromium.screenshot(recorded, "graphiql-dark")
        recorded.assert_quiet()


async def test_the_documentation_opens_without_a_network(chromium: Chromium, city):
    async with serving(city.app()) as url:
        recorded = await chromium.open(f"{url}/")
        await recorded.page.click("[aria-label='Show Documentation Explorer']")
        await recorded.page.click(".graphiql-doc-explorer-type-name >> text=Query")
        await recorded.page.click(".graphiql-doc-explorer-field-name >> text=viewer")
        await recorded.page.wait_for_selector(".graphiql-doc-explorer >> text=The person who asks")
        recorded.assert_quiet()


async def test_every_panel_and_dialog_keeps_the_policy(chromium: Chromium, city):
    async with serving(city.app()) as url:
        recorded = await chromium.open(f"{url}/")
        await recorded.page.click("[aria-label='Show History']")
        for dialog in ("Open short keys dialog", "Open settings dialog"):
            await recorded.page.click(f"[aria-label='{dialog}']")
            await recorded.page.click(".graphiql-dialog-close")
            await recorded.page.wait_for_selector(".graphiql-dialog", state="detached")
        assert [problem for problem in recorded.problems if "Content Security Policy" in problem] == []
        assert recorded.urls_beyond_loopback == []


async def test_play_pressed_right_after_choosing_an_example_runs_that_example(chromium: Chromium, city):
    async with serving(city.app()) as url:
        recorded = await chromium.open(f"{url}/")
        await answer_after(recorded, "entrepreneur")
        await recorded.page.evaluate(
            """async () => {
                 const select = document.getElementById("example");
                 select.value = "1";
                 select.dispatchEvent(new Event("change", { bubbles: true }));
                 await new Promise(requestAnimationFrame);
                 document.querySelector(".graphiql-execute-button").click();
               }"""
        )
        await recorded.page.locator(".result-window", has_text="Good day").wait_for()


async def test_without_the_issuer_the_page_says_so_and_goes_on(chromium: Chromium, city):
    city.issuer_runs = False
    async with serving(city.app()) as url:
        recorded = await chromium.open(f"{url}/")
        await answer_after(recorded, "nobody")
        problem = await recorded.page.locator(".problem").inner_text()
        assert problem == "No token: the sandbox's token issuer does not answer"
        assert recorded.problems == [
            "error: Failed to load resource: the server responded with a status of 502 (Bad Gateway)"
        ]


async def test_on_a_phone_the_answer_stands_below_the_operation(chromium: Chromium, city):
    async with serving(city.app()) as url:
        recorded = await chromium.open(f"{url}/", viewport={"width": 390, "height": 844})
        await answer_after(recorded, "entrepreneur")
        operation = await recorded.page.locator(".graphiql-editors").bounding_box()
        answer = await recorded.page.locator(".graphiql-response").bounding_box()
        assert operation is not None
        assert answer is not None
        assert answer["y"] >= operation["y"] + operation["height"]
        assert answer["width"] > 280
        await chromium.screenshot(recorded, "graphiql-phone")


async def test_the_recorder_sees_foreign_requests_and_refused_scripts(chromium: Chromium, city):
    """The watchdog of the tests above can bark."""
    async with serving(city.app()) as url:
        recorded = await chromium.open(f"{url}/traces")
        await recorded.page.evaluate(
            """() => new Promise((done) => {
                 const image = new Image();
                 image.onerror = image.onload = done;
                 image.src = "http://192.0.2.1/pixel.png";
                 document.body.append(image);
                 const script = document.createElement("script");
                 script.textContent = "window.ran = true";
                 document.body.append(script);
               })"""
        )
        assert recorded.urls_beyond_loopback == ["http://192.0.2.1/pixel.png"]
        assert await recorded.page.evaluate("window.ran") is None
        assert any("Content Security Policy" in problem for problem in recorded.problems)
