"""Trusted documents: the manifest is refused with its place, and nothing else than its documents is taken."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from adapters.contract.yaml_file import ConfigError
from gateway.graphql.document import Documents
from gateway.graphql.limits import DocumentLimits
from gateway.graphql.lookup import Policy
from gateway.graphql.trusted import APOLLO, read_manifest
from gateway.schema import build_schema, graphql_schema
from tests.gateway.graphql.conftest import City, Client, Servers

ROOT = Path(__file__).parents[3]
GREETING = '{ greeting(name: "光") }'
ANSWER = {"data": {"greeting": "Hello 光"}}
INCREMENT = "mutation Increment { increment }"
DIGEST = sha256(GREETING.encode()).hexdigest()


def digest(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(text.encode()).hexdigest()}}


def apollo(**documents: str) -> dict[str, Any]:
    operations = [{"id": name, "name": name, "type": "query", "body": text} for name, text in documents.items()]
    return {"format": APOLLO, "version": 1, "operations": operations}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return written(tmp_path, {"greeting": GREETING, "x-app:increment": INCREMENT})


def written(folder: Path, content: Any) -> Path:
    path = folder / "documents.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1, ensure_ascii=False))
    return path


@pytest.fixture
def client(servers: Servers, manifest: Path) -> Client:
    return servers.start(operations={"policy": Policy(accepted="trusted", trusted=manifest)})


NAMES: dict[str, dict[str, Any]] = {
    "id": {"documentId": "greeting"},
    "digest as id": {"documentId": f"sha256:{DIGEST}"},
    "digest": {"extensions": digest(GREETING)},
    "text": {"query": GREETING},
    "text and digest": {"query": GREETING, "extensions": digest(GREETING)},
}


@pytest.mark.parametrize("members", NAMES.values(), ids=NAMES.keys())
async def test_a_trusted_document_by_each_of_its_names(client: Client, members: dict[str, Any]):
    assert (await client.post(**members)).entries == ANSWER


OTHERS: dict[str, dict[str, Any]] = {
    "id": {"documentId": "unknown"},
    "digest": {"extensions": digest("{ number(of: 1) }")},
    "text": {"query": "{ number(of: 1) }"},
    "text and digest": {"query": "{ number(of: 1) }", "extensions": digest("{ number(of: 1) }")},
    "almost the text": {"query": GREETING + " "},
    "another text with a trusted digest": {"query": "{ number(of: 1) }", "extensions": digest(GREETING)},
    "a trusted text with another digest": {"query": GREETING, "extensions": digest("{ number(of: 1) }")},
    "introspection": {"query": "{ __schema { description } }"},
}


@pytest.mark.parametrize("members", OTHERS.values(), ids=OTHERS.keys())
async def test_no_other_document_is_taken(client: Client, members: dict[str, Any]):
    reply = await client.post(**members)
    assert (reply.status, reply.code) == (403, "TRUSTED_DOCUMENTS_ONLY")


async def test_a_trusted_mutation_is_for_post_only(client: Client):
    assert (await client.get(documentId="x-app:increment")).code == "MUTATION_OVER_GET"
    assert (await client.post(documentId="x-app:increment")).entries == {"data": {"increment": 1}}


async def test_beside_trusted_documents_others_may_be_taken(servers: Servers, manifest: Path):
    client = servers.start(operations={"policy": Policy(trusted=manifest)})
    assert (await client.post("{ number(of: 1) }")).entries == {"data": {"number": 1}}
    assert (await client.post(documentId="greeting")).entries == ANSWER
    assert (await client.post(documentId="unknown")).code == "PERSISTED_QUERY_NOT_FOUND"
    mismatched = await client.post("{ number(of: 1) }", extensions=digest(GREETING))
    assert mismatched.code == "PERSISTED_QUERY_MISMATCH"


SHAPES: dict[str, Any] = {
    "plain": {"greeting": GREETING},
    "by digest": {DIGEST: GREETING},
    "by prefixed digest": {f"sha256:{DIGEST}": GREETING},
    "Apollo's": apollo(greeting=GREETING),
    "empty": {},
    "Apollo's, empty": apollo(),
}


@pytest.mark.parametrize("content", SHAPES.values(), ids=SHAPES.keys())
def test_the_shapes_that_are_read(tmp_path: Path, content: Any):
    trusted = read_manifest(written(tmp_path, content), Documents(City().schema(), DocumentLimits()))
    document = trusted.with_text(GREETING)
    assert len(trusted) == (document is not None)
    assert trusted.with_id(f"sha256:{DIGEST}") is document
    for name in ("greeting", DIGEST):
        if name in content:
            assert trusted.with_id(name) is document


REFUSED: dict[str, tuple[Any, str]] = {
    "not JSON": ("{", ":1: not strict JSON"),
    "a repeated id": ('{"a": "{greeting}", "a": "{greeting}"}', ":1: not strict JSON"),
    "a list": ([], ":1: must be an object"),
    "another format": ({"format": "x", "version": 1, "operations": []}, ":1: format: must be " + APOLLO),
    "another version": ({"format": APOLLO, "version": 2, "operations": []}, ":1: format: must be " + APOLLO),
    "operations by id": ({"format": APOLLO, "version": 1, "operations": {}}, ":1: operations: must be an array"),
    "no text": ({"format": APOLLO, "version": 1, "operations": [{"id": "a"}]}, ":1: a: id and document must be"),
    "a number": ({"a": 1}, ":1: a: id and document must be strings"),
    "an id twice": (
        {"format": APOLLO, "version": 1, "operations": [{"id": "a", "body": "{greeting}"}] * 2},
        ":6: a: the id is repeated",
    ),
    "an id with a space": ({"a b": GREETING}, ":2: a b: an id has letters"),
    "an id with an unknown prefix": ({"md5:abc": GREETING}, ":2: md5:abc: an id has letters"),
    "a short digest": ({"sha256:abc": GREETING}, ":2: sha256:abc: after sha256:"),
    "another's digest": ({DIGEST: GREETING + " "}, f":2: {DIGEST}: is not the SHA-256"),
    "syntax": ({"a": GREETING, "b": "{ greeting"}, ":3: b: SYNTAX_ERROR: Syntax Error: Expected Name"),
    "validity": (
        {"a": GREETING, "b": "{\n  greetin\n}"},
        ":3: b: VALIDATION_FAILED: Cannot query field 'greetin' on type 'Query'. Did you mean 'greeting'?"
        " (line 2, column 3 of the document)",
    ),
    "limits": ({"b": "{" + "self{" * 20 + "greeting" + "}" * 21}, ":2: b: DOCUMENT_LIMIT_EXCEEDED: The document has"),
}


@pytest.mark.parametrize(("content", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_fit_is_refused_with_its_place(tmp_path: Path, content: Any, says: str):
    path = written(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        read_manifest(path, Documents(City().schema(), DocumentLimits()))
    assert str(caught.value).startswith(f"{path}{says}")


def test_the_example_fits_the_schema():
    documents = Documents(graphql_schema(build_schema()), DocumentLimits())
    assert len(read_manifest(ROOT / "config/persisted/documents.json", documents)) == 2
