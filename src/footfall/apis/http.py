"""HTTP mechanics that every API shares; what an answer says is each API's own."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

JSON = "application/json"
_WITHOUT_BODY = frozenset({204, 304})
_encode = msgspec.json.Encoder().encode

AnyRequest = Request[Any, Any, Any]


class BodyTooLarge(Exception):  # noqa: N818
    """The request's body is larger than ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the request body is larger than {limit} bytes")
        self.limit = limit


class Answer(Response[bytes]):
    """A response whose body is bytes already.

    The framework's own conversion serves cookies, background tasks and encoders, none of which an answer of ours
    has, and takes longer than reading an event from the store: this one goes straight to two ASGI messages.
    """

    def to_asgi_response(
        self,
        app: object,  # noqa: ARG002  (the framework's signature)
        request: AnyRequest,  # noqa: ARG002
        *,
        headers: Mapping[str, str] | None = None,
        is_head_response: bool = False,
        **_unused: object,
    ) -> ASGIResponse:
        """What the framework awaits as an ASGI application."""
        named = {**(headers or {}), **self.headers}
        body = b"" if is_head_response else self.content
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in named.items()]
        if self.status_code not in _WITHOUT_BODY:
            encoded.append((b"content-type", str(self.media_type).encode("latin-1")))
            encoded.append((b"content-length", b"%d" % len(self.content)))
        return cast("ASGIResponse", _Encoded(self.status_code or 200, encoded, body))


class _Encoded:
    """Sends an encoded answer."""

    __slots__ = ("_body", "_headers", "_status")

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self._status = status
        self._headers = headers
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


def respond(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """``content`` as compact JSON, keys in the order they stand in."""
    return Answer(_encode(content), status_code=status, media_type=JSON, headers=headers)


def respond_raw(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """A body that is JSON already."""
    return Answer(body, status_code=status, media_type=JSON, headers=headers)


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
