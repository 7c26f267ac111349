"""The endpoint beyond the specification: methods, hooks, deadline, subscriptions, what happens when things break."""

import asyncio
import logging
from typing import Any

import pytest
from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.routing import Route

from gateway.graphql.endpoint import GraphQLEndpoint
from gateway.graphql.operation import Operations
from gateway.graphql.refusal import HTTPRefusal
from tests.gateway.graphql.conftest import SECRET, City, Client, Servers, breaking, serving


async def test_a_mutation_is_executed_once_by_post(servers: Servers):
    city = City()
    client = servers.start(city)
    assert (await client.post("mutation { increment }")).entries == {"data": {"increment": 1}}
    assert city.increments == 1


async def test_a_subscription_is_refused(client: Client):
    for reply in (await client.post("subscription { ticks }"), await client.get(query="subscription { ticks }")):
        assert (reply.status, reply.code) == (422, "SUBSCRIPTION_NOT_SUPPORTED")


async def test_head_is_get_without_its_body(client: Client):
    got = await client.get(query="{ greeting }")
    head = await client.request("HEAD", parameters={"query": "{ greeting }"})
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"] == str(len(got.body))
    assert head.media_type == got.media_type
    assert (await client.request("HEAD", parameters={"query": "mutation { increment }"})).status == 405


async def test_options_names_the_methods(client: Client):
    reply = await client.request("OPTIONS", accept=None)
    assert (reply.status, reply.body, reply.headers["allow"]) == (204, b"", "GET, HEAD, POST, OPTIONS")


async def test_a_starlette_route_leads_here():
    app = Starlette(routes=[Route("/city", GraphQLEndpoint(Operations(City().schema())))])
    with serving(app) as port:
        client = Client(port, path="/city")
        assert (await client.post("{ greeting }")).status == 200
        assert (await client.request("PUT")).headers["allow"] == "GET, HEAD, POST, OPTIONS"


# Hooks


async def test_the_context_reaches_the_resolvers(servers: Servers):
    async def context_for(scope: Any, request: Any) -> Any:
        headers = dict(scope["headers"])
        return {"host": headers[b"host"].decode()[:9], "operation": request.operation_name}

    reply = await servers.start(context_for=context_for).post("query A { context }", operationName="A")
    assert reply.entries["data"]["context"] == {"host": "127.0.0.1", "operation": "A"}


async def test_a_refusal_keeps_its_headers_and_extensions(servers: Servers):
    async def context_for(_scope: Any, _request: Any) -> None:
        raise HTTPRefusal(429, "RATE_LIMITED", "Too fast", headers={"retry-after": "3"}, extensions={"limit": 5})

    reply = await servers.start(context_for=context_for).post("{ greeting }")
    assert (reply.status, reply.headers["retry-after"], reply.headers["cache-control"]) == (429, "3", "no-store")
    extensions = {"code": "RATE_LIMITED", "retryable": True, "limit": 5}
    assert reply.entries == {"errors": [{"message": "Too fast", "extensions": extensions}]}


@pytest.mark.parametrize(
    "query", ["{ greeting }", "{ broken }", "{ unknown }", "{", "subscription { ticks }", "{ slow }", "{ unspeakable }"]
)
async def test_every_answer_with_a_context_has_the_extensions(servers: Servers, query: str):
    client = servers.start(
        context_for=trace_context, result_extensions=lambda context: {"traceId": context}, timeout=0.2
    )
    assert (await client.post(query)).entries["extensions"] == {"traceId": "abc"}


async def test_without_a_context_there_are_no_extensions(servers: Servers):
    client = servers.start(context_for=trace_context, result_extensions=lambda context: {"traceId": context})
    assert "extensions" not in (await client.send(b"{")).entries


async def test_errors_are_formatted_by_the_hook(servers: Servers):
    def format_error(error: GraphQLError) -> Any:
        return {"message": f"translated {error.message.split()[0]}"}

    client = servers.start(format_error=format_error)
    assert (await client.post("{ refused }")).entries["errors"] == [{"message": "translated Not"}]
    assert (await client.post("{ unknown }")).entries["errors"] == [{"message": "translated Cannot"}]


@pytest.mark.parametrize("hook", ["context_for", "format_error", "result_extensions"])
async def test_a_broken_hook_is_internal(servers: Servers, hook: str):
    options: dict[str, Any] = {"context_for": trace_context} | {hook: breaking}
    reply = await servers.start(**options).post("{ broken }")
    assert (reply.status, reply.code) == (500, "INTERNAL")
    assert SECRET not in reply.body.decode()


async def test_a_broken_hook_does_not_matter_to_a_refusal_of_http(servers: Servers):
    reply = await servers.start(format_error=breaking).send(b"{")
    assert (reply.status, reply.code) == (500, "INTERNAL")


# Deadline


async def test_the_deadline_cancels_everything(servers: Servers):
    city = City()
    reply = await servers.start(city, timeout=0.2).post("{ slow }")
    assert (reply.status, reply.code) == (504, "TIMED_OUT")
    assert (city.started, city.cancelled) == (2, 2)


async def test_the_deadline_includes_the_context(servers: Servers):
    async def context_for(_scope: Any, _request: Any) -> None:
        await asyncio.sleep(60)

    reply = await servers.start(context_for=context_for, timeout=0.1).post("{ greeting }")
    assert (reply.status, reply.code) == (504, "TIMED_OUT")


async def test_a_timeout_of_someone_else_is_not_the_deadline(servers: Servers):
    async def context_for(_scope: Any, _request: Any) -> None:
        raise TimeoutError(SECRET)

    reply = await servers.start(context_for=context_for).post("{ greeting }")
    assert (reply.status, reply.code) == (500, "INTERNAL")


# Errors of resolvers


@pytest.mark.parametrize("name", ["broken", "brokenHard", "misfit"])
async def test_the_text_of_an_unexpected_exception_stays_inside(
    client: Client, caplog: pytest.LogCaptureFixture, name: str
):
    with caplog.at_level(logging.ERROR):
        reply = await client.post(f"{{ {name} }}")
    assert reply.status == 294
    [error] = reply.entries["errors"]
    assert (error["message"], error["extensions"]) == ("Internal error", {"code": "INTERNAL"})
    assert (error["path"], error["locations"]) == ([name], [{"line": 1, "column": 3}])
    assert "conftest.py" in caplog.text or name == "misfit"
    assert "unexpected" in caplog.text
    assert SECRET not in reply.body.decode() + caplog.text


async def test_a_deliberate_error_is_shown(client: Client):
    [error] = (await client.post("{ refused }")).entries["errors"]
    assert (error["message"], error["extensions"]) == ("Not on Sundays", {"code": "CLOSED"})


async def test_an_argument_that_fails_at_run_time_blames_the_client(client: Client):
    reply = await client.post("query($n: Int = 1) { number(of: $n) }", variables={"n": None})
    assert (reply.status, reply.entries["data"]) == (294, {"number": None})
    [error] = reply.entries["errors"]
    assert error["extensions"] == {"code": "ARGUMENT_INVALID"}
    assert "$n" in error["message"]


async def test_a_broken_server_side_encoding_is_logged_without_values(client: Client, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR):
        assert (await client.post("{ unspeakable }")).status == 500
    assert "unexpected TypeError" in caplog.text


async def trace_context(_scope: Any, _request: Any) -> str:
    return "abc"
