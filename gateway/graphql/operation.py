"""One operation: chosen, allowed over this method, executed; the seam to whatever executes it."""

import inspect
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from graphql import (
    ASTValidationRule,
    DocumentNode,
    ExecutionResult,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
)
from graphql.execution.executor import Executor as GraphQLCoreExecutor

from gateway.graphql.cost import FREE, Cost, Costs, Prices
from gateway.graphql.document import Documents, ValidDocument
from gateway.graphql.limits import MOST_ERRORS, MOST_ITEMS, DocumentLimits
from gateway.graphql.lookup import Lookup, Policy
from gateway.graphql.refusal import HTTPRefusal, result_excess
from gateway.graphql.request import GraphQLRequest

_MAX_COERCION_ERRORS = 20


class Executor(Protocol):
    """Executes one query or mutation of a valid document (ExecuteRequest() of the GraphQL specification).

    `document` is the same object for the same text while it is remembered, so a plan may hang on it.
    Field errors are in the result, each with its path. A request error (variables that cannot be
    coerced) is a result without data whose errors have no path. Cancelling it leaves nothing running.
    """

    async def execute(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        *,
        context: Any,
        variables: Mapping[str, Any],
        operation_name: str | None,
    ) -> ExecutionResult:
        """Return data, errors or both."""
        ...


class _Bounded(GraphQLCoreExecutor[None]):
    """graphql-core's executor with a limit on the items of all lists."""

    items = 0

    def complete_list_value(self, *arguments: Any) -> Any:
        """As the original."""
        result = arguments[4]
        if isinstance(result, Sized):
            self.items += len(result)
            if self.items > MOST_ITEMS:
                raise result_excess("items", MOST_ITEMS)
        return super().complete_list_value(*arguments)


@dataclass(frozen=True, slots=True)
class ReferenceExecutor:
    """graphql-core's own `execute`."""

    suggestions: bool = True

    async def execute(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        *,
        context: Any,
        variables: Mapping[str, Any],
        operation_name: str | None,
    ) -> ExecutionResult:
        """Return data, errors or both."""
        result = execute(
            schema,
            document,
            executor_class=_Bounded,
            context_value=context,
            variable_values=dict(variables),
            operation_name=operation_name,
            max_coercion_errors=_MAX_COERCION_ERRORS,
            hide_suggestions=not self.suggestions,
        )
        return await result if inspect.isawaitable(result) else result


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a valid document; `name` is as the client gave it, `cost` what it may cause at most."""

    document: DocumentNode
    definition: OperationDefinitionNode
    name: str | None
    cost: Cost = FREE

    @property
    def kind(self) -> OperationType:
        """Query or mutation."""
        return self.definition.operation

    @property
    def own_name(self) -> str | None:
        """The name in the document, whether or not the client has said it."""
        return self.definition.name.value if self.definition.name else None


class Operations:
    """Takes a request to its result against one schema.

    `rules` are validated beside the specified ones. `prices` say what fields cost; without any, all are free.
    Raises: ConfigError, OSError for a manifest that does not fit; ValueError for a price of no field.
    """

    def __init__(  # noqa: PLR0913  # each is a part that may be left out
        self,
        schema: GraphQLSchema,
        *,
        executor: Executor | None = None,
        limits: DocumentLimits | None = None,
        rules: Sequence[type[ASTValidationRule]] = (),
        suggestions: bool = True,
        policy: Policy | None = None,
        prices: Prices = MappingProxyType({}),
    ) -> None:
        self.schema = schema
        limits = limits or DocumentLimits()
        self._costs = Costs(schema, prices, most=limits.requests)
        self._executor = executor or ReferenceExecutor(suggestions)
        policy = policy or Policy()
        documents = Documents(
            schema,
            limits,
            rules=rules,
            suggestions=suggestions,
            introspection=policy.introspection,
        )
        self._lookup = Lookup(documents, policy)

    async def prepare(self, request: GraphQLRequest, *, read_only: bool) -> Operation:
        """Parse, validate and choose; raise HTTPRefusal for anything that must not be executed."""
        document = await self._lookup.find(request)
        definition = document.operation(request.operation_name)
        _refuse_kind(definition.operation, read_only=read_only)
        cost = self._cost(document, definition, request.variables or {})
        await self._lookup.keep(request, document)
        return Operation(document.node, definition, request.operation_name, cost)

    def _cost(self, document: ValidDocument, definition: OperationDefinitionNode, variables: Mapping[str, Any]) -> Cost:
        name = definition.name.value if definition.name else None
        plan = document.plans.get(name)
        if plan is None:
            plan = document.plans[name] = self._costs.plan(document.node, definition)
        cost = plan.cost(variables)
        self._costs.refuse_excess(cost)
        return cost

    async def execute(self, operation: Operation, variables: Mapping[str, Any], context: Any) -> ExecutionResult:
        """Execute; raise HTTPRefusal 422 for variables that do not fit, and for an answer beyond a limit."""
        result = await self._executor.execute(
            self.schema,
            operation.document,
            context=context,
            variables=variables,
            operation_name=operation.name,
        )
        for error in result.errors or ():
            if isinstance(error.original_error, HTTPRefusal):
                raise error.original_error
        if len(result.errors or ()) > MOST_ERRORS:
            raise result_excess("errors", MOST_ERRORS)
        if result.data is None and result.errors and all(error.path is None for error in result.errors):
            raise HTTPRefusal(422, "VARIABLES_INVALID", "The variables do not fit.", errors=result.errors)
        return result


def _refuse_kind(kind: OperationType, *, read_only: bool) -> None:
    if kind is OperationType.SUBSCRIPTION:
        raise HTTPRefusal(422, "SUBSCRIPTION_NOT_SUPPORTED", "A subscription cannot be answered by one HTTP response.")
    if kind is OperationType.MUTATION and read_only:
        raise HTTPRefusal(405, "MUTATION_OVER_GET", "A mutation must be sent by POST.", headers={"allow": "POST"})
