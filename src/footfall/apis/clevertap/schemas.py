"""What goes over the wire (contracts/clevertap.md 2 and 3). Absent keys are left out, never ``null``."""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, Raw, UnsetType

MISSING = Raw(b"")
"""A field that the client did not send."""


class FailureAnswer(msgspec.Struct):
    """Every failure's envelope (contract 1.4)."""

    status: Literal["fail"]
    error: str
    code: int


class CursorAnswer(msgspec.Struct):
    """Step 1: an export has been opened (contract 2.1)."""

    cursor: str
    status: Literal["success"] = "success"


class EventTotals(msgspec.Struct):
    """One kind of event that a user did; times are epoch seconds."""

    count: int
    first_seen: int
    last_seen: int


class Profile(msgspec.Struct, omit_defaults=True, gc=False):
    """The user as known now, not as known when the event happened (contract 2.4).

    A page holds thousands of them and of records, none part of a cycle: the garbage collector need not look at them.
    """

    objectId: str  # noqa: N815  (the wire's name)
    platform: str | UnsetType = UNSET
    identity: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    phone: int | str | UnsetType = UNSET
    id: int | UnsetType = UNSET
    os_version: str | UnsetType = UNSET
    app_version: str | UnsetType = UNSET
    make: str | UnsetType = UNSET
    model: str | UnsetType = UNSET
    profileData: Raw | UnsetType = UNSET  # noqa: N815
    events: dict[str, EventTotals] | UnsetType = UNSET


class Record(msgspec.Struct, gc=False):
    """One exported event."""

    profile: Profile
    ts: int  # yyyyMMddHHmmss on the account's clock
    event_props: Raw
    session_props: Raw


class Page(msgspec.Struct, omit_defaults=True):
    """Step 2: one page; the page after the last has nothing but its status (contract 2.2)."""

    status: Literal["success"]
    previous_cursor: str | UnsetType = UNSET
    next_cursor: str | UnsetType = UNSET
    records: list[Record] | UnsetType = UNSET


class DocumentedProfile(msgspec.Struct, omit_defaults=True):
    """A profile as documentation shows it."""

    objectId: str  # noqa: N815  (the wire's name)
    platform: str | UnsetType = UNSET
    identity: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    phone: int | str | UnsetType = UNSET
    id: int | UnsetType = UNSET
    os_version: str | UnsetType = UNSET
    app_version: str | UnsetType = UNSET
    make: str | UnsetType = UNSET
    model: str | UnsetType = UNSET
    profileData: dict[str, Any] | UnsetType = UNSET  # noqa: N815
    events: dict[str, EventTotals] | UnsetType = UNSET


class DocumentedRecord(msgspec.Struct):
    """One exported event as documentation shows it."""

    profile: DocumentedProfile
    ts: int
    event_props: dict[str, Any]
    session_props: dict[str, str]


class DocumentedPage(msgspec.Struct, omit_defaults=True):
    """A page as documentation shows it."""

    status: Literal["success"]
    previous_cursor: str | UnsetType = UNSET
    next_cursor: str | UnsetType = UNSET
    records: list[DocumentedRecord] | UnsetType = UNSET


class ProfileRecord(msgspec.Struct, omit_defaults=True, gc=False):
    """One user (contract 4.6)."""

    objectId: str  # noqa: N815  (the wire's name)
    identity: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    phone: int | str | UnsetType = UNSET
    profileData: Raw | UnsetType = UNSET  # noqa: N815
    events: dict[str, EventTotals] | UnsetType = UNSET
    platformInfo: list[dict[str, str]] | UnsetType = UNSET  # noqa: N815


class ProfileAnswer(msgspec.Struct):
    """One user who was asked for (contract 4.7)."""

    status: Literal["success"]
    record: ProfileRecord


class ProfilePage(msgspec.Struct, omit_defaults=True):
    """One page of users; the page after the last has nothing but its status."""

    status: Literal["success"]
    next_cursor: str | UnsetType = UNSET
    records: list[ProfileRecord] | UnsetType = UNSET


class DocumentedProfileRecord(msgspec.Struct, omit_defaults=True):
    """One user as documentation shows one."""

    objectId: str  # noqa: N815  (the wire's name)
    identity: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    phone: int | str | UnsetType = UNSET
    profileData: dict[str, Any] | UnsetType = UNSET  # noqa: N815
    events: dict[str, EventTotals] | UnsetType = UNSET
    platformInfo: list[dict[str, str]] | UnsetType = UNSET  # noqa: N815


class DocumentedProfileAnswer(msgspec.Struct):
    """One user who was asked for, as documentation shows one."""

    status: Literal["success"]
    record: DocumentedProfileRecord


class DocumentedProfilePage(msgspec.Struct, omit_defaults=True):
    """A page of users as documentation shows it."""

    status: Literal["success"]
    next_cursor: str | UnsetType = UNSET
    records: list[DocumentedProfileRecord] | UnsetType = UNSET


class EventCountAnswer(msgspec.Struct):
    """How many events there are (contract 4.2)."""

    status: Literal["success"]
    count: int


class UserDevices(msgspec.Struct):
    """Users and their devices: one for each, because nothing captures devices."""

    users: int
    devices: int


class ProfileCountAnswer(msgspec.Struct):
    """How many users did an event, and how often (contract 4.3)."""

    status: Literal["success"]
    count: int
    nQCount: int  # noqa: N815  (the wire's name)
    tcount: int
    userDeviceCount: UserDevices  # noqa: N815


class PartialAnswer(msgspec.Struct):
    """An answer that is to be asked for again, by its id (contract 4.1)."""

    status: Literal["partial"]
    req_id: str


class StatusAnswer(msgspec.Struct):
    """That it was done."""

    status: Literal["success"]


class NamedThing(msgspec.Struct):
    """An event or a property of users."""

    name: str


class EventSchemaAnswer(msgspec.Struct):
    """The account's events (contract 4.8)."""

    status: Literal["success"]
    events: list[NamedThing]


class UserSchemaAnswer(msgspec.Struct):
    """The properties of the account's users (contract 4.8)."""

    status: Literal["success"]
    userProperties: list[NamedThing]  # noqa: N815  (the wire's name)


class UploadBody(msgspec.Struct):
    """The body of an upload: records of mixed types, each judged for itself (contract 3.1)."""

    d: list[Raw]


class UploadRecord(msgspec.Struct, gc=False):
    """One record of an upload, its fields undecoded: which of them must be what, depends on ``type``."""

    type: Raw = MISSING
    ts: Raw = MISSING
    identity: Raw = MISSING
    object_id: Raw = msgspec.field(name="objectId", default=MISSING)
    facebook_id: Raw = msgspec.field(name="FBID", default=MISSING)
    google_id: Raw = msgspec.field(name="GPID", default=MISSING)
    event_name: Raw = msgspec.field(name="evtName", default=MISSING)
    event_data: Raw = msgspec.field(name="evtData", default=MISSING)
    profile_data: Raw = msgspec.field(name="profileData", default=MISSING)
    token_data: Raw = msgspec.field(name="tokenData", default=MISSING)


class Unprocessed(msgspec.Struct):
    """A record that was refused, with the record as it was sent (contract 3.3)."""

    status: Literal["fail"]
    code: int
    error: str
    record: Raw


class UploadAnswer(msgspec.Struct):
    """The outcome of an upload (contract 3.3)."""

    status: Literal["success", "partial", "fail"]
    processed: int
    unprocessed: list[Unprocessed]


class DocumentedUnprocessed(msgspec.Struct):
    """A refused record as documentation shows it."""

    status: Literal["fail"]
    code: int
    error: str
    record: dict[str, Any]


class DocumentedUploadAnswer(msgspec.Struct):
    """The outcome of an upload as documentation shows it."""

    status: Literal["success", "partial", "fail"]
    processed: int
    unprocessed: list[DocumentedUnprocessed]
