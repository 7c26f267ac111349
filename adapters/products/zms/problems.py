"""What a person can mend when the citizen API refuses an order, in words of our own: the API has English only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from adapters.contract.errors import Problem


class Mendable(NamedTuple):
    """A stable code, the field of the port's order that it is about, and the words for a person."""

    code: str
    field: str
    en: str
    zh: str

    def problem(self, locale: str) -> Problem:
        """The problem in the caller's language."""
        return Problem(code=self.code, message=self.zh if locale == "zh-CN" else self.en, path=(self.field,))


_TAKEN = Mendable("SLOT_TAKEN", "starts_at", "This time has just been taken.", "该时段刚被预约。")
_EXPIRED = Mendable(
    "HOLD_EXPIRED",
    "appointment_id",
    "The time to confirm has run out; please choose a time again.",
    "确认时间已过，请重新选择时段。",
)
_TOO_MANY = Mendable(
    "TOO_MANY_APPOINTMENTS",
    "email",
    "There are already as many appointments with this e-mail address as are allowed; cancel one first.",
    "该邮箱的预约数量已达上限，请先取消一个预约。",
)
_TOO_LONG = Mendable(
    "TOO_MANY_SERVICES", "service_ids", "These are more services than one appointment can take.", "一次预约的事项过多。"
)
_NOT_THERE = Mendable(
    "SERVICE_NOT_AT_OFFICE", "service_ids", "The office does not offer these services.", "该办事点不办理所选事项。"
)
_OFFICE = Mendable("UNKNOWN_OFFICE", "office_id", "There is no such office.", "办事点不存在。")
_SERVICE = Mendable("UNKNOWN_SERVICE", "service_ids", "There is no such service.", "事项不存在。")
_NO_SERVICE = Mendable("SERVICE_MISSING", "service_ids", "Choose at least one service.", "请至少选择一个事项。")
_TIME = Mendable("INVALID_TIME", "starts_at", "The time must lie in the future.", "时段必须晚于当前时间。")
_FIRST = Mendable("INVALID_DATE_RANGE", "first_day", "The first day is not a date.", "开始日期无效。")
_LAST = Mendable("INVALID_DATE_RANGE", "last_day", "The last day is not a date.", "结束日期无效。")
_ORDER = Mendable("INVALID_DATE_RANGE", "last_day", "The last day is before the first.", "结束日期早于开始日期。")
_SPAN = Mendable("INVALID_DATE_RANGE", "last_day", "The days lie too far apart.", "日期范围过大。")
_NAME = Mendable("INVALID_NAME", "name", "Please give a name.", "请填写姓名。")
_EMAIL = Mendable("INVALID_EMAIL", "email", "The office needs a valid e-mail address.", "请填写有效的邮箱地址。")
_PHONE = Mendable(
    "INVALID_PHONE", "phone", "The telephone number needs 7 to 15 digits.", "请填写7至15位数字的电话号码。"
)
_TOO_LATE = Mendable(
    "TOO_LATE", "appointment_id", "It is too late to give this appointment back.", "预约已开始，无法取消。"
)

MENDABLE: Mapping[str, Mendable] = {
    "appointmentNotAvailable": _TAKEN,
    "processNotReservedAnymore": _EXPIRED,
    "processNotPreconfirmedAnymore": _EXPIRED,
    "preconfirmationExpired": _EXPIRED,
    "tooManyAppointmentsWithSameMail": _TOO_MANY,
    "tooManySlotsPerAppointment": _TOO_LONG,
    "tooManyServicesPerAppointment": _TOO_LONG,
    "invalidServiceCount": _TOO_LONG,
    "invalidLocationAndServiceCombination": _NOT_THERE,
    "invalidOfficeId": _OFFICE,
    "providerNotFound": _OFFICE,
    "invalidServiceId": _SERVICE,
    "requestNotFound": _SERVICE,
    "EMPTY_SERVICE_ARRAYS": _NO_SERVICE,
    "invalidTimestamp": _TIME,
    "invalidStartDate": _FIRST,
    "invalidEndDate": _LAST,
    "startDateAfterEndDate": _ORDER,
    "invalidDateRange": _SPAN,
    "dateRangeTooLarge": _SPAN,
    "invalidFamilyName": _NAME,
    "invalidEmail": _EMAIL,
    "emailIsRequired": _EMAIL,
    "invalidTelephone": _PHONE,
    "telephoneIsRequired": _PHONE,
    "appointmentCanNotBeCanceled": _TOO_LATE,
    "processAlreadyCalled": _TOO_LATE,
}
