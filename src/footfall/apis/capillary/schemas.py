"""The wire of behavioural events (contracts/capillary.md 1 to 3).

Structs keep the order of keys that the product's answers have.
"""

import msgspec
from msgspec import UNSET, UnsetType

from footfall.apis.capillary.field_types import FieldTypeMeta
from footfall.model.behavioural_event import Field, State


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of ``errors`` or ``warnings`` in a v2 answer; ``status`` is false in both."""

    status: bool = False
    code: int
    message: str


class Envelope(msgspec.Struct, kw_only=True):
    """A v2 answer that says only that all went well."""

    warnings: list[Problem] = []
    errors: list[Problem] = []


class TokenRequest(msgspec.Struct, frozen=True):
    """``POST /v3/oauth/token/generate``."""

    key: str
    secret: str


class TokenData(msgspec.Struct, frozen=True, rename="camel"):
    """A token and how many seconds it lasts."""

    access_token: str
    ttl_seconds: int


class TokenAnswer(msgspec.Struct, frozen=True):
    """The answer to a client with valid credentials."""

    data: TokenData
    errors: None = None


class DefinitionRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``POST`` and ``PUT /v2/events``."""

    event_name: str
    label: str | None = None
    description: str | None = None
    actions: list[str] = msgspec.field(default_factory=lambda: ["EIConsumer", "EMFConsumer"])
    fields: list[Field] = []


class OrgContext(msgspec.Struct, frozen=True, rename="camel"):
    """Which kind of organisation a definition is for."""

    org_type: str = "STANDARD_ORG"


class EventMeta(msgspec.Struct, kw_only=True, rename="camel"):
    """A definition as it is shown."""

    event_id: str
    event_name: str
    event_type: str
    actions: list[str]
    fields: list[Field]
    org_id: int
    status: str
    test_status: str
    connected_org_context: OrgContext = OrgContext()
    label: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    date: int
    standard_event: bool = False


class TransformerMappings(msgspec.Struct, frozen=True, rename="camel"):
    """How other systems' events become this one: JSON objects, as they were given."""

    default_transformer_mapping: msgspec.Raw | None = None
    web_engage_transformer_mapping: msgspec.Raw | None = None


class DefinitionItem(msgspec.Struct, frozen=True, rename="camel"):
    """One definition of the list."""

    click_events_meta: EventMeta
    transformer_mappings: TransformerMappings = TransformerMappings()


class Definitions(msgspec.Struct, kw_only=True):
    """``GET /v2/events``."""

    data: list[DefinitionItem]
    warnings: list[Problem] = []
    errors: list[Problem] = []


class DefinitionMeta(msgspec.Struct, kw_only=True, rename="camel"):
    """``GET /v2/events/meta``: flat, and without ``errors``."""

    click_events_meta: EventMeta
    transformer_mappings: TransformerMappings = TransformerMappings()
    warnings: list[Problem] = []


class FieldTypes(msgspec.Struct, kw_only=True):
    """``GET /v2/events/meta_fields``."""

    data: list[FieldTypeMeta]
    warnings: list[Problem] = []
    errors: list[Problem] = []


class StandardEventMeta(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """A standard event as the product describes it; ``enabled``: it is one of the organisation's definitions."""

    event_name: str
    category: str
    event_type: str
    actions: list[str]
    fields: list[Field]
    enabled: bool


class StandardEventsMeta(msgspec.Struct, kw_only=True):
    """``GET /v2/events/standard_events_meta``."""

    data: list[StandardEventMeta]
    warnings: list[Problem] = []
    errors: list[Problem] = []


class ValueMap(msgspec.Struct, frozen=True, rename="camel"):
    """What the other system calls an event, with a number of the other system's."""

    value_map: dict[str, int]


class FieldMapping(msgspec.Struct, frozen=True, rename="camel"):
    """``field_name`` is the other system's, ``event_field_name`` the definition's."""

    event_field_name: str
    field_name: str


class AdapterMapping(msgspec.Struct, frozen=True, rename="camel"):
    """How the other system's event becomes the definition's."""

    event_name_mapping: ValueMap = ValueMap({})
    event_field_mappings: list[FieldMapping] = []


class AdapterRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``POST /v2/events/adapter_mapping``."""

    event_name: str
    default_transformer_mapping: AdapterMapping | None = None
    web_engage_transformer_mapping: AdapterMapping | None = None


class AdapterItem(msgspec.Struct, frozen=True, rename="camel"):
    """One event's mappings."""

    event_name: str
    transformer_mappings: TransformerMappings


class AdapterMappings(msgspec.Struct, kw_only=True):
    """``GET /v2/events/adapter_mapping``."""

    data: list[AdapterItem]
    warnings: list[Problem] = []
    errors: list[Problem] = []


class Adapters(msgspec.Struct, kw_only=True):
    """``GET /v2/events/adapters_meta``."""

    data: list[str]
    warnings: list[Problem] = []
    errors: list[Problem] = []


class AuditItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One change of a definition; ``date`` is in milliseconds."""

    id: str
    event_name: str
    action: str
    changed_by: str
    date: int
    old_value: msgspec.Raw | None
    new_value: msgspec.Raw | None


class AuditLogs(msgspec.Struct, kw_only=True):
    """``GET /v2/events/audit_logs``."""

    data: list[AuditItem]
    warnings: list[Problem] = []
    errors: list[Problem] = []


class WebhookRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``POST`` and ``PUT /v2/events/webhook``."""

    till_code: str
    transformer_type: str = "DefaultTransformer"
    auth_enabled: bool = False
    auth_mechanism: str | None = None
    uniqueness_check_enabled: bool = False
    listen_to_child_events: bool = False
    web_hook_id: str | None = None
    web_hook_uri: str | None = None


class WebhookId(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``PUT /v2/events/webhook/disable``."""

    web_hook_id: str


class WebhookAnswer(msgspec.Struct, kw_only=True, rename="camel"):
    """A webhook just made or changed."""

    transformer_type: str
    uniqueness_check_enabled: bool
    till_code: str
    web_hook_uri: str
    auth_enabled: bool
    warnings: list[Problem] = []


class WebhookItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One webhook of the list."""

    transformer_type: str
    web_hook_id: str
    till_code: str
    web_hook_uri: str


class Webhooks(msgspec.Struct, kw_only=True):
    """``GET /v2/events/webhooks``."""

    data: list[WebhookItem]
    warnings: list[Problem] = []
    errors: list[Problem] = []


class PostStatus(msgspec.Struct, frozen=True):
    """The state of a post: 1100, pushed."""

    code: int
    message: str


class PostAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a posted event, whether it will turn out valid or not."""

    status: PostStatus
    request_id: str


class LogItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of one post. ``start_time`` and ``response_time`` are milliseconds."""

    start_time: int
    response_time: int
    org_id: int
    status: str
    event_name: str
    input_request: str
    id: str
    webhook_id: str
    parent_org_id: int
    message: str


class Logs(msgspec.Struct, kw_only=True):
    """``GET /v2/events/logs``."""

    data: list[LogItem]
    warnings: list[Problem] = []
    errors: list[Problem] = []


class RunningStatus(msgspec.Struct, kw_only=True, rename="camel"):
    """``GET /v2/events/running_status``."""

    id: str
    org_id: int
    state_list: list[State]
    event_name: str | None
    warnings: list[Problem] = []


class SideEffects(msgspec.Struct, frozen=True, rename="camel"):
    """What an event brought about; Footfall has nothing to tell of it."""

    request_id: str
    side_effects: list[str] = []


class EventData(msgspec.Struct, kw_only=True, rename="camel"):
    """One event. ``additonal_attributes`` is spelled as the product spells it; its keys come sorted."""

    org_id: int
    user_id: int
    date: str
    event_name: str
    event_id: str
    source: str
    till_code: str
    display_name: str | UnsetType = UNSET
    additonal_attributes: dict[str, str | int | bool | None]
    psi_attributes: list[str]
    click_event_side_effects: SideEffects | UnsetType = UNSET
    unique_id: str


class EventsData(msgspec.Struct, kw_only=True):
    """``GET /v2/events/event_data``."""

    data: list[EventData]
    warnings: list[Problem] = []
    errors: list[Problem] = []


class FoundEvents(msgspec.Struct, kw_only=True, rename="camel"):
    """``GET /v2/events/search``."""

    click_event_data_list: list[EventData]
    total_records: int
    warnings: list[Problem] = []
