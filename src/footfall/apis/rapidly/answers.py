"""Answers: JSON with the headers that every answer of this product carries (contracts/rapidly.md 0)."""

import os
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response

from footfall.apis.http import encoded_headers, respond_raw

_encode = msgspec.json.Encoder().encode

_ALWAYS = {
    "cache-control": "no-store, no-cache, must-revalidate, private",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-ratelimit-limit": "0",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "0",
    "access-control-allow-origin": "*",
}
_PREFLIGHT = {
    "access-control-allow-methods": "GET, POST, PATCH, PUT, DELETE, OPTIONS",
    "access-control-allow-headers": "Accept, Accept-Language, Authorization, Content-Language, Content-Type",
    "access-control-max-age": "600",
}


_ALWAYS_ENCODED = encoded_headers(_ALWAYS)


def json(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """``content`` as compact JSON. Raises RecursionError for content nested deeper than the encoder goes."""
    try:
        body = _encode(content)
    except UnicodeEncodeError:  # a fault's input may hold half a character, which no UTF-8 can show
        body = _encode(_showable(msgspec.to_builtins(content)))
    return respond_raw(body, status, {"x-request-id": _request_id(), **(headers or {})}, first=_ALWAYS_ENCODED)


def text(content: str, status: int) -> Response[bytes]:
    """Plain text."""
    return Response(content.encode(), status_code=status, media_type="text/plain", headers=_headers(None))


def oauth(error: str, description: str, status: int, challenge: str) -> Response[bytes]:
    """An error as OAuth 2.0 tells it."""
    body = f'{{"error": "{error}", "error_description": "{description}"}}'.encode()
    extra = {"cache-control": "no-store", "pragma": "no-cache", "WWW-Authenticate": challenge}
    return respond_raw(body, status, _headers(extra))


def empty(status: int, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """No body: a redirect."""
    return Response(b"", status_code=status, headers=_headers(headers))


def preflight() -> Response[bytes]:
    """What a browser asks before it calls from another site: all may."""
    return Response(b"OK", status_code=200, media_type="text/plain", headers=_headers(_PREFLIGHT))


def headers(extra: Mapping[str, str]) -> dict[str, str]:
    """The headers of an answer whose body is made elsewhere."""
    return _headers(extra)


def _headers(extra: Mapping[str, str] | None) -> dict[str, str]:
    headers = {**_ALWAYS, "x-request-id": _request_id()}
    if extra:
        headers.update(extra)
    return headers


def _request_id() -> str:
    return os.urandom(16).hex()


def _showable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_showable(key): _showable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_showable(inner) for inner in value]
    return value
