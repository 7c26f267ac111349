"""How long one request with a hostile document holds the event loop: `python -m tests.gateway.graphql.stall [--print]`.

Each class of `hostile` is sent at its largest through the endpoint while another task wakes every millisecond. What
counts is how late that task wakes at worst: so long do all other requests wait. Of several runs the best is taken,
because a busy machine only adds to it. Exit code 1 when a class holds the loop for 20 ms.
"""

import asyncio
import json
import sys
import time
from typing import Any

from starlette.types import Message

from gateway.graphql.document import Documents
from gateway.graphql.endpoint import GraphQLEndpoint
from gateway.graphql.limits import DocumentLimits
from gateway.graphql.operation import Operations
from gateway.graphql.refusal import HTTPRefusal
from tests.gateway.graphql import hostile

RUNS = 5
MOST = 0.020
_SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "query_string": b"",
    "headers": [(b"content-type", b"application/json"), (b"accept", b"application/graphql-response+json")],
}


def largest(make: hostile.Make, documents: Documents) -> str:
    """The largest document of a class that gets as far as validation, or is no document at all."""

    def admits(text: str) -> bool:
        try:
            documents.measure(text)
        except HTTPRefusal as refusal:
            return refusal.code != "DOCUMENT_LIMIT_EXCEEDED"
        return True

    return hostile.largest(make, admits)


async def held(text: str) -> tuple[float, str]:
    """Seconds for which the loop was held at worst, and what was answered."""
    endpoint = GraphQLEndpoint(Operations(hostile.schema()))
    await post(endpoint, "{ a }")
    latest = 0.0

    async def wake() -> None:
        nonlocal latest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            latest = max(latest, time.perf_counter() - before - 0.001)

    waking = asyncio.create_task(wake())
    await asyncio.sleep(0.003)
    latest = 0.0
    answer = await post(endpoint, text)
    await asyncio.sleep(0.003)
    waking.cancel()
    return latest, answer


async def post(endpoint: GraphQLEndpoint, text: str) -> str:
    """Post a document; return the code of the answer's first error, or `executed`."""
    body = json.dumps({"query": text}).encode()
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    await endpoint(_SCOPE, receive, send)
    errors = json.loads(sent[1]["body"]).get("errors")
    return str(errors[0]["extensions"]["code"]) if errors else "executed"


def main(arguments: list[str]) -> int:
    """Print every class with `--print`, else those that hold the loop for too long."""
    documents = Documents(hostile.schema(), DocumentLimits())
    worst = 0.0
    for name, make in hostile.CLASSES.items():
        text = largest(make, documents)
        runs = [asyncio.run(held(text)) for _ in range(RUNS)]
        seconds, answer = min(runs)
        worst = max(worst, seconds)
        if "--print" in arguments or seconds >= MOST:
            print(f"{seconds * 1000:6.1f} ms  {len(text):6} characters  {name:42}  {answer}", flush=True)
    print(f"{worst * 1000:6.1f} ms at worst of {len(hostile.CLASSES)} classes")
    return int(worst >= MOST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
