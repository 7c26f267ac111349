"""A real Chromium for tests: fixtures that record every request and every complaint of the pages they open.

Import the fixture `chromium` and mark the test `browser`.
"""

import os
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

CANDIDATES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """The browser named by CITYGATE_CHROMIUM, else the first on the PATH."""
    named = os.environ.get("CITYGATE_CHROMIUM")
    if named:
        return named
    return next((found for name in CANDIDATES if (found := shutil.which(name))), None)


@dataclass
class RecordedPage:
    """A page, the addresses it asked for, and what it complained of (errors, refused by policy, failed loads)."""

    page: Page
    urls: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def record(self) -> None:
        self.page.on("request", lambda request: self.urls.append(request.url))
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        self.page.on("requestfailed", self._on_failure)

    def _on_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left while it still loaded something
            self.problems.append(f"failed: {request.url} ({request.failure})")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"{message.type}: {message.text}")

    @property
    def urls_beyond_loopback(self) -> list[str]:
        return [url for url in self.urls if not _is_loopback(url)]

    def assert_quiet(self) -> None:
        """The page asked for something, for nothing beyond this machine, and complained of nothing."""
        assert self.urls
        assert self.urls_beyond_loopback == []
        assert self.problems == []


@dataclass
class Chromium:
    """One running browser; every page has a context of its own."""

    browser: Browser
    screenshots: Path

    async def open(self, url: str, **context) -> RecordedPage:
        """Open `url`; `context` goes to Playwright's `new_context` (locale, viewport, color_scheme …)."""
        recorded = RecordedPage(await (await self.browser.new_context(**context)).new_page())
        recorded.record()
        await recorded.page.goto(url)
        return recorded

    async def screenshot(self, recorded: RecordedPage, name: str) -> Path:
        path = self.screenshots / f"{name}.png"
        await recorded.page.screenshot(path=path, full_page=True)
        return path


@pytest.fixture
async def chromium(tmp_path) -> AsyncIterator[Chromium]:
    """A fresh Chromium with a fresh profile; screenshots go to CITYGATE_SCREENSHOTS or the test's folder."""
    executable = find_chromium()
    if executable is None:
        pytest.skip(f"no Chromium: set CITYGATE_CHROMIUM or install one of {', '.join(CANDIDATES)}")
    as_root = sys.platform == "linux" and os.geteuid() == 0
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=FLAGS, chromium_sandbox=not as_root)
        yield Chromium(browser, Path(os.environ.get("CITYGATE_SCREENSHOTS") or tmp_path))
        await browser.close()


def _is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme in {"data", "blob", "about"}:
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"
