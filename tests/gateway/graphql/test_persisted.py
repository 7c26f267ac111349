"""Automatic persisted queries, as Apollo's clients speak them, over a real server."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest

from gateway.graphql import persisted
from gateway.graphql.document import Documents, ValidDocument
from gateway.graphql.limits import DocumentLimits
from gateway.graphql.lookup import Policy
from gateway.graphql.persisted import PersistedQueries
from tests.gateway.graphql.conftest import JSON, City, Client, Reply, Servers

GREETING = '{ greeting(name: "光") }'
ANSWER = {"data": {"greeting": "Hello 光"}}


def digest_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def by_digest(text: str, **more: Any) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": digest_of(text)}} | more


async def registered(client: Client, text: str = GREETING) -> Reply:
    return await client.post(text, extensions=by_digest(text))


async def test_unknown_then_registered_then_by_digest_alone(servers: Servers):
    client = servers.start()
    unknown = await client.post(extensions=by_digest(GREETING))
    assert (unknown.status, unknown.code) == (404, "PERSISTED_QUERY_NOT_FOUND")
    assert unknown.entries["errors"][0]["message"] == "PersistedQueryNotFound"
    assert (await registered(client)).entries == ANSWER
    assert (await client.post(extensions=by_digest(GREETING))).entries == ANSWER
    assert (await client.post(documentId=f"sha256:{digest_of(GREETING)}")).entries == ANSWER


async def test_registered_and_asked_over_get(servers: Servers):
    client = servers.start()
    extensions = json.dumps(by_digest(GREETING))
    assert (await client.get(extensions=extensions)).code == "PERSISTED_QUERY_NOT_FOUND"
    assert (await client.get(query=GREETING, extensions=extensions)).entries == ANSWER
    assert (await client.get(extensions=extensions)).entries == ANSWER
    assert (await client.get(documentId=f"sha256:{digest_of(GREETING)}")).entries == ANSWER


async def test_a_legacy_client_is_not_told_by_status(servers: Servers):
    reply = await servers.start().post(extensions=by_digest(GREETING), accept=JSON)
    assert (reply.status, reply.code) == (200, "PERSISTED_QUERY_NOT_FOUND")
    assert reply.media_type == "application/json; charset=utf-8"


async def test_capitals_in_a_digest_do_not_matter(servers: Servers):
    client = servers.start()
    await registered(client)
    shouted = {"persistedQuery": {"version": 1, "sha256Hash": digest_of(GREETING).upper()}}
    assert (await client.post(extensions=shouted)).entries == ANSWER


async def test_another_texts_digest_registers_nothing(servers: Servers):
    client = servers.start()
    reply = await client.post(GREETING, extensions=by_digest("{ number(of: 1) }"))
    assert (reply.status, reply.code) == (422, "PERSISTED_QUERY_MISMATCH")
    assert (await client.post(extensions=by_digest("{ number(of: 1) }"))).code == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_registered_digest_with_another_text_is_a_mismatch(servers: Servers):
    client = servers.start()
    await registered(client)
    reply = await client.post("{ number(of: 1) }", extensions=by_digest(GREETING))
    assert reply.code == "PERSISTED_QUERY_MISMATCH"


GARBAGE = {
    "not a document": "{ greeting",
    "not valid": "{ unknown }",
    "too deep": "{" + "self{" * 20 + "greeting" + "}" * 21,
    "a subscription": "subscription { ticks }",
    "two operations": "query A { greeting } query B { greeting }",
}


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE.keys())
async def test_what_cannot_be_executed_is_not_registered(servers: Servers, text: str):
    client = servers.start()
    assert (await registered(client, text)).status in (400, 422)
    assert (await client.post(extensions=by_digest(text))).code == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_mutation_is_neither_registered_nor_executed_over_get(servers: Servers):
    city, text = City(), "mutation { increment }"
    client = servers.start(city)
    extensions = json.dumps(by_digest(text))
    assert (await client.get(query=text, extensions=extensions)).code == "MUTATION_OVER_GET"
    assert (await client.post(extensions=by_digest(text))).code == "PERSISTED_QUERY_NOT_FOUND"
    await registered(client, text)
    assert (await client.get(extensions=extensions)).code == "MUTATION_OVER_GET"
    assert city.increments == 1


MALFORMED = [
    {"persistedQuery": 1},
    {"persistedQuery": {"sha256Hash": digest_of(GREETING)}},
    {"persistedQuery": {"version": 2, "sha256Hash": digest_of(GREETING)}},
    {"persistedQuery": {"version": True, "sha256Hash": digest_of(GREETING)}},
    {"persistedQuery": {"version": 1}},
    {"persistedQuery": {"version": 1, "sha256Hash": "f" * 63}},
    {"persistedQuery": {"version": 1, "sha256Hash": "g" * 64}},
    {"persistedQuery": {"version": 1, "sha256Hash": "f" * 64 + "\n"}},
]


@pytest.mark.parametrize("extensions", MALFORMED, ids=map(str, range(len(MALFORMED))))
async def test_malformed_extensions(client: Client, extensions: dict[str, Any]):
    reply = await client.post(GREETING, extensions=extensions)
    assert (reply.status, reply.code) == (422, "MALFORMED_REQUEST")


TWICE: list[dict[str, Any]] = [
    {"query": GREETING, "documentId": "a"},
    {"documentId": "a", "extensions": by_digest(GREETING)},
]


@pytest.mark.parametrize("members", TWICE, ids=["query", "digest"])
async def test_a_document_is_named_once(client: Client, members: dict[str, Any]):
    reply = await client.post(**members)
    assert (reply.status, reply.code) == (422, "MALFORMED_REQUEST")


async def test_documents_without_their_digest_can_be_refused(servers: Servers):
    client = servers.start(operations={"policy": Policy(accepted="persisted")})
    reply = await client.post(GREETING)
    assert (reply.status, reply.code) == (403, "PERSISTED_DOCUMENTS_ONLY")
    assert (await registered(client)).entries == ANSWER


@dataclass
class Shared:
    """What processes share."""

    texts: dict[str, str] = field(default_factory=dict)
    puts: int = 0

    async def get(self, digest: str) -> str | None:
        return self.texts.get(digest)

    async def put(self, digest: str, text: str) -> None:
        self.puts += 1
        self.texts[digest] = text


async def test_processes_share_what_was_registered(servers: Servers):
    shared = Shared()
    one, other = (servers.start(operations={"policy": Policy(shared=shared)}) for _ in range(2))
    await registered(one)
    await registered(one)
    assert (await other.post(extensions=by_digest(GREETING))).entries == ANSWER
    assert shared.puts == 1
    shared.texts.clear()
    assert (await other.post(extensions=by_digest(GREETING))).entries == ANSWER


async def test_a_shared_text_of_another_digest_is_not_believed(servers: Servers):
    client = servers.start(operations={"policy": Policy(shared=Shared({digest_of(GREETING): "{ number(of: 1) }"}))})
    assert (await client.post(extensions=by_digest(GREETING))).code == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(("entries", "size"), [(2, 1000), (1000, 32)])
async def test_the_memory_is_bounded_by_number_and_bytes(entries: int, size: int):
    documents = Documents(City().schema(), DocumentLimits())
    known = PersistedQueries(max_entries=entries, max_bytes=size)
    texts = [f"{{ {name}: greeting }}" for name in "abc"]
    for text in texts:
        await known.register(digest_of(text), documents.get(text), share=True)
    assert [await known.find(digest_of(text)) for text in texts] == [None, *texts[1:]]


async def test_the_digest_is_computed_once_while_remembered(monkeypatch: pytest.MonkeyPatch):
    known = PersistedQueries()
    document = ValidDocument(GREETING, Documents(City().schema(), DocumentLimits()).get(GREETING).node)
    await known.register(digest_of(GREETING), document, share=True)
    monkeypatch.setattr(persisted, "digest_of", lambda _text: pytest.fail("computed again"))
    known.refuse_mismatch(digest_of(GREETING), GREETING)
