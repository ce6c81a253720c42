"""Behavioural events: what a workspace says an event looks like, where occurrences come in, what became of each.

Contract: contracts/capillary.md 2.
"""

import msgspec


class FieldAttribute(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One attribute of a field: a value in words (``"true"``), or a list of them."""

    value_type: str | None = None
    value: str | bool | int | float | None = None
    values: list[str] | None = None


class Field(msgspec.Struct, frozen=True):
    """One field of a definition, as its author wrote it; types compare without regard to case."""

    name: str
    type: str
    attributes: dict[str, FieldAttribute] = {}

    @property
    def kind(self) -> str:
        """The type, folded for comparison."""
        return self.type.casefold()

    def text(self, attribute: str) -> str | None:
        """What the attribute says, as text; None where it is absent or empty."""
        found = self.attributes.get(attribute)
        return None if found is None or found.value in {None, ""} else str(found.value)

    def is_set(self, attribute: str) -> bool:
        """Whether the attribute says true."""
        return (self.text(attribute) or "").casefold() == "true"


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """How a workspace defines the behavioural event ``name``."""

    id: bytes
    workspace: int
    name: str
    label: str | None
    description: str | None
    actions: list[str]
    fields: list[Field]
    is_verified: bool  # an event has been accepted
    created_at: int  # instant
    disabled_at: int | None = None  # instant; for good
    is_standard: bool = False  # one of those that the product describes itself

    @property
    def customer_field(self) -> Field:
        """The field that names the customer; every definition has one."""
        return next(field for field in self.fields if field.kind == "customer")

    @property
    def sensitive(self) -> list[str]:
        """Names of the attributes that hold potentially sensitive information."""
        return [field.name for field in self.fields if field.is_set("isPsiData")]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a definition, for whoever asks later. Both states are JSON objects; None: there was, or is, none."""

    id: bytes
    workspace: int
    event_name: str
    action: str
    changed_by: str  # the credential's name
    changed_at: int  # instant
    before: msgspec.Raw | None
    after: msgspec.Raw | None


class Adapter(msgspec.Struct, frozen=True, kw_only=True):
    """What a transformer's other system calls the event, and its fields; ``mapping`` is a JSON object."""

    workspace: int
    transformer: str
    event_name: str
    mapping: msgspec.Raw
    changed_at: int  # instant


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """An address where occurrences are posted."""

    id: bytes
    workspace: int
    transformer: str
    till_code: str
    is_authenticated: bool
    checks_uniqueness: bool
    listens_to_children: bool
    created_at: int  # instant
    disabled_at: int | None = None  # instant


class WaitingPost(msgspec.Struct, frozen=True, kw_only=True):
    """A post that was acknowledged, and has yet to become an event or a rejection."""

    id: bytes  # the request id
    workspace: int
    webhook: bytes
    event_name: str  # as the log will show it
    received_at: int  # instant
    request: str  # the posted JSON object, whole


class State(msgspec.Struct, frozen=True):
    """One step of processing a post."""

    message: str
    date: int  # milliseconds since 1970, UTC
    status: str


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """What was posted, and what became of it; kept for a while so that rejections can be understood."""

    id: bytes  # the request id, which is the event's id if it was accepted
    workspace: int
    webhook: bytes
    event_name: str
    received_at: int  # instant
    response_time: int  # milliseconds
    status: str
    message: str
    request: str  # the posted JSON
    states: list[State]
