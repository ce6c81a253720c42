"""HTTP mechanics that every API shares; what an answer says is each API's own."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler

JSON = "application/json"
_encode = msgspec.json.Encoder().encode

AnyRequest = Request[Any, Any, Any]


class BodyTooLarge(Exception):  # noqa: N818
    """The request's body is larger than ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the request body is larger than {limit} bytes")
        self.limit = limit


def respond(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """``content`` as compact JSON, keys in the order they stand in."""
    return Response(_encode(content), status_code=status, media_type=JSON, headers=headers)


def respond_raw(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """A body that is JSON already."""
    return Response(body, status_code=status, media_type=JSON, headers=headers)


def query_parameters(request: AnyRequest) -> list[tuple[str, str]]:
    """The query's parameters in their order, repeated ones included; ``&`` alone separates them."""
    raw: bytes = request.scope["query_string"]
    return parse_qsl(raw.decode("latin-1"), keep_blank_values=True, separator="&", errors="replace")


async def read_body(request: AnyRequest, limit: int) -> bytes:
    """The whole body. Raises BodyTooLarge as soon as it is known to be larger than ``limit`` bytes."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise BodyTooLarge(limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in body_chunks(request):
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(limit)
        chunks.append(chunk)
    return b"".join(chunks)


async def body_chunks(request: AnyRequest) -> AsyncIterator[bytes]:
    """The body as it arrives, in constant memory."""
    async for chunk in request.stream():
        if chunk:
            yield chunk


RouteHandlers = list[HTTPRouteHandler]
