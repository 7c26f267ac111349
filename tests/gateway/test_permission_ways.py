"""Whatever an operation is made of, nobody sees a value that their standing does not give: generated documents.

CITYGATE_INTERLEAVINGS=N makes N of them.
"""

from __future__ import annotations

import asyncio
import os
import re
from typing import Any

import graphql
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.graphql.operation import Executor
from resolvers.common.permissions import Permission
from tests.gateway.test_permissions import FULL, SECRET, SMALL, STANDINGS, executor_of, run, small_schema

DOCUMENTS = int(os.environ.get("CITYGATE_INTERLEAVINGS", "25"))
ALLOWED = {
    "nobody": set[str](),
    "no scope": {"Person.later", "Person.required"},
    "half of a list": {"Person.later", "Person.required"},
    "low": {"Person.later", "Person.required", "Person.number", "Vault.income", "Vault.number"},
    "no level": {"Person.later", "Person.required", "Person.number", "Vault.income", "Vault.number"},
    "full": {"Person.later", "Person.required", "Person.number", "Person.income", "Vault.income", "Vault.number"},
}
"""What the directives of the small schema come to, written down by hand."""
LEAVES = {
    "Person": ("name", "number", "income", "later", "required", "__typename"),
    "Vault": ("name", "number", "income", "__typename"),
    "Named": ("name", "number", "__typename"),
    "Thing": ("__typename",),
}
OF = {"Person": ("Person", "Named"), "Vault": ("Vault", "Named"), "Named": ("Person", "Vault", "Named", "Thing")}
ROOTS = {"person": "Person", "people": "Person", "named": "Named", "things": "Thing"}
DEFAULTS = {"$yes": "true", "$no": "false"}
CONDITIONS = ("", "", "", " @include(if: $yes)", " @skip(if: $no)", " @include(if: true)")


@st.composite
def selections(draw: st.DrawFn, kind: str, depth: int, fragments: dict[str, str]) -> str:
    """The inside of a selection set of a type; named fragments go to `fragments`."""
    parts = [draw(leaf(kind)) for _ in range(draw(st.integers(1, 3)))]
    for _ in range(draw(st.integers(0, 2)) if depth else 0):
        way = draw(st.sampled_from(("inline", "bare", "named", "below")))
        if way == "below" and kind == "Person":
            parts.append(f"{draw(alias())}friends {{ {draw(selections('Person', depth - 1, fragments))} }}")
            continue
        on = kind if way == "bare" else draw(st.sampled_from(OF.get(kind, OF["Named"])))
        inside, condition = draw(selections(on, depth - 1, fragments)), draw(st.sampled_from(CONDITIONS))
        if way == "named":
            name = f"f{len(fragments)}"
            fragments[name] = f"fragment {name} on {on} {{ {inside} }}"
            parts.append(f"...{name}{condition}")
        else:
            parts.append(f"...{'' if way == 'bare' else f' on {on}'}{condition} {{ {inside} }}")
    return " ".join(draw(st.permutations(parts)))


@st.composite
def leaf(draw: st.DrawFn, kind: str) -> str:
    return f"{draw(alias())}{draw(st.sampled_from(LEAVES[kind]))}{draw(st.sampled_from(CONDITIONS))}"


def alias() -> st.SearchStrategy[str]:
    return st.sampled_from(("", "", "name: ", "number: ", "a: ", "b: ", "c: ", "__typename: "))


@st.composite
def documents(draw: st.DrawFn) -> str:
    fragments: dict[str, str] = {}
    roots = draw(st.lists(st.sampled_from(sorted(ROOTS)), min_size=1, max_size=3))
    parts = [f"{draw(alias())}{root} {{ {draw(selections(ROOTS[root], 3, fragments))} }}" for root in roots]
    text = " ".join([f"{{ {' '.join(parts)} }}", *fragments.values()])
    variables = [f"{name}: Boolean = {default}" for name, default in DEFAULTS.items() if name in text]
    return f"query ({', '.join(variables)}) {text}" if variables else text


def is_valid(document: str) -> bool:
    """Aliases clash now and then."""
    return not graphql.validate(SMALL, graphql.parse(document))


async def seen_by(executor: Executor, document: str, standing: str) -> tuple[Any, set[str]]:
    result, _ = await run(executor, document, STANDINGS[standing])
    errors = [(one.message, one.path) for one in result.errors or ()]
    return (result.data, errors), set(re.findall(rf"{SECRET} (\w+\.\w+)", str(result)))


async def attack(document: str) -> None:
    """Every standing in turn, the widest between the narrower ones, on both executors."""
    compiled, reference = executor_of("compiled"), executor_of("reference")
    for standing in ("full", "nobody", "full", "no scope", "low", "half of a list", "no level", "full"):
        got, seen = await seen_by(compiled, document, standing)
        wanted, seen_there = await seen_by(reference, document, standing)
        assert seen | seen_there <= ALLOWED[standing], f"{standing} sees too much"
        assert got == wanted
        if standing == "full":
            assert not got[1], "nothing is refused to who may have everything"


def check_of_ways() -> Any:
    @settings(
        max_examples=DOCUMENTS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(documents().filter(is_valid))
    def check(document: str) -> None:
        asyncio.run(attack(document))

    return check


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.gateway.test_permissions.ROWS", 2)


def test_no_way_leads_past_a_permission() -> None:
    check_of_ways()()


def test_and_some_would_on_a_weakened_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the documents get at what is guarded, were everybody who is logged in taken for one who may have all."""
    refusal_of = Permission.refusal_of
    monkeypatch.setattr(Permission, "refusal_of", lambda self, viewer: refusal_of(self, viewer and FULL))
    monkeypatch.setattr("tests.gateway.test_permissions.SMALL", small_schema())  # for a schema remembers who may what
    with pytest.raises(AssertionError, match="sees too much"):
        check_of_ways()()
