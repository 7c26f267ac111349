"""Whatever bytes arrive, the answer is a GraphQL response and never the gateway's own failure."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.graphql.endpoint import GraphQLEndpoint
from gateway.graphql.operation import Operations
from tests.gateway.graphql.conftest import GRAPHQL, JSON, City, serving

FUZZ = settings(max_examples=200, deadline=None)

TOKENS = [
    *("{", "}", "(", ")", "[", "]", ":", "!", "$", "...", "@", "=", "|", '"', '"""', "#", ",", "\n", "\\u", "\ufeff"),
    *("query", "mutation", "fragment", "on", "Query", "null", "1", "greeting", "self", "$v", "__typename", "Any"),
]
JUNK = st.lists(st.sampled_from(TOKENS), max_size=20).map(" ".join) | st.text(max_size=50)
ATOMS = ["null", "true", "1", "-0", "1e999", "9" * 30, "9" * 5000, '"\\uD800"', '"""a"""', "A", '"光"']
LITERALS = st.recursive(
    st.sampled_from(["$v", *ATOMS]),
    lambda children: (
        st.lists(children, max_size=3).map(lambda items: f"[{' '.join(items)}]")
        | st.lists(children, max_size=1).map(lambda items: f"{{{' '.join(f'from: {item}' for item in items)}}}")
    ),
    max_leaves=4,
)
TYPED = st.sampled_from(["n: number(of:", "length(period:", "greeting(name:"])
FIELDS = (
    st.sampled_from(["greeting", "context", "__typename", "broken", "brokenHard", "huge", "surrogate", "unknown"])
    | LITERALS.map(lambda literal: f"echo(value: {literal})")
    | st.tuples(TYPED, st.sampled_from([*ATOMS, "{from: 1}"])).map(lambda call: f"{call[0]} {call[1]})")
)
SELECTIONS = st.recursive(
    FIELDS,
    lambda children: st.tuples(
        st.sampled_from(["self", "b: self", "...", "... on Query", "self @include(if: $v)"]),
        st.lists(children, min_size=1, max_size=3, unique=True).map(" ".join),
    ).map(lambda inner: f"{inner[0]} {{ {inner[1]} }}"),
    max_leaves=4,
)
HEADS = st.sampled_from(
    [*["query($v: Any)"] * 5, "query A($v: Any = [1])", "query($v: Boolean!)", "query($v: [Period!])"]
)
DOCUMENTS = st.tuples(HEADS, SELECTIONS).map(lambda parts: f"{parts[0]} {{ v: echo(value: $v) {parts[1]} }}")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=10),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=4), children, max_size=4),
    max_leaves=12,
)
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "query": JUNK | VALUES | DOCUMENTS,
        "operationName": VALUES,
        "variables": VALUES | st.fixed_dictionaries({"v": VALUES}),
        "extensions": VALUES,
        "other": VALUES,
    },
)
DAMAGE = st.binary(max_size=4)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Random bytes, or the JSON of a request, perhaps with some bytes of it replaced."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=60))
    body = json.dumps(draw(MEMBERS), ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    if draw(st.booleans()):
        return body
    at = draw(st.integers(0, len(body)))
    return body[:at] + draw(DAMAGE) + body[at + draw(st.integers(0, 3)) :]


HEADER_VALUES = st.sampled_from(
    [GRAPHQL, JSON, "*/*", f"{JSON};q=0", "text/plain", f'{JSON};charset="utf-8', f"{JSON}; charset=latin-1", ";,=/"]
) | st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=30)
HEADERS = st.dictionaries(
    st.sampled_from(["accept", "content-type", "content-encoding", "authorization", "sec-fetch-site", "x-other"]),
    HEADER_VALUES,
    max_size=4,
)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(GraphQLEndpoint(Operations(City().schema()))) as bound:
        yield bound


@given(body=bodies(), headers=HEADERS, plain=st.booleans())
@FUZZ
def test_posts(port: int, body: bytes, headers: dict[str, str], plain: bool):
    given_headers = {"content-type": JSON, "accept": GRAPHQL} if plain else {"content-type": JSON} | headers
    assert_answered(*exchange(port, "POST", "/graphql", given_headers, body))


@given(
    document=DOCUMENTS,
    variables=st.none() | st.fixed_dictionaries({"v": VALUES}),
    ascii_only=st.booleans(),
    accept=st.sampled_from([GRAPHQL, JSON]),
)
@FUZZ
def test_operations(port: int, document: str, variables: Any, ascii_only: bool, accept: str):
    members = {"query": document, "variables": variables}
    body = json.dumps(members, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert_answered(*exchange(port, "POST", "/graphql", {"content-type": JSON, "accept": accept}, body))


@given(
    query=st.binary(max_size=30) | JUNK.map(str.encode) | DOCUMENTS.map(str.encode),
    name=st.just(b"") | st.text(max_size=5).map(str.encode),
    variables=st.just(b"") | st.fixed_dictionaries({"v": VALUES}).map(json.dumps).map(str.encode) | bodies(),
)
@FUZZ
def test_gets(port: int, query: bytes, name: bytes, variables: bytes):
    url = f"/graphql?query={quote(query)}&operationName={quote(name)}&variables={quote(variables)}"
    assert_answered(*exchange(port, "GET", url, {"accept": GRAPHQL}, b""))


@given(query_string=st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="#\x7f")))
@FUZZ
def test_raw_query_strings(port: int, query_string: str):
    status, head, body = exchange(port, "GET", f"/graphql?query={query_string}", {"accept": GRAPHQL}, b"")
    assert status < 500
    if "graphql-response" in head:  # else the server before us refused the URL
        assert_answered(status, head, body)


def exchange(port: int, method: str, url: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
    """One request on one connection, as bytes."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"{method} {url} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
    answer = asyncio.run(_exchange(port, head.encode("latin-1") + body))
    received, _, content = answer.partition(b"\r\n\r\n")
    return int(received.split()[1]), received.decode("latin-1").lower(), content


async def _exchange(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()


def assert_answered(status: int, head: str, body: bytes) -> None:
    """A 2xx with data or a 4xx with errors only, each error with a code."""
    assert status < 500, body
    assert GRAPHQL in head or JSON in head
    entries: dict[str, Any] = json.loads(body.decode("utf-8"))
    assert ("data" in entries) == (status < 300)
    assert (status == 200) == ("errors" not in entries)
    assert all(error["message"] and error["extensions"]["code"] for error in entries.get("errors", []))
