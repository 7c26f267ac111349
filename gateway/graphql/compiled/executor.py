"""The executor of the gateway: runs operations as compiled plans, and what cannot be compiled on the reference."""

import asyncio
import inspect
from collections import Counter
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema
from graphql.execution import get_variable_values
from graphql.execution.values import VariableValues
from graphql.pyutils import Undefined

from gateway.graphql.compiled.memory import MOST_VARIANTS, Known, Operations, Plans, Variant
from gateway.graphql.compiled.pace import Pace
from gateway.graphql.compiled.particulars import Particulars
from gateway.graphql.compiled.plan import Plan
from gateway.graphql.compiled.prepared import Prepared, Unsupported, prepare
from gateway.graphql.compiled.run import Run
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.guards import Guard, guards_of
from gateway.graphql.operation import Executor


@dataclass(slots=True)
class Counts:
    """Executions: `compiled`, of these some still `partly`; on the `reference` as not yet repeated; `fallbacks` to it.

    Fallbacks are counted by reason.
    """

    compiled: int = 0
    partly: int = 0
    reference: int = 0
    fallbacks: Counter[str] = field(default_factory=Counter)


class CompiledExecutor:
    """Executes like `reference`, to which it leaves what it has not seen often enough and what it cannot compile."""

    def __init__(self, reference: Executor, settings: Settings | None = None) -> None:
        self.counts = Counts()
        self._reference = reference
        self._settings = settings or Settings()
        self._operations = Operations()
        self._plans = Plans(self._settings.max_plans, self._settings.max_bytes)

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
        run = self.build(schema, document, variables, operation_name, Particulars(context=context))
        if run is None:
            return await self._reference.execute(
                schema, document, context=context, variables=variables, operation_name=operation_name
            )
        if isinstance(run, list):
            return ExecutionResult(None, run)
        run.pace = self._pace()
        try:
            while run.plan.is_waiting:
                await asyncio.sleep(0)
                run.plan.advance()
            result: ExecutionResult | Awaitable[ExecutionResult] = run.execute_operation()
            done = await result if inspect.isawaitable(result) else result
        finally:
            plan = run.plan
            self._plans.measure(plan)
            is_guarded = plan.is_guarded
            if run.is_over:
                run.close()
                plan.end()
        if is_guarded and (guards := guards_of(schema)) is not None:
            guards.note(context)
        return done

    def build(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        variables: Mapping[str, Any],
        operation_name: str | None,
        particulars: Particulars,
    ) -> Run | list[GraphQLError] | None:
        """A run that takes the place of graphql-core's Executor; request errors; None for the reference.

        Its plan has begun, and may be ended when the run is over.
        """
        try:
            run = self._build(schema, document, variables, operation_name, particulars)
        except Unsupported as unsupported:
            self.counts.fallbacks[unsupported.reason] += 1
            return None
        if run is None:
            self.counts.reference += 1
        else:
            self.counts.compiled += 1
        return run

    def _build(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        variables: Mapping[str, Any],
        operation_name: str | None,
        particulars: Particulars,
    ) -> Run | list[GraphQLError] | None:
        key, known = self._operations.get(schema, document, operation_name)
        known.sightings += 1
        if known.sightings < self._settings.sightings:
            return None
        prepared = _prepared(known, schema, document, operation_name)
        values = self._coerced(prepared, variables)
        if isinstance(values, list):
            return values
        plan = self._plan(key, known, values, _refused(prepared, particulars))
        if plan is None:
            return None
        plan.advance()
        if not plan.is_complete:
            self.counts.partly += 1
        plan.begin()
        return Run(plan, values, particulars)

    def _pace(self) -> Pace:
        settings = self._settings
        return Pace(
            slice=settings.slice_units,
            most_items=settings.max_items,
            most_errors=settings.max_errors,
            most_flying=settings.max_flying,
        )

    def _coerced(self, prepared: Prepared, variables: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        definitions = prepared.operation.variable_definitions
        if not definitions:
            return VariableValues({}, {})
        return get_variable_values(
            prepared.schema,
            definitions,
            dict(variables),
            max_errors=self._settings.max_coercion_errors,
            hide_suggestions=self._settings.hide_suggestions,
        )

    def _plan(self, key: Any, known: Known, values: VariableValues, refused: frozenset[Guard]) -> Plan | None:
        prepared = known.prepared
        assert prepared is not None
        switched: tuple[Any, ...] = tuple(values.coerced.get(name, Undefined) for name in prepared.switches)
        switched += (refused,) if refused else ()
        place = key, switched
        plan = self._plans.get(place)
        if plan is not None and plan.prepared is prepared:
            return plan
        variant = _variant(known, switched)
        variant.sightings += 1
        if switched and variant.sightings < self._settings.sightings:
            return None
        try:
            plan = Plan(prepared, self._settings, values, refused)
        except Unsupported as unsupported:
            variant.refusal = unsupported.reason
            raise
        self._plans.put(place, plan)
        return plan


def _prepared(known: Known, schema: GraphQLSchema, document: DocumentNode, name: str | None) -> Prepared:
    if known.refusal is not None:
        raise Unsupported(known.refusal)
    if known.prepared is None:
        try:
            known.prepared = prepare(schema, document, name)
        except Unsupported as unsupported:
            known.refusal = unsupported.reason
            raise
    return known.prepared


def _refused(prepared: Prepared, particulars: Particulars) -> frozenset[Guard]:
    """Which of the operation's guards refuse who asks."""
    guards = guards_of(prepared.schema) if prepared.guards else None
    return frozenset() if guards is None else guards.refused(particulars.context) & prepared.guards


def _variant(known: Known, switched: tuple[Any, ...]) -> Variant:
    variant = known.variants.get(switched)
    if variant is None:
        if len(known.variants) >= MOST_VARIANTS:
            known.variants.clear()
        variant = known.variants[switched] = Variant()
    if variant.refusal is not None:
        raise Unsupported(variant.refusal)
    return variant
