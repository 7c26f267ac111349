"""Many persons at two gateways through few connections, as behind a proxy, in every form that a request has.

A history says who asks what, in which form and on which connection, several at once and one behind the other, and when
the store forgets everything. Each answer must be the one that the same person got when nobody else was there.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

import redis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.end_to_end.gateway import Client, Sandbox, call
from tests.gateway.fast_city import connected

HISTORIES = int(os.environ.get("CITYGATE_INTERLEAVINGS", "8"))
FORMS = ("post", "get", "register", "digest", "get digest", "trusted", "get trusted")
CONNECTIONS = 6
FLUSH = "the store forgets everything"
NOBODY, FORGED, ACTING, CLAIMING = "nobody", "who forges", "who acts by a mandate", "who claims that mandate"
TOKENS = {
    "a resident": "persona=resident",
    "a parent": "persona=parent",
    "an officer": "persona=officer",
    "a resident with a narrow token": "persona=resident&scope=complaints",
    "a resident who is hardly known": "persona=resident&acr=low",
    "who acts by a token": "persona=resident&act=parent",
}
WHO = (*TOKENS, ACTING, CLAIMING, FORGED, NOBODY)
DOCUMENTS = {
    "name": "query ($for: ID) { viewer(onBehalfOf: $for) { name } }",
    "lists": """query ($for: ID) { viewer(onBehalfOf: $for) { name appointments { totalCount nodes { id } }
      complaints { totalCount nodes { id } } registrations { totalCount nodes { id } } } }""",
    "records": """query ($for: ID) { viewer(onBehalfOf: $for) { name civilRecord { age } household { number }
      taxAccount { obligations { period } } } }""",
    "public": "{ services(first: 2) { nodes { id name } } departments { name } }",
    "node": "query ($id: ID!, $for: ID) { node(id: $id) { id ... on Complaint { description } } viewer(onBehalfOf: $for) { name } }",  # noqa: E501
}


@dataclass(frozen=True)
class Ask:
    """One request on one of the connections, the even ones of which lead to the first gateway."""

    connection: int
    who: str
    document: str
    form: str


asks = st.builds(
    Ask,
    st.integers(0, CONNECTIONS - 1),
    st.sampled_from(WHO),
    st.sampled_from(sorted(DOCUMENTS)),
    st.sampled_from(FORMS),
)
histories = st.lists(
    st.one_of(st.lists(asks, min_size=2, max_size=16), st.lists(asks, min_size=8, max_size=16), st.just(FLUSH)),
    min_size=2,
    max_size=6,
)


@dataclass
class Crowd:
    """Who asks, with what, and what each of them may see of each document: `alone` of who and document."""

    tokens: Mapping[str, str]
    variables: Mapping[str, Mapping[str, Any]]
    alone: Mapping[tuple[str, str], str] = field(default_factory=dict)
    answered: Counter[str] = field(default_factory=Counter)

    @classmethod
    def at(cls, client: Client) -> Crowd:
        """A crowd who have asked one after the other at one gateway."""
        tokens = {who: token(client.sandbox, form) for who, form in TOKENS.items()}
        tokens[FORGED] = tokens["a resident"][:-8] + "AAAAAAAA"
        tokens |= {ACTING: tokens["an officer"], CLAIMING: tokens["a parent"]}
        mandates = client.ask("{ viewer { mandates { id basis } } }", "officer")["data"]["viewer"]["mandates"]
        listed = client.ask("{ viewer { complaints(first: 1) { nodes { id } } } }", "resident")
        node = listed["data"]["viewer"]["complaints"]["nodes"][0]["id"]
        company = next(one["id"] for one in mandates if one["basis"] == "OFFICER")
        acting = dict.fromkeys((ACTING, CLAIMING), company)
        crowd = cls(tokens, {who: {"for": acting.get(who), "id": node} for who in WHO})
        crowd.alone = {(who, name): crowd.ask_alone(client.address, who, name) for name in DOCUMENTS for who in WHO}
        return crowd

    def ask_alone(self, address: str, who: str, name: str) -> str:
        members = {"query": DOCUMENTS[name], "variables": self.variables[who]}
        headers = {"content-type": "application/json", "accept-language": "en", **self.authorization(who)}
        return seen(call(f"{address}/graphql", method="POST", headers=headers, body=json.dumps(members).encode()))

    def authorization(self, who: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}

    def request(self, ask: Ask) -> bytes:
        text = DOCUMENTS[ask.document]
        digest = {"persistedQuery": {"version": 1, "sha256Hash": sha256(text.encode()).hexdigest()}}
        members: dict[str, Any] = {"variables": self.variables[ask.who]}
        match ask.form.removeprefix("get "):
            case "post" | "get":
                members |= {"query": text}
            case "register":
                members |= {"query": text, "extensions": digest}
            case "digest":
                members |= {"extensions": digest}
            case "trusted":
                members |= {"documentId": ask.document}
        lines = {"host": "citygate.example", "accept": "application/graphql-response+json", "accept-language": "en"}
        lines |= self.authorization(ask.who)
        if ask.form.startswith("get"):
            query = urlencode({name: one if isinstance(one, str) else json.dumps(one) for name, one in members.items()})
            return _head(f"GET /graphql?{query}", lines)
        body = json.dumps(members).encode()
        lines |= {"content-type": "application/json", "content-length": str(len(body))}
        return _head("POST /graphql", lines) + body

    def judge(self, ask: Ask, answer: bytes) -> None:
        """Raises: AssertionError for whatever the person does not get when nobody else is there."""
        found = json.loads(answer.partition(b"\r\n\r\n")[2])
        if "PERSISTED_QUERY_NOT_FOUND" in str(found) and "digest" in ask.form:
            self.answered["not registered"] += 1
            return
        got = seen(found)
        if got == self.alone[ask.who, ask.document]:
            self.answered[ask.form] += 1
            return
        others = [who for who in WHO if self.alone[who, ask.document] == got]
        raise AssertionError(f"another's answer: {ask} got that of {others or 'nobody known'}: {got}")

    async def play(self, addresses: Sequence[str], history: Sequence[Any], store: str | None = None) -> None:
        """Play a history on connections that everybody shares."""
        ports = [urlsplit(one).port or 80 for one in addresses]
        async with AsyncExitStack() as stack:
            wires = [
                await stack.enter_async_context(connected(ports[number % len(ports)])) for number in range(CONNECTIONS)
            ]

            async def exchange(connection: int, behind: Sequence[Ask]) -> list[bytes]:
                wires[connection].writer.write(b"".join(map(self.request, behind)))
                return [await wires[connection].answer() for _ in behind]

            for step in history:
                if step == FLUSH:
                    await asyncio.to_thread(forget, store)
                    continue
                together: defaultdict[int, list[Ask]] = defaultdict(list)
                for one in step:
                    together[one.connection].append(one)
                answers = await asyncio.gather(*(exchange(*each) for each in together.items()))
                for behind, found in zip(together.values(), answers, strict=True):
                    for one, answer in zip(behind, found, strict=True):
                        self.judge(one, answer)

    def play_many(self, addresses: Sequence[str], store: str) -> None:
        """Play as many histories as the environment says."""

        @settings(
            max_examples=HISTORIES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(histories)
        def check(history: list[Any]) -> None:
            asyncio.run(self.play(addresses, history, store))

        check()
        print(f"{HISTORIES} histories, {sum(self.answered.values())} answers: {dict(self.answered)}")


def _head(line: str, fields: Mapping[str, str]) -> bytes:
    return "".join([f"{line} HTTP/1.1\r\n", *(f"{name}: {one}\r\n" for name, one in fields.items()), "\r\n"]).encode()


def seen(answer: Any) -> str:
    """What of an answer depends on who asked: the data and the codes of the errors."""
    codes = sorted(str(one.get("extensions", {}).get("code")) for one in answer.get("errors", ()))
    return json.dumps([answer.get("data"), codes], sort_keys=True, ensure_ascii=False)


def token(sandbox: Sandbox, form: str) -> str:
    issued = call(f"{sandbox.city.addresses['issuer']}/token", method="POST", body=form.encode())
    return str(issued["access_token"])


def forget(store: str | None) -> None:
    if store is not None:
        with redis.Redis.from_url(store) as client:
            client.flushall()
