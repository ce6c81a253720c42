"""Cursors: signed, URL-safe, bound to the account, and complete: the server keeps nothing about an export.

A cursor ends four hours after the export was opened, or one hour after the cursor itself was given out
(contracts/clevertap.md 2.3). It stays readable until then, any number of times, with the same page each time.
"""

from urllib.parse import unquote

import msgspec

from footfall.apis.clevertap.errors import InvalidCursor, InvalidQuery
from footfall.model import instant, signed_token
from footfall.model.export import ExportPosition, ExportQuery

SECONDS_FROM_CREATION = 4 * 3600
SECONDS_UNUSED = 3600

_PURPOSE = "clevertap.events"
_LONGEST_CONTENT = 2400  # proxies cut URLs; CleverTap's own cursors were seen up to 2.4 kB


class Flags(msgspec.Struct, frozen=True, array_like=True):
    """Which parts of a profile a record shows, as asked in step 1."""

    app: bool = False
    profile: bool = True
    events: bool = False


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """A page of an export: the ``limit`` events behind ``position``, or before and with it when ``backward``."""

    query: ExportQuery
    limit: int
    flags: Flags
    created: int  # epoch seconds: when the export was opened
    issued: int  # epoch seconds: when this cursor was given out
    position: ExportPosition | None = None
    backward: bool = False


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Cursor).decode


def seal(cursor: Cursor, key: bytes) -> str:
    """The text of ``cursor``: letters, digits, ``-`` and ``_``. Raises InvalidQuery when it gets too long."""
    return seal_content(_encode(cursor), key, _PURPOSE)


def unseal(text: str, key: bytes, workspace: int) -> Cursor:
    """The cursor in ``text``, which may be percent-encoded once more. Raises InvalidCursor."""
    try:
        cursor = _decode(unseal_content(text, key, _PURPOSE))
    except msgspec.DecodeError as error:  # signed by another version of the server
        raise InvalidCursor from error
    if cursor.query.workspace != workspace:
        raise InvalidCursor
    now = instant.now() // instant.SECOND
    if now - cursor.created > SECONDS_FROM_CREATION or now - cursor.issued > SECONDS_UNUSED:
        raise InvalidCursor("expired")
    return cursor


def seal_content(content: bytes, key: bytes, purpose: str) -> str:
    """A cursor's text. Raises InvalidQuery when it gets too long."""
    if len(content) > _LONGEST_CONTENT:
        raise InvalidQuery("event_properties is too long")
    return signed_token.sign(content, key, purpose)


def unseal_content(text: str, key: bytes, purpose: str) -> bytes:
    """The content of a cursor's text, which may be percent-encoded once more. Raises InvalidCursor."""
    content = signed_token.verify(unquote(text).strip(), key, purpose)
    if content is None:
        raise InvalidCursor
    return content
