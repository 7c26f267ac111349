"""What a plan's code names beside Python's own and its constants."""

from itertools import islice
from types import CoroutineType
from typing import Any

from graphql import GraphQLResolveInfo
from graphql.pyutils import Path

from gateway.graphql.compiled import arguments, classes, fields, levels, runtime, runtime_types
from gateway.graphql.compiled.code import with_python

_RUNTIME = (
    arguments.fresh,
    classes.learn_rows,
    classes.reader,
    fields.at,
    levels.plain_lists,
    levels.plain_objects,
    runtime.awaited,
    runtime.called,
    runtime.coerced,
    runtime.coerced_item,
    runtime.composite,
    runtime.failed,
    runtime.failed_item,
    runtime.gather_fields,
    runtime.gather_items,
    runtime.leaf,
    runtime.leave_fields,
    runtime.leave_items,
    runtime.odd_item,
    runtime.odd_list,
    runtime.paced,
    runtime.settled,
    runtime.settled_item,
    runtime_types.branched,
    runtime_types.judged,
)

NAMES: dict[str, Any] = with_python(
    {
        "new": tuple.__new__,
        "Path": Path,
        "Info": GraphQLResolveInfo,
        "islice": islice,
        "coroutine": CoroutineType,
        "plain": classes.PLAIN,
        "final": classes.FINAL,
        **{function.__name__: function for function in _RUNTIME},
    }
)
