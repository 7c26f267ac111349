"""Negotiation by weight and specificity, and what a media type says about its encoding."""

import pytest

from gateway.graphql.media_types import GRAPHQL_RESPONSE, JSON, names_official, negotiate, parse


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        (b"", None),
        (b"*/*", JSON),
        (b"application/*", JSON),
        (b"text/*", None),
        (b"application/json", JSON),
        (b"APPLICATION/JSON", JSON),
        (b"application/graphql-response+json", GRAPHQL_RESPONSE),
        (b"application/json, application/graphql-response+json", GRAPHQL_RESPONSE),
        (b"application/json;q=0.9,application/graphql-response+json;q=0.8", JSON),
        (b"application/json;q=0.001", JSON),
        (b"application/json;q=0", None),
        (b"application/json;q=0, */*", GRAPHQL_RESPONSE),
        (b"application/graphql-response+json;q=0, */*;q=0.1", JSON),
        (b"application/*;q=0, */*", None),
        (b"application/json;q=0.1, application/*;q=0.5, */*;q=1", GRAPHQL_RESPONSE),
        (b"application/json;q=2", None),
        (b"application/json;q=nan", None),
        (b"application/json;Q=0.5", JSON),
        (b"application/json ; q = 0.5 , text/html", JSON),
        (b"application/json;charset=utf-8;q=1", JSON),
        (b'application/json;charset="UTF-8"', JSON),
        (b"application/json;charset=gb18030", None),
        (b"application/jsonp", None),
        (b"json", None),
        (b",,;,/,;q=1", None),
        (b"\xff\xfe, application/json", JSON),
    ],
)
def test_negotiation(accept: bytes | None, chosen: str | None):
    assert negotiate(accept) == chosen


@pytest.mark.parametrize(
    ("accept", "named"),
    [
        (b"application/json", True),
        (b"text/html, application/graphql-response+json;q=0.1", True),
        (b"*/*", False),
        (b"application/*", False),
        (b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", False),
        (b"", False),
    ],
)
def test_naming(accept: bytes, named: bool):
    assert names_official(accept) is named


def test_parameters():
    media_type = parse('Application/JSON; Charset="UTF-8";profile=a ;flag;')
    assert media_type == ("application/json", {"charset": "utf-8", "profile": "a"})
    assert media_type.is_utf_8
