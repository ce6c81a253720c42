"""Bodies: bytes to JSON values, with the product's words for what is not JSON (contracts/rapidly.md 0, 11)."""

import json
from email.message import Message
from typing import Any

from footfall.apis.http import JSON
from footfall.apis.rapidly.errors import RequestInvalid, UnreadableBody
from footfall.apis.rapidly.faults import MISSING, OBJECT_TYPE, Fault, Faults

_BODY = ("body",)


def is_json(content_type: str | None) -> bool:
    """Whether a body is read as JSON: without a type, ``application/json`` or ``application/*+json``."""
    if not content_type or content_type == JSON:
        return True
    message = Message()
    message["content-type"] = content_type
    if message.get_content_maintype() != "application":
        return False
    subtype = message.get_content_subtype()
    return subtype == "json" or subtype.endswith("+json")


def parse(body: bytes, content_type: str | None) -> Any:
    """The body's value; None for an empty one. Raises RequestInvalid (json_invalid) or UnreadableBody."""
    if not body:
        return None
    if not is_json(content_type):
        return body.decode("utf-8", "replace")
    try:
        return json.loads(decoded(body))
    except json.JSONDecodeError as error:
        fault = Fault("json_invalid", ("body", error.pos), "JSON decode error", {}, {"error": error.msg})
        raise RequestInvalid([fault]) from error
    except (ValueError, RecursionError) as error:  # not text, a number of thousands of digits, nested too deep
        raise UnreadableBody from error


def decoded(body: bytes) -> str:
    """The body as text, in whichever of Unicode's encodings it is. Raises UnicodeDecodeError."""
    return body.decode(json.detect_encoding(body), "surrogatepass")


def object_of(value: Any) -> dict[str, Any]:
    """``value`` as a JSON object. Raises RequestInvalid when it is none."""
    if isinstance(value, dict):
        return value
    faults = Faults()
    faults.add(_BODY, MISSING if value is None else OBJECT_TYPE, value)
    raise RequestInvalid(faults.found)
