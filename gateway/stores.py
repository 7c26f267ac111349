"""What the settings' store holds beside records and answers, and what an operator does to it.

With `gateway.wiring` and `gateway.departments`, the only one that constructs with `adapters.runtime`.
"""

from __future__ import annotations

from adapters.contract.yaml_file import Misconfigured
from adapters.runtime.allowances import allowances_at
from adapters.runtime.erasure import Erased, NotErased
from adapters.runtime.erasure import erase as erase_everywhere
from adapters.runtime.sharing import digest
from adapters.runtime.shelf import Shelf
from adapters.runtime.store import (
    FOR_ALL,
    Store,
    StoreUnavailable,
    check_store,
    is_shared,
    open_sealed,
    open_store,
    sealer_at,
)
from gateway.rates import RateLimits
from gateway.revocations import Kind, NotKept, Revocations
from gateway.secrets import secret_of
from gateway.settings import Settings
from gateway.trust import trust_of

REVOCATIONS = f"{FOR_ALL}revocations"
"""The list's key in the store."""
ERASURE_FAILURES = (NotErased, StoreUnavailable)
"""What `erase` raises when it may not have reached everything."""


def open_store_of(settings: Settings) -> Store:
    """The store that the settings name, sealed. Raises: BadStoreUrl, BadKeys, OptionError."""
    return open_sealed(settings.gateway.store, _keys(settings))


def check_store_of(settings: Settings) -> Store:
    """A store in memory, once `open_store_of` would not refuse. Raises: what it raises."""
    check_store(settings.gateway.store, _keys(settings))
    return open_store("memory://")


def _keys(settings: Settings) -> list[str]:
    return [secret_of("store_keys", reference) for reference in settings.gateway.store_keys or ()]


async def revoke(settings: Settings, kind: Kind, value: str) -> None:
    """Revoke a token by its `jti`, or all that a person (`sub`) has now, in every process on the same store.

    Raises: Misconfigured for a store that no other process sees; TooManyRevocations; NotKept.
    """
    if not is_shared(settings.gateway.store):
        raise Misconfigured("store is memory://, which no other process sees: revoking needs sqlite:// or redis://")
    store = open_store_of(settings)
    trust = trust_of(settings.gateway.identity)
    try:
        lifetime = trust.lifetime + 2 * trust.leeway
        await revocations_in(store).revoke(kind, value, lifetime=lifetime)
    except StoreUnavailable as exc:
        raise NotKept(f"the store does not answer: {exc}") from exc
    finally:
        await store.aclose()


async def erase(settings: Settings, subject: str) -> Erased:
    """Remove what is kept about a person (`sub`), from the store and from the memory of every gateway on it.

    Raises: Misconfigured for a store that no other process sees; StoreUnavailable; NotErased.
    """
    if not is_shared(settings.gateway.store):
        raise Misconfigured(
            "store is memory://, which no other process sees: restart the gateway, and all of it is gone"
        )
    store = open_store_of(settings)
    try:
        return await erase_everywhere(store, subject)
    finally:
        await store.aclose()


def revocations_in(store: Store) -> Revocations:
    """The list of revocations that a store keeps."""
    return Revocations(Shelf(store, REVOCATIONS), lambda kind, value: digest("revoked", kind, value))


def limits_of(settings: Settings) -> RateLimits:
    """The rates that the settings name, with buckets beside the store. Raises: BadStoreUrl, BadKeys, OptionError."""
    rates = settings.gateway.graphql.rates
    sealer = sealer_at(settings.gateway.store, _keys(settings))
    return RateLimits(allowances_at(settings.gateway.store, rates.policies(), sealer), rates.proxies)
