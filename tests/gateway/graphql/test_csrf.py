"""Which GET a foreign page cannot forge, and that those of honest clients pass."""

import pytest

from tests.gateway.graphql.conftest import GRAPHQL, JSON, Client

NAVIGATION = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "headers"),
    [
        (GRAPHQL, {}),
        (f"{GRAPHQL}, {JSON};q=0.9", {}),
        (JSON, {}),
        (GRAPHQL, {"sec-fetch-site": "same-origin"}),
        (GRAPHQL, {"sec-fetch-site": "none"}),
        ("*/*", {"graphql-require-preflight": "1"}),
        ("*/*", {"apollo-require-preflight": "true", "sec-fetch-site": "cross-site"}),
        (None, {"x-apollo-operation-name": "A"}),
        ("*/*", {"x-requested-with": "XMLHttpRequest"}),
        ("*/*", {"authorization": "Bearer abc", "sec-fetch-site": "cross-site"}),
        (None, {"authorization": "DPoP abc"}),
    ],
)
async def test_what_passes(client: Client, accept: str | None, headers: dict[str, str]):
    assert (await client.get(query="{ greeting }", accept=accept, headers=headers)).status == 200


@pytest.mark.parametrize(
    ("accept", "headers"),
    [
        (None, {}),
        ("*/*", {}),
        (NAVIGATION, {"sec-fetch-site": "none"}),
        (NAVIGATION, {"sec-fetch-site": "cross-site", "cookie": "session=1"}),
        ("image/*,*/*;q=0.8", {"cookie": "session=1"}),
        (GRAPHQL, {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}),
        (GRAPHQL, {"sec-fetch-site": "same-site"}),
        ("*/*", {"authorization": "Basic YTpi"}),
        ("*/*", {"authorization": "Negotiate abc"}),
    ],
)
async def test_what_is_refused(client: Client, accept: str | None, headers: dict[str, str]):
    reply = await client.get(query="{ greeting }", accept=accept, headers=headers)
    assert (reply.status, reply.code) == (403, "CSRF_PREVENTED")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_form_cannot_post(client: Client, content_type: str):
    reply = await client.send(b'{"query": "mutation { increment }"}', content_type=content_type)
    assert reply.code == "UNSUPPORTED_MEDIA_TYPE"
