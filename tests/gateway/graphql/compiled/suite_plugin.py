"""A pytest plugin for graphql-core's own suite: puts the compiled executor under every execution there.

`--executions record=FILE` writes what the original answers, execution by execution; `compare=FILE` runs the compiled
executor in the tests that asked for an executor, and fails one whose executions answer otherwise, key order and order
of errors included. It fails the session when a plain operation, or a part of one, is left to the original.
"""

import functools
import importlib
import inspect
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from math import inf
from pathlib import Path
from typing import Any

import pytest
from graphql.execution.executor import Executor, default_field_resolver, default_type_resolver

from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.particulars import Particulars
from gateway.graphql.compiled.run import Run
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.operation import ReferenceExecutor

excuse = importlib.import_module("suite_calls").excuse  # the suite has a package "tests" of its own
execute_module = importlib.import_module("graphql.execution.execute")
_OF_THE_CALLER = frozenset({"middleware", "abort signal", "predicates of the caller"})
COUNTS: Counter[str] = Counter()
EXCUSED: Counter[str] = Counter()
PLAIN: list[str] = []
ANSWERS: dict[str, list[str]] = defaultdict(list)
ASKED: dict[str, None] = {}
CURRENT = ""


class Noting:
    """Stands in for an executor class of the original; notes which tests ask for it."""

    def __init__(self, original: type[Executor[Any]]) -> None:
        self._original = original

    def build(self, *arguments: Any, **options: Any) -> Any:
        ASKED[CURRENT] = None
        return self._original.build(*arguments, **options)


class Compiling:
    """Stands in for an executor class of the original; builds a run of ours where it can."""

    def __init__(self, original: type[Executor[Any]]) -> None:
        self._original = original
        self._signature = inspect.signature(original.build)

    def build(self, *arguments: Any, **options: Any) -> Any:
        call = self._signature.bind(*arguments, **options).arguments
        allowed = excuse(call)
        if allowed in _OF_THE_CALLER:  # the gateway gives none of these
            EXCUSED[allowed] += 1
            return self._original.build(*arguments, **options)
        run = _compiled(call)
        if run is not None:
            COUNTS["ours"] += 1
            return run
        if allowed is None:
            PLAIN.append(f"{CURRENT}: fell back")
        else:
            EXCUSED[allowed] += 1
        return self._original.build(*arguments, **options)


def _compiled(call: Mapping[str, Any]) -> Any:
    executor = _executor(
        call.get("field_resolver") or default_field_resolver,
        call.get("type_resolver") or default_type_resolver,
        call.get("hide_suggestions", False),
        call.get("max_coercion_errors", 50),
    )
    particulars = Particulars(
        root_value=call.get("root_value"),
        context=call.get("context_value"),
        subscribe_field_resolver=call.get("subscribe_field_resolver") or default_field_resolver,
        is_awaitable=call.get("is_awaitable"),
        is_async_iterable=call.get("is_async_iterable"),
        hooks=call.get("hooks"),
    )
    variables = call.get("raw_variable_values") or {}
    return executor.build(call["schema"], call["document"], variables, call.get("operation_name"), particulars)


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
    for executor in ("IncrementalExecutor", "ExecutorThrowingOnIncremental"):
        stand_in = Compiling if mode == "compare" else Noting
        setattr(execute_module, executor, stand_in(getattr(execute_module, executor)))
    if mode == "compare":
        recorded = json.loads(Path(name).read_text())
        config.known, config.asked = recorded["answers"], set(recorded["asked"])
        _note_parts()


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Pass over the tests that ask for no executor: they are the same in either mode."""
    asked = getattr(config, "asked", None)
    if asked is not None:
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in asked])
        items[:] = [item for item in items if item.nodeid in asked]


def _log_responses() -> None:
    original = Executor.build_response

    @functools.wraps(original)
    def build_response(self: Any, data: Any) -> Any:
        result: Any = original(self, data)
        COUNTS["executions"] += 1
        ANSWERS[CURRENT].append(json.dumps(result.formatted, default=lambda value: type(value).__name__))
        return result

    Executor.build_response = build_response  # type: ignore[method-assign]


def _note_parts() -> None:
    original = Run.execute_uncompiled

    def execute_uncompiled(self: Run, return_type: Any, details: Any, path: Any, result: Any) -> Any:
        PLAIN.append(f"{CURRENT}: fell back below a field of type {return_type.name}")
        return original(self, return_type, details, path, result)

    Run.execute_uncompiled = execute_uncompiled  # type: ignore[method-assign]


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
        Path(name).write_text(json.dumps({"answers": ANSWERS, "asked": list(ASKED)}))
    elif (PLAIN or not COUNTS["ours"]) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if getattr(terminalreporter.config, "known", None) is None:
        return
    say = terminalreporter.write_line
    say(f"executions that reached the compiled executor: {COUNTS['ours']}")
    say(f"executions that fell back to graphql-core: {EXCUSED.total() + len(PLAIN)}")
    for reason, count in sorted(EXCUSED.items()):
        say(f"  {count:5} {reason}")
    say(f"  {len(PLAIN):5} plain operations, of which none may")
    for each in PLAIN:
        say(f"        {each}")
