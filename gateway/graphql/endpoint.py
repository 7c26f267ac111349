"""The ASGI application that answers GraphQL over HTTP; the life of one request is read from top to bottom here."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLFormattedError
from starlette.types import Receive, Scope, Send

from adapters.contract.deadline import Deadline
from gateway.graphql import body, media_types, response
from gateway.graphql import request as graphql_request
from gateway.graphql.answers import Answers, Kept, cache_control, etag, matches
from gateway.graphql.cost import as_object
from gateway.graphql.csrf import refuse_forgeable
from gateway.graphql.limits import HTTPLimits
from gateway.graphql.masking import INTERNAL, MESSAGE, log_unexpected, mask_unexpected
from gateway.graphql.operation import Operation, Operations
from gateway.graphql.refusal import ClientDisconnected, HTTPRefusal
from gateway.graphql.request import GraphQLRequest
from gateway.graphql.response import Answer
from gateway.graphql.tracebacks import forget_frames
from gateway.graphql.witness import Watch, Witness


@dataclass(slots=True)
class Wanted:
    """How an answer is wanted; `fields` and `extensions` are what it has on top of all others."""

    media_type: str
    read_only: bool
    headers: body.Headers
    scope: Scope
    fields: Callable[[], Mapping[str, str]] = dict
    extensions: dict[str, Any] = field(default_factory=dict)


Charge = Callable[[Scope, Any, int], Awaitable[Callable[[], Mapping[str, str]]]]
ContextFor = Callable[[Scope, GraphQLRequest], Awaitable[Any]]
FormatError = Callable[[GraphQLError], GraphQLFormattedError]
NoteKept = Callable[[Scope, Kept, Any], None]
ResultExtensions = Callable[[Any], Mapping[str, Any]]

_METHODS = ("GET", "HEAD", "POST")
_READING = ("GET", "HEAD")
_ERRORS_AT_ONCE = 10
_ALLOW = "GET, HEAD, POST, OPTIONS"
_INTERNAL_BODY = response.encode({"errors": [{"message": MESSAGE, "extensions": {"code": INTERNAL}}]})


async def _no_context(_scope: Scope, _request: GraphQLRequest) -> None:
    return None


class GraphQLEndpoint:
    """GraphQL over HTTP for one schema, to be mounted at one path.

    - `context_for` makes the context of the resolvers; it may raise HTTPRefusal (401, 503, ...).
    - `format_error` turns every error into what the client sees; the default masks what is unexpected.
    - `result_extensions` gives the `extensions` entry of an answer whose context exists.
    - `answers` finds what need not be executed again; `note_kept` hears of what the same request may get again, as
      long as the kept answer's lease runs, and of what is to be noted each time.
    - `witness` sees what leaves.
    - `charge` takes units of who asks, one for a request and its operation's cost when that must be executed; it gives
      what says, in header fields, how much is left by then, or raises HTTPRefusal 429.
    - `timeout` (seconds) is for context and execution together; at its end all of it is cancelled.
    """

    def __init__(  # noqa: PLR0913  # each is a part that may be left out
        self,
        operations: Operations,
        *,
        context_for: ContextFor = _no_context,
        format_error: FormatError = mask_unexpected,
        result_extensions: ResultExtensions | None = None,
        answers: Answers | None = None,
        note_kept: NoteKept | None = None,
        witness: Witness | None = None,
        charge: Charge | None = None,
        limits: HTTPLimits | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._operations = operations
        self._context_for = context_for
        self._format_error = format_error
        self._result_extensions = result_extensions
        self._answers = answers
        self._note_kept = note_kept
        self._witness = witness
        self._charge = charge
        self._limits = limits or HTTPLimits()
        self._timeout = timeout
        self.outcomes: Counter[str] = Counter()
        """Answers: `kept` or `executed` without errors, with `errors` in them, `refused` (4xx), `failed` (5xx)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; only the server's own cancellation leaves this method as an exception."""
        try:
            answer = await self._answer(scope, receive)
        except ClientDisconnected:
            return
        except Exception as error:
            log_unexpected(error)
            self.outcomes["failed"] += 1
            answer = Answer(500, _INTERNAL_BODY)
        await response.send(send, answer)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        try:
            self._refuse_size(scope)
            if scope["method"] == "OPTIONS":
                return Answer(204, headers={"allow": _ALLOW})
            headers = _headers(scope)
            media_type = _negotiated(scope["method"], headers)
            request = await self._request(scope, headers, receive)
        except HTTPRefusal as refusal:
            return self._refused(refusal, {})
        return await self._run(scope, request, Wanted(media_type, scope["method"] in _READING, headers, scope))

    async def _request(self, scope: Scope, headers: body.Headers, receive: Receive) -> GraphQLRequest:
        if scope["method"] in _READING:
            refuse_forgeable(headers)
            return graphql_request.from_query_string(scope["query_string"])
        return graphql_request.from_body(await body.read_body(headers, receive, self._limits))

    async def _run(self, scope: Scope, request: GraphQLRequest, wanted: Wanted) -> Answer:
        context = None
        deadline = Deadline.after(self._timeout)
        try:
            with deadline:
                context = await self._context_for(scope, request)
                await self._pay(wanted, context, 1)
                operation = await self._operations.prepare(request, read_only=wanted.read_only)
                if (request.extensions or {}).get("cost") is True:
                    wanted.extensions["cost"] = as_object(operation.cost)
                answer = await self._answered(operation, request.variables or {}, context, wanted)
        except HTTPRefusal as refusal:
            answer = self._refused(refusal, self._extensions(context), wanted.media_type)
        except Exception as error:
            failure = self._timed_out() if deadline.expired else _internal(error)
            answer = self._refused(failure, self._extensions(context))
        fields = wanted.fields()
        return answer._replace(headers={**fields, **answer.headers}) if fields else answer

    async def _pay(self, wanted: Wanted, context: Any, units: int) -> None:
        if self._charge is not None and units:
            wanted.fields = await self._charge(wanted.scope, context, units)

    async def _answered(
        self, operation: Operation, variables: Mapping[str, Any], context: Any, wanted: Wanted
    ) -> Answer:
        watch = await self._witness.watch(operation, variables, context, wanted.scope) if self._witness else None
        kept = await self._answers.find(operation, variables, context) if self._answers else None
        if kept is not None:
            return await self._found(kept, watch, context, wanted)
        await self._pay(wanted, context, operation.cost.requests)
        result = await self._watched(watch, self._operations.execute(operation, variables, context))
        extensions = {**wanted.extensions, **self._extensions(context)}
        if self._answers is None or result.errors or result.extensions:
            return await self._executed(result, extensions, wanted.media_type)
        data = await response.encode_long({"data": result.data})
        self.outcomes["executed"] += 1
        kept = await self._answers.keep(operation, variables, context, data)
        return self._from_kept(kept, data, context, wanted)

    async def _found(self, kept: Kept, watch: Watch | None, context: Any, wanted: Wanted) -> Answer:
        self.outcomes["kept"] += 1
        seen = watch.found(kept) if watch is not None else None
        if self._note_kept is not None and (kept.owner is not None or not wanted.read_only):  # else it says its age
            self._note_kept(wanted.scope, kept, seen)
        if watch is not None:
            await watch.settled()
        return self._from_kept(kept, kept.body, context, wanted)

    async def _watched(self, watch: Watch | None, executing: Awaitable[ExecutionResult]) -> ExecutionResult:
        if watch is None:
            return await executing
        try:
            result = await executing
        finally:
            watch.executed()
        await watch.settled()
        return result

    async def _executed(self, result: ExecutionResult, extensions: Mapping[str, Any], media_type: str) -> Answer:
        entries: dict[str, Any] = {}
        self.outcomes["errors" if result.errors else "executed"] += 1
        if result.errors:
            entries["errors"] = []
            for number, error in enumerate(result.errors, 1):
                entries["errors"].append(self._told(error))
                if not number % _ERRORS_AT_ONCE:
                    await asyncio.sleep(0)
        entries["data"] = result.data
        if extensions or result.extensions:
            entries["extensions"] = {**(result.extensions or {}), **extensions}
        return Answer(response.status_of(entries), await response.encode_long(entries), media_type)

    def _from_kept(self, kept: Kept | None, data: bytes, context: Any, wanted: Wanted) -> Answer:
        headers: dict[str, str] = {}
        if wanted.read_only and kept is not None:
            tag = etag(data)
            headers = {"etag": tag, "cache-control": cache_control(kept)}
            if matches(wanted.headers.get(b"if-none-match"), tag):
                return Answer(304, headers=headers)
        extensions = {**wanted.extensions, **self._extensions(context)}
        return Answer(200, response.extended(data, extensions), wanted.media_type, headers)

    def _refused(
        self, refusal: HTTPRefusal, extensions: Mapping[str, Any], media_type: str = media_types.GRAPHQL_RESPONSE
    ) -> Answer:
        self.outcomes["refused" if refusal.status < 500 else "failed"] += 1
        # Not in the media type that the client prefers: a legacy client could take it for a proxy's answer.
        entries: dict[str, Any] = {"errors": [self._told(error) for error in refusal.errors]}
        if extensions:
            entries["extensions"] = extensions
        if refusal.legacy_status and media_type == media_types.JSON:
            return Answer(refusal.legacy_status, response.encode(entries), media_type, refusal.headers)
        return Answer(refusal.status, response.encode(entries), headers=refusal.headers)

    def _told(self, error: GraphQLError) -> GraphQLFormattedError:
        formatted = self._format_error(error)
        forget_frames(error)
        return formatted

    def _extensions(self, context: Any) -> Mapping[str, Any]:
        if context is None or self._result_extensions is None:
            return {}
        return self._result_extensions(context)

    def _refuse_size(self, scope: Scope) -> None:
        limits = self._limits
        if len(scope["headers"]) > limits.headers:
            raise _too_large(431, "HEADERS_TOO_LARGE", "headers", limits.headers)
        if sum(map(len, chain.from_iterable(scope["headers"]))) > limits.header_bytes:
            raise _too_large(431, "HEADERS_TOO_LARGE", "header_bytes", limits.header_bytes)
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > limits.url_bytes:
            raise _too_large(414, "URL_TOO_LONG", "url_bytes", limits.url_bytes)

    def _timed_out(self) -> HTTPRefusal:
        return HTTPRefusal(504, "TIMED_OUT", f"The operation took longer than {self._timeout:g} seconds.")


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """Header lines of one name joined by commas, as RFC 9110 (section 5.3) reads them."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b", " + value if name in headers else value
    return headers


def _internal(error: Exception) -> HTTPRefusal:
    log_unexpected(error)
    return HTTPRefusal(500, INTERNAL, MESSAGE)


def _negotiated(method: str, headers: body.Headers) -> str:
    if method not in _METHODS:
        message = f"GraphQL is served to {_ALLOW}, not {method}."
        raise HTTPRefusal(405, "METHOD_NOT_ALLOWED", message, headers={"allow": _ALLOW})
    media_type = media_types.negotiate(headers.get(b"accept"))
    if media_type is None:
        offers = " or ".join(media_types.OFFICIAL)
        raise HTTPRefusal(406, "NOT_ACCEPTABLE", f"The answer can be {offers}; Accept allows neither.")
    return media_type


def _too_large(status: int, code: str, name: str, limit: int) -> HTTPRefusal:
    message = _TOO_LARGE[name].format(limit)
    return HTTPRefusal(status, code, message, extensions={"limit": name, "maximum": limit})


_TOO_LARGE = {
    "headers": "The request has more than {} header lines.",
    "header_bytes": "The headers are larger than {} bytes.",
    "url_bytes": "The URL is larger than {} bytes.",
}
