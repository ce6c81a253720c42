"""What the OpenAPI pages say of parameters and bodies, which are read by hand."""

from dataclasses import dataclass

from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema

from footfall.apis.openapi import JSON, OBJECT, TEXT, header, in_path, query

_TOKEN = header("Authorization", "Bearer footfall_...")
_EVENT = {
    "name": "Bought",
    "occurred_at": "2024-05-01T12:30:00+02:00",
    "external_id": "order-1001",
    "customer": {"external_id": "c-17", "email": "ada@example.com"},
    "amount": "139.12",
    "properties": {"basket": 3},
}


@dataclass
class CaptureEvents(Operation):
    """POST /events."""

    def __post_init__(self) -> None:
        self.parameters = [
            _TOKEN,
            query(
                "atomic",
                "Store all events of an array or NDJSON, or none of them",
                Schema(type=OpenAPIType.BOOLEAN, default=False),
            ),
        ]
        self.request_body = RequestBody(
            required=True,
            description="One event, an array of events, or one event a line",
            content={
                JSON: OpenAPIMediaType(
                    schema=Schema(one_of=[OBJECT, Schema(type=OpenAPIType.ARRAY)]),
                    examples={"one": Example(value=_EVENT), "array": Example(value=[_EVENT])},
                ),
                "application/x-ndjson": OpenAPIMediaType(schema=TEXT),
            },
        )


@dataclass
class ReadEvent(Operation):
    """GET /events/{id}."""

    def __post_init__(self) -> None:
        self.parameters = [*(self.parameters or []), _TOKEN]


@dataclass
class FindEvent(Operation):
    """GET /events."""

    def __post_init__(self) -> None:
        self.parameters = [_TOKEN, query("external_id", "The caller's own key of the event", required=True)]


@dataclass
class TailEvents(Operation):
    """GET /events/tail."""

    def __post_init__(self) -> None:
        self.parameters = [
            _TOKEN,
            query("name", "Only events of this name; may be repeated"),
            query("customer", "Only events of the customer with this external id"),
            query("source", "Only events from this source"),
            query("after", "Begin behind the event with this id of a server-sent event"),
            header("Last-Event-ID", "As after, as browsers send it", required=False),
        ]


_LIMIT = query("limit", "How many at most, 1 to 1000", Schema(type=OpenAPIType.INTEGER, default=100))
_CURSOR = query("cursor", "The next of the page before; carries the whole question")
_CUSTOMER = in_path("customer_id")
_FILTERS = [
    query("name", "Only events of this name; may be repeated"),
    query("source", "Only events from this source"),
    query("account", "Only events of this account"),
    query("since", "Only events from this time on: RFC 3339 with an offset"),
    query("until", "Only events before this time"),
    query("property", "NAME=VALUE: only events with this property; may be repeated, then all must hold"),
    query("parent", "Only children of the event with this id"),
    query("order", "newest or oldest first", Schema(type=OpenAPIType.STRING, enum=["newest", "oldest"])),
]


@dataclass
class SearchEvents(Operation):
    """GET /events/search."""

    def __post_init__(self) -> None:
        customer = query("customer", "Only events of the customer with this external id or id")
        self.parameters = [_TOKEN, *_FILTERS, customer, _LIMIT, _CURSOR]


@dataclass
class CustomerEvents(Operation):
    """GET /customers/{id}/events."""

    def __post_init__(self) -> None:
        self.parameters = [_TOKEN, _CUSTOMER, *_FILTERS, _LIMIT, _CURSOR]


@dataclass
class CountEvents(Operation):
    """GET /events/counts."""

    def __post_init__(self) -> None:
        self.parameters = [
            _TOKEN,
            query("name", "Count events of this name; may be repeated. Without: all names together"),
            query("interval", "hour, day, week or month", Schema(type=OpenAPIType.STRING, default="day")),
            query("since", "From the interval of this time on; default: 30 days before until"),
            query("until", "Up to the interval before whose end this time is; default: now"),
        ]


@dataclass
class ListNames(Operation):
    """GET /events/names."""

    def __post_init__(self) -> None:
        self.parameters = [_TOKEN, _LIMIT, _CURSOR]


@dataclass
class ListCustomers(Operation):
    """GET /customers."""

    def __post_init__(self) -> None:
        self.parameters = [_TOKEN, query("external_id", "Only the customer with this external id"), _LIMIT, _CURSOR]


@dataclass
class ReadCustomer(Operation):
    """GET /customers/{id}."""

    def __post_init__(self) -> None:
        self.parameters = [_TOKEN, _CUSTOMER]
