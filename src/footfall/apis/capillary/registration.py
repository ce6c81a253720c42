"""Customers to register: from the wire into the store (contracts/capillary.md 6.2)."""

import msgspec

from footfall.apis.capillary import customer_details, identity
from footfall.apis.capillary.customer_details import LOYALTY, NON_LOYALTY, Profile
from footfall.apis.capillary.customer_schemas import (
    NO,
    USES,
    ChannelRequest,
    CommChannel,
    CustomerRequest,
    ProfileRequest,
)
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.identity import INSTORE_PLACE, SOURCES, Place
from footfall.capture.identity_resolution import Resolver
from footfall.model import instant
from footfall.model.customer import Customer, CustomerProfile, Identity
from footfall.model.document import check_object
from footfall.model.event import CustomerReference
from footfall.storage import customers as stored
from footfall.storage.connection import Connection

INVALID = 400
INVALID_SOURCE = 3217
ALREADY_EXISTS = 8006
REGISTRATION_FAILED = 8014

_MOST_IDENTIFIERS = 50
_MOST_CHANNELS = 50
_LONGEST_NAME = 100  # what is longer is ignored, says the product
_LONGEST_CHANNEL = 1_000  # device tokens are long


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """A customer to register: profiles with the identities named in each."""

    profiles: tuple[Profile, ...]
    extended: dict[str, msgspec.Raw]
    loyalty_type: str
    associated_with: str

    @property
    def names(self) -> tuple[Identity, ...]:
        """Every identity, once."""
        return tuple(dict.fromkeys(name for profile in self.profiles for name in profile.identities))

    @property
    def properties(self) -> dict[str, msgspec.Raw]:
        """What the other products see as the customer's own properties."""
        fields = {name: value for profile in self.profiles for name, value in profile.fields.items()}
        return fields | self.extended


def registration(asked: CustomerRequest, source: str | None, account_id: str | None, *, till_code: str) -> Registration:
    """What is to be stored; ``source`` and ``account_id`` hold where a profile names none. Raises CapillaryError.

    ``till_code``: whom the customer belongs to, unless somebody else is named.
    """
    loyalty_type = (asked.loyalty_info and asked.loyalty_info.loyalty_type) or LOYALTY
    if loyalty_type.casefold() not in {LOYALTY, NON_LOYALTY}:
        raise CapillaryError(400, INVALID, f"loyaltyType is {LOYALTY} or {NON_LOYALTY}")
    wanted = Registration(
        profiles=tuple(_profile(profile, source, account_id) for profile in asked.profiles),
        extended=asked.extended_fields or {},
        loyalty_type=loyalty_type.casefold(),
        associated_with=_text(asked.associated_with) or till_code,
    )
    if not 1 <= len(wanted.names) <= _MOST_IDENTIFIERS:
        raise CapillaryError(400, REGISTRATION_FAILED, f"a customer has 1 to {_MOST_IDENTIFIERS} identifiers")
    places = [profile.place for profile in wanted.profiles]
    if len(set(places)) < len(places):
        raise CapillaryError(400, REGISTRATION_FAILED, "a customer has one profile in each source and account")
    try:
        check_object(b'{"":' + msgspec.json.encode([wanted.profiles, wanted.extended]) + b"}")
    except ValueError as error:
        raise CapillaryError(400, INVALID, f"Invalid input: {error}") from None
    return wanted


def register(connection: Connection, workspace: int, wanted: Registration) -> int:
    """Makes a customer of whoever goes by these names, or gives a known one profiles in further sources; the number.

    Raises CapillaryError 8006 where one of the names is taken in the same source, or by several customers.
    """
    connection.lock(workspace)
    found = stored.holders(connection, workspace, wanted.names).values()
    known = {one.number: one for one in found if one.registered and one.deleted_at is None}
    taken = {place for one in known.values() for place in _places(one)}
    if len(known) > 1 or taken.intersection(profile.place for profile in wanted.profiles):
        raise CapillaryError(400, ALREADY_EXISTS, "Customer already exists for same source")
    reference = CustomerReference(
        identities=wanted.names,
        number=next(iter(known), None),
        profile=CustomerProfile(name=_full_name(wanted), account_id=wanted.profiles[0].account_id or None),
    )
    resolver = Resolver(connection, workspace, [reference])
    number = resolver.find_or_make(reference)
    resolver.store(tells=False)
    customer = None if number is None else stored.by_number(connection, workspace, number)
    assert customer is not None
    completed = _completed(customer, wanted, is_known=bool(known))
    stored.update(connection, [completed])
    resolver.tell([(customer, completed)])
    return customer.number


def _completed(customer: Customer, wanted: Registration, *, is_known: bool) -> Customer:
    details = customer_details.of(customer)
    own = msgspec.json.decode(customer.properties, type=dict[str, msgspec.Raw])
    named = msgspec.structs.replace(
        details,
        profiles=[*(details.profiles or ([Profile(source=identity.INSTORE)] if is_known else [])), *wanted.profiles],
        loyalty_type=details.loyalty_type if is_known else wanted.loyalty_type,
        associated_with=details.associated_with or wanted.associated_with,
        extended=sorted({*details.extended, *wanted.extended}),
    )
    replaced = msgspec.structs.replace(
        customer,
        properties=msgspec.Raw(msgspec.json.encode(own | wanted.properties)),
        modified_at=instant.now() if is_known else customer.modified_at,
    )
    return customer_details.changed(replaced, named)


def _places(customer: Customer) -> set[Place]:
    """Where a registered customer is known; one of other products' is a customer of the store."""
    return {profile.place for profile in customer_details.of(customer).profiles} or {INSTORE_PLACE}


def _full_name(wanted: Registration) -> str | None:
    first = wanted.profiles[0]
    return " ".join(part for part in (first.first_name, first.last_name) if part) or None


def _profile(asked: ProfileRequest, source: str | None, account_id: str | None) -> Profile:
    where = identity.place(asked.source or source, asked.account_id or account_id)
    if where is None or where.source not in SOURCES:
        raise CapillaryError(400, INVALID_SOURCE, "Source is invalid.")
    names = []
    for identifier in asked.identifiers or ():
        name = identity.identity(identifier.type, str(identifier.value), where)
        if name is None:
            raise CapillaryError(400, REGISTRATION_FAILED, f"Error in customer registration: {identifier.type}")
        names.append(name)
    if len(asked.comm_channels or ()) > _MOST_CHANNELS:
        raise CapillaryError(400, INVALID, f"a profile has at most {_MOST_CHANNELS} commChannels")
    return Profile(
        source=where.source,
        account_id=where.account_id,
        first_name=_text(asked.first_name),
        last_name=_text(asked.last_name),
        fields=asked.fields or {},
        channels=[_channel(channel) for channel in asked.comm_channels or ()],
        identities=list(dict.fromkeys(names)),
    )


def _channel(asked: ChannelRequest) -> CommChannel:
    value = str(asked.value)
    if not asked.type.strip() or len(value) > _LONGEST_CHANNEL:
        raise CapillaryError(400, INVALID, "a commChannel has a type, and a value that is not too long")
    return CommChannel(
        type=asked.type,
        value=value,
        primary=_is_true(asked.primary),
        verified=_is_true(asked.verified),
        meta=(asked.meta or {}) | {use: _meta(asked, use) for use in USES},
        attributes=asked.attributes or {},
    )


def _meta(asked: ChannelRequest, use: str) -> msgspec.Raw:
    """Whether a channel is for that use."""
    sent = bytes((asked.meta or {}).get(use, NO))
    return msgspec.Raw(b"true") if sent.strip(b'"').lower() == b"true" else NO


def _is_true(sent: bool | str | None) -> bool:  # noqa: FBT001
    return sent.strip().casefold() == "true" if isinstance(sent, str) else bool(sent)


def _text(sent: str | None) -> str | None:
    """What was sent, without what a database cannot hold; None for nothing."""
    stripped = (sent or "").replace("\0", "").strip()[:_LONGEST_NAME].strip()
    return stripped or None
