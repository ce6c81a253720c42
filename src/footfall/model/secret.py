"""Secrets: how each product's are formed, and the hash that is stored instead of them.

Formats: contracts capillary 1.2-1.3, gainsight_px 1.1, clevertap 1.2, rapidly 1.2.
"""

import base64
import hashlib
import secrets
import string
import uuid

RAPIDLY_PREFIX = "rapidly_oat_"
FOOTFALL_PREFIX = "footfall_"

_CAPITALS_AND_DIGITS = string.ascii_uppercase + string.digits


def stored_hash(pepper: bytes, kind: str, name: str, secret: str) -> bytes:
    """What the store keeps of a secret: BLAKE2b keyed with the store's ``pepper``.

    ``kind`` and ``name`` (the public half) are hashed along, so that one index lookup of the hash verifies the
    whole credential in constant time. A fast hash is enough because every secret is drawn by us and holds at
    least 90 random bits.
    """
    text = f"{kind}\0{name}\0{secret}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=32, key=pepper).digest()


def new_checked_token(prefix: str) -> str:
    """``prefix`` and 48 characters: 32 random bytes and their 4-byte BLAKE2b digest, base64url (rapidly 1.2)."""
    random = secrets.token_bytes(32)
    checksum = hashlib.blake2b(random, digest_size=4).digest()
    return prefix + base64.urlsafe_b64encode(random + checksum).decode()


def is_checked_token(token: str, prefix: str) -> bool:
    """Whether ``token`` is well-formed, checksum included: what a scanner for leaked secrets asks."""
    if not token.startswith(prefix) or len(token) != len(prefix) + 48:
        return False
    try:
        raw = base64.b64decode(token[len(prefix) :], altchars=b"-_", validate=True)
    except ValueError:
        return False
    return hashlib.blake2b(raw[:32], digest_size=4).digest() == raw[32:]


def new_px_api_key() -> str:
    """A Gainsight PX REST key: a random UUID."""
    return str(uuid.uuid4())


def new_property_key() -> str:
    """A Gainsight PX property key: ``AP-`` , twelve capitals or digits, ``-2``."""
    return f"AP-{_draw(12)}-2"


def new_clevertap_account_id() -> str:
    """A CleverTap account id: ``XXX-XXX-XXXX``."""
    return f"{_draw(3)}-{_draw(3)}-{_draw(4)}"


def new_clevertap_passcode() -> str:
    """A CleverTap passcode in the form ``XXX-XXX-XXXX``, lengthened to five groups to hold over 90 bits."""
    return "-".join((_draw(3), _draw(3), _draw(4), _draw(4), _draw(4)))


def new_password() -> str:
    """A password or client secret: 32 letters and digits."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(32))


def md5_hex(password: str) -> str:
    """What Capillary's clients send in place of the password (capillary 1.2); prescribed by the wire."""
    return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()


def _draw(count: int) -> str:
    return "".join(secrets.choice(_CAPITALS_AND_DIGITS) for _ in range(count))
