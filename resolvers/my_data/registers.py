"""What the registers themselves have noted about uses of a person's data: each its own log, and its own failure."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import strawberry
from strawberry import Parent

from adapters.contract.ports import usage as contract
from resolvers.common import sensitivity
from resolvers.common.calls import asks
from resolvers.common.context import Info
from resolvers.common.own import own_page, selecting
from resolvers.common.pages import After, Before, Connection, First, Last, Page, Window
from resolvers.common.selection import LISTED, personal_fields, selected_fields
from resolvers.my_data.usage import OWN, title_of


class _Log(NamedTuple):
    """A register and its log."""

    department: str
    port: contract.RegisterLogs


@strawberry.type(
    description="A use of the person's data as a register has noted it, in the register's own words.", directives=OWN
)
class RegisterUse:
    """Describes `contract.RegisterUse`."""

    logged_at: datetime = strawberry.field(description="When.")
    action: str | None = strawberry.field(
        directives=sensitivity.WORDS, description="What was done, or what for; null where the register does not say."
    )
    receiver_code: str | None = strawberry.field(
        description="The organisation that got the data, by the code that the register knows it by."
    )
    receiver_name: str | None = strawberry.field(description="What that organisation is called.")
    receiver_system: str | None = strawberry.field(
        directives=sensitivity.IDENTIFIER,
        description="The information system or the user that asked in the organisation's name.",
    )


def _title(root: Parent[_Log], info: Info) -> str:
    return title_of(root.department, info.context)


async def _uses(
    root: Parent[_Log],
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Page:
    fields = personal_fields(selected_fields(info), contract.RegisterUse, *LISTED)
    return await own_page(info.context, selecting(root.port.of_person, fields), Window(first, after, last, before))


@strawberry.type(description="A register's own log of uses of the person's data.", directives=OWN)
class RegisterLog:
    """Describes `_Log`."""

    department: str = strawberry.field(description="The register's department by name, as in `departments`.")
    department_title = strawberry.field(
        resolver=_title, graphql_type=str, description="The department's name in the caller's language."
    )
    uses = strawberry.field(
        resolver=_uses,
        graphql_type=Connection[RegisterUse] | None,
        directives=OWN,
        description=f"What the register has noted about the person, newest first: the last {contract.MOST_ENTRIES}. "
        "Null with an error of its own where this register does not answer.",
    )


def _register_logs(info: Info) -> list[_Log]:
    info.context.require_viewer()
    return [_Log(department, port) for department, port in info.context.city.each(contract.RegisterLogs).items()]


@strawberry.type
class Viewer:
    """What a person has."""

    register_logs = strawberry.field(
        resolver=_register_logs,
        graphql_type=list[RegisterLog] | None,
        directives=OWN,
        description="Who used the person's data in the registers themselves, whether through this gateway or not: one "
        "log for each department that keeps one.",
    )


CALLS = {"RegisterLog.uses": asks("usage.of_person")}
