"""Whom an operation is about is settled before it is executed, on both executors, and fails closed on any other."""

from __future__ import annotations

from typing import Any

import graphql
import pytest

from gateway.graphql.operation import Executor
from gateway.representation import RepresentingExecutor
from resolvers.common.context import Context, Viewer
from resolvers.mandates import Mandate, MandateBasis
from tests.gateway.test_permissions import EXECUTORS, executor_of
from tests.resolvers.city import PERSON, SCHEMA, VIEWER, FakeCity
from tests.resolvers.test_mandates import COMPANY, Register, person

FOR = Mandate(PERSON, COMPANY.company, COMPANY.name, MandateBasis.OFFICER).id  # type: ignore[arg-type]


class Block:
    """Registrations: notes for whom it is asked."""

    async def of_person(self, persons: Any, fields: Any) -> Any:
        return dict.fromkeys(persons, ())


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> Executor:
    return executor_of(request.param)


def city() -> FakeCity:
    return FakeCity(companies=Register(COMPANY), persons=Register(person()), registrations=Block())


async def run(executor: Executor, text: str, viewer: Viewer | None = VIEWER, **variables: Any) -> tuple[Any, Context]:
    document = graphql.parse(text)
    assert not (problems := graphql.validate(SCHEMA, document)), problems
    context = Context(city=city(), viewer=viewer, locale="en")
    result = await executor.execute(SCHEMA, document, context=context, variables=variables, operation_name=None)
    return result, context


def codes(result: Any) -> list[str]:
    return [error.original_error.code for error in result.errors or ()]


WAYS = {
    "by a variable": "query ($for: ID!) { viewer(onBehalfOf: $for) { name registrations { totalCount } } }",
    "by a literal": f'{{ viewer(onBehalfOf: "{FOR}") {{ name registrations {{ totalCount }} }} }}',
    "in a fragment": "query ($for: ID!) { ...f } fragment f on Query { viewer(onBehalfOf: $for) { name "
    "registrations { totalCount } } }",
    "by a default": f'query ($d: ID = "{FOR}") {{ viewer(onBehalfOf: $d) {{ name registrations {{ totalCount }} }} }}',
    "twice alike": "query ($for: ID!) { viewer(onBehalfOf: $for) { name } viewer(onBehalfOf: $for) "
    "{ registrations { totalCount } } }",
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
async def test_the_whole_operation_is_about_the_one_acted_for(executor: Executor, way: str) -> None:
    variables: dict[str, Any] = {"for": FOR} if "$for" in way else {}
    result, context = await run(RepresentingExecutor(executor), way, **variables)
    assert result.errors is None
    assert result.data["viewer"] == {"name": "Photonics", "registrations": {"totalCount": 0}}
    assert context.city.acting == [("700000011", PERSON, "officer")]  # type: ignore[attr-defined]
    assert context.city.arguments["registrations.of_person"] == (["700000011"], frozenset())  # type: ignore[attr-defined]


async def test_no_whole_answer_is_kept(executor: Executor) -> None:
    _, context = await run(RepresentingExecutor(executor), WAYS["by a literal"])
    assert not context.uses.keep
    _, context = await run(RepresentingExecutor(executor), "{ viewer { name } }")
    assert context.uses.keep


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{ viewer(onBehalfOf: "x") { name } }', "NOT_MANDATED"),
        ('{ viewer(onBehalfOf: "") { name } }', "NOT_MANDATED"),
        (f'{{ viewer(onBehalfOf: "{FOR}x") {{ name }} }}', "NOT_MANDATED"),
    ],
)
async def test_any_other_id_is_nobodys(executor: Executor, text: str, code: str) -> None:
    result, context = await run(RepresentingExecutor(executor), text)
    assert result.data == {"viewer": None}
    assert codes(result) == [code]
    assert context.city.acting == []  # type: ignore[attr-defined]


async def test_two_persons_are_one_too_many(executor: Executor) -> None:
    text = f'{{ a: viewer(onBehalfOf: "{FOR}") {{ name }} b: viewer {{ name }} }}'
    result, _ = await run(RepresentingExecutor(executor), text)
    assert result.data == {"a": None, "b": {"name": "Wu"}}
    assert codes(result) == ["ONE_PERSON_AT_A_TIME"]


async def test_what_is_skipped_is_not_acted_upon(executor: Executor) -> None:
    text = (
        f'query ($no: Boolean!) {{ a: viewer(onBehalfOf: "{FOR}") @include(if: $no) {{ name }} b: viewer {{ name }} }}'
    )
    result, context = await run(RepresentingExecutor(executor), text, no=False)
    assert result.data == {"b": {"name": "Wu"}}
    assert context.city.acting == []  # type: ignore[attr-defined]


async def test_without_what_settles_it_nobody_acts(executor: Executor) -> None:
    """The field itself fails closed, whatever executes the schema."""
    result, _ = await run(executor, WAYS["by a literal"])
    assert result.data == {"viewer": None}
    assert codes(result) == ["NOT_MANDATED"]


async def test_a_variable_that_does_not_fit_is_the_execution_s_error(executor: Executor) -> None:
    result, _ = await run(RepresentingExecutor(executor), WAYS["by a variable"])
    assert result.data is None
    assert "$for" in str(result.errors[0])


async def test_who_acts_has_no_mandates_of_the_other(executor: Executor) -> None:
    result, _ = await run(
        RepresentingExecutor(executor), "query ($f: ID!) { viewer(onBehalfOf: $f) { mandates { id } } }", f=FOR
    )
    assert codes(result) == ["SCOPE_MISSING"]
