"""The operator's page has every key with its default, and every example of it is accepted; the schemas are current."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from adapters.runtime.store import open_store
from gateway.families import families
from gateway.settings import ENVIRONMENT, Department, DepartmentsFile, GatewayFile, Settings
from gateway.span_attributes import ALLOWED_ATTRIBUTES
from gateway.wiring import build
from tests.docs.pages import DOCS, ROOT, Block, blocks, code_in, table

PAGE = DOCS / "operators.md"
FILES = {"config/gateway.yaml": GatewayFile, "config/departments.yaml": DepartmentsFile}
SCHEMAS = {
    "config/gateway.yaml": "config/schema/gateway.json",
    "config/departments.yaml": "config/schema/departments.json",
}


def settings(struct: type[msgspec.Struct], above: str = "") -> Iterator[tuple[str, Any]]:
    """Each key with its default, nested ones dotted."""
    for field in msgspec.structs.fields(struct):
        name = f"{above}{field.encode_name}"
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from settings(field.type, f"{name}.")
        elif field.default_factory is not msgspec.NODEFAULT:
            yield name, field.default_factory()
        else:
            yield name, field.default


def written(default: Any) -> str:
    """A default as the page's table writes it."""
    if default is msgspec.NODEFAULT:
        return "required"
    if default in (None, {}, ()):
        return "none"
    if isinstance(default, tuple):
        return ", ".join(map(written, default))
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


@pytest.mark.parametrize(("heading", "struct"), [("key", GatewayFile), ("key of a department", Department)])
def test_the_table_has_every_key_with_its_default(heading: str, struct: type[msgspec.Struct]) -> None:
    documented = {code_in(row[0])[0]: row[1] for row in table(PAGE, heading)}
    assert documented == {name: written(default) for name, default in settings(struct)}


def test_the_table_has_every_environment_variable() -> None:
    documented = {code_in(row[0])[0]: code_in(row[1])[0] for row in table(PAGE, "variable")}
    assert documented == {name: ".".join(path) for name, path in ENVIRONMENT.items()}


@pytest.mark.parametrize("block", blocks(PAGE, "yaml"), ids=lambda block: block.where)
def test_an_example_of_a_file_is_accepted(block: Block) -> None:
    name = block.text.splitlines()[0].removeprefix("# ")
    assert msgspec.convert(yaml.safe_load(block.text), FILES[name])


@pytest.mark.parametrize("row", table(PAGE, "URL"), ids=lambda row: row[0])
def test_a_store_url_with_its_options_is_accepted(row: list[str], tmp_path: Path) -> None:
    url = code_in(row[0])[0].replace("…", "host:6379").replace("/var/lib/citygate", str(tmp_path))
    options = dict(option.split("=") for option in code_in(row[2]) if "=" in option)
    assert open_store(f"{url}?{'&'.join(f'{name}={value}' for name, value in options.items())}")


def test_the_table_has_every_metric() -> None:
    documented = {code_in(row[0])[0]: row[1] for row in table(PAGE, "metric")}
    settings = Settings(gateway=msgspec.convert({"identity": {"issuer": "http://login"}}, GatewayFile), departments={})
    assert documented == {metric.name: metric.kind for metric in families(build(settings))}


def test_the_cache_s_states_are_those_that_a_span_may_have() -> None:
    documented = {code_in(row[0])[0] for row in table(PAGE, "value")}
    allowed = ALLOWED_ATTRIBUTES["citygate.cache"]
    assert isinstance(allowed, re.Pattern)
    assert documented == set(allowed.pattern.split("|"))


def test_the_schemas_are_what_the_code_says() -> None:
    checked = subprocess.run(
        [sys.executable, "scripts/config-schema", "--check"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(("name", "schema"), SCHEMAS.items())
def test_a_file_names_its_schema(name: str, schema: str) -> None:
    first = (ROOT / name).read_text("utf-8").splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found
    assert ((ROOT / name).parent / found[1]).resolve() == ROOT / schema


def test_the_schema_is_the_struct_s() -> None:
    """That the script compares with these structs and not with itself."""
    known: Mapping[str, Any] = msgspec.json.decode((ROOT / SCHEMAS["config/gateway.yaml"]).read_bytes())
    properties = known["$defs"]["GatewayFile"]["properties"]
    assert set(properties) == {field.encode_name for field in msgspec.structs.fields(GatewayFile)}
