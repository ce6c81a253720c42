"""What the generated documentation cannot see: bodies that are decoded by hand, and the errors."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIFormat, OpenAPIType, Operation, Parameter, Reference, Schema

from footfall.apis.openapi import OBJECT, TEXT, answer_of, json_body, query


class DomainError(msgspec.Struct, frozen=True):
    """An error of the product's own."""

    error: str
    detail: str


class TokenError(msgspec.Struct, frozen=True):
    """An error about the access token."""

    error: str
    error_description: str


class ValidationFault(msgspec.Struct, frozen=True):
    """One fault of a request; ``loc`` leads to it."""

    type: str
    loc: list[str | int]
    msg: str


class ValidationErrors(msgspec.Struct, frozen=True):
    """All faults of a request."""

    error: str
    detail: list[ValidationFault]


class PlainError(msgspec.Struct, frozen=True):
    """An error of the framework's."""

    detail: str


ERRORS = {
    400: answer_of(PlainError, "The body is no text, or nested deeper than any parser goes."),
    401: answer_of(TokenError, "No access token, or one that proves nobody."),
    403: answer_of(TokenError, "The token lacks the scope."),
    404: answer_of(DomainError, "There is no such thing in this workspace."),
    422: answer_of(ValidationErrors, "Every fault of the request."),
}

NOTHING = ResponseSpec(None, generate_examples=False, description="Done; there is no body.")

_UUID = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.UUID)
_EVENT = Schema(
    type=OpenAPIType.OBJECT,
    required=["name"],
    description="Either `customer_id` or `external_customer_id` is required; with both, the external one decides.",
    properties={
        "name": Schema(type=OpenAPIType.STRING, max_length=128),
        "timestamp": Schema(type=OpenAPIType.STRING, description="ISO 8601 with an offset; now, when absent."),
        "external_id": Schema(type=OpenAPIType.STRING, description="The sender's own key; a repeated one is dropped."),
        "parent_id": Schema(type=OpenAPIType.STRING, description="Id or external id of the parent event."),
        "metadata": Schema(type=OpenAPIType.OBJECT, description="Strings of 1 to 500 characters, numbers, booleans."),
        "customer_id": _UUID,
        "external_customer_id": TEXT,
        "external_member_id": TEXT,
    },
)
_OWNER = Schema(
    type=OpenAPIType.OBJECT, properties={"email": TEXT, "name": TEXT, "external_id": TEXT}, description="First member."
)
_CUSTOMER = Schema(
    type=OpenAPIType.OBJECT,
    required=["email"],
    properties={
        "email": Schema(type=OpenAPIType.STRING),
        "name": Schema(type=OpenAPIType.STRING, max_length=256),
        "external_id": TEXT,
        "type": Schema(type=OpenAPIType.STRING, enum=["individual", "team"], default="individual"),
        "billing_address": OBJECT,
        "metadata": OBJECT,
        "owner": _OWNER,
    },
)
_INTEGER = Schema(type=OpenAPIType.INTEGER, minimum=1)
_MANY = "May be repeated: one of the values has to hold."
_PAGING = (
    query("page", "From 1 on.", _INTEGER),
    query("limit", "At most 100; more is taken for 100.", _INTEGER),
)
_WHOM = (
    query("workspace_id", "Of another workspace there is nothing to see.", _UUID),
    query("customer_id", _MANY, _UUID),
    query("external_customer_id", _MANY),
)
_SOURCE = query("source", _MANY, Schema(type=OpenAPIType.STRING, enum=["system", "user"]))
_TEXT_QUERY = query("query", "Words of the metadata, or a part of the name, the source or a name of the customer.")


def _operation(parameters: Sequence[Parameter] = (), body: Schema | None = None) -> type[Operation]:
    """An operation whose parameters and body are read by hand."""

    @dataclass
    class Documented(Operation):
        def __post_init__(self) -> None:
            if parameters:
                self.parameters = [*(self.parameters or []), *parameters]
            if body is not None:
                self.request_body = json_body(body)

    return Documented


def _sorting(*fields: str) -> Parameter:
    words = [word for field in fields for word in (field, f"-{field}")]
    return query("sorting", "May be repeated; falling with a hyphen.", Schema(type=OpenAPIType.STRING, enum=words))


def ingest_operation() -> type[Operation]:
    """The documented body of a batch."""
    events = Schema(type=OpenAPIType.ARRAY, items=_EVENT)
    return _operation(body=Schema(type=OpenAPIType.OBJECT, required=["events"], properties={"events": events}))


def list_events_operation() -> type[Operation]:
    """The documented parameters of a list of events."""
    moment = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME)
    return _operation(
        [
            query("start_timestamp", "Only later events.", moment),
            query("end_timestamp", "Only earlier events.", moment),
            *_WHOM,
            query("name", _MANY),
            _SOURCE,
            _TEXT_QUERY,
            query("parent_id", "Its children, or with `depth` its descendants.", _UUID),
            query("depth", "How many levels down.", Schema(type=OpenAPIType.INTEGER, minimum=0, maximum=5)),
            query("cursor_pagination", "Tells only whether a page follows.", Schema(type=OpenAPIType.BOOLEAN)),
            _sorting("timestamp"),
            *_PAGING,
        ]
    )


def list_names_operation() -> type[Operation]:
    """The documented parameters of a list of names."""
    part = query("query", "A part of the name.")
    return _operation([*_WHOM, _SOURCE, part, _sorting("last_seen", "first_seen", "occurrences", "name"), *_PAGING])


def list_types_operation() -> type[Operation]:
    """The documented parameters of a list of event types."""
    part = query("query", "A part of the name or the label.")
    roots = query("root_events", "Only events without a parent.", Schema(type=OpenAPIType.BOOLEAN))
    sorting = _sorting("name", "label", "occurrences", "first_seen", "last_seen")
    return _operation([*_WHOM, _SOURCE, part, roots, query("parent_id", "Its children.", _UUID), sorting, *_PAGING])


def label_type_operation() -> type[Operation]:
    """The documented body of a label."""
    fields: dict[str, Reference | Schema] = {"label": TEXT, "label_property_selector": TEXT}
    return _operation(body=Schema(type=OpenAPIType.OBJECT, properties=fields))


def statistics_operation() -> type[Operation]:
    """The documented parameters of statistics."""
    day = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE)
    words = ["year", "month", "week", "day", "hour"]
    return _operation(
        [
            query("start_date", "The first day.", day, required=True),
            query("end_date", "The last day.", day, required=True),
            query("interval", "A period.", Schema(type=OpenAPIType.STRING, enum=words), required=True),
            query("timezone", "An IANA time zone; UTC unless given."),
            *_WHOM,
            query("name", _MANY),
            _TEXT_QUERY,
            query("aggregate_fields", "May be repeated; `_cost.amount` unless given."),
            _sorting("total", "occurrences", "average", "p95", "p99", "name"),
        ]
    )


def create_customer_operation() -> type[Operation]:
    """The documented body of a new customer."""
    return _operation(body=_CUSTOMER)


def change_customer_operation() -> type[Operation]:
    """The documented body of a change."""
    return _operation(body=Schema(type=OpenAPIType.OBJECT, properties=_CUSTOMER.properties))


def delete_customer_operation() -> type[Operation]:
    """The documented parameter of a deletion."""
    return _operation([query("anonymize", "Also take away who it was.", Schema(type=OpenAPIType.BOOLEAN))])


def list_customers_operation() -> type[Operation]:
    """The documented parameters of a list of customers."""
    members = query("include_members", "Show their members.", Schema(type=OpenAPIType.BOOLEAN))
    part = query("query", "A part of e-mail or name, or how the external id begins.")
    email = query("email", "The whole address.")
    return _operation([_WHOM[0], email, part, members, _sorting("created_at", "email", "name"), *_PAGING])


def list_members_operation() -> type[Operation]:
    """The documented parameters of a list of members."""
    return _operation([*_WHOM[1:], _sorting("created_at"), *_PAGING])


_ROLE = Schema(type=OpenAPIType.STRING, enum=["owner", "billing_manager", "member"])


def create_member_operation() -> type[Operation]:
    """The documented body of a new member."""
    fields: dict[str, Reference | Schema] = {
        "customer_id": _UUID,
        "email": TEXT,
        "name": TEXT,
        "external_id": TEXT,
        "role": _ROLE,
    }
    return _operation(body=Schema(type=OpenAPIType.OBJECT, required=["customer_id", "email"], properties=fields))


def change_member_operation() -> type[Operation]:
    """The documented body of a change of a member."""
    return _operation(body=Schema(type=OpenAPIType.OBJECT, properties={"name": TEXT, "role": _ROLE}))


def list_tokens_operation() -> type[Operation]:
    """The documented parameters of a list of tokens."""
    return _operation([_WHOM[0], _sorting("created_at", "comment", "last_used_at", "workspace_id"), *_PAGING])


_SCOPES = Schema(type=OpenAPIType.ARRAY, items=TEXT)


def create_token_operation() -> type[Operation]:
    """The documented body of a new token."""
    lasting = Schema(type=OpenAPIType.STRING, description="An ISO 8601 duration, or a number of seconds.")
    fields: dict[str, Reference | Schema] = {"comment": TEXT, "scopes": _SCOPES, "expires_in": lasting}
    return _operation(body=Schema(type=OpenAPIType.OBJECT, required=["comment", "scopes"], properties=fields))


def change_token_operation() -> type[Operation]:
    """The documented body of a change of a token."""
    return _operation(body=Schema(type=OpenAPIType.OBJECT, properties={"comment": TEXT, "scopes": _SCOPES}))
