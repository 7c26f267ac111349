"""What a resolver knows of the running request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from adapters.contract.city import City, Uses
from adapters.contract.errors import AdapterError
from adapters.contract.records import PersonId
from adapters.contract.usage import Usages
from resolvers.common.assurance import Assurance
from resolvers.common.errors import Unauthenticated

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person whom a request is about: who asks, or for whom somebody acts.

    `scopes` and `assurance` say what may be done and how surely the login service knows who asks. `actor` is who acts
    when that is somebody else, and `basis` on what ground.
    `client` is the app that the token was given to.
    `audience` is all that an answer depends on of it: an answer is kept for those with an equal one alone.
    """

    id: PersonId
    name: str | None = None
    scopes: frozenset[str] = frozenset()
    assurance: Assurance | None = None
    actor: PersonId | None = None
    basis: str | None = None
    client: str | None = None
    audience: tuple[str | None, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        level = self.assurance.name if self.assurance else None
        audience = (self.id, self.actor, self.basis, level, *sorted(self.scopes))
        object.__setattr__(self, "audience", audience)  # once for each token that is verified


@dataclass
class Context:
    """One request: the city's ports, the person who asks, the language (`zh-CN` or `en`).

    `uses` notes what the answer is made of. Who asks is learnt through `require_viewer` alone, so that it is noted.
    `usages` is the access log. `on_behalf_of` is the id of the mandate on which `viewer` is another than who asks;
    `denied` says why there is none.
    """

    city: City
    viewer: Viewer | None
    locale: str
    uses: Uses = field(default_factory=Uses, repr=False)
    usages: Usages | None = None
    on_behalf_of: str | None = None
    denied: Exception | None = field(default=None, repr=False)
    loaders: dict[str, DataLoader[Any, Any]] = field(default_factory=dict, repr=False)
    ahead: dict[str, dict[Any, Any]] = field(default_factory=dict, repr=False)

    def require_viewer(self) -> Viewer:
        """The person who asks. Raises: Unauthenticated when nobody is logged in."""
        self.uses.personal = True
        if self.viewer is None:
            raise Unauthenticated
        return self.viewer

    async def load(self, name: str, read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], key: K) -> V | None:
        """One key's record of a read that all objects of a level share: `read` is called once, with all keys.

        `name` tells reads apart within the request. Raises: what `read` raises.
        """
        if name not in self.loaders:
            self.loaders[name] = DataLoader(load_fn=_in_order(read))
        record: V | None = await self.loaders[name].load(key)
        return record

    async def read_ahead(
        self, name: str, read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], keys: Sequence[K]
    ) -> None:
        """Read for a whole list what each of its rows finds in `ahead[name]`, and hands out as `taken`.

        A failure is not raised here: it is each row's own.
        """
        if not keys:
            return
        try:
            found: Mapping[K, Any] = await read(keys)
        except AdapterError as exc:
            found = dict.fromkeys(keys, exc)
        self.ahead.setdefault(name, {}).update({key: found.get(key) for key in keys})


def taken(found: Any) -> Any:
    """A row's part of what was read ahead. Raises: what the read raised."""
    if isinstance(found, AdapterError):
        raise found
    return found


def _in_order(
    read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]],
) -> Callable[[list[K]], Awaitable[Sequence[V | BaseException]]]:
    async def load(keys: list[K]) -> Sequence[Any]:
        found = await read(keys)
        return [found.get(key) for key in keys]

    return load


Info = strawberry.Info[Context, None]
