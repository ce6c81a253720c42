"""HTTP mechanics that every API shares; what an answer says is each API's own."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response
from litestar.exceptions import InternalServerException
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

JSON = "application/json"
_WITHOUT_BODY = frozenset({204, 304})
_encode = msgspec.json.Encoder().encode

AnyRequest = Request[Any, Any, Any]
EncodedHeaders = tuple[tuple[bytes, bytes], ...]


class BodyTooLarge(Exception):  # noqa: N818
    """The request's body is larger than ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the request body is larger than {limit} bytes")
        self.limit = limit


class Answer(Response[bytes]):
    """A response whose body is bytes already, and whose usual headers are, too.

    The framework's own conversion serves cookies, background tasks and encoders, none of which an answer of ours
    has, and takes longer than reading an event from the store: this one goes straight to two ASGI messages.
    """

    def __init__(
        self,
        content: bytes,
        *,
        status_code: int = 200,
        media_type: str = JSON,
        headers: Mapping[str, str] | None = None,
        first: EncodedHeaders = (),
    ) -> None:
        """``first``: headers as they are sent, before the others; none of them may be among ``headers``."""
        # Instead of super().__init__, which looks at each thing that a response might have.
        self.content = content
        self.background = None
        self.cookies = []
        self.encoding = "latin-1"
        self.headers = {} if headers is None else dict(headers)
        self.media_type = media_type
        self.status_code = status_code
        self.response_type_encoders = {}
        self._first = first

    def encoded(self, more: Mapping[str, str] | None = None, *, without_body: bool = False) -> "Encoded":
        """As it is sent, with ``more`` headers; ``without_body``: as the answer to HEAD."""
        named = {**more, **self.headers} if more else self.headers
        status = self.status_code or 200
        headers = [*self._first]
        headers.extend([(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in named.items()])
        if status not in _WITHOUT_BODY:
            headers.append((b"content-type", str(self.media_type).encode("latin-1")))
            headers.append((b"content-length", b"%d" % len(self.content)))
        return Encoded(status, headers, b"" if without_body else self.content)

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
        return cast("ASGIResponse", self.encoded(headers, without_body=is_head_response))


class Encoded:
    """An answer as it is sent; an ASGI application."""

    __slots__ = ("_body", "_headers", "_status")

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self._status = status
        self._headers = headers
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Sends it."""
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


def respond(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """``content`` as compact JSON, keys in the order they stand in."""
    return Answer(_encode(content), status_code=status, headers=headers)


def respond_raw(
    body: bytes, status: int = 200, headers: Mapping[str, str] | None = None, *, first: EncodedHeaders = ()
) -> Answer:
    """A body that is JSON already; ``first``: see ``Answer``."""
    return Answer(body, status_code=status, headers=headers, first=first)


def encoded_headers(headers: Mapping[str, str]) -> EncodedHeaders:
    """Headers that never change, prepared for ``respond_raw``."""
    return tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())


def header(request: AnyRequest, name: bytes) -> bytes | None:
    """The value of the first header of this (lower-case) name. Without making an object of all headers first."""
    for sent, value in request.scope["headers"]:
        if sent == name:
            return value
    return None


def header_text(request: AnyRequest, name: bytes) -> str:
    """As ``header``, as text; empty where there is none."""
    value = header(request, name)
    return "" if value is None else value.decode("latin-1")


def query_parameters(request: AnyRequest) -> list[tuple[str, str]]:
    """The query's parameters in their order, repeated ones included; ``&`` alone separates them."""
    query = request.scope["query_string"].decode("latin-1")
    if "%" in query or "+" in query:
        return parse_qsl(query, keep_blank_values=True, separator="&", errors="replace")
    pairs = [part.partition("=") for part in query.split("&") if part]
    return [(name, value) for name, _, value in pairs]


async def read_body(request: AnyRequest, limit: int) -> bytes:
    """The whole body. Raises BodyTooLarge as soon as it is known to be larger than ``limit`` bytes."""
    announced = header(request, b"content-length")
    if announced is not None and announced.isdigit() and int(announced) > limit:
        raise BodyTooLarge(limit)
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        chunk, more = await next_chunk(request)
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(limit)
        chunks.append(chunk)
    return b"".join(chunks)


async def body_chunks(request: AnyRequest) -> AsyncIterator[bytes]:
    """The body as it arrives, in constant memory. Raises InternalServerException when the client is gone."""
    more = True
    while more:
        chunk, more = await next_chunk(request)
        if chunk:
            yield chunk


async def next_chunk(request: AnyRequest) -> tuple[bytes, bool]:
    """Some of the body, possibly nothing, and whether there is more. Raises as ``body_chunks``."""
    message = await request.receive()
    if message["type"] != "http.request":
        raise InternalServerException("client disconnected prematurely")
    return message.get("body", b""), message.get("more_body", False)


RouteHandlers = list[HTTPRouteHandler]
