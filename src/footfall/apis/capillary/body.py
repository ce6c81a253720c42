"""Bodies: read, decoded, and refused in words that a caller can act on."""

from typing import TypeVar

import msgspec

from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.http import AnyRequest, read_body
from footfall.apis.services import services_of

T = TypeVar("T")

V3_INVALID_INPUT = 300004


async def read(request: AnyRequest, decoder: msgspec.json.Decoder[T]) -> T:
    """The request's body. Raises CapillaryError when it is not JSON of the decoder's type, BodyTooLarge."""
    return decode(await read_body(request, services_of(request).settings.max_body_bytes), decoder, request)


def decode(body: bytes, decoder: msgspec.json.Decoder[T], request: AnyRequest) -> T:
    """As ``read``, of a body that is here already."""
    try:
        body.decode()  # parts that are passed through are not looked at by the decoder
        return decoder.decode(body)
    except RecursionError:
        raise _refused(request, "Invalid input: nested too deeply") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _refused(request, f"Invalid input: {error}") from error


def _refused(request: AnyRequest, message: str) -> CapillaryError:
    code = V3_INVALID_INPUT if request.scope["path"].startswith("/v3/") else 400
    return CapillaryError(400, code, message)
