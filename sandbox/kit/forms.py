"""Reads `application/x-www-form-urlencoded` bodies."""

from urllib.parse import parse_qsl

from starlette.requests import Request

MOST_FIELDS = 200


class FormError(ValueError):
    """A body that is no form of at most `MOST_FIELDS` fields in UTF-8."""


async def form_fields(request: Request) -> dict[str, str]:
    """The form's fields; where a name repeats the last one counts. Raises: FormError."""
    body = await request.body()
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as exc:
        raise FormError(f"not a form of at most {MOST_FIELDS} fields in UTF-8") from exc
    return dict(pairs)
