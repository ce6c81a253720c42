"""The fields of users and accounts: what they hold, and where that stands (contracts/gainsight_px.md 5.1 to 5.3).

What only this product knows of a customer stands in his details under ``gainsight_px``; what it knows of an account, in
the account's fields; custom attributes are the properties that the other products see as well.
"""

from typing import Literal

import msgspec

from footfall.apis.gainsight_px.field_values import Kind
from footfall.apis.gainsight_px.location import Location
from footfall.model.people import Computed, RecordField, RecordKind, ValueKind

DETAILS = "gainsight_px"
CUSTOM = "customAttributes"
_PLACE_FIELDS = frozenset(Location.__struct_encode_fields__) - {"coordinates"}
_ALIASES = {"cityName": "city"}
_VALUE_KINDS: dict[Kind, ValueKind] = {"text": "text", "integer": "number", "date": "number", "boolean": "truth"}

Access = Literal["sent", "read only"]


class Field(msgspec.Struct, frozen=True):
    """One field. ``values``: the only ones it may have, the first of which is the empty one."""

    name: str
    kind: Kind = "text"
    access: Access = "sent"
    computed: Computed | None = None
    column: str | None = None
    values: tuple[str, ...] = ()
    is_required: bool = False


class Record(msgspec.Struct, frozen=True):
    """A kind of record: its fields in the order in which they are shown."""

    kind: RecordKind
    label: str
    path: str
    collection: str
    identifier: str
    document: str  # the column that holds what no other column does
    fields: tuple[Field, ...]

    def named(self, name: str) -> RecordField | None:
        """What a filter or an order calls ``name``; None where there is no such thing."""
        first, _, rest = name.partition(".")
        if first == CUSTOM:
            return RecordField("any", column="properties", path=(rest,)) if rest else None
        found = next((field for field in self.fields if field.name == first), None)
        if found is not None and found.kind == "location":
            return self._in_place(first, rest)
        kind = None if found is None or rest else _VALUE_KINDS.get(found.kind)
        if found is None or kind is None:
            return None
        if found.computed is not None or found.column is not None:
            return RecordField(kind, computed=found.computed, column=found.column)
        return RecordField(kind, column=self.document, path=self._path(first))

    def is_date(self, name: str) -> bool:
        """Whether values to compare with are dates."""
        return any(field.name == name and field.kind == "date" for field in self.fields)

    def _in_place(self, place: str, name: str) -> RecordField | None:
        name = _ALIASES.get(name, name)
        if name in ("coordinates.latitude", "coordinates.longitude"):
            return RecordField("number", column=self.document, path=self._path(place, *name.split(".")))
        if name not in _PLACE_FIELDS:
            return None
        return RecordField("text", column=self.document, path=self._path(place, name))

    def _path(self, *names: str) -> tuple[str, ...]:
        return (DETAILS, *names) if self.kind == "customer" else names


USER = Record(
    "customer",
    "User",
    "/v1/users",
    "users",
    "identifyId",
    "details",
    (
        Field("aptrinsicId", access="read only", computed="id"),
        Field("identifyId", computed="identity", is_required=True),
        Field("type", computed="user_type", values=("EMPTY_USER_TYPE", "LEAD", "USER", "VISITOR")),
        Field("gender", values=("EMPTY_GENDER", "MALE", "FEMALE", "OTHER")),
        Field("email", computed="email"),
        Field("firstName", computed="first_name"),
        Field("lastName"),
        Field("lastSeenDate", "date", "read only", computed="last_event_at"),
        Field("signUpDate", "date"),
        Field("firstVisitDate", "date"),
        Field("title"),
        Field("phone"),
        Field("score", "integer"),
        Field("role"),
        Field("subscriptionId"),
        Field("accountId", column="account_id"),
        Field("numberOfVisits", "integer", "read only"),
        Field("location", "location"),
        Field("propertyKeys", "texts"),
        Field("createDate", "date", "read only", computed="created_at"),
        Field("lastModifiedDate", "date", "read only", computed="modified_at"),
        Field(CUSTOM, "map"),
        Field("globalUnsubscribe", "boolean"),
        Field("sfdcContactId"),
        Field("channelMetricList", "list"),
        Field("lastVisitedUserAgentData", "list"),
        Field("id", access="read only", computed="identity"),
        Field("lastInferredLocation", "location", "read only"),
        Field("globalId", access="read only"),
    ),
)
ACCOUNT = Record(
    "account",
    "Account",
    "/v1/accounts",
    "accounts",
    "id",
    "fields",
    (
        Field("id", column="id", is_required=True),
        Field("name", is_required=True),
        Field("propertyKeys", "texts"),
        Field("trackedSubscriptionId"),
        Field("sfdcId"),
        Field("lastSeenDate", "date", "read only", computed="last_event_at"),
        Field("dunsNumber"),
        Field("industry"),
        Field("numberOfEmployees", "integer"),
        Field("sicCode"),
        Field("website"),
        Field("naicsCode"),
        Field("plan"),
        Field("location", "location"),
        Field("numberOfUsers", "integer", "read only", computed="customers"),
        Field("createDate", "date", "read only", computed="created_at"),
        Field("lastModifiedDate", "date", "read only", computed="modified_at"),
        Field(CUSTOM, "map"),
        Field("parentGroupId"),
        Field("renewalDate", "date"),
        Field("healthScore"),
        Field("gsId"),
        Field("nps"),
        Field("csm"),
    ),
)
