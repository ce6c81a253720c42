"""Identifier types: Capillary's names of customers, and what they are in the model (contracts/capillary.md 2.2)."""

import re

from footfall.model.customer import Identity, IdentityKind
from footfall.model.event import CustomerReference, WhenUnknown
from footfall.model.text import comparable_email

USER_ID = "userId"

TYPES = (
    "userId", "mobile", "email", "externalId", "wechat", "martjackId", "cuid", "fbId", "unionId", "fcmToken", "line",
    "cardnumber", "cardExternalId", "tmall_uname", "ali_uname", "jd_uname", "vip_uname",
)  # fmt: skip
"""As they are spelled; they compare without regard to case."""

_LONGEST = 255
_LARGEST_NUMBER = 2**63 - 1
_OTHERS = frozenset(
    {
        "wechat", "martjackid", "cuid", "fbid", "unionid", "fcmtoken", "line", "tmall_uname", "ali_uname", "jd_uname",
        "vip_uname",
    }
)  # fmt: skip
_OWN_NUMBERS = frozenset({"userid", "id"})
_KEPT_AS_SENT: dict[str, IdentityKind] = {
    "externalid": "external_id",
    "cardnumber": "card_number",
    "cardexternalid": "card_external_id",
}


def is_type(identifier_type: str) -> bool:
    """Whether the product knows this type of identifier."""
    return identifier_type.casefold() in _OTHERS | _OWN_NUMBERS | _KEPT_AS_SENT.keys() | {"mobile", "email"}


def reference(identifier_type: str, value: str, *, may_register: bool) -> CustomerReference | None:
    """Whom ``value`` names; None when it cannot be a value of that type."""
    folded = identifier_type.casefold()
    if folded in _OWN_NUMBERS:
        number = customer_number(value)
        return None if number is None else CustomerReference(number=number, when_unknown=WhenUnknown.REFUSE)
    found = identity(identifier_type, value)
    if found is None:
        return None
    when_unknown = WhenUnknown.REGISTER if may_register else WhenUnknown.REFUSE
    return CustomerReference(identities=(found,), when_unknown=when_unknown)


def identity(identifier_type: str, value: str) -> Identity | None:
    """The name in the model; None for an unknown type, or a value that cannot be of it."""
    folded = identifier_type.casefold()
    stripped = value.strip()
    if not stripped or len(stripped) > _LONGEST or "\0" in stripped:
        return None
    if folded in _OTHERS:
        return Identity("other", f"{folded}:{stripped}")
    if folded == "mobile":
        digits = re.sub(r"[\s()+.-]", "", stripped)
        return Identity("mobile", digits) if digits.isascii() and digits.isdecimal() else None
    if folded == "email":
        return Identity("email", comparable_email(stripped)) if "@" in stripped else None
    kind = _KEPT_AS_SENT.get(folded)
    return None if kind is None else Identity(kind, stripped)


def customer_number(text: str) -> int | None:
    """A ``userId``; None when ``text`` cannot be one."""
    stripped = text.strip()
    if not stripped.isascii() or not stripped.isdecimal() or len(stripped) > 19:
        return None
    number = int(stripped)
    return number if number <= _LARGEST_NUMBER else None
