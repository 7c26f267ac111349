"""One execution of a plan: graphql-core's executor, whose selection sets are the plan's code."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Coroutine
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.executor import Executor
from graphql.execution.values import VariableValues, get_argument_values
from graphql.pyutils import Path, is_awaitable

from gateway.graphql.compiled.arguments import fresh, is_copyable
from gateway.graphql.compiled.fields import Field
from gateway.graphql.compiled.pace import UNBOUNDED, Pace
from gateway.graphql.compiled.particulars import Particulars
from gateway.graphql.refusal import HTTPRefusal

if TYPE_CHECKING:
    from gateway.graphql.compiled.plan import Plan


class Run(Executor[None]):
    """Executes a plan once.

    What the plan's code does not know at sight (an odd value, an awaitable, an error) goes through the methods
    of graphql-core that the original runs, in the same order and in tasks of the same shape: that is what keeps
    results equal, the order of errors included.
    """

    plan: Plan
    tail: tuple[Any, ...]
    """The last parts of GraphQLResolveInfo, from the schema on."""
    known_arguments: dict[Field, dict[str, Any]]
    """Argument values that were coerced already, of fields whose calls may each have a copy."""
    pace: Pace = UNBOUNDED
    """How long it goes on at a time; without limits unless one is set before it is executed."""
    knows_coroutines: bool
    """Whether a coroutine needs no look to be told from other values."""
    spawned: list[Coroutine[Any, Any, Any]]
    """Every coroutine made, so that a cancelled execution abandons none."""

    def __init__(self, plan: Plan, variables: VariableValues, particulars: Particulars) -> None:
        prepared, settings = plan.prepared, plan.settings
        super().__init__(
            prepared.schema,
            prepared.fragment_definitions,
            prepared.fragments,
            particulars.root_value,
            particulars.context,
            prepared.operation,
            variables,
            settings.field_resolver,
            settings.type_resolver,
            particulars.subscribe_field_resolver,
            is_awaitable=particulars.is_awaitable,
            is_async_iterable=particulars.is_async_iterable,
            hide_suggestions=settings.hide_suggestions,
            hooks=particulars.hooks,
        )
        self.plan = plan
        self._begin()

    def _begin(self) -> None:
        self.known_arguments = {}
        self.spawned = []
        self.knows_coroutines = self.is_awaitable is is_awaitable
        self.tail = (
            self.schema,
            self.fragment_definitions,
            self.root_value,
            self.operation,
            self.variable_values,
            self.context_value,
            self.is_awaitable,
            None,
            self.async_helpers,
        )

    def build_per_event_executor(self, payload: Any) -> Run:
        """The run of one event of a subscription."""
        run = super().build_per_event_executor(payload)
        assert isinstance(run, Run)
        run._begin()
        return run

    def execute_operation(self, serially: bool | None = None) -> Any:
        """The result, or a coroutine of it, as the original's method of this name."""
        plan = self.plan
        try:
            if serially is None:
                serially = plan.is_mutation
            if serially:
                root_type = plan.prepared.root_type
                data: Any = self.execute_fields_serially(root_type, self.root_value, None, plan.root_fields, None)
            else:
                data = plan.root(self, self.root_value, None, None, None)
        except GraphQLError as error:
            return self._failed(error)
        except HTTPRefusal:
            self._close_abandoned()
            raise
        if self.is_awaitable(data):
            return self._awaited(data)
        return self._ended(data)

    async def _awaited(self, data: Awaitable[Any]) -> Any:
        try:
            completed = await data
        except GraphQLError as error:
            return self._failed(error)
        except Exception:
            self._close_abandoned()
            self.run_async_work_finished_hook()
            raise
        except BaseException:
            for future in list(self.background_futures):
                future.cancel()
            self._close_abandoned()
            raise
        return self._ended(completed)

    def _failed(self, error: GraphQLError) -> Any:
        self.collected_errors.add(error, None)
        return self._ended(None)

    def _ended(self, data: Any) -> Any:
        if self.collected_errors.errors and self.spawned:
            self._close_abandoned()
        return self.build_response(data)

    def _close_abandoned(self, _: object = None) -> None:
        """Close what an error or the end of the caller left unstarted, once nothing can start it any more."""
        for future in self.background_futures:
            if not future.done():
                future.add_done_callback(self._close_abandoned)
                return
        for coroutine in reversed(self.spawned):
            if inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED:
                coroutine.close()
        self.spawned.clear()

    @property
    def is_over(self) -> bool:
        """Whether nothing of it goes on in the background, as it does when an error has taken an object away."""
        return not self.background_futures or all(future.done() for future in self.background_futures)

    def close(self) -> None:
        """Part all that refers to each other, once it is over."""
        vars(self).clear()

    def handle_field_error(self, *arguments: Any) -> None:
        """As the original. Raises also: HTTPRefusal when there are too many."""
        self.pace.failed()
        super().handle_field_error(*arguments)

    def later(self, coroutine: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
        """A coroutine of this run, known to it."""
        self.spawned.append(coroutine)
        return coroutine

    def received(self, awaitable: Any) -> None:
        """Take note of what a resolver returned."""
        if type(awaitable) is CoroutineType:
            self.spawned.append(awaitable)

    def collect_and_execute_subfields(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        path: Path,
        result: Any,
        position_context: None,
    ) -> Any:
        """The plan's code for this selection set, whenever there is some."""
        selection = self.plan.selection(return_type, field_details_list)
        if selection is None:
            return self.execute_uncompiled(return_type, field_details_list, path, result)
        return selection(self, result, path, None, None)

    def execute_uncompiled(
        self, return_type: GraphQLObjectType, details: FieldDetailsList, path: Any, result: Any
    ) -> Any:
        """Execute a selection set as the original does."""
        return super().collect_and_execute_subfields(return_type, details, path, result, None)

    def complete_awaitable_value(self, *arguments: Any) -> Any:
        """As the original; known to this run."""
        self.received(arguments[4])
        return self.later(super().complete_awaitable_value(*arguments))

    def complete_awaitable_list_item_value(self, *arguments: Any) -> Any:
        """As the original; known to this run."""
        self.received(arguments[0])
        return self.later(super().complete_awaitable_list_item_value(*arguments))

    def complete_async_iterator_value(self, *arguments: Any) -> Any:
        """As the original; known to this run."""
        return self.later(super().complete_async_iterator_value(*arguments))

    def arguments(self, field: Field) -> dict[str, Any]:
        """The argument values of one call of a field. Raises: GraphQLError when they do not fit."""
        known = self.known_arguments.get(field)
        if known is not None:
            own: dict[str, Any] = fresh(known)
            return own
        values: dict[str, Any] = get_argument_values(
            field.definition, field.nodes[0], self.variable_values, None, self.hide_suggestions
        )
        if is_copyable(values):
            self.known_arguments[field] = fresh(values)
        return values
