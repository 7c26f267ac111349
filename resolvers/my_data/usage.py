"""Who used a person's data through this gateway, as its own access log has it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry
from strawberry import Parent

from adapters.contract import usage as contract
from adapters.contract.manifest import Title
from resolvers.common import sensitivity
from resolvers.common.context import Context, Info
from resolvers.common.errors import InvalidPage, UsageNotReadable
from resolvers.common.pages import After, Before, Connection, First, Last, Page, Window, uncursor
from resolvers.common.permissions import own
from resolvers.common.values import public_enum

OWN = own("usage")

public_enum(
    contract.UseKind,
    "What was done with a person's data.",
    {
        "READ": "It was shown.",
        "ORDER": "It was sent to a department with an order of the person.",
        "CHECK": "It was looked up to tell for whom the person may act.",
    },
)


public_enum(
    contract.UseBasis,
    "On what ground a person's data was used.",
    {
        "SELF": "The person did it.",
        "OFFICER": "Who did it signs for the company alone, as the company register has it.",
        "PARENT": "Who did it is a parent of the child, as the civil register has it.",
        "ISSUER": "The login service vouches for who did it.",
    },
)


def _title(titles: Mapping[str, Title], code: str, context: Context) -> str:
    title = titles.get(code)
    if title is None:
        return code
    return title.zh_cn if context.locale == "zh-CN" else title.en


def title_of(department: str, context: Context) -> str:
    """What a department is called in the caller's language."""
    titles = {one.name: Title(en=one.title_en, zh_cn=one.title_zh) for one in context.city.departments()}
    return _title(titles, department, context)


def _department_title(root: Parent[contract.UsedData], info: Info) -> str:
    return title_of(root.department, info.context)


@strawberry.type(description="What was used of one department's data.", directives=OWN)
class UsedData:
    """Describes `contract.UsedData`."""

    department: str = strawberry.field(description="The department's name, as in `departments`.")
    department_title = strawberry.field(
        resolver=_department_title, graphql_type=str, description="The department's name in the caller's language."
    )
    operations: list[str] = strawberry.field(description="What the department was asked, as in `departments`.")
    fields: list[str] = strawberry.field(
        description="Which fields, as `Type.field` of this schema; or the operation, where nothing of it was shown."
    )
    cached: bool = strawberry.field(
        description="True when the gateway had kept all of it and the department was not asked anew."
    )


@strawberry.type(description="For what a person's data was used.", directives=OWN)
class UsePurpose:
    """A purpose in the caller's language."""

    code: str = strawberry.field(description="The purpose's stable code.")
    title: str = strawberry.field(description="What it is called, in the caller's language.")


def _kind(root: Parent[contract.Usage]) -> Any:
    return root.what.kind


def _basis(root: Parent[contract.Usage]) -> contract.UseBasis:
    return contract.UseBasis(root.what.basis)


def _operation(root: Parent[contract.Usage]) -> str | None:
    return root.what.operation


def _data(root: Parent[contract.Usage]) -> Any:
    return root.what.data


def _purpose(root: Parent[contract.Usage], info: Info) -> UsePurpose:
    usages = info.context.usages
    titles = usages.purposes if usages else {}
    return UsePurpose(code=root.what.purpose, title=_title(titles, root.what.purpose, info.context))


@strawberry.type(
    description="A use of the person's data, or the same one several times within a moment.", directives=OWN
)
class DataUse:
    """Describes `contract.Usage`."""

    began_at: datetime = strawberry.field(description="When.")
    ended_at: datetime = strawberry.field(description="When it was repeated last; the same time where it was not.")
    times: int = strawberry.field(description="How often.")
    kind = strawberry.field(resolver=_kind, graphql_type=contract.UseKind, description="What was done.")
    actor: str | None = strawberry.field(
        directives=sensitivity.IDENTIFIER, description="Who did it, by identity number; null for the person."
    )
    basis = strawberry.field(
        resolver=_basis,
        graphql_type=contract.UseBasis,
        description="On what ground.",
    )
    client: str | None = strawberry.field(description="The app's name at the login service, where that tells it.")
    purpose = strawberry.field(resolver=_purpose, graphql_type=UsePurpose, description="For what.")
    operation = strawberry.field(
        resolver=_operation, graphql_type=str | None, description="What the app calls the operation."
    )
    data = strawberry.field(resolver=_data, graphql_type=list[UsedData], description="Which data, by department.")
    trace_ids: list[str] = strawberry.field(description="The requests' trace ids, for questions to the city.")


async def _data_usage(
    info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
) -> Page:
    context = info.context
    person = context.require_viewer().id
    context.uses.keep = False
    window = Window(first, after, last, before)
    if context.usages is None:
        raise UsageNotReadable
    try:
        found = await context.usages.log.of_person(
            person,
            most=window.size,
            older_than=uncursor(after),
            newer_than=uncursor(before),
            oldest_first=last is not None,
        )
    except ValueError as exc:
        raise InvalidPage("after or before is a cursor that is not in the list") from exc
    except contract.UsageUnavailable as exc:
        raise UsageNotReadable from exc
    return Page(found.entries, found.newer, found.total, lambda one: one.id, None)


@strawberry.type
class Viewer:
    """What a person has."""

    data_usage = strawberry.field(
        resolver=_data_usage,
        graphql_type=Connection[DataUse] | None,
        directives=OWN,
        description="Who used the person's data through this gateway, newest first, also from a cache.",
    )
