"""E-mail addresses: syntax only, without asking anybody whether the domain exists (contracts/rapidly.md 4.2, 8)."""

import re
import unicodedata

from footfall.apis.rapidly import scalars
from footfall.apis.rapidly.faults import Problem

_LONGEST = 2048
_LONGEST_LOCAL, _LONGEST_DOMAIN, _LONGEST_LABEL = 64, 253, 63
_NAMED = re.compile(r"[^<>]*<([^<>]+)>\s*")
_ATOM = "a-zA-Z0-9_!#$%&'*+\\-/=?^`{|}~"
_NOT_LOCAL = re.compile(f"[^{_ATOM}.\u0080-\U0010ffff]")
_NOT_DOMAIN = re.compile("[^a-zA-Z0-9.\\-\u0080-\U0010ffff]")
_UNSAFE_CATEGORIES = ("Z", "C")


def parse(value: object) -> str | Problem:
    """The address, its domain in lower case; ``Name <a@b.example>`` gives the address alone."""
    given = scalars.text(value)
    if isinstance(given, Problem):
        return given
    if len(given) > _LONGEST:
        return _invalid(f"Length must not exceed {_LONGEST} characters")
    named = _NAMED.fullmatch(given.strip())
    address = unicodedata.normalize("NFC", (named[1] if named else given).strip())
    local, at, domain = address.partition("@")
    reason = _fault(local, domain, has_at=bool(at))
    return _invalid(reason) if reason else f"{local}@{domain.lower()}"


def _fault(local: str, domain: str, *, has_at: bool) -> str | None:  # noqa: PLR0911  (one line per rule)
    if not has_at:
        return "An email address must have an @-sign."
    if not local:
        return "There must be something before the @-sign."
    if not domain:
        return "There must be something after the @-sign."
    if local.startswith('"'):
        return "Quoting the part before the @-sign is not allowed here."
    if domain.startswith("["):
        return "A bracketed IP address after the @-sign is not allowed here."
    if strange := _NOT_LOCAL.findall(local):
        return f"The email address contains invalid characters before the @-sign: {_named(strange)}."
    if strange := _NOT_DOMAIN.findall(domain):
        return f"The part after the @-sign contains invalid characters: {_named(strange)}."
    if strange := [c for c in local + domain if not c.isascii() and unicodedata.category(c)[0] in _UNSAFE_CATEGORIES]:
        return f"The email address contains unsafe characters: {_named(strange)}."
    return _misplaced(local, domain) or _too_long(local, domain) or _domain_fault(domain)


def _misplaced(local: str, domain: str) -> str | None:  # noqa: PLR0911  (one line per rule)
    if local.startswith("."):
        return "An email address cannot start with a period."
    if local.endswith("."):
        return "An email address cannot have a period immediately before the @-sign."
    if ".." in local or ".." in domain:
        return "An email address cannot have two periods in a row."
    for sign, name in ((".", "period"), ("-", "hyphen")):
        if domain.startswith(sign):
            return f"An email address cannot have a {name} immediately after the @-sign."
        if domain.endswith(sign):
            return f"An email address cannot end with a {name}."
    if ".-" in domain or "-." in domain:
        return "An email address cannot have a period and a hyphen next to each other."
    return None


def _too_long(local: str, domain: str) -> str | None:
    if len(local) > _LONGEST_LOCAL:
        return f"The email address is too long before the @-sign {_excess(len(local), _LONGEST_LOCAL)}."
    if len(domain) > _LONGEST_DOMAIN:
        return f"The email address is too long after the @-sign {_excess(len(domain), _LONGEST_DOMAIN)}."
    longest = max(map(len, domain.split(".")))
    if longest > _LONGEST_LABEL:
        excess = _excess(longest, _LONGEST_LABEL)
        return f"After the @-sign, periods cannot be separated by so many characters {excess}."
    return None


def _domain_fault(domain: str) -> str | None:
    if "." not in domain:
        return "The part after the @-sign is not valid. It should have a period."
    if domain.isascii() and not domain[-1].isalpha():
        return "The part after the @-sign is not valid. It is not within a valid top-level domain."
    return None


def _excess(length: int, most: int) -> str:
    over = length - most
    return f"({over} character{'' if over == 1 else 's'} too many)"


def _named(characters: list[str]) -> str:
    return ", ".join(sorted({_name(character) for character in characters}))


def _name(character: str) -> str:
    if unicodedata.category(character)[0] in "LNPS":
        return repr(character)
    return unicodedata.name(character, f"U+{ord(character):04X}")


def _invalid(reason: str) -> Problem:
    return Problem("value_error", f"value is not a valid email address: {reason}", {"reason": reason})
