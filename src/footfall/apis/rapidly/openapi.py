"""What the generated documentation cannot see: bodies that are decoded by hand, and the errors."""

from dataclasses import dataclass

import msgspec
from litestar.openapi.spec import OpenAPIFormat, OpenAPIType, Operation, Schema

from footfall.apis.openapi import OBJECT, TEXT, answer_of, json_body


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


ERRORS = {
    401: answer_of(TokenError, "No access token, or one that proves nobody."),
    403: answer_of(TokenError, "The token lacks the scope."),
    404: answer_of(DomainError, "There is no such thing in this workspace."),
    422: answer_of(ValidationErrors, "Every fault of the request."),
}

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
    },
)


@dataclass
class _Ingest(Operation):
    def __post_init__(self) -> None:
        events = Schema(type=OpenAPIType.ARRAY, items=_EVENT)
        batch = Schema(type=OpenAPIType.OBJECT, required=["events"], properties={"events": events})
        self.request_body = json_body(batch)


@dataclass
class _CreateCustomer(Operation):
    def __post_init__(self) -> None:
        self.request_body = json_body(_CUSTOMER)


def ingest_operation() -> type[Operation]:
    """The documented body of a batch."""
    return _Ingest


def create_customer_operation() -> type[Operation]:
    """The documented body of a new customer."""
    return _CreateCustomer
