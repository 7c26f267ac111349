"""The cost that is said before an operation runs is never below what departments then count."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLNonNull, GraphQLObjectType, get_named_type, is_abstract_type, is_leaf_type

from adapters.runtime.registry import manifest_of
from gateway.schema import NODES, build_schema, graphql_schema
from resolvers.common.nodes import split_id
from sandbox.launch import SandboxCity
from tests.end_to_end import test_orders
from tests.end_to_end.gateway import CONFIGURED, EXAMPLES, Client, Sandbox, call, serving
from tests.end_to_end.test_orders import needs
from tests.end_to_end.test_traces import spans_of

SCHEMA = graphql_schema(build_schema())
ARGUMENTS = {
    "Query.freeSlots": '(officeId: "T2ZmaWNlOjE", serviceIds: [], firstDay: "2030-01-01", lastDay: "2030-01-02")',
    "Query.node": '(id: "UHVibGljU2VydmljZTox")',
}
"""For fields that cannot do without."""
DEEPEST = 5


@pytest.fixture(scope="module")
def cold(running_city: SandboxCity) -> Iterator[Client]:
    """A gateway that keeps no whole answers."""
    sandbox = Sandbox(running_city)
    sandbox.reset()
    with serving(running_city, CITYGATE_ANSWER_BYTES="0") as address:
        yield Client(address, sandbox)


def told(client: Client, document: str, persona: str | None, **variables: Any) -> tuple[Any, Mapping[str, int]]:
    """The answer, and the cost that it tells."""
    headers = {"content-type": "application/json", "accept-language": "en"}
    if persona:
        headers["authorization"] = f"Bearer {client.sandbox.token(persona)}"
    request = {"query": document, "variables": variables, "extensions": {"cost": True}}
    client.sandbox.forget_calls()
    answer = call(f"{client.address}/graphql", method="POST", headers=headers, body=json.dumps(request).encode())
    cost: dict[str, int] = answer["extensions"]["cost"]["departments"]
    return answer, cost


def calls_traced(client: Client, answer: Any) -> Counter[str]:
    """Requests by department as the answer's trace has calls, also those whose records were kept."""
    found: Counter[str] = Counter()
    for span in spans_of(client, answer):
        if "citygate.cache" in span["attributes"]:
            department, operation = span["name"].split(" ")
            found[department] += manifest_of(department).provides[operation].requests
    return found


def below(field: GraphQLField, depth: int = 0) -> str:
    """A selection of everything below a field, as deep as the tests go; of several types, of what is no leaf."""
    kind: Any = get_named_type(field.type)
    if is_leaf_type(kind):
        return ""
    if is_abstract_type(kind):
        parts = [_inside(one, depth + 1, leaves=False) for one in SCHEMA.get_possible_types(kind)]
        return f" {{ __typename {' '.join(parts)} }}"
    return f" {{ {_inside(kind, depth + 1)} }}"


def _inside(kind: GraphQLObjectType, depth: int, *, leaves: bool = True) -> str:
    parts = ["__typename"]
    for name, field in kind.fields.items():
        is_leaf = is_leaf_type(get_named_type(field.type))
        if leaves if is_leaf else depth < DEEPEST:
            alias = "" if leaves else f"{kind.name}_{name}: "
            parts.append(f"{alias}{name}{below(field, depth)}")
    return " ".join(parts) if leaves else f"... on {kind.name} {{ {' '.join(parts)} }}"


def fields_of(kind: str) -> list[str]:
    return [f"{kind}.{name}" for name in SCHEMA.type_map[kind].fields if (kind, name) != ("Query", "viewer")]  # type: ignore[attr-defined]


@pytest.mark.parametrize("coordinates", [*fields_of("Query"), *fields_of("Viewer")])
def test_no_field_with_all_below_it_asks_more_than_it_says(cold: Client, coordinates: str) -> None:
    kind, _, name = coordinates.partition(".")
    field: GraphQLField = SCHEMA.type_map[kind].fields[name]  # type: ignore[attr-defined]
    required = [one for one in field.args.values() if isinstance(one.type, GraphQLNonNull)]
    assert not required or coordinates in ARGUMENTS, f"{coordinates} has required arguments: give it some here"
    selection = f"{name}{ARGUMENTS.get(coordinates, '')}{below(field)}"
    answer, cost = told(cold, f"{{ {selection} }}" if kind == "Query" else f"{{ viewer {{ {selection} }} }}", "busy")
    assert calls_traced(cold, answer) <= Counter(cost)
    assert Counter(cold.sandbox.calls()) <= Counter(cost)


LISTS = """{
  services(first: 1) { nodes { id } }
  offices(first: 1) { nodes { id } }
  complaintCategories { id }
  registrationKinds { id }
  viewer {
    appointments(first: 1) { nodes { id } }
    registrations(first: 1) { nodes { id } }
    complaints(first: 1) { nodes { id } }
    extracts(first: 1) { nodes { id } }
  }
}"""


def test_no_node_asks_more_than_it_says(cold: Client) -> None:
    listed = json.dumps(cold.ask(LISTS, "busy")["data"])
    found = {split_id(one)[0]: one for one in re.findall(r'"id": "([^"]+)"', listed)}
    assert found.keys() == NODES.keys() - {"Filing"} or len(CONFIGURED) < 6  # a filing is the gateway's own
    document = f"query ($id: ID!) {{ node(id: $id){below(SCHEMA.type_map['Query'].fields['node'])} }}"  # type: ignore[attr-defined]
    for kind, identifier in found.items():
        answer, cost = told(cold, document, "busy", id=identifier)
        assert answer["data"]["node"]["__typename"] == kind
        assert calls_traced(cold, answer) <= Counter(cost), kind
        assert Counter(cold.sandbox.calls()) <= Counter(cost), kind


EXACT = {"home-screen": "resident", "complaints": "parent", "tax-account": "entrepreneur", "family": "officer"}
"""Nothing of these is kept yet when they are asked."""


@pytest.mark.parametrize(("example", "persona"), EXACT.items())
def test_where_nothing_is_kept_the_cost_is_what_departments_count(cold: Client, example: str, persona: str) -> None:
    _, cost = told(cold, (EXAMPLES / f"{example}.graphql").read_text("utf-8"), persona)
    assert cold.sandbox.calls() == {name: requests for name, requests in cost.items() if name in CONFIGURED}


class Counting(Client):
    """A client that compares each answer's cost with what departments have counted meanwhile."""

    def ask(self, document: str, persona: str | None = None, *, locale: str = "en", **variables: Any) -> Any:
        answer, cost = told(self, document, persona, **variables)
        assert Counter(self.sandbox.calls()) <= Counter(cost), document
        return answer


@pytest.mark.parametrize(
    "ordering",
    [
        pytest.param(
            test_orders.test_an_appointment_is_held_confirmed_listed_and_given_back, marks=needs("service_centre")
        ),
        pytest.param(
            test_orders.test_a_repeated_hold_with_the_same_key_is_the_first_one, marks=needs("service_centre")
        ),
        pytest.param(test_orders.test_a_complaint_is_filed_once_and_listed, marks=needs("hotline")),
        pytest.param(
            test_orders.test_a_registration_with_gaps_names_them_and_a_whole_one_is_opened,
            marks=needs("market_regulation"),
        ),
        pytest.param(test_orders.test_a_payment_is_begun_and_listed, marks=needs("taxation")),
        pytest.param(test_orders.test_an_extract_is_requested_and_listed, marks=needs("public_security")),
    ],
    ids=lambda ordering: ordering.__name__,
)
def test_no_order_asks_more_than_it_says(cold: Client, ordering: Callable[[Client], None]) -> None:
    ordering(Counting(cold.address, cold.sandbox))


def test_acting_for_somebody_costs_the_look_for_the_mandate(cold: Client) -> None:
    mandates = cold.ask("{ viewer { mandates { id } } }", "parent")["data"]["viewer"]["mandates"] or [{"id": "x"}]
    document = "query ($on: ID) { viewer(onBehalfOf: $on) { appointments { totalCount } } }"
    answer, cost = told(cold, document, "parent", on=mandates[0]["id"])
    assert calls_traced(cold, answer) <= Counter(cost)
    _, alone = told(cold, document, "parent", on=None)
    assert sum(cost.values()) > sum(alone.values())
