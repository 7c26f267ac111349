"""A city of fakes behind the real schema: each port is a class of the test's own; every call is counted."""

from __future__ import annotations

import inspect
from collections import Counter
from typing import Any

import graphql

from adapters.contract.city import DepartmentInfo
from adapters.contract.filings import Filing
from adapters.contract.operations import port_name
from adapters.contract.records import PersonId
from gateway.schema import build_schema, graphql_schema
from resolvers.common.assurance import Assurance
from resolvers.common.context import Context, Viewer

SCHEMA = graphql_schema(build_schema())
PERSON = PersonId("100000001")
VIEWER = Viewer(PERSON, "Wu", frozenset({"person"}), Assurance.SUBSTANTIAL)


class FakeCity:
    """`City` over fakes by port name; `calls` counts operations, `arguments` keeps what they were given."""

    def __init__(self, **ports: object) -> None:
        self._ports = ports
        self.filed: tuple[Filing, ...] = ()
        self.calls: Counter[str] = Counter()
        self.arguments: dict[str, tuple[Any, ...]] = {}
        self.acting: list[tuple[str, str, str]] = []

    def port(self, protocol: type) -> Any:
        return _Counting(self, port_name(protocol), self._ports[port_name(protocol)])

    def each(self, protocol: type) -> dict[str, Any]:
        """For what each department may provide, the fakes by department."""
        fakes: Any = self._ports[port_name(protocol)]
        return {name: _Counting(self, port_name(protocol), fake) for name, fake in fakes.items()}

    def on_behalf_of(self, subject: str, *, actor: str, basis: str) -> FakeCity:
        self.acting.append((subject, actor, basis))
        return self

    def departments(self) -> tuple[DepartmentInfo, ...]:
        return ()

    async def filings(self) -> tuple[Filing, ...]:
        return self.filed


class _Counting:
    def __init__(self, city: FakeCity, name: str, port: object) -> None:
        self._city, self._name, self._port = city, name, port

    def __getattr__(self, method: str) -> Any:
        async def call(*arguments: Any) -> Any:
            self._city.calls[f"{self._name}.{method}"] += 1
            self._city.arguments[f"{self._name}.{method}"] = arguments
            return await getattr(self._port, method)(*arguments)

        return call


async def ask(city: FakeCity, document: str, *, viewer: bool = True, locale: str = "en", **variables: Any) -> Any:
    """Validate and execute a document as PERSON, or as nobody."""
    parsed = graphql.parse(document)
    assert not (problems := graphql.validate(SCHEMA, parsed)), problems
    context = Context(city=city, viewer=VIEWER if viewer else None, locale=locale)
    result = graphql.execute(SCHEMA, parsed, context_value=context, variable_values=variables)
    return await result if inspect.isawaitable(result) else result


def fixed(value: Any) -> Any:
    """A read that gives one value for every key."""

    async def read(keys: Any, _fields: Any = None) -> dict[Any, Any]:
        return dict.fromkeys(keys, value)

    return staticmethod(read)
