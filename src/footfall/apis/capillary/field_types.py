"""Types of fields, and what can be said of a field of each (contracts/capillary.md 2.2)."""

import msgspec

from footfall.apis.capillary import identity

COUPON_TYPES = frozenset({"couponCode"})
PRODUCT_TYPES = frozenset({"productSku", "productBrand", "productCategory"})

_BOOLEAN, _ENUM, _STRING, _LIST = "BOOLEAN", "ENUM", "STRING", "LIST"
_ANY = {"isRequired": _BOOLEAN}
_KEY = {**_ANY, "isUniqueKeyField": _BOOLEAN}
_SENSITIVE = {**_KEY, "isPsiData": _BOOLEAN}
_PATTERN = {**_KEY, "regex": _STRING}

ATTRIBUTES: dict[str, dict[str, str]] = {
    "customer": {
        **_ANY,
        "identifierType": _ENUM,
        "source": _ENUM,
        "accountId": _STRING,
        "addCustomerIfNotExists": _BOOLEAN,
    },
    "tillCode": _KEY,
    "couponCode": _PATTERN,
    "productSku": _PATTERN,
    "productBrand": _PATTERN,
    "productCategory": _PATTERN,
    "string": {**_SENSITIVE, "regex": _STRING},
    "double": _SENSITIVE,
    "enum": {**_SENSITIVE, "possibleValues": _LIST},
    "date": _KEY,
    "boolean": _KEY,
    "integer": _KEY,
    "groupId": _KEY,
    "currencyCode": _KEY,
}
"""By type, as it is spelled: the attributes that a field of it may have, and the type of their values."""

TYPES = frozenset(name.casefold() for name in ATTRIBUTES)


class AttributeMeta(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """An attribute that fields of a type may have; ``possible_values`` where it is one of a list."""

    name: str
    value_type: str
    possible_values: list[str] | None = None


class FieldTypeMeta(msgspec.Struct, frozen=True):
    """A type of fields."""

    type: str
    attributes: list[AttributeMeta]


def field_types() -> list[FieldTypeMeta]:
    """All types, as ``GET /v2/events/meta_fields`` shows them."""
    values = {"identifierType": list(identity.TYPES), "source": sorted(identity.SOURCES)}
    return [
        FieldTypeMeta(name, [AttributeMeta(one, kind, values.get(one)) for one, kind in attributes.items()])
        for name, attributes in ATTRIBUTES.items()
    ]
