"""Identifier types: Capillary's names of customers, and what they are in the model (contracts/capillary.md 2.2).

A mobile number, an e-mail address, an external id and a card name the same customer in every source, as in the other
products. The names that platforms give (``wechat``, ``cuid``...) are apart in each source and account.
"""

import re
from urllib.parse import quote, unquote

import msgspec

from footfall.model.customer import Identity, IdentityKind
from footfall.model.event import CustomerReference, WhenUnknown
from footfall.model.text import comparable_email

USER_ID = "userId"
INSTORE = "INSTORE"
SOURCES = frozenset(
    {
        "FACEBOOK", "WEB_ENGAGE", "WECHAT", INSTORE, "MARTJACK", "TMALL", "TAOBAO", "JD", "ECOMMERCE", "WEBSITE",
        "LINE", "MOBILE_APP", "OTHERS",
    }
)  # fmt: skip
"""The sources that a customer can be registered in."""

_LONGEST = 255
_LONGEST_ACCOUNT = 64
_LARGEST_NUMBER = 2**63 - 1
_PLATFORMS = {
    name.casefold(): name
    for name in (
        "wechat", "martjackId", "cuid", "fbId", "unionId", "fcmToken", "line", "tmall_uname", "ali_uname", "jd_uname",
        "vip_uname",
    )
}  # fmt: skip
_OWN_NUMBERS = frozenset({"userid", "id"})
_KEPT_AS_SENT: dict[str, IdentityKind] = {
    "externalid": "external_id",
    "cardnumber": "card_number",
    "cardexternalid": "card_external_id",
}
_SHOWN: dict[IdentityKind, str] = {
    "external_id": "externalId",
    "email": "email",
    "mobile": "mobile",
    "card_number": "cardnumber",
    "card_external_id": "cardExternalId",
}


TYPES = (USER_ID, *_SHOWN.values(), *_PLATFORMS.values())
"""As they are spelled; they compare without regard to case."""


class Place(msgspec.Struct, frozen=True, order=True):
    """Where a customer is known: a source, and the account of a source that has several."""

    source: str = INSTORE
    account_id: str = ""


INSTORE_PLACE = Place()


def place(source: str | None, account_id: str | None) -> Place | None:
    """The place of that name, any case; None when there can be none. ``INSTORE`` has no accounts."""
    named = (source or INSTORE).strip().upper()
    account = (account_id or "").strip()
    if len(named) > _LONGEST_ACCOUNT or len(account) > _LONGEST_ACCOUNT or "\0" in named + account:
        return None
    return Place(named, "" if named == INSTORE else account)


def is_type(identifier_type: str) -> bool:
    """Whether the product knows this type of identifier."""
    return identifier_type.casefold() in _PLATFORMS.keys() | _OWN_NUMBERS | _KEPT_AS_SENT.keys() | {"mobile", "email"}


def reference(
    identifier_type: str, value: str, *, may_register: bool, where: Place = INSTORE_PLACE
) -> CustomerReference | None:
    """Whom ``value`` names; None when it cannot be a value of that type."""
    folded = identifier_type.casefold()
    if folded in _OWN_NUMBERS:
        number = customer_number(value)
        return None if number is None else CustomerReference(number=number, when_unknown=WhenUnknown.REFUSE)
    found = identity(identifier_type, value, where)
    if found is None:
        return None
    when_unknown = WhenUnknown.REGISTER if may_register else WhenUnknown.REFUSE
    return CustomerReference(identities=(found,), when_unknown=when_unknown)


def identity(identifier_type: str, value: str, where: Place = INSTORE_PLACE) -> Identity | None:
    """The name in the model; None for an unknown type, or a value that cannot be of it."""
    folded = identifier_type.casefold()
    stripped = value.strip()
    if not stripped or len(stripped) > _LONGEST or "\0" in stripped:
        return None
    if folded in _PLATFORMS:
        return Identity("other", f"{folded}{_scope(where)}:{stripped}")
    if folded == "mobile":
        digits = re.sub(r"[\s()+.-]", "", stripped)
        return Identity("mobile", digits) if digits.isascii() and digits.isdecimal() else None
    if folded == "email":
        return Identity("email", comparable_email(stripped)) if "@" in stripped else None
    kind = _KEPT_AS_SENT.get(folded)
    return None if kind is None else Identity(kind, stripped)


def shown(name: Identity) -> tuple[str, str] | None:
    """Type and value as the product shows them; None for a name that only other products know."""
    if name.kind != "other":
        return (_SHOWN[name.kind], name.value) if name.kind in _SHOWN else None
    scoped, colon, value = name.value.partition(":")
    folded = scoped.partition("@")[0]
    return (_PLATFORMS[folded], value) if colon and folded in _PLATFORMS else None


def place_of(name: Identity) -> Place | None:
    """Where a platform's name holds; None for one that holds everywhere."""
    if name.kind != "other" or shown(name) is None:
        return None
    scope = name.value.partition(":")[0].partition("@")[2]
    source, _, account = scope.partition("/")
    return Place(unquote(source) or INSTORE, unquote(account))


def customer_number(text: str) -> int | None:
    """A ``userId``; None when ``text`` cannot be one."""
    stripped = text.strip()
    if not stripped.isascii() or not stripped.isdecimal() or len(stripped) > 19:
        return None
    number = int(stripped)
    return number if number <= _LARGEST_NUMBER else None


def _scope(where: Place) -> str:
    if where == INSTORE_PLACE:
        return ""
    return f"@{quote(where.source, safe='')}/{quote(where.account_id, safe='')}"
