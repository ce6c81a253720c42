"""Verdicts on the records of an upload: codes and texts (contracts/clevertap.md 3.4).

Where CleverTap's own text was recorded it is used letter by letter, spacing included: clients search in it.
"""

RESTRICTED_NAMES = frozenset(
    {
        "Notification Sent",
        "Notification Viewed",
        "Notification Clicked",
        "Notification Delivered",
        "Notification Replied",
        "UTM Visited",
        "App Launched",
        "App Uninstalled",
        "App Version Changed",
        "Stayed",
        "Reply Sent",
        "Experiment Rendered",
        "Reachable By",
        "Identity Reset",
        "Identity Set",
        "Identity Error",
        "Web Page Viewed",
    }
)
"""System events that CleverTap lets nobody upload (contract 3.2)."""


class RecordRefused(Exception):  # noqa: N818
    """One record of an upload cannot be stored; the others are not touched by that."""

    def __init__(self, code: int, what: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what

    def text(self, number: int) -> str:
        """The error's text for the record with this number; records count from 1."""
        return f"{self.what}Skipped record number : {number}"


def name_missing() -> RecordRefused:
    """An event without a name."""
    return RecordRefused(509, "Event Name is incorrect. ErrorCode: 509 - Event name is mandatory. ")


def name_incorrect(why: str) -> RecordRefused:
    """An event's name is too long or holds what no name may hold."""
    return RecordRefused(512, f"Event Name is incorrect. ErrorCode: 512 - {why}. ")


def name_restricted() -> RecordRefused:
    """A system event, where the server is set to refuse those."""
    return RecordRefused(513, "Event Name is incorrect. ErrorCode: 513 - Trying to raise a restricted system event. ")


def event_incorrect(why: str) -> RecordRefused:
    """An event's data has a structure that cannot be."""
    return RecordRefused(512, f"Event data is incorrect. {why}. ")


def too_many_properties(limit: int) -> RecordRefused:
    """An event with more properties than may be."""
    return RecordRefused(522, f"Event data is incorrect. More than {limit} properties. ")


def profile_incorrect(why: str) -> RecordRefused:
    """A profile's data has a structure that cannot be."""
    return RecordRefused(512, f"Profile data is incorrect. {why}. ")


def profile_field(code: int, why: str) -> RecordRefused:
    """A predefined field of a profile is wrong; ``why`` ends as CleverTap's text ends, without a blank."""
    return RecordRefused(code, f"Profile data is incorrect. {why}")


def nobody() -> RecordRefused:
    """A record that names no user."""
    return RecordRefused(523, "One of identity, objectId, FBID and GPID is mandatory. ")


def type_unknown() -> RecordRefused:
    """A record that is neither event nor profile nor token."""
    return RecordRefused(524, "Type should be event, profile or token. ")


def timestamp_incorrect() -> RecordRefused:
    """``ts`` is no epoch second, or no plausible one."""
    return RecordRefused(525, "Timestamp should be present in the Unix Epoch format. ")


def object_id_incorrect() -> RecordRefused:
    """An ``objectId`` that nobody can have."""
    return RecordRefused(526, "Object id is not valid. ")


def token_incorrect(code: int, why: str) -> RecordRefused:
    """A token record that says too little."""
    return RecordRefused(code, f"Token data is incorrect. {why}. ")
