"""Reading the body of a user or account: every field judged on its own, all faults told at once."""

import msgspec
from msgspec import Raw

from footfall.apis.gainsight_px.errors import BadRequest
from footfall.apis.gainsight_px.field_values import is_of
from footfall.apis.gainsight_px.record_fields import CUSTOM, Field, Record
from footfall.apis.gainsight_px.schemas import SubError
from footfall.model import instant
from footfall.model.document import check_object
from footfall.model.text import LONGEST_ACCOUNT, LONGEST_TEXT

Sent = dict[str, Raw | None]
"""The known fields that a body has, but those that are read only; None for null."""

_NULL = b"null"
_MOST_MILLISECONDS = 2**53
_LONGEST_ECHO = 200
_WORDS = {
    "text": "a string",
    "integer": "an integer",
    "date": "epoch milliseconds as an integer",
    "boolean": "true or false",
    "texts": "an array of strings",
    "list": "an array",
    "map": "an object",
    "location": "a location",
}
_decode = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_text = msgspec.json.Decoder(str).decode
_decode_integer = msgspec.json.Decoder(int).decode


def parse(content: bytes, record: Record, *, is_new: bool) -> Sent:
    """The fields in a request's body; what is required must be there where ``is_new``. Raises BadRequest."""
    members = parse_object(content)
    sent: Sent = {}
    faults: list[SubError] = []
    for field in record.fields:
        raw = members.get(field.name)
        if field.access == "read only":
            continue
        fault = None if raw is None or bytes(raw) == _NULL else _fault(field, raw)
        if fault is not None:
            faults.append(_sub_error(record, field, raw, fault))
        elif raw is not None:
            sent[field.name] = None if bytes(raw) == _NULL else raw
        if is_new and field.is_required and fault is None and not text_of(sent.get(field.name)):
            faults.append(_sub_error(record, field, raw, "must not be empty"))
    if faults:
        raise BadRequest("Validation error", faults)
    return sent


def parse_object(content: bytes) -> dict[str, Raw]:
    """The members of a body. Raises BadRequest."""
    try:
        content.decode()
        return _decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"Malformed JSON request: {error}") from error


def text_of(raw: Raw | None) -> str:
    """A text that was sent; empty where none was."""
    return "" if raw is None else _decode_text(raw)


def _fault(field: Field, raw: Raw) -> str | None:
    if not is_of(raw, field.kind):
        return f"must be {_WORDS[field.kind]}"
    match field.kind:
        case "text":
            return _text_fault(field, _decode_text(raw))
        case "integer" | "date":
            number = _decode_integer(raw)
            if abs(number) > _MOST_MILLISECONDS:
                return "must be a smaller number"
            if field.kind == "date" and not instant.is_showable(number * instant.MILLISECOND):
                return "must lie between the years 1 and 9999"
        case "map" if field.name == CUSTOM:
            try:
                check_object(bytes(raw))
            except ValueError as error:
                return str(error)
    return "must not contain NUL characters" if b"\\u0000" in bytes(raw) else None


def _text_fault(field: Field, text: str) -> str | None:
    longest = LONGEST_ACCOUNT if field.column in ("id", "account_id") else LONGEST_TEXT
    if len(text) > longest:
        return f"must have at most {longest} characters"
    if "\0" in text:
        return "must not contain NUL characters"
    if field.values and text not in field.values:
        return f"must be one of {', '.join(field.values)}"
    return None


def _sub_error(record: Record, field: Field, raw: Raw | None, message: str) -> SubError:
    echo = raw if raw is not None and len(bytes(raw)) <= _LONGEST_ECHO else None
    return SubError(
        object=record.label.lower(), field=field.name, rejected_value=echo, message=f"{field.name} {message}"
    )
