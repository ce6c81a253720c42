"""What the generated documentation cannot see: bodies that are decoded by hand, and the errors."""

from dataclasses import dataclass

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema


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
    401: ResponseSpec(TokenError, generate_examples=False, description="No access token, or one that proves nobody."),
    403: ResponseSpec(TokenError, generate_examples=False, description="The token lacks the scope."),
    404: ResponseSpec(DomainError, generate_examples=False, description="There is no such thing in this workspace."),
    422: ResponseSpec(ValidationErrors, generate_examples=False, description="Every fault of the request."),
}

_TEXT = Schema(type=OpenAPIType.STRING)
_OBJECT = Schema(type=OpenAPIType.OBJECT)
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
        "external_customer_id": _TEXT,
        "external_member_id": _TEXT,
    },
)
_CUSTOMER = Schema(
    type=OpenAPIType.OBJECT,
    required=["email"],
    properties={
        "email": Schema(type=OpenAPIType.STRING),
        "name": Schema(type=OpenAPIType.STRING, max_length=256),
        "external_id": _TEXT,
        "type": Schema(type=OpenAPIType.STRING, enum=["individual", "team"], default="individual"),
        "billing_address": _OBJECT,
        "metadata": _OBJECT,
    },
)


@dataclass
class _Ingest(Operation):
    def __post_init__(self) -> None:
        events = Schema(type=OpenAPIType.ARRAY, items=_EVENT)
        self.request_body = _json(Schema(type=OpenAPIType.OBJECT, required=["events"], properties={"events": events}))


@dataclass
class _CreateCustomer(Operation):
    def __post_init__(self) -> None:
        self.request_body = _json(_CUSTOMER)


def ingest_operation() -> type[Operation]:
    """The documented body of a batch."""
    return _Ingest


def create_customer_operation() -> type[Operation]:
    """The documented body of a new customer."""
    return _CreateCustomer


def _json(schema: Schema) -> RequestBody:
    return RequestBody(content={"application/json": OpenAPIMediaType(schema=schema)}, required=True)
