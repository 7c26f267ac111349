"""`config/*.yaml` and the environment above it, refused with file, line and key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.contract.yaml_file import ConfigError
from gateway.graphql.limits import HTTPLimits
from gateway.limit_settings import HTTP
from gateway.settings import CONFIG, ENVIRONMENT, Settings, load


def write(
    folder: Path, gateway: str = "identity: { issuer: http://login }\n", departments: str = "departments: {}\n"
) -> Path:
    (folder / "gateway.yaml").write_text(gateway)
    (folder / "departments.yaml").write_text(departments)
    return folder


def test_the_shipped_configuration_loads() -> None:
    settings = load(CONFIG, {})
    assert settings.gateway.identity.algorithms == ("ES256",)
    assert settings.departments


def test_a_department_that_is_switched_off_is_away(tmp_path: Path) -> None:
    text = "departments:\n  a: { address: http://a }\n  b: { address: http://b, enabled: false }\n"
    assert list(load(write(tmp_path, departments=text), {}).departments) == ["a"]


@pytest.mark.parametrize(
    ("gateway", "line", "key"),
    [
        ("identity: { issuer: login }", 1, "identity.issuer"),
        ("identity: { issuer: 'ftp://login' }", 1, "identity.issuer"),
        ("identity: { issuer: 'http://login?x=1' }", 1, "identity.issuer"),
        ("identity: { issuer: 'http://lo gin' }", 1, "identity.issuer"),
        ("identity:\n  issuer: http://login\n  algorithms: ES256", 3, "identity.algorithms"),
        ("identity:\n  issuer: http://login\n  leeway: soon", 3, "identity.leeway"),
        ("identity: { issuer: http://login }\nlisten:\n  port: 70000", 3, "listen.port"),
        ("identity: { issuer: http://login }\nlisten:\n  port: '8000'", 3, "listen.port"),
        ("identity: { issuer: http://login }\ntelemetry:\n  sample_ratio: 1.1", 3, "telemetry.sample_ratio"),
        ("identity: { issuer: http://login }\ngraphql:\n  timeout: 0s", 3, "graphql.timeout"),
        ("identity: { issuer: http://login }\ngraphql:\n  limits:\n    depth: 0", 4, "graphql.limits.depth"),
        ("identity: { issuer: http://login }\nconsol: {}", 2, "consol"),
        ("listen: {}", 1, ""),
    ],
)
def test_a_gateway_that_does_not_fit_is_refused_with_its_place(
    tmp_path: Path, gateway: str, line: int, key: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, gateway), {})
    assert (caught.value.path, caught.value.line, caught.value.key) == (tmp_path / "gateway.yaml", line, key)


@pytest.mark.parametrize(
    ("department", "key"),
    [
        ("{ address: http:/a }", "address"),
        ("{ address: 'http://a:port' }", "address"),
        ("{ address: 'http://[::1' }", "address"),
        ("{ address: 'http://a#b' }", "address"),
        ("{ address: http://a, connections: 0 }", "connections"),
        ("{ address: http://a, proxy: a }", "proxy"),
        ("{ address: http://a, options: { key: 5 } }", "options.key"),
        ("{ address: http://a, adress: http://b }", "adress"),
    ],
)
def test_a_department_that_does_not_fit_is_refused_with_its_place(tmp_path: Path, department: str, key: str) -> None:
    text = f"departments:\n  ok: {{ address: 'http://[::1]:80/base' }}\n  a: {department}\n"
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, departments=text), {})
    assert (caught.value.line, caught.value.key) == (3, f"departments.a.{key}")


def test_the_endpoint_takes_the_sizes_and_the_time_that_the_settings_have() -> None:
    sizes = {"header_bytes": 1, "headers": 2, "url_bytes": 3, "body_bytes": 4}
    assert HTTP(**sizes, body_timeout="250ms").limits() == HTTPLimits(**sizes, body_seconds=0.25)
    assert HTTP().limits() == HTTPLimits()


@pytest.mark.parametrize("name", ["gateway.yaml", "departments.yaml"])
def test_an_absent_file_is_named(tmp_path: Path, name: str) -> None:
    (write(tmp_path) / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        load(tmp_path, {})


def value_at(settings: Settings, path: tuple[str, ...]) -> object:
    found: object = settings.gateway
    for step in path:
        found = getattr(found, step)
    return found


@pytest.mark.parametrize("variable", ENVIRONMENT)
def test_the_environment_stands_above_the_file(tmp_path: Path, variable: str) -> None:
    values = {"CITYGATE_STORE": "memory://", "CITYGATE_HOST": "::1", "CITYGATE_SAMPLE_RATIO": "0.5"}
    values |= {"CITYGATE_ANSWER_BYTES": "0", "CITYGATE_FAST_LANE_BYTES": "0", "CITYGATE_COMPILE": "False"}
    values |= {"CITYGATE_SUBJECT_UNITS": "0"}
    values |= {"CITYGATE_STORE_KEYS": "env:NEW, file:/etc/old"}
    value = values.get(variable, "https://elsewhere:8443/base")
    settings = load(write(tmp_path), {variable: value, "CITYGATE_OTHER": "x"})
    found = value_at(settings, ENVIRONMENT[variable])
    assert (", ".join(found) if isinstance(found, tuple) else str(found)) == value


def test_the_environment_moves_a_department(tmp_path: Path) -> None:
    text = "departments: { tax_office: { address: http://a, connections: 3 } }\n"
    moved = load(write(tmp_path, departments=text), {"CITYGATE_ADDRESS_TAX_OFFICE": "http://b:81"})
    assert (moved.departments["tax_office"].address, moved.departments["tax_office"].connections) == ("http://b:81", 3)


@pytest.mark.parametrize(
    "environ",
    [{"CITYGATE_ISSUER": "login"}, {"CITYGATE_OTLP_ENDPOINT": ""}, {"CITYGATE_ADDRESS_A": "b"}],
)
def test_a_variable_that_does_not_fit_is_named(tmp_path: Path, environ: Mapping[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, departments="departments: { a: { address: http://a } }\n"), environ)
    assert caught.value.key == next(iter(environ))
