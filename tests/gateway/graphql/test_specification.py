"""Every MUST, SHOULD and RECOMMENDED of GraphQL over HTTP, in its order, each with the test that holds it.

Source: https://github.com/graphql/graphql-over-http, spec/GraphQLOverHTTP.md, draft of 2026-08-06. A docstring
is the sentence. Where a sentence binds the client, the test shows what the server does with a client that
keeps it and, where the server may insist, with one that does not.
"""

import asyncio
import json
from typing import Any
from urllib.parse import quote_plus

import pytest

from gateway.graphql.limits import HTTPLimits
from gateway.graphql.refusal import HTTPRefusal
from gateway.graphql.request import GraphQLRequest
from tests.gateway.graphql.conftest import GRAPHQL, JSON, City, Client, Servers, breaking

# URL


async def test_requests_are_enabled(client: Client):
    """A server MUST enable GraphQL requests to one or more GraphQL schemas."""
    assert (await client.post("{ __schema { queryType { name } } }")).entries["data"] == {
        "__schema": {"queryType": {"name": "Query"}}
    }


async def test_a_schema_has_a_url(client: Client):
    """Each GraphQL schema a server provides MUST be served via one or more URLs."""
    assert client.path == "/graphql"
    assert (await client.post("{ __typename }")).status == 200


@pytest.mark.parametrize("status", [401, 402, 403, 429, 503])
async def test_forbidding_uses_the_relevant_status(servers: Servers, status: int):
    """A server MAY forbid individual requests by a client to any endpoint for any reason, for example to
    require authentication or payment; when doing so it SHOULD use the relevant 4xx or 5xx status code.
    """
    reply = await servers.start(context_for=refusing(status)).post("{ greeting }")
    assert (reply.status, reply.code) == (status, "REFUSED")


async def test_forbidding_does_not_look_at_the_request(servers: Servers):
    """This decision SHOULD NOT be based on the contents of a well-formed GraphQL-over-HTTP request."""
    client = servers.start(context_for=refusing(401))
    contents = ["{ greeting }", "mutation { increment }", "{ unknown }", "{"]
    replies = [await client.post(query, variables={"a": 1}) for query in contents]
    assert {(reply.status, reply.body) for reply in replies} == {(401, replies[0].body)}


# Serialization Format


async def test_json_is_supported(client: Client):
    """Servers and clients MUST support JSON and MAY support other, additional serialization formats."""
    reply = await client.send(b'{"query": "{ greeting }"}', accept=JSON)
    assert json.loads(reply.body) == {"data": {"greeting": "Hello Wuhan"}}


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_utf_8_is_assumed(client: Client, accept: str):
    """If the media type in a Content-Type or Accept header does not include encoding information and matches
    one of the officially recognized GraphQL media types, then utf-8 MUST be assumed (e.g. for header
    Content-Type: application/graphql-response+json, UTF-8 encoding would be assumed).
    """
    reply = await client.send('{"query": "{ greeting(name: \\"光谷\\") }"}'.encode(), accept=accept)
    assert reply.body.decode("utf-8") == '{"data":{"greeting":"Hello 光谷"}}'


# Request


async def test_post_is_accepted(client: Client):
    """A server MUST accept POST requests, and MAY accept other HTTP methods, such as GET."""
    assert (await client.post("{ greeting }")).status == 200
    assert (await client.get(query="{ greeting }")).status == 200


# Accept


async def test_a_client_indicates_what_it_supports(client: Client):
    """A client MUST indicate the media types that it supports in responses using the Accept HTTP header; this
    header is specified in IETF RFC 9110.
    """
    for accept in (GRAPHQL, JSON):
        assert (await client.post("{ greeting }", accept=accept)).media_type == f"{accept}; charset=utf-8"
    assert (await client.get(query="{ greeting }", accept=None)).code == "CSRF_PREVENTED"


async def test_a_client_includes_the_graphql_media_type(client: Client):
    """The client MUST include the media type application/graphql-response+json in the Accept header."""
    assert (await client.post("{ greeting }", accept=f"{GRAPHQL}, */*")).media_type.startswith(GRAPHQL)
    # One that does not is a legacy client, and gets what a legacy client can read.
    for accept in ("*/*", "application/*", None):
        assert (await client.post("{ greeting }", accept=accept)).media_type.startswith(JSON)


async def test_a_client_falls_back_to_json(client: Client):
    """If it is not known that the server supports application/graphql-response+json, the client SHOULD set the
    Accept header to application/graphql-response+json, application/json;q=0.9.
    """
    reply = await client.post("{ greeting }", accept=f"{GRAPHQL}, {JSON};q=0.9")
    assert reply.media_type == f"{GRAPHQL}; charset=utf-8"


# GET


async def test_get_parameters_are_in_the_query_component(client: Client):
    """For HTTP GET requests, the GraphQL-over-HTTP request parameters MUST be provided in the query component
    of the request URL, encoded in the application/x-www-form-urlencoded format as specified by the WHATWG
    URLSearchParams class.
    """
    query = quote_plus("query($n: String) { greeting(name: $n) }")
    url = f"/graphql?query={query}&variables=%7B%22n%22:%22a%2Bb+c%20%E5%85%89%22%7D"
    reply = await client.raw(f"GET {url} HTTP/1.1\r\nHost: a\r\nAccept: {GRAPHQL}\r\n\r\n".encode())
    assert reply.entries == {"data": {"greeting": "Hello a+b c 光"}}
    body = json.dumps({"query": "{ greeting }"}).encode()
    reply = await client.request("GET", body=body, headers={"content-type": JSON})
    assert reply.code == "MALFORMED_REQUEST"


async def test_get_query_is_the_source_text(client: Client):
    """The query parameter MUST be the string representation of the source text of the document as specified in
    the Language section of the GraphQL specification.
    """
    assert (await client.get(query="query A { greeting } # comment")).status == 200
    assert (await client.get(query='"{ greeting }"')).code == "SYNTAX_ERROR"


@pytest.mark.parametrize("name", ["variables", "extensions"])
async def test_get_maps_are_json(client: Client, name: str):
    """Each of the variables and extensions parameters, if present and not the empty string, MUST be encoded as
    a JSON string.
    """
    values = {'{"n": "you"}': 200, "": 200, "n=you": 400, '"you"': 422}
    for value, status in values.items():
        reply = await client.request("GET", parameters={"query": "{ greeting }", name: value})
        assert reply.status == status


async def test_get_does_not_execute_mutations(servers: Servers):
    """GET requests MUST NOT be used for executing mutation operations."""
    city = City()
    await servers.start(city).get(query="mutation { increment }")
    assert city.increments == 0


async def test_get_refuses_mutations(servers: Servers):
    """If the values of query and operationName indicate that a mutation operation is to be executed, the server
    MUST respond with an appropriate 4xx status code and halt execution; status code 405 (Method Not Allowed) is
    RECOMMENDED.
    """
    city = City()
    client = servers.start(city)
    query = "query Q { greeting } mutation M { increment }"
    reply = await client.get(query=query, operationName="M")
    assert (reply.status, reply.code, city.increments) == (405, "MUTATION_OVER_GET", 0)
    assert (await client.get(query=query, operationName="Q")).status == 200


# POST


async def test_post_has_its_parameters_in_its_body(client: Client):
    """The request MUST have a body which contains values of the GraphQL-over-HTTP request parameters encoded in
    one of the officially recognized GraphQL media types, or another media type supported by the server.
    """
    query = "query A($n: String) { greeting(name: $n) } query B { number(of: 1) }"
    reply = await client.post(query, operationName="A", variables={"n": "you"}, extensions={})
    assert reply.entries == {"data": {"greeting": "Hello you"}}
    reply = await client.request("POST", body=b"", headers={"content-type": JSON}, parameters={"query": "{ greeting }"})
    assert reply.code == "MALFORMED_JSON"


async def test_post_indicates_its_media_type(client: Client):
    """A client MUST indicate the media type of a request body using the Content-Type header; this header is
    specified in IETF RFC 9110.
    """
    body = b'{"query": "{ greeting }"}'
    assert (await client.send(body, content_type="Application/JSON ; charset=UTF-8")).status == 200
    assert (await client.send(body, content_type="text/plain")).status == 415


@pytest.mark.parametrize("content_type", [JSON, f"{JSON}; charset=utf-8", f'{JSON};charset="UTF-8"'])
async def test_post_supports_json_in_utf_8(client: Client, content_type: str):
    """A server MUST support POST requests encoded with the application/json media type (as indicated by the
    Content-Type header) encoded with UTF-8.
    """
    body = '{"query": "{ greeting(name: \\"🏃光谷\\") }"}'.encode()
    reply = await client.send(body, content_type=content_type)
    assert reply.entries["data"] == {"greeting": "Hello 🏃光谷"}


async def test_post_assumes_utf_8(client: Client):
    """For POST requests using an officially recognized GraphQL Content-Type without indicating an encoding, the
    server MUST assume the encoding is utf-8.
    """
    body = '{"query": "{ greeting(name: \\"光谷\\") }"}'
    assert (await client.send(body.encode())).entries["data"] == {"greeting": "Hello 光谷"}
    assert (await client.send(body.encode("utf-16"))).code == "MALFORMED_JSON"
    assert (await client.send(body.encode("gb18030"))).code == "MALFORMED_JSON"


async def test_post_without_content_type_is_rejected(client: Client):
    """If the client does not supply a Content-Type header with a POST request, the server SHOULD reject the
    request using the appropriate 4xx status code.
    """
    reply = await client.request("POST", body=b'{"query": "{ greeting }"}')
    assert (reply.status, reply.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_client_encodes_in_json(client: Client):
    """If a client does not know the media types the server supports then it SHOULD encode the request body in
    JSON (i.e. with Content-Type: application/json).
    """
    assert (await client.send(b'{"query": "{ greeting }"}', content_type=JSON)).status == 200


# JSON Encoding


async def test_the_request_object_has_no_additional_properties(servers: Servers):
    """Implementers MUST NOT add additional properties to the request object; additional information should
    instead use other means, for example HTTP headers or an implementer-scoped entry in the extensions object.
    """
    of_the_appendix_on_persisted_documents = {"document_id"}
    own = set(GraphQLRequest.__slots__) - of_the_appendix_on_persisted_documents
    assert own == {"query", "operation_name", "variables", "extensions"}
    reply = await servers.start(context_for=extensions_as_context).post(
        "{ context }", extensions={"city": {"locale": "zh-CN"}}
    )
    assert reply.entries == {"data": {"context": {"city": {"locale": "zh-CN"}}}}


async def test_additional_properties_are_ignored(client: Client):
    """Servers receiving a request with additional properties MUST ignore properties they do not understand."""
    reply = await client.post("{ greeting }", id=[1], operationname=5, doc={"query": "{ broken }"})
    assert reply.entries == {"data": {"greeting": "Hello Wuhan"}}
    assert (await client.get(query="{ greeting }", id="5", operationname="B")).status == 200


# Body


@pytest.mark.parametrize("query", ["{ greeting }", "{ broken }", "{ brokenHard }", "{ unknown }", "{"])
async def test_the_body_is_a_graphql_response(client: Client, query: str):
    """The body of the server's response MUST follow the requirements for a GraphQL response, encoded directly
    in the chosen media type.
    """
    assert_well_formed((await client.post(query)).entries)


@pytest.mark.parametrize("query", ["{ greeting }", "{ broken }", "{ unknown }"])
async def test_the_response_has_its_media_type_and_encoding(client: Client, query: str):
    """A server MUST indicate the media type of the response with a Content-Type header, and SHOULD indicate the
    encoding (e.g. application/graphql-response+json; charset=utf-8).
    """
    assert (await client.post(query)).media_type == "application/graphql-response+json; charset=utf-8"


async def test_the_graphql_media_type_is_supported(client: Client):
    """A server MUST support responses using the application/graphql-response+json media type."""
    assert (await client.post("{ greeting }", accept=GRAPHQL)).media_type.startswith(GRAPHQL)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (f"{GRAPHQL};q=0.5, {JSON}", JSON),
        (f"{JSON};q=0.5, {GRAPHQL};q=0.6", GRAPHQL),
        (f"text/html, {JSON};q=0.1", JSON),
        (f"{JSON};q=0, */*;q=0.1", GRAPHQL),
        (f"{GRAPHQL};q=0.2, application/*;q=0.3", JSON),
        (f"multipart/mixed;deferSpec=20220824, {GRAPHQL}, {JSON};q=0.9", GRAPHQL),
    ],
)
async def test_the_highest_priority_of_accept_wins(client: Client, accept: str, chosen: str):
    """If an Accept header is provided, the server MUST respect the given Accept header and attempt to encode
    the response in the highest priority media type listed that is supported by the server.
    """
    assert (await client.post("{ greeting }", accept=accept)).media_type == f"{chosen}; charset=utf-8"


async def test_nothing_acceptable_stops_the_request(servers: Servers):
    """In alignment with the IETF RFC 9110 Content Negotiation, when the request includes an Accept header and
    no supported media type is acceptable according to that header, the server MUST either: Respond with a 406
    Not Acceptable status code and stop processing the request; OR Disregard the Accept header and respond with
    the server's choice of media type.
    """
    city = City()
    reply = await servers.start(city).post("mutation { increment }", accept=f"text/html, {JSON};q=0")
    assert (reply.status, reply.code, city.increments) == (406, "NOT_ACCEPTABLE", 0)


@pytest.mark.parametrize(
    ("query", "status", "media_type"),
    [
        ("{ greeting }", 200, JSON),
        ("{ broken }", 294, JSON),
        ("{ brokenHard }", 294, JSON),
        ("{ unknown }", 422, GRAPHQL),
        ("{", 400, GRAPHQL),
    ],
)
async def test_a_legacy_client_is_served(client: Client, query: str, status: int, media_type: str):
    """If the Accept header does not indicate support for one of the server's preferred media types but does
    indicate support for application/json, as may be the case for a legacy client, the request SHOULD be
    performed following the requirements of this specification as if the request had specified Accept:
    application/graphql-response+json, except any response that produces a 2xx status code should replace the
    Content-Type header with Content-Type: application/json.
    """
    reply = await client.post(query, accept=JSON)
    assert (reply.status, reply.media_type) == (status, f"{media_type}; charset=utf-8")
    assert reply.body == (await client.post(query, accept=GRAPHQL)).body


@pytest.mark.parametrize("accept", ["text/html", "image/*", f"{JSON};charset=utf-16", f"{GRAPHQL};q=0", ","])
async def test_no_supported_media_type_is_406(client: Client, accept: str):
    """If the Accept header is present but does not indicate support for any of the server's supported media
    types or application/json, the server SHOULD respond with 406 Not Acceptable.
    """
    assert (await client.post("{ greeting }", accept=accept)).status == 406


# Validation


@pytest.mark.parametrize(
    "query",
    [
        "{ unknown }",
        "{ greeting { name } }",
        "{ self }",
        "{ number }",
        "{ number(of: true) }",
        "{ greeting(age: 1) }",
        "{ greeting(name: $undeclared) }",
        "query($unused: Int) { greeting }",
        "{ ...Unknown }",
        "{ greeting } fragment Unused on Query { greeting }",
        "{ ...A } fragment A on Query { ...A }",
        "{ greeting(name: 1, name: 2) }",
        "{ a: greeting a: broken }",
        "query A { greeting } query A { broken }",
        "{ greeting } query B { broken }",
        "query($v: Unknown) { echo(value: $v) }",
        "query($n: Int) { number(of: $n) }",
        "{ greeting @unknown }",
        "type Query { greeting: String }",
    ],
)
async def test_all_validation_rules_apply(servers: Servers, query: str):
    """Validation of a well-formed GraphQL-over-HTTP request SHOULD apply all the validation rules specified by
    the GraphQL specification.
    """
    city = City()
    reply = await servers.start(city).post(query)
    codes = {error["extensions"]["code"] for error in reply.entries["errors"]}
    assert (reply.status, codes, city.executed) == (422, {"VALIDATION_FAILED"}, 0)


# Status Codes


async def test_without_a_graphql_response_the_graphql_media_type_is_not_used(client: Client, servers: Servers):
    """In case of errors that completely prevent the generation of a well-formed GraphQL response, the server
    SHOULD respond with the appropriate HTTP 4xx or 5xx status code depending on the concrete error condition,
    and MUST NOT use the application/graphql-response+json media type.
    """
    # What the server before us refuses never reaches us and says nothing about GraphQL.
    reply = await client.raw(b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n")
    assert reply.status == 400
    assert GRAPHQL not in reply.media_type
    # Whatever reaches us gets a well-formed response, even when all of our own hooks break.
    broken = servers.start(context_for=breaking, format_error=breaking)
    for reply in (await client.send(b"\xff"), await client.post("{ unspeakable }"), await broken.post("{ a }")):
        assert reply.media_type.startswith(GRAPHQL)
        assert_well_formed(reply.entries)


@pytest.mark.parametrize("query", ["{ greeting }", "{ broken }", "{ greeting broken refused }"])
@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_data_is_2xx(client: Client, query: str, accept: str):
    """If the GraphQL response contains the data entry and it is not null, then the server MUST reply with a 2xx
    status code.
    """
    reply = await client.post(query, accept=accept)
    assert reply.entries["data"] is not None
    assert 200 <= reply.status < 300


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_data_without_errors_is_200(client: Client, accept: str):
    """If the GraphQL response contains the data entry and does not contain the errors entry, then the server
    SHOULD reply with a 200 status code.
    """
    reply = await client.post("{ greeting }", accept=accept)
    assert (reply.status, set(reply.entries)) == (200, {"data"})


@pytest.mark.parametrize(("query", "data"), [("{ broken }", {"broken": None}), ("{ brokenHard }", None)])
@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_data_with_errors_is_294(client: Client, query: str, data: Any, accept: str):
    """If the GraphQL response contains both the data entry (even if it is null) and the errors entry, then the
    server SHOULD reply with a 294 status code.
    """
    reply = await client.post(query, accept=accept)
    assert (reply.status, reply.entries["data"], len(reply.entries["errors"])) == (294, data, 1)


NO_DATA = {
    "not JSON": b"{",
    "not a request": b"[]",
    "syntax": b'{"query": "{"}',
    "validation": b'{"query": "{ unknown }"}',
    "operation": b'{"query": "{ greeting }", "operationName": "B"}',
    "variables": b'{"query": "query($n: Int!) { number(of: $n) }"}',
}


@pytest.mark.parametrize("body", NO_DATA.values(), ids=NO_DATA.keys())
@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_no_data_is_4xx(client: Client, body: bytes, accept: str):
    """If the GraphQL response does not contain the data entry then the server MUST reply with an appropriate
    4xx or 5xx status code:
    """
    reply = await client.send(body, accept=accept)
    assert "data" not in reply.entries
    assert 400 <= reply.status < 500


async def test_mutation_over_get_is_405(client: Client):
    """If a mutation is attempted via the GET verb, status code 405 SHOULD be used."""
    assert (await client.get(query="mutation { increment }")).status == 405


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "QUERY", "TRACE"])
async def test_an_unsupported_method_is_405(client: Client, method: str):
    """If the request uses an unsupported HTTP method, status code 405 SHOULD be used."""
    reply = await client.request(method)
    assert (reply.status, reply.code) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
        "application/graphql",
        f"text/plain; {JSON}",
        f"{JSON}, text/plain",
        f"{JSON}; charset=utf-16",
        f"{JSON}; charset=gbk",
        "nonsense",
    ],
)
async def test_an_unsupported_content_type_is_415(client: Client, content_type: str):
    """If the Content-Type of the request is not supported, status code 415 SHOULD be used."""
    reply = await client.send(b'{"query": "{ greeting }"}', content_type=content_type)
    assert (reply.status, reply.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_an_unsupported_accept_is_406(client: Client):
    """If none of the media types in the Accept header are supported and the Accept header does not include
    application/json, then status code 406 SHOULD be used.
    """
    assert (await client.get(query="{ greeting }", accept="text/html")).status == 406


async def test_a_slow_request_is_408(servers: Servers):
    """If the client did not produce a request within the time that the server was prepared to wait, status code
    408 SHOULD be used.
    """
    client = servers.start(limits=HTTPLimits(body_seconds=0.1))
    head = f"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: {JSON}\r\nContent-Length: 90\r\n\r\n"
    reply = await asyncio.wait_for(client.raw(head.encode() + b'{"query"'), 5)
    assert (reply.status, reply.code, reply.headers["connection"]) == (408, "BODY_TIMED_OUT", "close")


async def test_a_long_url_is_414(client: Client):
    """If the size of the URI was too large, status code 414 SHOULD be used (and the client should consider
    using POST instead).
    """
    limit = HTTPLimits().url_bytes
    query = "{ greeting #" + "x" * limit
    head = f"GET /graphql?query={quote_plus(query)}\n}} HTTP/1.1\r\nHost: a\r\nAccept: {GRAPHQL}\r\n\r\n"
    reply = await client.raw(head.replace("\n}", "%0A%7D").encode())
    assert (reply.status, reply.code) == (414, "URL_TOO_LONG")
    assert (await client.post(query + "\n}")).status == 200


async def test_large_headers_are_431(client: Client):
    """If the size of the request headers (or any one header) was too large, status code 431 SHOULD be used."""
    limit = HTTPLimits().header_bytes
    many = "".join(f"X-{number}: {'x' * 100}\r\n" for number in range(limit // 100))
    short = "X: y\r\n" * HTTPLimits().headers
    for lines in (many, short, f"X: {'x' * limit}\r\n"):
        reply = await client.raw(f"POST /graphql HTTP/1.1\r\nHost: a\r\n{lines}\r\n".encode())
        assert (reply.status, reply.code) == (431, "HEADERS_TOO_LARGE")


async def test_a_large_body_is_413(servers: Servers):
    """If the size of the POST request body was too large, status code 413 SHOULD be used."""
    client = servers.start(limits=HTTPLimits(body_bytes=100))
    assert (await client.send(b'{"query": "{ greeting }"}'.ljust(100))).status == 200
    reply = await client.send(b'{"query": "{ greeting }"}'.ljust(101))
    assert (reply.status, reply.code) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_unparsable_json_is_400(client: Client, accept: str):
    """If the JSON body of the request could not be parsed, status code 400 SHOULD be used."""
    for body in (b"NONSENSE", b'{"query":', b""):
        reply = await client.send(body, accept=accept)
        assert (reply.status, reply.code) == (400, "MALFORMED_JSON")


@pytest.mark.parametrize("body", [b"{}", b"null", b"[]", b'"{ greeting }"', b'{"query": 1}', b'{"query": null}'])
async def test_a_malformed_request_is_422(client: Client, body: bytes):
    """If the request is not a well-formed GraphQL-over-HTTP request, status code 422 SHOULD be used."""
    reply = await client.send(body)
    assert (reply.status, reply.code) == (422, "MALFORMED_REQUEST")


@pytest.mark.parametrize("query", ["{", "", "greeting", "query { greeting", "{ greeting } }", "﻿\0"])
async def test_an_unparsable_document_is_400(client: Client, query: str):
    """If the GraphQL document in the request cannot be parsed, status code 400 SHOULD be used."""
    reply = await client.post(query)
    assert (reply.status, reply.code) == (400, "SYNTAX_ERROR")


async def test_an_invalid_document_is_422(client: Client):
    """If the request does not pass GraphQL validation, status code 422 SHOULD be used."""
    reply = await client.post("{ unknown }")
    assert (reply.status, reply.code) == (422, "VALIDATION_FAILED")


@pytest.mark.parametrize("name", [None, "", "C"])
async def test_an_ambiguous_operation_is_422(client: Client, name: str | None):
    """If the operation to execute cannot be unambiguously determined, status code 422 SHOULD be used."""
    reply = await client.post("query A { greeting } query B { greeting }", operationName=name)
    assert (reply.status, reply.code) == (422, "OPERATION_NOT_FOUND")


VARIABLES: list[dict[str, Any] | None] = [None, {}, {"n": None}, {"n": "1"}, {"n": 1.5}, {"n": 2**40}, {"n": [1]}]


@pytest.mark.parametrize("variables", VARIABLES)
async def test_variables_that_do_not_fit_are_422(client: Client, variables: dict[str, Any] | None):
    """If the variable values cannot be coerced to match the operation's variable definitions, status code 422
    SHOULD be used.
    """
    reply = await client.post("query($n: Int!) { number(of: $n) }", variables=variables)
    assert (reply.status, reply.code) == (422, "VARIABLES_INVALID")


@pytest.mark.parametrize("status", [401, 403])
async def test_a_client_that_is_not_permitted(servers: Servers, status: int):
    """If the client is not permitted to issue the GraphQL request, then the server SHOULD reply with 401, 403
    or similar appropriate status code.
    """
    reply = await servers.start(context_for=refusing(status)).post("{ greeting }")
    assert (reply.status, reply.headers["www-authenticate"]) == (status, "Bearer")


async def test_a_teapot_is_418(servers: Servers):
    """If the server cannot process the request due to being a short and stout ceramic vessel, status code 418
    SHOULD be used.
    """
    assert (await servers.start(context_for=refusing(418)).post("{ greeting }")).status == 418


async def test_maintenance_is_503(servers: Servers):
    """For example, if the server is not able to execute requests at this time due to maintenance or
    load-shedding, then status code 503 SHOULD be used.
    """
    assert (await servers.start(context_for=refusing(503)).post("{ greeting }")).status == 503


async def test_405_has_allow(client: Client):
    """Note: Implementers should be careful to always comply with the HTTP spec, for example when using status
    code 405 the Allow header MUST be specified, as required by RFC9110.
    """
    assert (await client.get(query="mutation { increment }")).headers["allow"] == "POST"
    assert (await client.request("PUT")).headers["allow"] == "GET, HEAD, POST, OPTIONS"


# Examples


@pytest.mark.parametrize(
    "body",
    [
        b'{"qeury": "{__typename}"}',
        b'{"query": "query Q ($i:Int!) { q(i: $i) }", "variables": [7]}',
        b'{"query": "{__typename}", "operationName": 7}',
        b'{"query": "{__typename}", "extensions": "a"}',
    ],
)
async def test_invalid_parameters_are_422(client: Client, body: bytes):
    """A request that does not constitute a well-formed GraphQL-over-HTTP request SHOULD result in status code
    422 (Unprocessable Content).
    """
    reply = await client.send(body)
    assert (reply.status, reply.code) == (422, "MALFORMED_REQUEST")


async def test_an_invalid_document_is_not_executed(servers: Servers):
    """If a request fails GraphQL validation, the server SHOULD return a status code of 422 (Unprocessable
    Content) without proceeding to GraphQL execution.
    """
    city = City()
    reply = await servers.start(city).post("{ greeting unknown }")
    assert (reply.status, city.executed) == (422, 0)


async def test_without_an_operation_nothing_is_executed(servers: Servers):
    """If GetOperation() raises a GraphQL request error, the server SHOULD NOT execute the request and SHOULD
    return a status code of 422 (Unprocessable Content).
    """
    city = City()
    reply = await servers.start(city).post("query A { greeting }", operationName="B")
    assert (reply.status, city.executed) == (422, 0)


async def test_with_unfit_variables_nothing_is_executed(servers: Servers):
    """If CoerceVariableValues() raises a GraphQL request error, the server SHOULD NOT execute the request and
    SHOULD return a status code of 422 (Unprocessable Content).
    """
    city = City()
    reply = await servers.start(city).post("query($n: String) { greeting(name: $n) }", variables={"n": 1})
    assert (reply.status, city.executed) == (422, 0)


async def test_an_executed_operation_is_2xx(client: Client):
    """If the operation is executed and no GraphQL request error is raised, then the server SHOULD respond with
    a status code of 200 (Okay).
    """
    assert (await client.post("{ greeting }")).status == 200
    # The example is older than the normative rule for partial data, which asks for 294.
    assert (await client.post("{ greeting broken }")).status == 294


def assert_well_formed(entries: dict[str, Any]) -> None:
    """A response of the GraphQL specification: data, errors or both, and nothing but its entries."""
    assert set(entries) <= {"data", "errors", "extensions"}
    assert entries.get("data") is not None or entries["errors"]
    for error in entries.get("errors", []):
        assert isinstance(error["message"], str)
        assert set(error) <= {"message", "locations", "path", "extensions"}


def refusing(status: int) -> Any:
    async def context_for(_scope: Any, _request: GraphQLRequest) -> None:
        raise HTTPRefusal(status, "REFUSED", "Not you", headers={"www-authenticate": "Bearer"})

    return context_for


async def extensions_as_context(_scope: Any, request: GraphQLRequest) -> Any:
    return request.extensions
