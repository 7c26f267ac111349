"""Permissions, declared on a field or a type as directives of the schema, and what they come to for who asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry.schema_directive import Location

from adapters.contract.operations import FieldSet
from resolvers.common.assurance import Assurance
from resolvers.common.context import Context, Viewer
from resolvers.common.errors import AssuranceTooLow, Refusal, ScopeMissing, Unauthenticated
from resolvers.common.nodes import Fetch
from resolvers.common.values import public_enum

EVERYTHING = "person"
"""The scope of an app that may do for a person all that the person may; others are named after a domain."""
_ON = [Location.OBJECT, Location.FIELD_DEFINITION]

public_enum(
    Assurance,
    "How surely the login service knows a person, after eIDAS; each level includes those before it.",
    {
        "LOW": "The person says who they are.",
        "SUBSTANTIAL": "Two factors, and a proof of identity that was checked.",
        "HIGH": "A means that was handed over in person, such as an identity card with a chip.",
    },
)


@strawberry.schema_directive(
    locations=_ON,
    name="authenticated",
    description="Somebody must be logged in; else the error UNAUTHENTICATED. On a type: for each of its fields.",
)
class Authenticated:
    """The schema's `@authenticated`."""


@strawberry.schema_directive(
    locations=_ON,
    name="requiresScopes",
    description="The token must have all scopes of one of the lists; else the error SCOPE_MISSING.",
)
class RequiresScopes:
    """The schema's `@requiresScopes`."""

    scopes: list[list[str]] = strawberry.directive_field(name="scopes")


@strawberry.schema_directive(
    locations=_ON,
    name="requiresAssurance",
    description="The person must be logged in with this level of assurance or a higher one; else ASSURANCE_TOO_LOW.",
)
class RequiresAssurance:
    """The schema's `@requiresAssurance`."""

    level: Assurance = strawberry.directive_field(name="level")


@strawberry.schema_directive(
    locations=_ON,
    name="ownedByViewer",
    description="Only what belongs to the person who is logged in, or for whom the viewer acts, is ever read; what "
    "belongs to others is as if it were not there. Includes @authenticated.",
)
class OwnedByViewer:
    """The schema's `@ownedByViewer`; held by `adapters.runtime.ownership` at the door to the departments."""


_DEMANDS = (Authenticated, RequiresScopes, RequiresAssurance, OwnedByViewer)


@dataclass(frozen=True, slots=True)
class Permission:
    """What several directives together demand: each of `scopes` is met by all scopes of one of its lists."""

    scopes: frozenset[tuple[frozenset[str], ...]] = frozenset()
    assurance: Assurance | None = None

    def refusal(self, context: Context) -> Refusal | None:
        """Why who asks may not have it. Notes that the answer depends on who asks."""
        context.uses.personal = True
        return self.refusal_of(context.viewer)

    def refusal_of(self, viewer: Viewer | None) -> Refusal | None:
        """The same for a person, or for nobody."""
        if viewer is None:
            return Unauthenticated()
        for alternatives in sorted(self.scopes, key=repr):
            if not any(one <= viewer.scopes for one in alternatives):
                return ScopeMissing(alternatives)
        if self.assurance is not None and (viewer.assurance or 0) < self.assurance:
            return AssuranceTooLow(self.assurance)
        return None

    def require(self, context: Context) -> Viewer:
        """The person, who may have it. Raises: Unauthenticated, ScopeMissing, AssuranceTooLow."""
        refusal = self.refusal(context)
        if refusal is not None:
            raise refusal
        return context.require_viewer()


def permission_of(directives: Iterable[object]) -> Permission | None:
    """What these directives demand together; None when they demand nothing."""
    demands = [one for one in directives if isinstance(one, _DEMANDS)]
    if not demands:
        return None
    levels = [one.level for one in demands if isinstance(one, RequiresAssurance)]
    scopes = [tuple(map(frozenset, one.scopes)) for one in demands if isinstance(one, RequiresScopes)]
    return Permission(frozenset(scopes), max(levels, default=None))


def own(domain: str, *, assurance: Assurance | None = None) -> Sequence[object]:
    """The directives of what a person has in a domain, which is also the name of its scope."""
    level = [RequiresAssurance(level=assurance)] if assurance else []
    return (Authenticated(), RequiresScopes(scopes=[[EVERYTHING], [domain]]), *level, OwnedByViewer())


@dataclass(frozen=True)
class OwnNode:
    """Finds an object by its id for those who may have it where it is listed."""

    permission: Permission
    fetch: Fetch

    async def __call__(self, context: Context, local: str, selected: FieldSet) -> Any:
        """The record. Raises: as `Permission.require`, and what the fetch raises."""
        self.permission.require(context)
        return await self.fetch(context, local, selected)


def own_node(directives: Iterable[object], fetch: Fetch) -> OwnNode:
    """A fetch behind these directives. Raises: ValueError when they demand nothing."""
    return OwnNode(own_permission(directives), fetch)


def own_permission(directives: Iterable[object]) -> Permission:
    """What these directives demand together. Raises: ValueError when that is nothing."""
    permission = permission_of(directives)
    if permission is None:
        raise ValueError("the directives demand nothing: what is public needs no permission")
    return permission
