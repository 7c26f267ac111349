"""Assets, examples, personas and GraphiQL's page without a browser."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from gateway.console.assets import MEDIA_TYPES, STATIC, Assets
from gateway.console.examples import load_examples
from gateway.console.graphiql import wants_graphiql
from gateway.console.html import Markup, element, join
from gateway.console.personas import IssuerUnavailable, Sandbox
from gateway.console.routes import ConsoleSettings, build_console
from tests.gateway.console.asgi_client import Client
from tests.gateway.console.small_city import EXAMPLES, PERSONAS, SmallCity


@pytest.fixture
def city():
    built = SmallCity()
    yield built
    built.telemetry.close()


@pytest.fixture
def client(city):
    return Client(city.app())


def without_sandbox(examples: Path = EXAMPLES) -> Client:
    console = build_console(ConsoleSettings(examples=examples), traces=None, sandbox=None)
    return Client(Starlette(routes=console.routes))


def page_settings(page: str) -> dict:
    found = re.search('data-settings="([^"]*)"', page)
    assert found is not None
    settings: dict = json.loads(unescape(found[1]))
    return settings


def test_the_page_offers_the_examples_home_screen_first(client):
    examples = page_settings(client.get("/").text)["examples"]
    assert [example["title"] for example in examples] == ["Home screen", "Greeting"]
    assert examples[0]["query"] == (EXAMPLES / "home-screen.graphql").read_text("utf-8")
    assert json.loads(examples[1]["variables"]) == {"polite": True}


def test_a_hostile_example_stays_data(tmp_path):
    (tmp_path / "evil.graphql").write_text('# "></div><script>alert(1)</script>\n{ a }', "utf-8")
    page = without_sandbox(tmp_path).get("/").text
    assert "<script>" not in page
    assert page_settings(page)["examples"][0]["query"].startswith('# "></div><script>')


def test_without_a_folder_there_are_no_examples(tmp_path):
    assert load_examples(tmp_path / "missing") == []
    assert without_sandbox(tmp_path / "missing").get("/").status_code == 200


def test_the_page_has_no_inline_script(client):
    scripts = re.findall("<script([^>]*)>(.*?)</script>", client.get("/").text)
    assert len(scripts) == 4
    assert all('src="/console/static/' in attributes and body == "" for attributes, body in scripts)


def test_every_address_on_the_page_is_served_for_good(client):
    addresses = re.findall('(?:src|href)="(/console/[^"]*)"', client.get("/").text + client.get("/traces").text)
    assert len(set(addresses)) >= 8
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-type"].split(";")[0] == MEDIA_TYPES[Path(address).suffix]


@pytest.mark.parametrize(
    "path",
    [
        "/console/static/0000000000000000/console.js",
        "/console/static/{digest}/traces.css",
        "/console/static/{digest}/../assets.py",
        "/console/static/{digest}/%2e%2e/assets.py",
        "/console/static/{digest}/vendor/react.LICENSE",
        "/console/static/{digest}/",
        "/console/static//etc/passwd",
    ],
)
def test_nothing_else_is_served(client, path):
    digest = Assets().url("console.js").split("/")[3]
    assert client.get(path.format(digest=digest)).status_code == 404


def test_an_address_changes_with_its_content(tmp_path):
    (tmp_path / "a.css").write_text("a {}", "utf-8")
    before = Assets(tmp_path).url("a.css")
    (tmp_path / "a.css").write_text("b {}", "utf-8")
    assert Assets(tmp_path).url("a.css") != before


def test_every_vendored_package_has_its_licence():
    vendored = {path.name for path in (STATIC / "vendor").iterdir()}
    packages = {name.split(".")[0] for name in vendored}
    assert packages == {"graphiql", "react", "react-dom"}
    for package in packages:
        assert "MIT License" in (STATIC / "vendor" / f"{package}.LICENSE").read_text("utf-8")


def test_the_personas_are_listed(client):
    answer = client.get("/sandbox/personas")
    assert answer.json() == PERSONAS
    assert answer.headers["cache-control"] == "no-store"


def test_a_token_is_handed_on_and_never_stored(client):
    answer = client.post("/sandbox/personas/resident/token")
    assert answer.json() == {"access_token": "token-of-resident", "expires_in": 300}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["nobody", "Resident", "a%20b", "a" * 33, "%00", "..%2fadmin"])
def test_an_unknown_persona_is_404(client, city, name):
    assert client.post(f"/sandbox/personas/{name}/token").status_code == 404
    assert city.issued == []


def test_a_silent_issuer_is_502(client, city):
    city.issuer_runs = False
    for answer in (client.get("/sandbox/personas"), client.post("/sandbox/personas/resident/token")):
        assert (answer.status_code, answer.json()) == (502, {"error": "the sandbox's token issuer does not answer"})


def test_an_issuers_answer_without_a_token_is_502():
    async def junk(_persona: str) -> dict:
        return {"error": "invalid_request", "error_description": "secret"}

    async def none() -> list:
        raise IssuerUnavailable

    console = build_console(ConsoleSettings(examples=EXAMPLES), traces=None, sandbox=Sandbox(none, junk))
    answer = Client(Starlette(routes=console.routes)).post("/sandbox/personas/resident/token")
    assert answer.status_code == 502
    assert "secret" not in answer.text


def test_a_token_is_not_issued_by_a_link(client, city):
    assert client.get("/sandbox/personas/resident/token").status_code == 405
    assert city.issued == []


def test_without_a_sandbox_there_are_no_personas():
    client = without_sandbox()
    assert client.get("/sandbox/personas").status_code == 404
    assert client.post("/sandbox/personas/resident/token").status_code == 404
    assert page_settings(client.get("/").text)["sandbox"] is False


@pytest.mark.parametrize(
    ("method", "query", "accept", "wanted"),
    [
        ("GET", "", "text/html,application/xhtml+xml,*/*;q=0.8", True),
        ("GET", "lang=en", "text/html", True),
        ("GET", "query={a}", "text/html", False),
        ("GET", "", "application/json", False),
        ("GET", "", "", False),
        ("POST", "", "text/html", False),
    ],
)
def test_only_a_browser_that_asks_nothing_gets_the_page(method, query, accept, wanted):
    scope = {
        "type": "http",
        "method": method,
        "path": "/graphql",
        "query_string": query.encode(),
        "headers": [(b"accept", accept.encode())],
    }
    assert wants_graphiql(Request(scope)) is wanted


def test_text_is_escaped_and_markup_is_not():
    assert element("p", "<b>&", Markup("<br>"), None, class_='a"b', hidden=True, data_x=None) == (
        '<p class="a&quot;b" hidden>&lt;b&gt;&amp;<br></p>'
    )
    assert join("<", element("br")) == "&lt;<br>"
