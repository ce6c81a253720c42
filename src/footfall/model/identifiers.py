"""Identifiers of events and customers: 16 bytes inside, hyphenated lower-case UUID text outside.

Every identifier carries version nibble 4, because Rapidly's contract asks for ``uuid4`` and Capillary's
``requestId`` looks like one.  What fills the other bits depends on what the caller gave:

* no key of the caller's own: 48 bits of milliseconds come first, the rest is random, so that inserts append
  to the index instead of scattering over it;
* a key of the caller's own: the bits are a hash of (workspace, key), so that the primary key alone finds a
  repeated event, on every engine.
"""

import hashlib
import os
import re
import uuid
from collections.abc import Sequence

_VERSION_4 = 0x40
_VARIANT = 0x80
_RANDOM_BYTES = 10
_STAMP = _VERSION_4 << 72 | _VARIANT << 56  # as ``_stamped`` does it, on the random bytes as one number
_UNSTAMPED = (1 << 80) - 1 - (0xF0 << 72) - (0xC0 << 56)
_USUAL = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def new_id(milliseconds: int) -> bytes:
    """A fresh identifier that sorts by ``milliseconds`` since 1970 (UTC)."""
    return _stamped(milliseconds.to_bytes(6, "big") + os.urandom(10))


def new_ids(milliseconds: Sequence[int]) -> list[bytes]:
    """As ``new_id``, one for each: all that is drawn at random is drawn at once."""
    drawn = os.urandom(_RANDOM_BYTES * len(milliseconds))
    stamp, mask, shift = _STAMP, _UNSTAMPED, 8 * _RANDOM_BYTES
    read = int.from_bytes
    return [
        (since << shift | read(drawn[start : start + _RANDOM_BYTES], "big") & mask | stamp).to_bytes(16, "big")
        for since, start in zip(milliseconds, range(0, len(drawn), _RANDOM_BYTES), strict=True)
    ]


def random_id() -> bytes:
    """A fresh identifier that tells nothing."""
    return _stamped(os.urandom(16))


def derived_id(workspace: bytes, external_id: str) -> bytes:
    """The identifier of the event that ``workspace`` (16 bytes) calls ``external_id``; always the same one."""
    digest = hashlib.blake2b(external_id.encode("utf-8", "surrogatepass"), digest_size=16, key=workspace)
    return _stamped(digest.digest())


def to_text(identifier: bytes) -> str:
    """``identifier`` (16 bytes) as hyphenated lower-case UUID text."""
    digits = identifier.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def from_text(text: str) -> bytes | None:
    """The 16 bytes of a UUID in any of its usual spellings, or None when ``text`` is not one."""
    if _USUAL.fullmatch(text):
        return bytes.fromhex(text.replace("-", ""))
    try:
        return uuid.UUID(text).bytes
    except ValueError:
        return None


def _stamped(raw: bytes) -> bytes:
    stamped = bytearray(raw)
    stamped[6] = stamped[6] & 0x0F | _VERSION_4
    stamped[8] = stamped[8] & 0x3F | _VARIANT
    return bytes(stamped)
