"""Customers between the wire and the model (contracts/capillary.md 6.2)."""

import msgspec

from footfall.apis.capillary import identity
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.schemas import (
    CommChannel,
    CustomerAnswer,
    CustomerInfo,
    CustomerRequest,
    Identifier,
    ProfileAnswer,
)
from footfall.capture.identity_resolution import Resolver
from footfall.model.customer import Customer, CustomerProfile, Identity
from footfall.model.event import CustomerReference
from footfall.model.workspace import Workspace
from footfall.storage import customers as stored
from footfall.storage.connection import Connection

ALREADY_EXISTS = 8006
INVALID_IDENTIFIERS = 8014

_TYPES = {
    "external_id": "externalId",
    "email": "email",
    "mobile": "mobile",
    "card_number": "cardnumber",
    "card_external_id": "cardExternalId",
}
_MOST_IDENTIFIERS = 50


class _Own(msgspec.Struct, rename="camel", omit_defaults=True):
    """What only this product says of a customer; kept under its name in the customer's details."""

    first_name: str | None = None
    last_name: str | None = None


class _Details(msgspec.Struct, omit_defaults=True):
    capillary: _Own = msgspec.field(default_factory=_Own)


def identities(asked: CustomerRequest) -> tuple[Identity, ...]:
    """The names of the customer to register. Raises CapillaryError when there is none, or one cannot be."""
    found = []
    for profile in asked.profiles:
        for identifier in profile.identifiers or ():
            name = identity.identity(identifier.type, identifier.value)
            if name is None:
                raise CapillaryError(400, INVALID_IDENTIFIERS, f"invalid identifier {identifier.type}")
            found.append(name)
    if not found or len(found) > _MOST_IDENTIFIERS:
        raise CapillaryError(400, INVALID_IDENTIFIERS, "a customer has 1 to 50 identifiers")
    return tuple(dict.fromkeys(found))


def register(connection: Connection, workspace: Workspace, names: tuple[Identity, ...], asked: CustomerRequest) -> int:
    """Makes a customer of whoever goes by ``names``; the new number. Raises CapillaryError 8006 for a known one."""
    connection.lock(workspace.number)
    if any(one.registered for one in stored.holders(connection, workspace.number, names).values()):
        raise CapillaryError(400, ALREADY_EXISTS, "Customer already exists")
    first = asked.profiles[0]
    full_name = " ".join(part for part in (first.first_name, first.last_name) if part)
    fields = {name: value for profile in asked.profiles for name, value in (profile.fields or {}).items()}
    reference = CustomerReference(
        identities=names,
        profile=CustomerProfile(
            name=full_name or None,
            account_id=first.account_id,
            properties={**fields, **(asked.extended_fields or {})} or None,
        ),
    )
    resolver = Resolver(connection, workspace.number, [reference])
    number = resolver.find_or_make(reference)
    resolver.store()
    customer = None if number is None else stored.by_number(connection, workspace.number, number)
    assert customer is not None
    stored.update(connection, [_with_own(customer, _Own(first.first_name, first.last_name))])
    return customer.number


def shown(customer: Customer, names: list[Identity], workspace: Workspace) -> CustomerAnswer:
    """The customer as the product shows it."""
    channels = [
        CommChannel(kind, value, primary=True)
        for kind, value in (("mobile", customer.mobile), ("email", customer.email))
        if value is not None
    ]
    person = info(customer)
    profile = ProfileAnswer(
        first_name=person.first_name,
        last_name=person.last_name,
        identifiers=[shown_name for name in names if (shown_name := _identifier(name)) is not None],
        comm_channels=channels,
        account_id=customer.account_id,
        user_id=customer.number,
    )
    return CustomerAnswer(
        id=customer.number,
        profiles=[profile],
        associated_with=workspace.till_code,
        extended_fields=customer.properties,
    )


def info(customer: Customer | None) -> CustomerInfo:
    """First and last name: as told to this product, else the name's words."""
    if customer is None:
        return CustomerInfo(None, None)
    own = _own(customer)
    if own.first_name is not None or own.last_name is not None or customer.name is None:
        return CustomerInfo(own.first_name, own.last_name)
    first, _, last = customer.name.partition(" ")
    return CustomerInfo(first, last or None)


def _own(customer: Customer) -> _Own:
    return msgspec.json.decode(customer.details, type=_Details).capillary


def _with_own(customer: Customer, own: _Own) -> Customer:
    details: dict[str, object] = dict(msgspec.json.decode(customer.details, type=dict[str, msgspec.Raw]))
    details["capillary"] = own
    return msgspec.structs.replace(customer, details=msgspec.Raw(msgspec.json.encode(details)))


def _identifier(name: Identity) -> Identifier | None:
    if name.kind == "other":
        identifier_type, colon, value = name.value.partition(":")
        return Identifier(identifier_type, value) if colon and identity.is_type(identifier_type) else None
    return Identifier(_TYPES[name.kind], name.value) if name.kind in _TYPES else None
