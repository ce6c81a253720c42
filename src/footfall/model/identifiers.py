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

_VERSION_4 = 0x40
_VARIANT = 0x80
_USUAL = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def new_id(milliseconds: int) -> bytes:
    """A fresh identifier that sorts by ``milliseconds`` since 1970 (UTC)."""
    return _stamped(milliseconds.to_bytes(6, "big") + os.urandom(10))


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
