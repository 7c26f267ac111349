"""Complaints: categories, a person's complaints with each step, and filing one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from adapters.contract.filings import Filing as FilingRecord
from adapters.contract.operations import FieldSet
from adapters.contract.ports import complaints as contract
from adapters.contract.ports.services import Catalogue
from adapters.contract.records import GeoPoint as GeoPointRecord
from resolvers.common import sensitivity
from resolvers.common.calls import asks, asks_once
from resolvers.common.context import Context, Info, taken
from resolvers.common.filings import FIELD, Filing
from resolvers.common.inputs import GeoPointInput, Order, point
from resolvers.common.levels import at_once, found_ahead, ids
from resolvers.common.nodes import Node, describes, global_id
from resolvers.common.own import own_page, own_record, selecting
from resolvers.common.pages import After, Before, Connection, First, Last, Page, Window
from resolvers.common.permissions import own, own_node, own_permission
from resolvers.common.problems import Attempted, Problem, Problems, attempt
from resolvers.common.selection import LISTED, personal_fields, selected_fields, selects
from resolvers.common.values import GeoPoint, public_enum

UPDATES, OWN = "complaints.updates", own("complaints")
MOST_PHOTOS, MOST_ATTRIBUTES = 9, 50
FILING = own_permission(OWN)

public_enum(
    contract.ComplaintState,
    "Where a complaint stands, and who acts next.",
    {
        "RECEIVED": "The hotline has it and will look at it.",
        "INVESTIGATING": "Somebody is looking into it.",
        "IN_PROGRESS": "The body that is competent is at work.",
        "PLANNED": "The work is planned for a later time.",
        "REFERRED": "It was passed on to another body, which acts next.",
        "FIXED": "The cause is gone.",
        "CLOSED": "It has ended; the note says how.",
        "DUPLICATE": "Somebody else's complaint stands for it.",
        "REFUSED": "The city is not competent, or will not act; the note says why.",
        "CANCELLED": "It was taken back.",
    },
)


@at_once(ids("ComplaintCategory", "code"))
def _category_id(root: Parent[contract.ComplaintCategory]) -> strawberry.ID:
    return global_id("ComplaintCategory", root.code)


@describes(contract.ComplaintCategory)
@strawberry.type(description="A kind of complaint.")
class ComplaintCategory(Node):
    """Describes `contract.ComplaintCategory`."""

    id: strawberry.ID = strawberry.field(resolver=_category_id, description="The category's id.")
    code: str = strawberry.field(description="The hotline's code, as `fileComplaint` takes it.")
    name: str = strawberry.field(description="The category's name in the caller's language.")
    description: str | None = strawberry.field(description="What belongs to it.")
    group: str | None = strawberry.field(description="The group under which a list shows it.")


@strawberry.type(description="One step in a complaint's life.")
class ComplaintUpdate:
    """Describes `contract.ComplaintUpdate`."""

    state: contract.ComplaintState | None = strawberry.field(description="The state that it led to.")
    at: datetime = strawberry.field(description="When it was taken.")
    text: str | None = strawberry.field(directives=sensitivity.WORDS, description="What was said about it.")


@at_once(ids("Complaint"))
def _id(root: Parent[contract.Complaint]) -> strawberry.ID:
    return global_id("Complaint", root.id)


@at_once(found_ahead(UPDATES, "id"))
def _updates(root: Parent[contract.Complaint], info: Info) -> Any:
    context = info.context
    ahead = context.ahead.get(UPDATES)
    if ahead is not None and root.id in ahead:
        return taken(ahead[root.id])
    return context.load(UPDATES, context.city.port(contract.Complaints).updates, root.id)


@describes(contract.Complaint)
@strawberry.type(description="A complaint as the hotline has it.")
class Complaint(Node):
    """Describes `contract.Complaint`."""

    id: strawberry.ID = strawberry.field(
        resolver=_id, directives=sensitivity.IDENTIFIER, description="The complaint's id."
    )
    tracking_number: str | None = strawberry.field(
        directives=sensitivity.IDENTIFIER,
        description="The public number; null while the hotline has only taken the complaint and its number is to come.",
    )
    category_code: str = strawberry.field(description="The category's code.")
    category_name: str = strawberry.field(description="The category's name.")
    state: contract.ComplaintState = strawberry.field(description="Where it stands.")
    state_note: str | None = strawberry.field(directives=sensitivity.WORDS, description="Why it stands there.")
    description: str | None = strawberry.field(directives=sensitivity.WORDS, description="What the person wrote.")
    filed_at: datetime | None = strawberry.field(description="When it was filed.")
    updated_at: datetime | None = strawberry.field(description="When it last changed.")
    expected_at: datetime | None = strawberry.field(description="By when the body that has it means to act.")
    awaiting: str | None = strawberry.field(description="The body that acts next.")
    address: str | None = strawberry.field(directives=sensitivity.ADDRESS, description="Where it is about.")
    location: GeoPoint | None = strawberry.field(
        directives=sensitivity.ADDRESS, description="Where it is about, on a map."
    )
    photo_url: str | None = strawberry.field(directives=sensitivity.DOCUMENT, description="A photo.")
    updates = strawberry.field(
        resolver=_updates, graphql_type=list[ComplaintUpdate] | None, description="Each step, oldest first."
    )


async def _categories(info: Info) -> tuple[contract.ComplaintCategory, ...]:
    return await categories(info.context)


async def categories(context: Context) -> tuple[contract.ComplaintCategory, ...]:
    """Everything that can be complained of."""
    listed = await context.load("complaints.categories", context.city.port(contract.Complaints).categories, Catalogue())
    return listed or ()


@strawberry.type
class Query:
    """What everybody may see."""

    complaint_categories = strawberry.field(
        resolver=_categories, graphql_type=list[ComplaintCategory] | None, description="What can be complained of."
    )


async def _complaints(
    info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
) -> Page:
    port = info.context.city.port(contract.Complaints)
    fields = personal_fields(selected_fields(info), contract.Complaint, *LISTED)
    page = await own_page(info.context, selecting(port.of_person, fields), Window(first, after, last, before))
    if selects(info, "nodes.updates", "edges.node.updates"):
        await info.context.read_ahead(UPDATES, port.updates, [complaint.id for complaint in page.nodes])
    return page


@strawberry.type
class Viewer:
    """What a person has."""

    complaints = strawberry.field(
        resolver=_complaints,
        graphql_type=Connection[Complaint] | None,
        directives=OWN,
        description="The person's complaints, newest first.",
    )


@strawberry.input(description="An answer to a question that a category asks.")
class ComplaintAttributeInput:
    """Part of `fileComplaint`'s input."""

    code: str = strawberry.field(description="The question's code, as a problem's path names it.")
    value: str = strawberry.field(directives=sensitivity.WORDS, description="The answer, up to 1000 characters.")


@strawberry.input(description="What is wrong, and where: a location or an address, or both.")
class FileComplaintInput(Order):
    """Input of `fileComplaint`."""

    category_code: str = strawberry.field(description="A `ComplaintCategory`'s code.")
    description: str = strawberry.field(
        directives=sensitivity.WORDS, description="What is wrong, 5 to 4000 characters."
    )
    location: GeoPointInput | None = strawberry.field(
        directives=sensitivity.ADDRESS, default=None, description="Where, on a map."
    )
    address: str | None = strawberry.field(directives=sensitivity.ADDRESS, default=None, description="Where, in words.")
    attributes: list[ComplaintAttributeInput] = strawberry.field(
        directives=sensitivity.WORDS,
        default_factory=list,
        description="Answers to the category's questions, at most 50.",
    )
    photo_urls: list[str] = strawberry.field(
        directives=sensitivity.DOCUMENT, default_factory=list, description="At most nine photos, uploaded before."
    )
    anonymous: bool = strawberry.field(
        default=False, description="File without a name. The complaint then appears in nobody's list."
    )
    phone: str | None = strawberry.field(
        directives=sensitivity.CONTACT, default=None, description="How the hotline reaches the person."
    )


@strawberry.type(description="The complaint, or what to mend.")
class FileComplaintPayload:
    """What `fileComplaint` answers."""

    complaint: contract.Complaint | None = strawberry.field(
        graphql_type=Complaint | None, description="The complaint as the hotline took it."
    )
    filing: FilingRecord | None = strawberry.field(graphql_type=Filing | None, description=FIELD)
    problems: list[Problem] = strawberry.field(description="What the person can mend; empty when it worked.")
    client_mutation_id: str | None = strawberry.field(
        directives=sensitivity.WORDS, description="The input's `clientMutationId`."
    )


FileInput = Annotated[FileComplaintInput, strawberry.argument(description="The order.")]


async def _file(info: Info, input: FileInput) -> FileComplaintPayload:  # noqa: A002  # GraphQL's word
    viewer = None if input.anonymous else FILING.require(info.context)
    problems = Problems(info.context.locale)
    order = contract.FileComplaint(
        person=viewer.id if viewer else None,
        category_code=problems.text(input.category_code, "categoryCode", most=64),
        description=problems.text(input.description, "description", least=5, most=4000),
        location=_place(input, problems),
        address=problems.optional_text(input.address, "address", most=255),
        attributes=_attributes(input.attributes, problems),
        photo_urls=_photos(input.photo_urls, problems),
        name=viewer.name if viewer else None,
        phone=problems.optional_text(input.phone, "phone", most=32),
        reference=problems.optional_text(input.idempotency_key, "idempotencyKey", most=64),
    )
    done = Attempted[contract.Complaint]()
    if not problems.found:
        done = await attempt(info.context.city.port(contract.Complaints).file(order), problems)
    return FileComplaintPayload(
        complaint=done.record, filing=done.filing, problems=problems.found, client_mutation_id=input.client_mutation_id
    )


def _place(input: FileComplaintInput, problems: Problems) -> GeoPointRecord | None:  # noqa: A002
    if input.location is None:
        if not (input.address and input.address.strip()):
            problems.add("REQUIRED", "location")
        return None
    return point(input.location, problems, "location")


def _attributes(attributes: list[ComplaintAttributeInput], problems: Problems) -> tuple[tuple[str, str], ...]:
    if len(attributes) > MOST_ATTRIBUTES:
        problems.add("TOO_MANY", "attributes", limit=MOST_ATTRIBUTES)
    return tuple(
        (
            problems.text(one.code, "attributes", str(at), "code", most=100),
            problems.text(one.value, "attributes", str(at), "value", most=1000),
        )
        for at, one in enumerate(attributes[:MOST_ATTRIBUTES])
    )


def _photos(urls: list[str], problems: Problems) -> tuple[str, ...]:
    if len(urls) > MOST_PHOTOS:
        problems.add("TOO_MANY", "photoUrls", limit=MOST_PHOTOS)
    for at, url in enumerate(urls[:MOST_PHOTOS]):
        if not url.startswith(("https://", "http://")) or len(url) > 2000:
            problems.add("INVALID", "photoUrls", str(at))
    return tuple(urls)


@strawberry.type
class Mutation:
    """The domain's orders."""

    file_complaint = strawberry.field(
        resolver=_file, graphql_type=FileComplaintPayload | None, description="File a complaint with the hotline."
    )


async def _own(context: Context, local: str, selected: FieldSet) -> contract.Complaint | None:
    fields = personal_fields(selected, contract.Complaint)
    return await own_record(context, selecting(context.city.port(contract.Complaints).of_person, fields), local)


async def _category_by_id(context: Context, local: str, _selected: FieldSet) -> contract.ComplaintCategory | None:
    return next((one for one in await categories(context) if one.code == local), None)


NODES = {"Complaint": own_node(OWN, _own), "ComplaintCategory": _category_by_id}
CALLS = {
    "Query.complaintCategories": asks_once("complaints.categories"),
    "Viewer.complaints": asks("complaints.of_person"),
    "Complaint.updates": asks(UPDATES),
    "Mutation.fileComplaint": asks("complaints.file"),
}
NODE_CALLS = {"Complaint": asks("complaints.of_person"), "ComplaintCategory": asks_once("complaints.categories")}
