"""An operator sees documents and variables without what they say about anybody, whatever it is written in."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse, validate

from gateway.masked_values import MASK, is_plain
from gateway.redaction import LONGEST_DOCUMENT, LONGEST_READ, LONGEST_VARIABLES, Redactor
from gateway.schema import build_schema, graphql_schema

SCHEMA = graphql_schema(build_schema())
REDACTOR = Redactor(SCHEMA)
SECRET = "Zhang"


def shown(text: str) -> str:
    """A valid document as it is shown, on one line and without commas, which depend on the lines' length."""
    document = parse(text)
    assert not validate(SCHEMA, document)
    return " ".join(REDACTOR.document(document).text.replace(",", "").split())


def variables_shown(text: str, **values: Any) -> Any:
    document = parse(text)
    assert not validate(SCHEMA, document)
    (operation,) = (one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    return json.loads(REDACTOR.variables(document, operation, values))


def complaint(members: str) -> str:
    return f"mutation {{ fileComplaint(input: {{ {members} }}) {{ problems {{ code }} }} }}"


BASE = 'categoryCode: "pothole", description: '


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ services(first: 3) { totalCount } }", "{ services(first: 3) { totalCount } }"),
        (f'{{ services(search: "{SECRET}") {{ totalCount }} }}', '{ services(search: "…") { totalCount } }'),
        ('{ node(id: "x") { id } }', '{ node(id: "…") { id } }'),
        ("{ node(id: 7) { id } }", '{ node(id: "…") { id } }'),
        (
            'query Q($d: Date! = "2026-03-02") { freeSlots(officeId: "x", serviceIds: ["y", 7], firstDay: $d, '
            'lastDay: "2026-03-03") { startsAt } }',
            'query Q($d: Date! = "2026-03-02") { freeSlots( officeId: "…" serviceIds: ["…" "…"] firstDay: $d '
            'lastDay: "2026-03-03" ) { startsAt } }',
        ),
        (
            f'query Q($s: String = "{SECRET}") {{ services(search: $s) {{ totalCount }} }}',
            'query Q($s: String = "…") { services(search: $s) { totalCount } }',
        ),
        (
            '{ p123456: viewer { name } ...F } fragment F on Query { viewer(onBehalfOf: "x") { name } }',
            '{ p…: viewer { name } ...F } fragment F on Query { viewer(onBehalfOf: "…") { name } }',
        ),
    ],
)
def test_literals_of_sensitive_places_are_masked(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (f'{BASE}"{SECRET}"', 'description: "…"'),
        (f'{BASE}"""{SECRET}"""', 'description: "…"'),
        (f'{BASE}"d", location: {{ latitude: 30.5, longitude: 114 }}', 'location: { latitude: "…" longitude: "…" }'),
        (f'{BASE}"d", attributes: [{{ code: "{SECRET}", value: "v" }}]', 'attributes: [{ code: "…" value: "…" }]'),
        (f'{BASE}"d", attributes: {{ code: "{SECRET}", value: "v" }}', 'attributes: { code: "…" value: "…" }'),
        (f'{BASE}"d", photoUrls: ["{SECRET}"], phone: null', 'photoUrls: ["…"] phone: null'),
        (f'{BASE}"d", anonymous: true, clientMutationId: "{SECRET}"', 'anonymous: true clientMutationId: "…"'),
        (f'{BASE}"d", idempotencyKey: "{SECRET}"', 'idempotencyKey: "…"'),
        (f'categoryCode: "{SECRET} lives at 12", description: "d"', 'categoryCode: "…"'),
        (f'{BASE}"d"', 'categoryCode: "pothole"'),
    ],
)
def test_so_are_members_of_input_objects(members: str, expected: str) -> None:
    text = shown(complaint(members))
    assert expected in text
    assert SECRET not in text


def test_what_does_not_fit_the_schema_is_in_doubt() -> None:
    """The redactor itself does not rest on validation."""
    document = parse(
        f'{{ nobody(a: "{SECRET}") @odd(b: {SECRET}) services(first: "{SECRET}", last: {SECRET}, after: [{SECRET}], '
        f'before: {{ a: "{SECRET}" }}) {{ totalCount(x: 1.5) }} }}'
    )
    assert SECRET not in REDACTOR.document(document).text


FILE = "mutation M($i: FileComplaintInput!) { fileComplaint(input: $i) { problems { code } } }"


def test_variables_are_masked_by_their_type() -> None:
    given = {
        "categoryCode": "pothole",
        "description": SECRET,
        "location": {"latitude": 30.5, "longitude": 114},
        "attributes": [{"code": "a", "value": SECRET}] * 7,
        "anonymous": False,
        "phone": None,
        SECRET: SECRET,
    }
    found = variables_shown(FILE, i=given, other=SECRET)
    masked = {"code": MASK, "value": MASK}
    assert found == {
        "i": {
            "categoryCode": "pothole",
            "description": MASK,
            "location": {"latitude": MASK, "longitude": MASK},
            "attributes": [*[masked] * 5, MASK],
            "anonymous": False,
            "phone": None,
        }
    }


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("query Q($n: Int) { services(first: $n) { totalCount } }", {"n": 3}, {"n": 3}),
        ("query Q($n: Int) { services(first: $n) { totalCount } }", {"n": 100_000}, {"n": MASK}),
        ("query Q($n: Int) { services(first: $n) { totalCount } }", {"n": SECRET}, {"n": MASK}),
        ("query Q($s: String) { services(search: $s) { totalCount } }", {"s": SECRET}, {"s": MASK}),
        (complaint('categoryCode: $c, description: $d').replace("mutation", "mutation M($c: String!, $d: String!)"),
         {"c": "pothole", "d": "pothole"}, {"c": "pothole", "d": MASK}),
        (complaint('categoryCode: $c, description: $c').replace("mutation", "mutation M($c: String!)"),
         {"c": "pothole"}, {"c": MASK}),
        ("query Q($i: ID!) { node(id: $i) { id } }", {"i": "1"}, {"i": MASK}),
        (FILE, {"i": [SECRET]}, {"i": MASK}),
        (FILE, {"i": SECRET}, {"i": MASK}),
    ],
)  # fmt: skip
def test_a_variable_is_open_where_each_of_its_places_is(text: str, values: Any, expected: Any) -> None:
    assert variables_shown(text, **values) == expected


def test_a_document_is_whole_only_if_all_of_it_is_shown() -> None:
    assert REDACTOR.document(parse("{ departments { name } }")).whole
    assert not REDACTOR.document(parse('{ node(id: "x") { id } }')).whole
    long = parse("{ departments { " + "".join(f"a{n}: name " for n in range(300)) + "} }")
    assert not REDACTOR.document(long).whole


def test_texts_are_bounded() -> None:
    one = "departments { name } "
    assert REDACTOR.document(parse(f"{{ {one * (LONGEST_READ // len(one) + 1)} }}")).text == MASK
    assert len(REDACTOR.document(parse(f"{{ {one * (LONGEST_DOCUMENT // len(one))} }}")).text) == LONGEST_DOCUMENT
    names = ", ".join(f"$v{n}: Int" for n in range(99))
    uses = " ".join(f"a{n}: services(first: $v{n}) {{ totalCount }}" for n in range(99))
    document = parse(f"query Q({names}) {{ {uses} }}")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert len(REDACTOR.variables(document, operation, {f"v{n}": n for n in range(99)})) == LONGEST_VARIABLES


def test_a_document_is_masked_once_and_forgotten_with_itself() -> None:
    redactor = Redactor(SCHEMA)
    document = parse("{ departments { name } }")
    assert redactor.document(document) is redactor.document(document)
    del document
    gc.collect()
    assert not redactor._known


@pytest.mark.parametrize("kind", ["String", "ID", "Int", "Float", "Date", "DateTime", "Decimal", "Boolean"])
@pytest.mark.parametrize(
    "value", ["张伟", "110101199003078515", "12 Park Road", "zhang@example.cn", 110101199003, 30.52]
)
def test_nothing_personal_has_the_shape_of_what_is_open(kind: str, value: object) -> None:
    assert not is_plain(value, SCHEMA.type_map[kind])  # type: ignore[arg-type]
