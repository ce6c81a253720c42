"""One user as ``profile.json`` and ``profiles.json`` show one (contracts/clevertap.md 4.6, 4.7)."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import UNSET, Raw

from footfall.apis.clevertap import identities
from footfall.apis.clevertap.cursor import Flags
from footfall.apis.clevertap.errors import CleverTapError
from footfall.apis.clevertap.mapping import app_fields, phone_of, platform_of, totals_of
from footfall.apis.clevertap.schemas import EventTotals, ProfileRecord
from footfall.model.customer import Identity
from footfall.model.export import NOBODY, ExportedCustomer
from footfall.storage import event_export, event_summaries
from footfall.storage.connection import Connection

_BY = {"identity": identities.external, "email": identities.email, "objectId": identities.device}


def whom(parameters: Mapping[str, str]) -> tuple[Identity, ...]:
    """The names that a request may mean, likeliest first. Raises CleverTapError unless it gives exactly one."""
    given = [(key, value) for key in _BY if (value := parameters.get(key, "").strip())]
    if len(given) != 1:
        raise CleverTapError("Invalid query : exactly one of identity, email and objectId is mandatory")
    (key, value) = given[0]
    # Old clients put a name into the address as it is, where a plus sign stands for a blank.
    spelled = dict.fromkeys((value, value.replace(" ", "+")))
    return tuple(_BY[key](each) for each in spelled if identities.is_usable(each))


def one(connection: Connection, workspace: int, names: Sequence[Identity]) -> ProfileRecord | None:
    """The user who goes by the first of ``names`` that anybody goes by."""
    numbers = (identities.find(connection, workspace, [name]) for name in names)
    number = next((each for each in numbers if each != NOBODY), None)
    if number is None:
        return None
    found = several(connection, workspace, [number], Flags(app=True, profile=True, events=True))
    return found[0] if found else None


def several(connection: Connection, workspace: int, numbers: Sequence[int], flags: Flags) -> list[ProfileRecord]:
    """The users with these numbers, in the numbers' order."""
    people = {each.number: each for each in event_export.people(connection, workspace, numbers)}
    summaries = event_summaries.of_customers(connection, workspace, numbers) if flags.events else []
    totals = totals_of(summaries)
    present = (people[number] for number in numbers if number in people)
    return [_record(each, flags, totals.get(each.number, {})) for each in present]


def _record(customer: ExportedCustomer, flags: Flags, totals: dict[str, EventTotals]) -> ProfileRecord:
    object_id, platform = identities.object_id_of(customer), platform_of(customer)
    device = {} if platform is None else {"platform": platform}
    if flags.app:
        device |= app_fields(customer)
    return ProfileRecord(
        objectId=object_id,
        identity=customer.external_id or UNSET,
        email=customer.email or UNSET,
        name=customer.name or UNSET,
        phone=UNSET if not customer.mobile else phone_of(customer.mobile),
        profileData=Raw(customer.properties) if flags.profile else UNSET,
        events=totals if flags.events else UNSET,
        platformInfo=[{**device, "objectId": object_id}],
    )


def names_in(given: object) -> Iterable[str]:
    """The names in a text, a number or a list of them. Raises ValueError."""
    listed = given if isinstance(given, list) else [given]
    for each in listed:
        name = str(each) if isinstance(each, int) and not isinstance(each, bool) else each
        if not isinstance(name, str) or not name:
            raise ValueError
        yield name
