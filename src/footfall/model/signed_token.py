"""Tokens that carry their own content and cannot be forged: cursors, scroll ids.

``base64url(signature || content)`` without padding, so that encoding or decoding it once more as part of a URL
changes nothing. The content is any bytes; ``purpose`` keeps one API's tokens from being used at another.
"""

import base64
import binascii
import hashlib
import hmac

_SIGNATURE_SIZE = 16


def sign(content: bytes, key: bytes, purpose: str) -> str:
    """A token carrying ``content``."""
    token = _signature(content, key, purpose) + content
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def verify(token: str, key: bytes, purpose: str) -> bytes | None:
    """The content of ``token``, or None when it was not signed with ``key`` for ``purpose``."""
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    signature, content = raw[:_SIGNATURE_SIZE], raw[_SIGNATURE_SIZE:]
    if not hmac.compare_digest(signature, _signature(content, key, purpose)):
        return None
    return content


def _signature(content: bytes, key: bytes, purpose: str) -> bytes:
    return hashlib.blake2b(content, digest_size=_SIGNATURE_SIZE, key=key, person=purpose.encode()[:16]).digest()
