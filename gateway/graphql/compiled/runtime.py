"""What a plan's code calls when a value is not what it mostly is."""

from collections.abc import Coroutine, Iterator
from types import CoroutineType
from typing import Any

from graphql import GraphQLResolveInfo, get_named_type
from graphql.execution.executor import collect_iterator_awaitables
from graphql.pyutils import Path, Undefined, inspect, is_iterable

from gateway.graphql.compiled.classes import FINAL, learn
from gateway.graphql.compiled.fields import Field, Item
from gateway.graphql.compiled.pace import CALL
from gateway.graphql.compiled.run import Run
from gateway.graphql.compiled.siblings import all_of
from gateway.graphql.refusal import result_excess

Waiting = Coroutine[Any, Any, Any]


def make_info(run: Run, field: Field, path: Path) -> GraphQLResolveInfo[Any]:
    """What a resolver is told."""
    return tuple.__new__(GraphQLResolveInfo, (*field.head, path, *run.tail))


def failed(run: Run, field: Field, error: Exception, path: Path | None, index: int | None) -> None:
    """Collect a field's error, or raise it where the field may not be null."""
    run.handle_field_error(error, field.return_type, field.details, field.path(path, index))


def called(run: Run, field: Field, value: Any, path: Path | None, index: int | None) -> Any:
    """A value that the default resolver read; if it can be called, what it returns."""
    if not callable(value):
        return value
    arguments = run.arguments(field) if field.definition.args else {}
    return value(make_info(run, field, field.path(path, index)), **arguments)


def leaf(run: Run, field: Field, value: Any, path: Path | None, index: int | None) -> Any:
    """Complete a leaf of whatever class: null, awaitable, exception or a value to coerce."""
    here = field.path(path, index)
    if run.is_awaitable(value):
        return _settle(run, field, value, here, field)
    learn(type(value))
    return _settled(run, field, _generic(run, field, value, here, field), here)


def coerced(run: Run, field: Field, value: Any, result: Any, path: Path | None, index: int | None) -> Any:
    """Check what a custom scalar or an enum made of a value."""
    _require(field, value, result)
    return _settled(run, field, result, field.path(path, index))


def _require(field: Field, value: Any, result: Any) -> None:
    if result is None or result is Undefined:
        kind = inspect(get_named_type(field.return_type))
        raise TypeError(
            f"Expected `{kind}.coerce_output_value({inspect(value)})` to return non-nullable value,"
            f" returned: {inspect(result)}"
        )


def composite(run: Run, field: Field, value: Any, path: Path | None, index: int | None, info: Any) -> Any:
    """Complete an object or a list whose class was never seen, or that is none."""
    here = field.path(path, index)
    if run.is_awaitable(value):
        return _settle(run, field, value, here, info)
    return _settled(run, field, _complete(run, field, value, here, info), here)


def settled(run: Run, field: Field, completed: Any, path: Path | None, index: int | None) -> Waiting:
    """A coroutine of a field's value that answers for the field's errors."""
    return run.later(_await_completed(run, field, completed, field.path(path, index)))


async def _await_completed(run: Run, field: Field, completed: Any, path: Path) -> Any:
    try:
        return await completed
    except Exception as error:
        run.handle_field_error(error, field.return_type, field.details, path)
        return None


def _settled(run: Run, field: Field, completed: Any, path: Path) -> Any:
    if run.is_awaitable(completed):
        return run.later(_await_completed(run, field, completed, path))
    return completed


def awaited(run: Run, field: Field, coroutine: Waiting, path: Path, info: Any) -> Waiting:
    """A coroutine of what a resolver's own coroutine comes to."""
    waiting = _await_value(run, field, coroutine, path, info)
    run.spawned += (coroutine, waiting)
    return waiting


def _settle(run: Run, field: Field, awaitable: Any, path: Path, info: Any) -> Waiting:
    run.received(awaitable)
    return run.later(_await_value(run, field, awaitable, path, info))


async def _await_value(run: Run, field: Field, awaitable: Any, path: Path, info: Any) -> Any:
    pace = run.pace
    pace.flying += 1
    try:
        try:
            value = await awaitable
        finally:
            pace.landed()
        if pace.left <= 0 or pace.flying > pace.most_flying:
            await pace.turn(CALL)
        else:
            pace.left -= CALL
        completed = _complete(run, field, value, path, info)
        return await completed if run.is_awaitable(completed) else completed
    except Exception as error:
        run.handle_field_error(error, field.return_type, field.details, path)
        return None


def _complete(run: Run, field: Field, value: Any, path: Path, info: Any) -> Any:
    if field.complete is not None and learn(type(value)):
        return field.complete(run, value, path, None, info)
    return _generic(run, field, value, path, info)


def _generic(run: Run, field: Field, value: Any, path: Path, info: Any) -> Any:
    return run.complete_value(field.return_type, field.details, info, path, value, None)


def gather_fields(run: Run, out: dict[str, Any], waiting: tuple[str, ...]) -> Waiting:
    """The object of a selection set, some of whose fields are still awaited."""
    return run.later(_gather(out, waiting))


def gather_items(run: Run, out: list[Any], waiting: list[int]) -> Waiting:
    """The list some of whose items are still awaited."""
    return run.later(_gather(out, waiting))


async def _gather(out: Any, waiting: Any) -> Any:
    if len(waiting) == 1:
        (key,) = waiting
        out[key] = await out[key]
    else:
        values = await all_of([out[key] for key in waiting])
        for key, value in zip(waiting, values, strict=True):
            out[key] = value
    return out


def leave_fields(run: Run, out: dict[str, Any], waiting: tuple[str, ...]) -> None:
    """Let fields that are still awaited end in the background, as an error takes their object away."""
    if waiting:
        run.settle_in_background([out[key] for key in waiting])


def leave_items(run: Run, out: list[Any], waiting: list[int], items: Iterator[Any]) -> None:
    """The same for items, those included that the list has yet to give."""
    left = [out[index] for index in waiting]
    left.extend(collect_iterator_awaitables(items, run.is_awaitable))
    if left:
        run.settle_in_background(left)


def paced(run: Run, part: Any, value: Any, path: Path, info: Any, weight: int) -> Waiting:
    """A coroutine of a list that is too long for what is left of this turn. Raises: HTTPRefusal."""
    if run.pace.items > run.pace.most_items:
        raise result_excess("items", int(run.pace.most_items))
    return run.later(_paced(run, part, value, path, info, weight))


async def _paced(run: Run, part: Any, value: Any, path: Path, info: Any, weight: int) -> list[Any]:
    out: list[Any] = []
    step = run.pace.step(weight)
    for start in range(0, len(value), step):
        await run.pace.turn(step * weight)
        try:
            done = part(run, value[start : start + step], path, info, start)
            out += await done if type(done) is CoroutineType else done
        except Exception:
            leave_items(run, [], [], iter(value[start + step :]))
            raise
    return out


def odd_list(run: Run, value: Any) -> bool:
    """Whether a value is no list that a loop can go through now."""
    return run.is_async_iterable(value) or not is_iterable(value)


def odd_item(run: Run, item: Item, value: Any, out: list[Any], path: Path, info: Any) -> bool:
    """Add an item of whatever class to `out`; whether it is awaited."""
    details = item.field.details
    if run.is_awaitable(value):
        out.append(run.complete_awaitable_list_item_value(value, item.type, details, info, path, None))
        return True
    learn(type(value))
    try:
        completed = run.complete_value(item.type, details, info, path, value, None)
        if run.is_awaitable(completed):
            out.append(run.later(_await_item(run, item, completed, path)))
            return True
        out.append(completed)
    except Exception as error:
        run.handle_field_error(error, item.type, details, path)
        out.append(None)
    return False


def failed_item(run: Run, item: Item, error: Exception, path: Path, index: int) -> None:
    """Collect an item's error, or raise it where items may not be null."""
    run.handle_field_error(error, item.type, item.field.details, Path(path, index, None))


def settled_item(run: Run, item: Item, completed: Any, path: Path, index: int) -> Waiting:
    """A coroutine of an item that answers for its errors."""
    return run.later(_await_item(run, item, completed, Path(path, index, None)))


async def _await_item(run: Run, item: Item, completed: Any, path: Path) -> Any:
    try:
        return await completed
    except Exception as error:
        run.handle_field_error(error, item.type, item.field.details, path)
        return None


def coerced_item(run: Run, item: Item, value: Any, result: Any, path: Path, index: int) -> Any:
    """Check what a custom scalar or an enum made of an item."""
    if type(result) in FINAL:
        return result
    _require(item.field, value, result)
    return settled_item(run, item, result, path, index) if run.is_awaitable(result) else result
