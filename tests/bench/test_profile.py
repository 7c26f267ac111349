"""The profile says where a request's time goes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import FrameType

import pytest
import uvloop

from bench.profile import Profile
from bench.sampler import LOOP, Samples, between_callbacks

ROOT = Path(__file__).parents[2]


def test_parts_are_the_houses_and_the_libraries() -> None:
    samples, libraries = Samples(ROOT, ROOT / "unused"), sysconfig.get_path("purelib")
    assert samples.part(f"{ROOT}/gateway/graphql/compiled/run.py") == "gateway/graphql"
    assert samples.part(f"{ROOT}/gateway/app.py") == "gateway"
    assert samples.part(f"{libraries}/starlette/routing.py") == "lib starlette"
    assert samples.part(f"{libraries}/jwt.py") == "lib jwt"
    assert samples.part(json.__file__) is None
    assert samples.part("<frozen importlib._bootstrap>") is None
    assert samples.part("<string>") is None
    assert samples.part("<compiled operation>") == "compiled operation"


def test_a_sample_counts_for_the_part_that_called_the_standard_library(tmp_path: Path) -> None:
    samples = Samples(ROOT, tmp_path / "samples.json")
    samples.take(0, sys._getframe())
    samples.take(0, None)
    samples.write(0, None)
    said = json.loads((tmp_path / "samples.json").read_text())
    name = test_a_sample_counts_for_the_part_that_called_the_standard_library.__name__
    assert said == {"samples": 1, "parts": {"tests/bench": 1}, "functions": {f"tests/bench: {name}": 1}}


def test_taking_a_sample_is_not_sampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples, seen = Samples(ROOT, tmp_path / "samples.json"), []
    looked_up = samples.part

    def part(filename: str) -> str | None:
        seen.append(filename)
        samples.take(0, sys._getframe())
        return looked_up(filename)

    monkeypatch.setattr(samples, "part", part)
    samples.take(0, sys._getframe())
    samples.write(0, None)
    assert seen
    assert json.loads((tmp_path / "samples.json").read_text())["samples"] == 1


def test_what_is_entered_by_the_loop_is_told_from_what_has_run() -> None:
    seen = []

    def entered() -> None:
        pass

    def look(frame: FrameType, event: str, _arg: object) -> None:
        if event == "call" and frame.f_code in (entered.__code__, inner.__code__):
            seen.append((frame.f_code.co_name, between_callbacks(frame)))

    def inner() -> None:
        seen.append(("inside inner", between_callbacks(sys._getframe())))

    def outer() -> None:
        inner()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(entered)
        loop.call_soon(outer)
        await asyncio.sleep(0.01)

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main())
    finally:
        sys.setprofile(before)
    assert seen == [("entered", True), ("inner", False), ("inside inner", False)]


def test_shares_become_microseconds() -> None:
    text = Profile(
        "phone-screen", 200.0, 210.0, 10, {"gateway/graphql": 0.25, "adapters": 0.75}, {"run": 0.1}
    ).as_text()
    assert "50.0  25.0%" in text
    assert "20.0  10.0%" in text
    assert "180.0  90.0%" in text
    assert "200 µs of CPU per request; 210 while 10 samples" in text


def test_the_gateway_is_sampled_under_load() -> None:
    command = [sys.executable, "-m", "bench", "profile", "phone-screen", "--rounds", "1", "--seconds", "1", "--json"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["samples"] > 10
    assert found["cpu_us"] > 0
    assert all(abs(sum(found[shares].values()) - 1) < 1e-6 for shares in ("parts", "functions"))
    assert found["parts"][LOOP] > 0
    assert "bench" not in found["parts"]
    assert any(part.startswith("adapters/") for part in found["parts"])
