"""Departments: who stands behind the gateway."""

from __future__ import annotations

import strawberry
from strawberry import Parent

from adapters.contract import city as contract
from resolvers.common.context import Info


def _title(root: Parent[contract.DepartmentInfo], info: Info) -> str:
    return root.title_zh if info.context.locale == "zh-CN" else root.title_en


@strawberry.type(description="A department of the city.")
class Department:
    """Describes `contract.DepartmentInfo`."""

    name: str = strawberry.field(description="The department's stable name, as errors and sources use it.")
    title = strawberry.field(
        resolver=_title, graphql_type=str, description="The department's name in the caller's language."
    )
    protocol: str = strawberry.field(description="What its back office speaks.")
    operations: list[str] = strawberry.field(description="What it provides, as `port.operation`.")
    phone: str | None = strawberry.field(description="Where to call when the gateway cannot reach it.")
    office: str | None = strawberry.field(description="Where to go when the gateway cannot reach it.")


def _departments(info: Info) -> tuple[contract.DepartmentInfo, ...]:
    return info.context.city.departments()


@strawberry.type
class Query:
    """What everybody may see."""

    departments = strawberry.field(
        resolver=_departments, graphql_type=list[Department], description="The departments behind this endpoint."
    )
