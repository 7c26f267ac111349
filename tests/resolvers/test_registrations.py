"""Registrations: the kinds of a whole list are read once, and each file finds its own."""

from __future__ import annotations

import pytest

from adapters.contract.errors import TimedOut
from adapters.contract.ports.registrations import Registration, RegistrationKind, RegistrationState
from adapters.contract.ports.services import Catalogue
from resolvers.common.nodes import global_id
from tests.resolvers.city import FakeCity, ask, fixed

LIST = (
    "query ($wanted: Boolean = true) { viewer { registrations { nodes { id kind @include(if: $wanted) { name } } } } }"
)


def file(number: int, kind: str) -> Registration:
    return Registration(
        id=f"f{number}",
        kind_id=kind,
        kind_name=kind.upper(),
        title=None,
        state=RegistrationState.PENDING,
        created_at=None,
        registered_at=None,
        message=None,
        handled_by=None,
        document_urls=(),
    )


class Hall:
    of_person = fixed((file(0, "a"), file(1, "b"), file(2, "gone"), file(3, "a")))

    async def kinds(self, catalogues):
        assert list(catalogues) == [Catalogue()]
        return {Catalogue(): tuple(RegistrationKind(id=one, name=one, description=None, form_id=None) for one in "ab")}


async def test_each_file_has_its_kind_and_the_kinds_are_read_once() -> None:
    city = FakeCity(registrations=Hall())
    result = await ask(city, LIST)
    assert result.errors is None
    kinds = [node["kind"] for node in result.data["viewer"]["registrations"]["nodes"]]
    assert kinds == [{"name": "a"}, {"name": "b"}, None, {"name": "a"}]
    assert city.calls == {"registrations.of_person": 1, "registrations.kinds": 1}


async def test_kinds_that_are_skipped_are_not_read() -> None:
    city = FakeCity(registrations=Hall())
    assert (await ask(city, LIST, wanted=False)).errors is None
    assert city.calls == {"registrations.of_person": 1}


async def test_nobody_asks_for_the_kinds_of_no_files() -> None:
    class Empty(Hall):
        of_person = fixed(())

    city = FakeCity(registrations=Empty())
    assert (await ask(city, LIST)).errors is None
    assert city.calls == {"registrations.of_person": 1}


async def test_when_the_kinds_cannot_be_read_each_file_says_so() -> None:
    class Silent(Hall):
        async def kinds(self, catalogues):
            raise TimedOut("no answer")

    result = await ask(FakeCity(registrations=Silent()), LIST)
    assert [error.path[-2:] for error in result.errors] == [[at, "kind"] for at in range(4)]


@pytest.mark.parametrize("listed", ["", "registrationKinds { id }"])
async def test_one_file_s_kind_is_read_without_a_list(listed: str) -> None:
    document = f"query ($id: ID!) {{ node(id: $id) {{ ... on Registration {{ kind {{ name }} }} }} {listed} }}"
    city = FakeCity(registrations=Hall())
    result = await ask(city, document, id=global_id("Registration", "f1"))
    assert result.data["node"] == {"kind": {"name": "b"}}
    assert city.calls == {"registrations.of_person": 1, "registrations.kinds": 1}
