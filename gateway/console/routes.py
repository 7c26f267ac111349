"""All routes of the console, built from what it shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.routing import Route

from gateway.console.assets import Assets
from gateway.console.examples import load_examples
from gateway.console.graphiql import GraphiQLPage
from gateway.console.personas import Sandbox, sandbox_routes
from gateway.console.traces import TracePages
from gateway.trace_store import TraceStore


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """What the console shows: `departments` maps a department's name to its title by language."""

    examples: Path
    endpoint: str = "/graphql"
    departments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Console:
    """The routes of every page, and GraphiQL's page for the endpoint's own address."""

    graphiql: GraphiQLPage
    routes: list[Route]


def build_console(settings: ConsoleSettings, *, traces: TraceStore | None, sandbox: Sandbox | None) -> Console:
    """Build the pages; without a sandbox there are no personas and no routes to them."""
    assets = Assets()
    graphiql = GraphiQLPage(
        load_examples(settings.examples),
        assets=assets,
        sandbox=sandbox is not None,
        endpoint=settings.endpoint,
    )
    pages = TracePages(traces, assets=assets, departments=settings.departments)
    personas = sandbox_routes(sandbox) if sandbox else []
    return Console(graphiql, [*graphiql.routes, *pages.routes, *personas, assets.route])
