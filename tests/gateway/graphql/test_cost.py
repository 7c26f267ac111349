"""Cost: an upper bound of the requests to departments, known before anything is executed."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from gateway.graphql.cost import Charge, Costs, Prices
from gateway.graphql.limits import DocumentLimits
from tests.gateway.graphql.conftest import City, Servers

SCHEMA = build_schema("""
interface Node { id: ID }
type Row implements Node { id: ID, steps: String, home: Query }
type Other implements Node { id: ID, steps: String }
type Query { rows: [Row], list: [Row], node(id: ID, deep: [[ID]]): Node, either: Either, self: Query, free: Int }
union Either = Row | Other
type Mutation { order: Row }
""")


def charges_of_node(arguments: Any) -> list[Charge]:
    kinds = {"row": [Charge("a", 3)], "other": [Charge("b", 1, once="b.list")]}
    return kinds.get(str(arguments.get("id")), [])


PRICES: Prices = {
    "Query.rows": [Charge("a", 1)],
    "Query.list": [Charge("b", 1, once="b.list")],
    "Query.node": charges_of_node,
    "Row.steps": [Charge("a", 2)],
    "Other.steps": [Charge("b", 4)],
    "Mutation.order": [Charge("a", 1), Charge("b", 2)],
}
COSTS = Costs(SCHEMA, PRICES, most=50)


def cost(text: str, **variables: Any) -> dict[str, int]:
    document = parse(text)
    definition = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    found = COSTS.plan(document, definition).cost(variables)
    assert found.requests == sum(found.departments.values())
    return dict(found.departments)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ free }", {}),
        ("{ __typename }", {}),
        ("{ rows { id } }", {"a": 1}),
        ("{ rows { steps } }", {"a": 3}),
        ("mutation { order { steps } }", {"a": 3, "b": 2}),
        # one place in the answer is one field, wherever it is selected
        ("{ rows { id } rows { steps } ...f } fragment f on Query { rows { steps } }", {"a": 3}),
        ("{ x: rows { id } y: rows { steps } }", {"a": 4}),
        ("{ x: self { rows { id } } y: self { rows { id } } }", {"a": 2}),
        # what is read once is there for all
        ("{ list { id } x: list { id } self { list { home { list { id } } } } }", {"b": 1}),
        ('{ list { id } node(id: "other") { id } }', {"b": 1}),
        # objects of several types: each may be there
        ("{ either { ... on Row { steps } ... on Other { steps } } }", {"a": 2, "b": 4}),
        ('{ node(id: "row") { ... on Row { steps } } }', {"a": 5}),
        ('{ node(id: "nobody", deep: [["row"]]) { id } }', {}),
        # conditions that are no variables
        ("{ rows @skip(if: true) { id } }", {}),
        ("{ rows @include(if: false) { id } ... @include(if: true) { rows { id } } }", {"a": 1}),
    ],
)
def test_what_fields_come_to(text: str, expected: dict[str, int]):
    assert cost(text) == expected


def test_variables_decide_where_they_can():
    text = """query ($id: ID = "other", $more: Boolean!, $less: Boolean = false) {
      node(id: $id) { ... on Row @include(if: $more) { steps } }
      rows @skip(if: $less) { id }
      rows @include(if: $more) @skip(if: $less) { steps }
    }"""
    assert cost(text, more=False) == {"a": 1, "b": 1}
    assert cost(text, more=True, id="row") == {"a": 3 + 2 + 1 + 2}
    assert cost(text, more=True, less=True, id="row") == {"a": 5}
    assert cost(text, more=False, id=None) == {"a": 1}


def test_a_price_of_no_field_is_refused():
    with pytest.raises(ValueError, match=r"Query\.rowz has a price"):
        Costs(SCHEMA, {"Query.rowz": []}, most=1)


PRICED = {"prices": {"Query.greeting": [Charge("hotline", 3)]}, "limits": DocumentLimits(requests=6)}


async def test_an_operation_beyond_the_limit_is_refused_with_its_cost(servers: Servers):
    city = City()
    client = servers.start(city, operations=PRICED)
    reply = await client.post("{ a: greeting b: greeting c: greeting }")
    assert (reply.status, reply.code) == (422, "COST_LIMIT_EXCEEDED")
    (error,) = reply.entries["errors"]
    assert error["message"] == "The operation may cause 9 requests to departments; the limit is 6."
    wanted = {"limit": "requests", "maximum": 6, "cost": {"requests": 9, "departments": {"hotline": 9}}}
    assert error["extensions"].items() >= wanted.items()
    assert (await client.post("{ a: greeting b: greeting }")).status == 200
    assert city.executed == 2


async def test_the_cost_is_said_to_who_asks_for_it(servers: Servers):
    client = servers.start(operations=PRICED)
    for wanted, expected in ((True, {"requests": 3, "departments": {"hotline": 3}}), (1, None), (False, None)):
        reply = await client.post("{ greeting }", extensions={"cost": wanted})
        assert reply.entries.get("extensions", {}).get("cost") == expected
