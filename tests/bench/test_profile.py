"""The profile says where a request's time goes."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

from bench.profile import Profile
from bench.sampler import Samples

ROOT = Path(__file__).parents[2]


def test_parts_are_the_houses_and_the_libraries() -> None:
    samples, libraries = Samples(ROOT, ROOT / "unused"), sysconfig.get_path("purelib")
    assert samples.part(f"{ROOT}/gateway/graphql/compiled/run.py") == "gateway/graphql"
    assert samples.part(f"{ROOT}/gateway/app.py") == "gateway"
    assert samples.part(f"{libraries}/starlette/routing.py") == "lib starlette"
    assert samples.part(f"{libraries}/jwt.py") == "lib jwt"
    assert samples.part(json.__file__) is None
    assert samples.part("<frozen importlib._bootstrap>") is None


def test_a_sample_counts_for_the_part_that_called_the_standard_library(tmp_path: Path) -> None:
    samples = Samples(ROOT, tmp_path / "samples.json")
    samples.take(0, sys._getframe())
    samples.take(0, None)
    samples.write(0, None)
    said = json.loads((tmp_path / "samples.json").read_text())
    name = test_a_sample_counts_for_the_part_that_called_the_standard_library.__name__
    assert said == {"samples": 1, "parts": {"tests/bench": 1}, "functions": {f"tests/bench: {name}": 1}}
    samples.clear(0, None)
    samples.write(0, None)
    assert json.loads((tmp_path / "samples.json").read_text())["samples"] == 0


def test_shares_become_microseconds() -> None:
    text = Profile("phone-screen", 200.0, 10, {"gateway/graphql": 0.25}, {"run": 0.1}).as_text()
    assert "50.0  25.0%" in text
    assert "20.0  10.0%" in text


def test_the_gateway_is_sampled_under_load() -> None:
    command = [sys.executable, "-m", "bench", "profile", "phone-screen", "--rounds", "1", "--seconds", "1", "--json"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["samples"] > 10
    assert found["cpu_us"] > 0
    assert abs(sum(found["parts"].values()) - 1) < 1e-6
    assert any(part.startswith("adapters/") for part in found["parts"])
