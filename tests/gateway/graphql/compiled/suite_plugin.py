"""A pytest plugin for graphql-core's own suite: puts the compiled executor under every execution there.

`--executions record=FILE` writes what the original answers, execution by execution; `compare=FILE` runs the compiled
executor and fails a test whose executions answer otherwise, key order and order of errors included.
"""

import functools
import importlib
import json
from collections import Counter, defaultdict
from math import inf
from pathlib import Path
from typing import Any

import pytest
from graphql.execution.executor import Executor, default_field_resolver, default_type_resolver
from graphql.pyutils.is_awaitable import is_async_iterable, is_awaitable

from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.particulars import Particulars
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.operation import ReferenceExecutor

execute_module = importlib.import_module("graphql.execution.execute")
PREDICATES = {None, is_awaitable, execute_module.assume_not_awaitable}
ITERABLES = {None, is_async_iterable, execute_module.assume_not_async_iterable}
COUNTS: Counter[str] = Counter()
FALLBACKS: Counter[str] = Counter()
ANSWERS: dict[str, list[str]] = defaultdict(list)
CURRENT = ""


class Compiling:
    """Stands in for an executor class of the original; builds a run of ours where it can."""

    def __init__(self, original: type[Executor[Any]]) -> None:
        self._original = original

    def build(self, *arguments: Any, **options: Any) -> Any:
        built = self._compiled(*arguments, **options)
        if built is None:
            return self._original.build(*arguments, **options)
        return built

    def _compiled(  # noqa: PLR0917  the original's signature
        self,
        schema: Any,
        document: Any,
        root_value: Any = None,
        context_value: Any = None,
        raw_variable_values: Any = None,
        operation_name: Any = None,
        field_resolver: Any = None,
        type_resolver: Any = None,
        subscribe_field_resolver: Any = None,
        max_coercion_errors: int = 50,
        enable_early_execution: bool = False,
        middleware: Any = None,
        is_awaitable: Any = None,
        is_async_iterable: Any = None,
        hide_suggestions: bool = False,
        abort_signal: Any = None,
        hooks: Any = None,
    ) -> Any:
        for reason, present in (
            ("middleware", middleware is not None),
            ("abort signal", abort_signal is not None),
            ("predicates of the caller", is_awaitable not in PREDICATES or is_async_iterable not in ITERABLES),
        ):
            if present:
                FALLBACKS[reason] += 1
                return None
        executor = _executor(
            field_resolver or default_field_resolver,
            type_resolver or default_type_resolver,
            hide_suggestions,
            max_coercion_errors,
        )
        particulars = Particulars(
            root_value=root_value,
            context=context_value,
            subscribe_field_resolver=subscribe_field_resolver or default_field_resolver,
            is_awaitable=is_awaitable,
            is_async_iterable=is_async_iterable,
            hooks=hooks,
        )
        run = executor.build(schema, document, raw_variable_values or {}, operation_name, particulars)
        for reason, count in executor.counts.fallbacks.items():
            FALLBACKS[reason] += count
        COUNTS["compiled"] += executor.counts.compiled
        return run


def _executor(field_resolver: Any, type_resolver: Any, hide_suggestions: bool, max_errors: int) -> CompiledExecutor:
    settings = Settings(
        sightings=1,
        slice_seconds=inf,
        field_resolver=field_resolver,
        type_resolver=type_resolver,
        hide_suggestions=hide_suggestions,
        max_coercion_errors=max_errors,
    )
    return CompiledExecutor(ReferenceExecutor(), settings)


def pytest_addoption(parser: Any) -> None:
    parser.addoption("--executions", help="record=FILE or compare=FILE")


def pytest_configure(config: Any) -> None:
    mode, _, name = config.getoption("--executions").partition("=")
    _log_responses()
    if mode == "compare":
        config.known = json.loads(Path(name).read_text())
        for executor in ("IncrementalExecutor", "ExecutorThrowingOnIncremental"):
            setattr(execute_module, executor, Compiling(getattr(execute_module, executor)))


def _log_responses() -> None:
    original = Executor.build_response

    @functools.wraps(original)
    def build_response(self: Any, data: Any) -> Any:
        result: Any = original(self, data)
        COUNTS["executions"] += 1
        ANSWERS[CURRENT].append(json.dumps(result.formatted, default=lambda value: type(value).__name__))
        return result

    Executor.build_response = build_response  # type: ignore[method-assign]


@pytest.fixture
def benchmark() -> Any:
    """The suite's benchmarks, run once."""
    return lambda function, *arguments, **options: function(*arguments, **options)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: Any) -> Any:
    global CURRENT  # noqa: PLW0603  pytest has no other place for it
    CURRENT = item.nodeid
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: Any) -> Any:
    result = yield
    known = getattr(pyfuncitem.config, "known", None)
    if known is not None:
        assert ANSWERS[CURRENT] == known.get(CURRENT, []), "not what graphql-core answers"
    return result


def pytest_sessionfinish(session: Any) -> None:
    mode, _, name = session.config.getoption("--executions").partition("=")
    if mode == "record":
        Path(name).write_text(json.dumps(ANSWERS))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    terminalreporter.write_line(f"executions {COUNTS['executions']}, compiled {COUNTS['compiled']}, fallbacks:")
    for reason, count in sorted(FALLBACKS.items()):
        terminalreporter.write_line(f"  {count:5} {reason}")
