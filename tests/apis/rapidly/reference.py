"""The product's request bodies as pydantic models: what our own validation is compared with."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, NotRequired

from pydantic import (
    UUID4,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    EmailStr,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

MetadataValue = (
    Annotated[str, StringConstraints(min_length=1, max_length=500)]
    | int
    | Annotated[float, Field(allow_inf_nan=False)]
    | bool
)


def _is_usd(value: object) -> object:
    if isinstance(value, str) and value != "usd":
        raise PydanticCustomError("string_pattern_mismatch", "String should match pattern 'usd'", {"pattern": "usd"})
    return value


class Cost(TypedDict):
    amount: Annotated[Decimal, Field(max_digits=17, decimal_places=12)]
    currency: Annotated[str, BeforeValidator(_is_usd)]


class Llm(TypedDict):
    vendor: str
    model: str
    prompt: NotRequired[str | None]
    response: NotRequired[str | None]
    input_tokens: int
    cached_input_tokens: NotRequired[int]
    output_tokens: int
    total_tokens: int


class Metadata(TypedDict, total=False, extra_items=MetadataValue):  # type: ignore[call-arg]
    _cost: Cost
    _llm: Llm


class EventCreate(BaseModel):
    name: Annotated[str, Field(max_length=128)]
    timestamp: AwareDatetime = datetime(2000, 1, 1, tzinfo=UTC)
    workspace_id: UUID4 | None = None
    external_id: str | None = None
    parent_id: str | None = None
    metadata: Metadata = {}


class EventCreateCustomer(EventCreate):
    customer_id: UUID4
    member_id: UUID4 | None = None


class EventCreateExternalCustomer(EventCreate):
    external_customer_id: str
    external_member_id: str | None = None


class EventsIngest(BaseModel):
    events: list[EventCreateCustomer | EventCreateExternalCustomer]


class EmailHolder(BaseModel):
    email: EmailStr


class CustomerMetadata(BaseModel):
    metadata: dict[Annotated[str, StringConstraints(min_length=1, max_length=40)], MetadataValue]


def faults(model: type[Any], value: object) -> list[dict[str, Any]]:
    """What pydantic finds wrong with ``value``, in the product's wire form without ``loc[0]``."""
    try:
        TypeAdapter(model).validate_python(value, from_attributes=True)
    except ValidationError as error:
        return [_wire(item) for item in error.errors(include_url=False)]
    return []


def _wire(item: Any) -> dict[str, Any]:
    ctx = {key: ({} if isinstance(held, Exception) else held) for key, held in item.get("ctx", {}).items()}
    shown = {"type": item["type"], "loc": list(item["loc"]), "msg": item["msg"], "input": item["input"]}
    return {**shown, "ctx": ctx} if ctx else shown
