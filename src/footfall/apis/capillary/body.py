"""Bodies: read, decoded, and refused in words that a caller can act on."""

from typing import Any, TypeVar

import msgspec

from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.http import AnyRequest, header_text, read_body
from footfall.apis.services import services_of

T = TypeVar("T")

V3_INVALID_INPUT = 300004

_any_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


async def read(request: AnyRequest, decoder: msgspec.json.Decoder[T]) -> T:
    """The request's body. Raises CapillaryError when it is not JSON of the decoder's type, BodyTooLarge."""
    return decode(await read_body(request, services_of(request).settings.max_body_bytes), decoder, request)


async def read_leniently(request: AnyRequest, kind: type[T]) -> T:
    """As ``read``, for what people set up: a member that is null is absent, numbers and booleans may come as texts.

    Many clients write every member they know, null where it is not set.
    """
    tree = await read(request, _any_decoder)
    try:
        return msgspec.convert(_without_nulls(tree), kind, strict=False)
    except RecursionError:
        raise _refused(request, "Invalid input: nested too deeply") from None
    except msgspec.ValidationError as error:
        raise _refused(request, f"Invalid input: {error}") from error


def decode(body: bytes, decoder: msgspec.json.Decoder[T], request: AnyRequest) -> T:
    """As ``read``, of a body that is here already."""
    _check_type(request)
    try:
        body.decode()  # parts that are passed through are not looked at by the decoder
        return decoder.decode(body)
    except RecursionError:
        raise _refused(request, "Invalid input: nested too deeply") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _refused(request, f"Invalid input: {error}") from error


def _check_type(request: AnyRequest) -> None:
    """Whoever names a type names JSON's (contracts/capillary.md 1.6), except who posts an event."""
    named = header_text(request, b"content-type")
    if named and "json" not in named.lower() and not request.scope["path"].startswith("/eucrm/"):
        raise CapillaryError(415, 415, "Unsupported Media Type: send application/json")


def _without_nulls(tree: object) -> object:
    if isinstance(tree, dict):
        return {name: _without_nulls(value) for name, value in tree.items() if value is not None}
    return [_without_nulls(value) for value in tree] if isinstance(tree, list) else tree


def _refused(request: AnyRequest, message: str) -> CapillaryError:
    code = V3_INVALID_INPUT if request.scope["path"].startswith("/v3/") else 400
    return CapillaryError(400, code, message)
