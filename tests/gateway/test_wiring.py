"""A whole gateway in this process, in front of one department and one issuer that speak over real sockets."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from graphql import ExecutionResult

from adapters.contract.manifest import Provided
from adapters.runtime.registry import RegistryError
from gateway.families import families
from gateway.graphql.compiled.run import Run
from gateway.middleware.telemetry import TelemetryMiddleware
from gateway.secrets import OptionError
from gateway.settings import Console, Department, GatewayFile, Identity, Settings, Tracing
from gateway.trace_views import SpanView
from gateway.wiring import Gateway, build, check
from tests.adapters.runtime.wire import Exchange, Server, serving
from tests.gateway.asgi import Answer, graphql
from tests.gateway.test_identity import Issuer

CATEGORIES = "query Categories { complaintCategories { code name } }"
SECRET = "Chen420106199003071234"


@dataclass
class City:
    """A gateway, and what is behind it."""

    gateway: Gateway
    department: Server
    issuer: Issuer

    async def ask(self, document: str, *headers: tuple[str, str], **variables: Any) -> Answer:
        app = TelemetryMiddleware(self.gateway.endpoint, self.gateway.telemetry, "/graphql")
        return await graphql(app, document, *headers, **variables)

    def spans(self) -> list[SpanView]:
        """The spans of the last trace, by start."""
        return list(self.gateway.telemetry.traces.recent()[0].spans)


class Back:
    """The department's side: one category, or a failure."""

    def __init__(self) -> None:
        self.status = "200 OK"

    async def __call__(self, exchange: Exchange) -> None:
        code = exchange.headers["accept-language"]
        body = json.dumps({"categories": [{"code": code, "title": SECRET}]}).encode()
        await exchange.reply(body, status=self.status)


def settings_for(department: str, issuer: str) -> Settings:
    return Settings(
        gateway=GatewayFile(
            identity=Identity(issuer=issuer), console=Console(enabled=False), telemetry=Tracing(sample_ratio=1.0)
        ),
        departments={"_template": Department(address=department)},
    )


@pytest.fixture
def back() -> Back:
    return Back()


@pytest.fixture
async def city(back: Back) -> AsyncIterator[City]:
    issuer = Issuer()

    async def login(exchange: Exchange) -> None:
        url = f"http://{exchange.headers['host']}"
        if exchange.line.startswith("GET /.well-known/openid-configuration "):
            await exchange.reply(json.dumps({"issuer": url, "jwks_uri": f"{url}/keys?use=sig"}).encode())
        elif exchange.line.startswith("GET /keys?use=sig "):
            await exchange.reply(json.dumps({"keys": [issuer.jwk("one")]}).encode())
        else:
            await exchange.reply(status="404 Not Found")

    async with AsyncExitStack() as stack:
        department = await stack.enter_async_context(serving(back))
        service = await stack.enter_async_context(serving(login))
        gateway = build(settings_for(department.address, service.address))
        stack.push_async_callback(gateway.aclose)
        issuer.discovery["issuer"] = service.address
        yield City(gateway, department, issuer)


def bearer(city: City, **claims: Any) -> tuple[str, str]:
    return "authorization", f"Bearer {city.issuer.token(iss=city.issuer.discovery['issuer'], **claims)}"


@pytest.mark.parametrize("status", ["200 OK", "503 Service Unavailable"])
@pytest.mark.parametrize("document", [CATEGORIES, "{ viewer { name } departments { name } }", "{ nmae }", "{ viewer {"])
async def test_an_answer_leaves_nothing_of_its_request_to_collect(
    city: City, back: Back, status: str, document: str
) -> None:
    back.status = status
    await city.ask(document)
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for _ in range(3):
            await city.ask(document)
        gc.collect()
        assert [type(one) for one in gc.garbage if isinstance(one, FrameType | Exception | Run | ExecutionResult)] == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


async def test_the_waterfall_of_one_request(city: City) -> None:
    answer = await city.ask(CATEGORIES)
    assert answer.json["data"]["complaintCategories"] == [{"code": "zh-CN", "name": SECRET}]
    server, operation, resolver, call, client = city.spans()
    assert [span.name for span in city.spans()] == [
        "POST /graphql",
        "query Categories",
        "Query.complaintCategories",
        "_template complaints.categories",
        "GET _template",
    ]
    assert server.parent_id is None
    parents = [span.parent_id for span in (operation, resolver, call, client)]
    assert parents == [span.span_id for span in (server, operation, resolver, call)]
    assert (server.kind, client.kind) == ("server", "client")
    assert server.attributes["http.response.status_code"] == 200
    assert operation.attributes["graphql.operation.type"] == "query"
    assert resolver.attributes["graphql.field.coordinates"] == "Query.complaintCategories"
    assert call.attributes["citygate.operation"] == "complaints.categories"
    assert call.attributes["citygate.cache"] == "miss"
    assert call.attributes["citygate.keys.count"] == 1
    assert client.attributes["server.port"] == city.department.port
    assert SECRET not in repr(city.spans())
    trace = city.gateway.telemetry.traces.recent()[0].trace_id
    assert answer.headers["x-trace-id"] == answer.json["extensions"]["traceId"] == trace


async def test_a_kept_answer_is_the_request_alone(city: City) -> None:
    answers = [await city.ask(CATEGORIES) for _ in range(2)]
    assert answers[0].json["data"] == answers[1].json["data"]
    assert [span.name for span in city.spans()] == ["POST /graphql"]


async def test_kept_records_have_no_client_span(city: City) -> None:
    for document in (CATEGORIES, f"{CATEGORIES} # asked in other words"):
        await city.ask(document)
    assert [span.name for span in city.spans()][-1] == "_template complaints.categories"
    assert city.spans()[-1].attributes["citygate.cache"] == "hit"
    assert len(city.department.exchanges) == 1


async def test_a_failure_shows_on_every_floor(city: City, back: Back) -> None:
    back.status = "503 Service Unavailable"
    answer = await city.ask(CATEGORIES)
    assert answer.codes == ["TPL_UNAVAILABLE"]
    server, operation, _resolver, call, client, again = city.spans()
    assert (client.name, again.parent_id) == (again.name, client.parent_id)
    assert call.attributes["citygate.retries.count"] == 1
    assert (operation.status, call.status, client.status) == ("error", "error", "error")
    assert operation.attributes["graphql.errors.count"] == server.attributes["graphql.errors.count"] == 1
    assert call.attributes["citygate.error.code"] == "TPL_UNAVAILABLE"
    assert call.attributes["citygate.error.retryable"] is True
    assert client.attributes["http.response.status_code"] == 503


async def test_a_department_that_fails_again_and_again_is_left_alone_and_counted(city: City, back: Back) -> None:
    back.status = "503 Service Unavailable"
    for number in range(6):
        answer = await city.ask(f"{CATEGORIES} # {number}")
    assert answer.codes == ["TPL_UNAVAILABLE"]
    assert answer.json["errors"][0]["extensions"]["retryAfter"] > 0
    assert len(city.department.exchanges) == 5, "four calls, and the one repetition that they could afford"
    (call,) = [span for span in city.spans() if span.name == "_template complaints.categories"]
    assert call.attributes["citygate.breaker"] == "open"
    numbers = {metric.name: metric.read() for metric in families(city.gateway)}
    assert numbers["citygate_breakers_open"] == {(("department", "_template"),): 1}
    assert numbers["citygate_department_calls_in_flight"] == {(("department", "_template"),): 0}


async def test_no_argument_reaches_a_span(city: City) -> None:
    document = """query Q($id: ID!) { node(id: $id) { id } other: node(id: "SECRET") { id } }"""
    answer = await city.ask(document.replace("SECRET", SECRET), ("x-name", SECRET), id=SECRET)
    assert answer.codes
    assert city.spans()
    assert SECRET not in repr(city.spans())


async def test_a_refused_request_is_one_span_with_its_status(city: City) -> None:
    answer = await city.ask("query { nope }")
    assert answer.status == 422
    [server] = city.spans()
    assert (server.attributes["http.response.status_code"], server.status) == (422, "unset")


async def test_nobody_has_no_personal_data(city: City) -> None:
    answer = await city.ask("{ viewer { name } complaintCategories { code } }")
    assert answer.codes == ["UNAUTHENTICATED"]
    assert answer.json["data"]["viewer"] is None
    assert answer.json["data"]["complaintCategories"]


async def test_a_person_is_known_by_their_token(city: City) -> None:
    answer = await city.ask("{ viewer { name } }", bearer(city, name="Ann"))
    assert answer.json["data"] == {"viewer": {"name": "Ann"}}


async def test_a_personal_operation_behind_a_public_field_gives_nobody_data(city: City) -> None:
    """The last line of defence: the manifest says private, and a resolver has forgotten to ask who it is."""
    providers: Any = city.gateway.registry.providers
    providers["complaints.categories"] = replace(providers["complaints.categories"], provided=Provided(fresh_for="1m"))
    ann = await city.ask(CATEGORIES, bearer(city))
    assert ann.json["data"]["complaintCategories"]
    asked = len(city.department.exchanges)
    nobody = await city.ask(CATEGORIES)
    assert nobody.json["data"]["complaintCategories"] is None
    assert nobody.codes == ["INTERNAL"]
    bea = await city.ask(CATEGORIES, bearer(city, sub="bea"))
    assert bea.json["data"]["complaintCategories"]
    assert len(city.department.exchanges) == asked + 1, "Bea's answer is her own"


async def test_two_credentials_are_none(city: City) -> None:
    for first, second in ((bearer(city), bearer(city, sub="bea")), (bearer(city), ("authorization", "Basic YTpi"))):
        answer = await city.ask("{ viewer { name } }", first, second)
        assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_lines_of_accept_language_are_one_list(city: City) -> None:
    answer = await city.ask(CATEGORIES, ("accept-language", "zh;q=0.3"), ("accept-language", "en;q=0.4"))
    assert answer.json["data"]["complaintCategories"][0]["code"] == "en"


async def test_a_gateway_starts_alone_and_says_so(tmp_path: Path) -> None:
    async with serving() as server:
        address = server.address
    gateway = build(settings_for(address, address))
    city = City(gateway, server, Issuer())
    try:
        assert (await city.ask(CATEGORIES)).codes == ["TPL_UNAVAILABLE"]
        refused = await city.ask("{ viewer { name } }", ("authorization", f"Bearer {Issuer().token()}"))
        assert (refused.status, refused.codes, refused.headers["retry-after"]) == (503, ["IDENTITY_UNAVAILABLE"], "5")
        assert await gateway.store_answers()
    finally:
        await gateway.aclose()
    assert not await gateway.store_answers()


async def test_a_request_is_ended_in_its_time(city: City, back: Back, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(exchange: Exchange) -> None:
        await exchange.gone()

    monkeypatch.setattr(Back, "__call__", lambda _self, exchange: hang(exchange))
    providers: Any = city.gateway.registry.providers
    slow = replace(providers["complaints.categories"], provided=Provided(timeout="20ms"))
    providers["complaints.categories"] = slow
    answer = await asyncio.wait_for(city.ask(CATEGORIES, bearer(city)), 5)
    assert answer.codes == ["TPL_TIMED_OUT"]


def test_a_configuration_is_checked_without_a_call() -> None:
    settings = settings_for("http://archive.invalid", "http://login.invalid")
    assert [info.name for info in check(settings).infos()] == ["_template"]
    with pytest.raises(RegistryError):
        check(replace_departments(settings, nope=Department(address="http://h")))
    with pytest.raises(OptionError):
        build(replace_departments(settings, _template=Department(address="http://h", options={"x": "y"})))


def replace_departments(settings: Settings, **departments: Department) -> Settings:
    return Settings(gateway=settings.gateway, departments=departments)
