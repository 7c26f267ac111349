"""A plan's code: readable, without a client's text, compiled in slices and only as far as it may grow."""

import time
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, execute, get_variable_values, parse

from gateway.graphql.compiled.particulars import Particulars
from gateway.graphql.compiled.plan import Plan
from gateway.graphql.compiled.prepared import prepare
from gateway.graphql.compiled.run import Run
from gateway.graphql.compiled.settings import Settings

SCHEMA = build_schema("""
interface Named { name: String }
type Query { people: [Person!] named: [Named] }
type Person implements Named { name: String friends: [Person!] age(in: String): Int }
type Dog implements Named { name: String owner: Person }
""")
TEXT = """query ($unit: String = "years") {
  people { alias: name friends { name friends { name age(in: $unit) } } }
  named { __typename ... on Dog { owner { name } } ...P }
}
fragment P on Person { friends { literal: age(in: "months\\"); import os") } }"""

PERSON: dict[str, Any] = {"__typename": "Person", "name": "Ann", "age": lambda _info, **given: len(str(given))}
PERSON["friends"] = [PERSON]
ROOT = {"people": [PERSON, PERSON], "named": [PERSON, {"__typename": "Dog", "owner": PERSON}, None]}


def plan_of(schema: GraphQLSchema, text: str, **settings: Any) -> Plan:
    prepared = prepare(schema, parse(text), None)
    variables = get_variable_values(schema, prepared.operation.variable_definitions or (), {})
    assert not isinstance(variables, list)
    return Plan(prepared, Settings(**settings), variables)


def run(plan: Plan) -> Any:
    variables = get_variable_values(plan.prepared.schema, plan.prepared.operation.variable_definitions or (), {})
    assert not isinstance(variables, list)
    plan.advance()
    return Run(plan, variables, Particulars(root_value=ROOT)).execute_operation().formatted


EXPECTED: Any = execute(SCHEMA, parse(TEXT), ROOT)


def test_the_code_reads_as_python_and_has_nothing_of_the_client() -> None:
    plan = plan_of(SCHEMA, TEXT, slice_seconds=9)
    assert run(plan) == EXPECTED.formatted
    compile(plan.source, "plan", "exec")
    assert "# Person.friends: [Person!]\n" in plan.source
    for word in ("alias", "literal", "months", "import", "unit", "years"):
        assert word not in plan.source


@pytest.mark.parametrize("max_fields", [0, 1, 3, 5, 8, 13])
def test_what_exceeds_the_bound_runs_as_in_graphql_core(max_fields: int) -> None:
    plan = plan_of(SCHEMA, TEXT, slice_seconds=9, max_fields=max_fields)
    for _ in range(2):
        assert run(plan) == EXPECTED.formatted
    assert not plan.is_complete


def test_a_plan_is_compiled_a_slice_at_a_time() -> None:
    plan = plan_of(SCHEMA, TEXT, slice_seconds=0)
    lengths = [len(plan.source)]
    for seconds in (0, 1e-9, 1, 1):
        plan.settings = Settings(slice_seconds=seconds)
        assert run(plan) == EXPECTED.formatted
        lengths.append(len(plan.source))
    assert lengths[0] == lengths[1] == lengths[2] < lengths[3]
    assert plan.is_complete


def test_a_type_first_met_in_a_run_is_compiled_in_that_run(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[str] = []
    monkeypatch.setattr(Run, "execute_uncompiled", lambda _run, kind, *_: left.append(kind.name))
    plan = plan_of(SCHEMA, "{ named { name } }", slice_seconds=9)
    data = run(plan)["data"]
    assert not left, f"left to graphql-core: {left}"
    assert data == {"named": [{"name": "Ann"}, {"name": None}, None]}


def test_no_slice_takes_long() -> None:
    fields = " ".join(f"f{number}: String" for number in range(40))
    types = " ".join(f"type T{n} {{ {fields} t: T{(n + 1) % 10} }}" for n in range(10))
    schema = build_schema(f"type Query {{ t: T0 }} {types}")
    selected = " ".join(f"f{number}" for number in range(40))
    text = "{ " + "t { " * 20 + selected + f" {selected} }}" * 20 + " }"
    plan = plan_of(schema, text)
    longest = 0.0
    for _ in range(200):
        start = time.perf_counter()
        plan.advance()
        longest = max(longest, time.perf_counter() - start)
    assert plan.is_complete
    assert plan.size > 1_000_000
    assert longest < 0.1, f"{longest * 1000:.1f} ms"  # 20 ms on a machine that does nothing else


def test_the_size_is_an_estimate_of_what_a_plan_takes() -> None:
    small, large = plan_of(SCHEMA, "{ __typename }"), plan_of(SCHEMA, TEXT, slice_seconds=9)
    large.advance()
    assert 0 < small.size < large.size / 3
