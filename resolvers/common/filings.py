"""How an order stands on its way to a department: part of every mutation's payload, and a person's list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import strawberry
from strawberry import Parent

from adapters.contract import filings as contract
from adapters.contract.filings import FilingStatus
from resolvers.common import sensitivity
from resolvers.common.context import Info
from resolvers.common.nodes import Node, describes, global_id
from resolvers.common.permissions import Authenticated
from resolvers.common.values import public_enum

public_enum(
    FilingStatus,
    "Where an order stands, and who acts next.",
    {
        "PENDING": "The city has it; the department cannot take it now, and is asked again by itself.",
        "DELIVERED": "The department has it and acts next.",
        "REFUSED": "The department did not accept it; the person acts next.",
        "NEEDS_ATTENTION": "The city's staff look after it; nothing is lost.",
        "NOT_DELIVERED": "It did not reach the department and will not; the person may order again.",
    },
)

MESSAGES: Mapping[FilingStatus, Mapping[str, str]] = {
    FilingStatus.PENDING: {
        "en": "We have received this. The department cannot take it right now; we will deliver it as soon as it can.",
        "zh-CN": "我们已收到。该部门暂时无法受理，恢复后我们会立即送达，无需重复提交。",
    },
    FilingStatus.DELIVERED: {"en": "The department has received this.", "zh-CN": "该部门已收到。"},
    FilingStatus.REFUSED: {"en": "The department did not accept this.", "zh-CN": "该部门未接受此请求。"},
    FilingStatus.NEEDS_ATTENTION: {
        "en": "We have received this. Our staff are taking care of it; there is no need to send it again.",
        "zh-CN": "我们已收到，工作人员正在处理，无需重复提交。",
    },
    FilingStatus.NOT_DELIVERED: {
        "en": "This did not reach the department. You may send it again.",
        "zh-CN": "此请求未能送达该部门，您可以重新提交。",
    },
}
"""What a person reads, in both languages."""


def _id(root: Parent[contract.Filing]) -> strawberry.ID:
    return global_id("Filing", root.id)


def _reference(root: Parent[contract.Filing]) -> str:
    return root.id


def _message(root: Parent[contract.Filing], info: Info) -> str:
    texts = MESSAGES[root.status]
    return texts.get(info.context.locale, texts["en"])


@describes(contract.Filing)
@strawberry.type(
    description="An order to a department as the gateway's ledger has it: it is neither lost nor sent twice."
)
class Filing(Node):
    """Describes `contract.Filing`."""

    id: strawberry.ID = strawberry.field(resolver=_id, description="The filing's id.")
    reference: str = strawberry.field(
        resolver=_reference, description="The reference under which the order is known, also on the telephone."
    )
    status: FilingStatus = strawberry.field(description="Where it stands, and who acts next.")
    message: str = strawberry.field(
        resolver=_message, description="The same for the person, in the language of `Accept-Language`."
    )
    department: str = strawberry.field(description="The department's name, as in `departments`.")
    operation: str = strawberry.field(description="What was ordered, such as `complaints.file`.")
    submitted_at: datetime = strawberry.field(description="When the person ordered it.")
    updated_at: datetime = strawberry.field(description="When its status last changed, or was last looked after.")
    next_attempt_at: datetime | None = strawberry.field(
        description="When the department is asked next, at the latest estimate; null unless it is pending."
    )
    department_reference: str | None = strawberry.field(
        directives=sensitivity.IDENTIFIER,
        description="The department's own number, once it has the order and where it gives one.",
    )
    actor: str | None = strawberry.field(
        directives=(Authenticated(), *sensitivity.IDENTIFIER),
        description="Who ordered it on the person's behalf; null when it was the person.",
    )


FIELD = "How the order stands on its way; null when it was not taken because of what must be mended first."
"""The description of a payload's `filing`."""
