"""The building block's state: services, files, decisions."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sandbox.city import City
from sandbox.departments.market_regulation.failures import Refused, bad_request, no_file, no_service
from sandbox.departments.market_regulation.files import File, Status, seeded
from sandbox.departments.market_regulation.forms import INVALID, OUT_OF_RANGE, REQUIRED, Form, Wrong
from sandbox.departments.market_regulation.kinds import KINDS, Kind
from sandbox.departments.market_regulation.published import Published, read_published
from sandbox.records import Text

LONGEST_TITLE = 200
MOST_DOCUMENTS = 20
_NEVER = datetime.min.replace(tzinfo=UTC)


class Block:
    """A Registration building block. With public data it serves those records instead of generated ones."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._published = Published() if city.data is None else read_published(city)
        kinds = self._published.kinds or KINDS
        self.kinds: Mapping[str, Kind] = {kind.id: kind for kind in kinds}
        self.reset()

    def companies_of(self, officer: str, locale: str) -> list[dict[str, object]]:
        """The companies of which a person is an officer, as the register lists them."""
        return [
            {
                "companyId": company.id,
                "name": company.name.get(locale),
                "officerId": officer,
                "role": one.role,
                "signsAlone": one.signs,
                "status": company.status,
            }
            for company in self._city.companies_of(officer)
            for one in company.officers
            if one.person == officer
        ]

    def reset(self) -> None:
        """Back to the seeded state."""
        seed = self._published.files() if self._published.kinds else seeded(self._city, KINDS)
        self._files: dict[str, File] = {file.id: file for file in seed}
        self._by_issue: dict[tuple[str, str, str], str] = {}

    def kind(self, kind_id: str) -> Kind:
        """A service. Raises: Refused."""
        if kind_id not in self.kinds:
            raise no_service()
        return self.kinds[kind_id]

    def form(self, form_id: str) -> Form:
        """A form. Raises: Refused."""
        found = next((kind.form for kind in self.kinds.values() if kind.form.id == form_id), None)
        if found is None:
            raise Refused(404, "EFORM_NOT_FOUND", Text("没有该表单", "Not Found"))
        return found

    def file(self, file_id: str) -> File:
        """A file. Raises: Refused."""
        if file_id not in self._files:
            raise no_file()
        return self._files[file_id]

    def files_of(self, applicant: str | None, query: Mapping[str, str]) -> list[File]:
        """Files by applicant and service, sorted by `created` when asked to, `firstResult`/`maxResult` of them."""
        found = [
            file
            for file in self._files.values()
            if applicant in (None, file.applicant) and query.get("serviceId", file.kind.id) == file.kind.id
        ]
        if query.get("sortBy") == "created":
            found.sort(key=lambda file: file.created or _NEVER, reverse=query.get("sortOrder") == "desc")
        first, most = query.get("firstResult", "0"), query.get("maxResult", str(len(found)))
        if not (first.isdecimal() and most.isdecimal()):
            raise bad_request("firstResult, maxResult")
        return found[int(first) : int(first) + int(most)]

    def submit(self, kind_id: str, body: Mapping[str, Any], issue: str | None) -> File:
        """Opens a file; one with the same issue, applicant and service is answered again. Raises: Refused."""
        kind = self.kind(kind_id)
        self._check(kind, body)
        key = (issue or "", body["applicantId"], kind_id)
        if issue and key in self._by_issue:
            return self._files[self._by_issue[key]]
        now = datetime.now(UTC)
        title = body["applicationName"].strip()
        file = File(
            id=str(uuid4()),
            kind=kind,
            applicant=body["applicantId"],
            title=Text(title, title),
            status=Status.PENDING,
            created=now,
            registered=now,
            data=body["formData"]["data"],
            documents=tuple(body.get("documentUrls", ())),
        )
        self._files[file.id] = file
        self._by_issue[key] = file.id
        return file

    def supplement(self, file_id: str, body: Mapping[str, Any]) -> File:
        """Takes a corrected file in again. Raises: Refused."""
        file = self.file(file_id)
        if file.status is not Status.SENDBACK:
            raise Refused(409, "FILE_NOT_SENT_BACK", Text("该申请未被退回", "The file was not sent back"))
        self._check(file.kind, {**body, "applicantId": file.applicant})
        file.data = body["formData"]["data"]
        file.documents = tuple(body.get("documentUrls", file.documents))
        file.status, file.note = Status.PENDING, None
        return file

    def waiting(self, file_id: str | None) -> list[File]:
        """Files that the bureau has to decide."""
        return [each for each in self._files.values() if each.status is Status.PENDING and file_id in (None, each.id)]

    def decide(self, task_id: str, body: Mapping[str, Any]) -> File:
        """An operator's decision on a waiting file. Raises: Refused."""
        if not self.waiting(task_id):
            raise Refused(404, "TASK_NOT_FOUND", Text("没有该任务", "Task was not found"))
        try:
            status = Status(body["data"]["decision"]["code"])
        except (KeyError, TypeError, ValueError):
            raise bad_request("data.decision.code") from None
        file = self.file(task_id)
        file.status = status
        return file

    def statistics(self) -> list[dict[str, object]]:
        """How many files were processed, and how; then the published figures."""
        count = Counter(file.status for file in self._files.values())
        now: dict[str, object] = {
            "processed": sum(count.values()) - count[Status.PENDING],
            "approved": count[Status.APPROVED],
            "sentBack": count[Status.SENDBACK],
            "rejected": count[Status.REJECTED],
            "references": {},
        }
        return [now, *self._published.statistics]

    def seed_report(self) -> dict[str, object]:
        """What became of the public records."""
        return self._published.report()

    def _check(self, kind: Kind, body: Mapping[str, Any]) -> None:
        found = [*_title_problems(body), *_document_problems(body), *self._applicant_problems(body)]
        form_data = body.get("formData")
        data = form_data.get("data") if isinstance(form_data, dict) else None
        if isinstance(data, dict):
            found += [(f"formData.{code}", wrong) for code, wrong in kind.form.problems(data)]
        else:
            found.append(("formData", REQUIRED))
        if found:
            raise Refused(400, "FORM_INVALID", Text("申请表有误", "The application is not valid"), found)

    def _applicant_problems(self, body: Mapping[str, Any]) -> list[tuple[str, Wrong]]:
        applicant = body.get("applicantId")
        known = isinstance(applicant, str) and (applicant in self._city.persons or applicant in self._city.companies)
        return [] if known else [("applicantId", INVALID)]


def _title_problems(body: Mapping[str, Any]) -> list[tuple[str, Wrong]]:
    title = body.get("applicationName")
    if not isinstance(title, str) or not title.strip():
        return [("applicationName", REQUIRED)]
    return [("applicationName", OUT_OF_RANGE)] if len(title) > LONGEST_TITLE else []


def _document_problems(body: Mapping[str, Any]) -> list[tuple[str, Wrong]]:
    urls = body.get("documentUrls", [])
    if not isinstance(urls, list) or len(urls) > MOST_DOCUMENTS:
        return [("documentUrls", OUT_OF_RANGE)]
    fit = all(isinstance(url, str) and url.startswith("https://") for url in urls)
    return [] if fit else [("documentUrls", INVALID)]
