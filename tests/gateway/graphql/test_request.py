"""Parameters from a query string and from a body, and how each malformation is called."""

import pytest

from gateway.graphql.refusal import HTTPRefusal
from gateway.graphql.request import GraphQLRequest, from_body, from_query_string


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        (b'{"query": "{a}"}', GraphQLRequest("{a}")),
        (b'{"query": "{a}", "operationName": "", "variables": null}', GraphQLRequest("{a}")),
        (b'{"query": "", "variables": {}}', GraphQLRequest("", None, {})),
        (b'{"extensions": {"id": 1}}', GraphQLRequest(None, extensions={"id": 1})),
        (b'{"operationName": "A", "more": 1}', GraphQLRequest(None, "A")),
    ],
)
def test_bodies(body: bytes, request_: GraphQLRequest):
    assert from_body(body) == request_


@pytest.mark.parametrize(
    ("query_string", "request_"),
    [
        (b"", GraphQLRequest(None)),
        (b"query=%7Ba%7D", GraphQLRequest("{a}")),
        (b"query={a+b}&&operationName=&variables=&extensions", GraphQLRequest("{a b}")),
        (b"query=a=b&%6FperationName=null", GraphQLRequest("a=b", "null")),
        ("query=光".encode(), GraphQLRequest("光")),
        (b"query=%E5%85%89%zz%", GraphQLRequest("光%zz%")),
        (b"query=a;operationName=b", GraphQLRequest("a;operationName=b")),
        (b'variables={"a":+"%2B"}', GraphQLRequest(None, variables={"a": "+"})),
        (b"query=a&x=1&x=2", GraphQLRequest("a")),
        (b"variables=null", GraphQLRequest(None)),
    ],
)
def test_query_strings(query_string: bytes, request_: GraphQLRequest):
    assert from_query_string(query_string) == request_


@pytest.mark.parametrize(
    ("query_string", "status", "code"),
    [
        (b"query=%ff", 400, "MALFORMED_REQUEST"),
        (b"query=\xff", 400, "MALFORMED_REQUEST"),
        (b"query=%ED%A0%80", 400, "MALFORMED_REQUEST"),
        (b"query=a&query=a", 422, "MALFORMED_REQUEST"),
        (b"variables=a", 400, "MALFORMED_JSON"),
        (b"extensions=[]", 422, "MALFORMED_REQUEST"),
    ],
)
def test_malformed_query_strings(query_string: bytes, status: int, code: str):
    with pytest.raises(HTTPRefusal) as caught:
        from_query_string(query_string)
    assert (caught.value.status, caught.value.code) == (status, code)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"null", "The request body must be a JSON object, not null."),
        (b"[]", "The request body must be a JSON object, not an array."),
        (b"1", "The request body must be a JSON object, not a number."),
        (b'{"query": true}', "Parameter 'query' must be a string, not a boolean."),
        (b'{"query": {}}', "Parameter 'query' must be a string, not an object."),
        (b'{"operationName": 0}', "Parameter 'operationName' must be a string, not a number."),
        (b'{"operationName": false}', "Parameter 'operationName' must be a string, not a boolean."),
        (b'{"variables": []}', "Parameter 'variables' must be an object, not an array."),
        (b'{"variables": ""}', "Parameter 'variables' must be an object, not a string."),
        (b'{"extensions": 1.5}', "Parameter 'extensions' must be an object, not a number."),
    ],
)
def test_malformed_bodies(body: bytes, message: str):
    with pytest.raises(HTTPRefusal) as caught:
        from_body(body)
    assert (caught.value.status, caught.value.code, str(caught.value)) == (422, "MALFORMED_REQUEST", message)
