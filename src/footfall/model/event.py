"""Events: what a caller asks to capture, and what the store holds."""

from enum import IntEnum
from typing import Literal

import msgspec

from footfall.model.customer import CustomerProfile, Identity

ADD_TRANSACTION = "ADD_TRANSACTION"
RETURN_BILL = "RETURN_BILL"
NOT_INTERESTED = "NOT_INTERESTED"
NOT_INTERESTED_RETURN = "NOT_INTERESTED_RETURN"
"""Bills and returns of people who want to stay unknown: nobody's, so they count towards no target."""

Api = Literal["footfall", "capillary", "gainsight_px", "clevertap", "rapidly"]

Family = Literal[
    "custom",
    "email",
    "engagement_view",
    "feature_match",
    "form_submit",
    "identify",
    "lead",
    "page_view",
    "segment_match",
    "session",
    "survey_response",
]
"""What kind of thing an event tells of. ``custom``, what somebody gave a name of his own, is nearly all there is; the
others are what a web page's tracking sees by itself, and stand in lists of their own."""


class CustomerLink(IntEnum):
    """How the event named its customer; Rapidly echoes only the name that was used."""

    ANY = 0  # by any identity: both the customer's id and external id are shown
    BY_EXTERNAL_ID = 1  # Rapidly's external_customer_id: customer_id stays null
    BY_ID = 2  # Rapidly's customer_id: external_customer_id stays null


class WhenUnknown(IntEnum):
    """What to do with a customer whom nobody has named before."""

    REGISTER = 0  # the product makes a customer of whoever is named
    MENTION = 1  # remember the name; a customer comes into being when somebody registers one
    REFUSE = 2  # the event cannot be captured


class CustomerReference(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whom a new event is about.

    ``number`` or ``id`` point at a known customer and win; else the first of ``identities`` that is known
    decides, and the others become further names of that customer where nobody else holds them.
    """

    identities: tuple[Identity, ...] = ()
    number: int | None = None
    id: bytes | None = None
    when_unknown: WhenUnknown = WhenUnknown.REGISTER
    link: CustomerLink = CustomerLink.ANY
    profile: CustomerProfile | None = None


class NewEvent(msgspec.Struct, kw_only=True, gc=False):
    """An event to capture. ``properties`` and ``session`` are JSON objects as UTF-8 text, kept byte for byte."""

    name: str
    occurred_at: int  # instant
    received_at: int  # instant
    properties: str = "{}"
    customer: CustomerReference | None = None
    external_id: str | None = None  # the caller's own key; deduplicates
    utc_offset: int | None = None  # minutes east, as sent
    account_id: str | None = None
    source: str | None = None
    outlet: str | None = None  # Capillary's till id, Gainsight PX's property key; None: the workspace's own
    amount: int | None = None  # see model.amount
    session: str | None = None
    parent: bytes | None = None  # id of the parent event
    parent_external_id: str | None = None  # the parent by its caller's key; wins over ``parent`` where known
    member_id: bytes | None = None
    external_member_id: str | None = None
    unique_key: str | None = None  # Capillary: a second event with this key is stored, flagged a duplicate
    captured_by: Api = "footfall"
    family: Family = "custom"
    id: bytes | None = None  # chosen by the caller of capture where it must be known beforehand
    counts: bool = True  # whether targets may count it


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that one customer did at one instant, as stored. Immutable.

    ``sequence`` grows with every stored event.  ``label`` belongs to the event's type.
    """

    sequence: int
    id: bytes
    workspace: int
    name: str
    label: str | None
    customer: int | None
    customer_link: int
    occurred_at: int
    received_at: int
    utc_offset: int | None
    external_id: str | None
    account_id: str | None
    source: str | None
    outlet: str | None
    amount: int | None
    parent_id: bytes | None
    member_id: bytes | None
    external_member_id: str | None
    unique_key: str | None
    is_duplicate: int
    captured_by: Api
    properties: str
    session: str | None
    family: Family = "custom"


class RecordedEvent(msgspec.Struct, frozen=True, gc=False):
    """An event that the transaction at hand has just stored, for what must follow in that transaction."""

    sequence: int
    workspace: int
    event: NewEvent
    id: bytes
    customer: int | None
    is_duplicate: bool


class Captured(msgspec.Struct, frozen=True, gc=False):
    """The outcome for one event: stored now, or (``repeated``) known already by its external id.

    Or ``ignored``: told to have been stored, because its customer is denied.
    """

    id: bytes
    repeated: bool = False
    sequence: int | None = None  # None where it was not stored now
    ignored: bool = False


class Refused(msgspec.Struct, frozen=True, gc=False):
    """The outcome for one event that could not be captured: which field, and why in words of the model."""

    field: Literal["customer", "parent", "id"]
    reason: Literal["unknown_customer", "no_customer", "unknown_parent", "circular_parent", "taken"]


Outcome = Captured | Refused
