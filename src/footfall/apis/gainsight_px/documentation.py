"""What the OpenAPI pages say of this product's parameters and bodies.

They are read by hand, so that a wrong one is told in the product's words; here they are only described.
"""

from dataclasses import dataclass
from typing import get_args

from litestar.openapi.spec import OpenAPIType, Operation, Parameter, Reference, Schema

from footfall.apis.gainsight_px.auth import HEADER
from footfall.apis.gainsight_px.families import CUSTOM, EventList
from footfall.apis.gainsight_px.field_values import Kind
from footfall.apis.gainsight_px.record_fields import Record
from footfall.apis.gainsight_px.search_parameters import DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE
from footfall.apis.openapi import OBJECT, TEXT, header, json_body, query
from footfall.model.query import UserType

_KEY = header(HEADER, "A REST API key")
_SEARCH = {
    "dateRangeStart": (TEXT, "First date of the window: epoch milliseconds or ISO 8601"),
    "dateRangeEnd": (TEXT, "Last date of the window; without any date the window is the last day"),
    "filter": (
        Schema(type=OpenAPIType.ARRAY, items=TEXT),
        "Semicolon-separated {field}{operator}{value}, all of which must hold; of repeated parameters any one",
    ),
    "pageSize": (
        Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=LARGEST_PAGE_SIZE, default=DEFAULT_PAGE_SIZE),
        "Number of events per page",
    ),
    "scrollId": (TEXT, "From the page before; filter, sort and window are then taken from it"),
}
_BODY: dict[str, Reference | Schema] = {
    "eventName": TEXT,
    "identifyId": TEXT,
    "propertyKey": TEXT,
    "userType": Schema(type=OpenAPIType.STRING, enum=get_args(UserType)),
    "eventId": TEXT,
    "date": Schema(type=OpenAPIType.INTEGER, description="Epoch milliseconds; without it, now"),
    "eventType": TEXT,
    "sessionId": TEXT,
    "accountId": TEXT,
    "globalContext": OBJECT,
    "attributes": OBJECT,
    "url": TEXT,
    "referrer": TEXT,
    "remoteHost": TEXT,
}
_EXAMPLE = {
    "eventName": "Clicked",
    "identifyId": "u1",
    "propertyKey": "AP-EOXPSEZGC5LA-2",
    "userType": "USER",
    "date": 1704067205000,
    "attributes": {"source": "web"},
}
_SCHEMAS: dict[Kind, Schema] = {
    "text": TEXT,
    "integer": Schema(type=OpenAPIType.INTEGER),
    "date": Schema(type=OpenAPIType.INTEGER, description="Epoch milliseconds"),
    "boolean": Schema(type=OpenAPIType.BOOLEAN),
    "texts": Schema(type=OpenAPIType.ARRAY, items=TEXT),
    "list": Schema(type=OpenAPIType.ARRAY),
    "map": OBJECT,
    "location": OBJECT,
}
_EVENT = Schema(
    type=OpenAPIType.OBJECT,
    properties=_BODY,
    required=["eventName", "identifyId", "propertyKey", "userType"],
)


@dataclass
class SearchEvents(Operation):
    """GET /v1/events/custom."""

    def __post_init__(self) -> None:
        self.parameters = _search_parameters(CUSTOM)


def search_events(listed: EventList) -> type[Operation]:
    """The operation of another list of events."""

    @dataclass
    class SearchListed(Operation):
        def __post_init__(self) -> None:
            self.parameters = _search_parameters(listed)

    return SearchListed


def _search_parameters(listed: EventList) -> list[Parameter | Reference]:
    described = [
        query(name, description, schema)
        for name, (schema, description) in _SEARCH.items()
        if listed.has_date_range or not name.startswith("dateRange")
    ]
    return [_KEY, *described, query("sort", f"Semicolon-separated {' or '.join(listed.sort)}, a dash for descending")]


@dataclass
class CreateEvent(Operation):
    """POST /v1/events/custom."""

    def __post_init__(self) -> None:
        self.parameters = [_KEY]
        self.request_body = json_body(_EVENT, example=_EXAMPLE)


@dataclass
class CreateEvents(Operation):
    """POST /v1/events/custom/batch."""

    def __post_init__(self) -> None:
        self.parameters = [_KEY]
        self.request_body = json_body(Schema(type=OpenAPIType.ARRAY, items=_EVENT), example=[_EXAMPLE])


@dataclass
class WithKey(Operation):
    """Whatever takes the key and what stands in the path."""

    def __post_init__(self) -> None:
        self.parameters = [*(self.parameters or []), _KEY]


@dataclass
class ReadEvent(WithKey):
    """GET /v1/events/custom/{eventId}."""


@dataclass
class WithBody(WithKey):
    """Whatever takes a JSON object besides."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.request_body = json_body()


def list_records(record: Record) -> type[Operation]:
    """The list of users or accounts."""

    @dataclass
    class ListRecords(Operation):
        def __post_init__(self) -> None:
            named = ("filter", "pageSize", "scrollId")
            described = [query(name, _SEARCH[name][1], _SEARCH[name][0]) for name in named]
            sort = f"Semicolon-separated fields of a {record.label.lower()}, a dash in front for descending"
            self.parameters = [_KEY, *described, query("sort", sort)]

    return ListRecords


def change_record(record: Record) -> type[Operation]:
    """A user or an account in the body."""
    sent = [field for field in record.fields if field.access == "sent"]

    @dataclass
    class ChangeRecord(WithKey):
        def __post_init__(self) -> None:
            super().__post_init__()
            properties: dict[str, Reference | Schema] = {field.name: _SCHEMAS[field.kind] for field in sent}
            self.request_body = json_body(Schema(type=OpenAPIType.OBJECT, properties=properties))

    return ChangeRecord
