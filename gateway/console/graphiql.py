"""The page with GraphiQL: the example operations, a persona and a language, and the trace of each answer."""

import json
from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from gateway.console.assets import Assets
from gateway.console.examples import Example
from gateway.console.html import Markup, element, join
from gateway.console.page import GRAPHIQL_POLICY, head, page
from gateway.console.text import CHINESE, ENGLISH, GRAPHIQL_TEXTS, Texts, texts_for

VENDORED_SCRIPTS: Final = (
    "vendor/react.production.min.js",
    "vendor/react-dom.production.min.js",
    "vendor/graphiql.min.js",
)


class GraphiQLPage:
    """Answers with GraphiQL for the endpoint at `endpoint`; everything it loads comes from `assets`."""

    def __init__(
        self, examples: Sequence[Example], *, assets: Assets, sandbox: bool, endpoint: str = "/graphql"
    ) -> None:
        self._examples = examples
        self._assets = assets
        self._sandbox = sandbox
        self._endpoint = endpoint

    @property
    def routes(self) -> list[Route]:
        """The page at `/`; whoever answers the endpoint calls `respond` where `wants_graphiql` says so."""
        return [Route("/", self.respond)]

    async def respond(self, request: Request) -> HTMLResponse:
        """Answer with the page in the request's language."""
        texts = texts_for(request)
        settings = json.dumps(self._settings(texts), ensure_ascii=False)
        body = element(
            "body",
            element("div", id="console", data_settings=settings),
            element("noscript", texts["no_script"]),
            self._scripts(),
        )
        titled = head("GraphiQL · Citygate", self._assets, "vendor/graphiql.min.css", "console.css")
        return page(body, head=titled, language=texts.language, policy=GRAPHIQL_POLICY)

    def _scripts(self) -> Markup:
        vendored = [element("script", src=self._assets.url(name), defer=True) for name in VENDORED_SCRIPTS]
        return join(*vendored, element("script", src=self._assets.url("console.js"), type="module"))

    def _settings(self, texts: Texts) -> dict[str, Any]:
        return {
            "endpoint": self._endpoint,
            "sandbox": self._sandbox,
            "language": texts.language,
            "texts": {
                language: {key: Texts(language)[key] for key in GRAPHIQL_TEXTS} for language in (ENGLISH, CHINESE)
            },
            "examples": [
                {"title": each.title, "query": each.document, "variables": each.variables} for each in self._examples
            ],
        }


def wants_graphiql(request: Request) -> bool:
    """Tell a browser that opens the endpoint's address from a client that sends an operation to it."""
    accepts = request.headers.get("accept", "")
    return request.method == "GET" and "query" not in request.query_params and "text/html" in accepts
