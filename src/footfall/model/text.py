"""Texts that name things: how long they may be, and the one spelling that identities are compared in."""

import re

from footfall.model.customer import Identity, IdentityKind

LONGEST_NAME = 512
LONGEST_TEXT = 1024
LONGEST_ACCOUNT = 512
"""Of an account's id: the longest that a server's index holds in any script."""

_NOT_A_DIGIT = re.compile(r"[^0-9]")


def fault_of(text: str, longest: int = LONGEST_TEXT) -> str | None:
    """What is wrong with ``text`` as a name, or None."""
    if not text or text.isspace() or len(text) > longest:
        return f"Expected 1 to {longest} characters"
    if "\0" in text:
        return "Must not contain NUL"
    return None


def is_name(text: str, longest: int) -> bool:
    """Whether people and terminals can tell ``text`` from another: printable, and no blanks around it."""
    return 0 < len(text) <= longest and text.isprintable() and text == text.strip()


def comparable_email(text: str) -> str:
    """The one spelling in which e-mails are stored and compared."""
    return text.strip().lower()


def identity(kind: IdentityKind, text: str) -> Identity | None:
    """The identity as the store compares it: e-mails in lower case, mobiles as digits; None when nothing is left."""
    value = text
    if kind == "email":
        value = comparable_email(text)
    elif kind == "mobile":
        value = _NOT_A_DIGIT.sub("", text)
    return Identity(kind, value) if value else None


def words(text: str) -> list[str]:
    """The words of ``text``, folded: what ASCII's blanks, signs and control characters separate; ``_`` is a letter."""
    return [word for word in text.casefold().translate(_BLANK).split(" ") if word]


SEPARATORS = "".join(chr(code) for code in range(1, 128) if not (chr(code).isalnum() or chr(code) == "_"))
"""The characters between words."""

_BLANK = {ord(separator): " " for separator in SEPARATORS} | {0: " "}
