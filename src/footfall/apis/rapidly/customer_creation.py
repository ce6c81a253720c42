"""Making a customer: what may be sent, and the one transaction that stores it (contracts/rapidly.md 4.2)."""

from typing import Any

import msgspec

from footfall.apis.rapidly import addresses, email_address, metadata, scalars
from footfall.apis.rapidly.dialect import Dialect
from footfall.apis.rapidly.errors import RequestInvalid
from footfall.apis.rapidly.faults import (
    DICT_TYPE,
    MISSING,
    OBJECT_TYPE,
    Fault,
    Faults,
    Problem,
    at_most,
    tenant_token,
)
from footfall.capture import customer_lifecycle
from footfall.model import identifiers, instant
from footfall.model.customer import Customer
from footfall.model.customer_details import Address, CustomerDetails, details_as_stored
from footfall.model.member import Member
from footfall.model.text import comparable_email
from footfall.model.workspace import Workspace
from footfall.storage import members
from footfall.storage.connection import Connection

_LONGEST_NAME = 256

_TYPE = Problem("enum", "Input should be 'individual' or 'team'", {"expected": "'individual' or 'team'"})
_EMAIL_TAKEN = Problem("value_error", "A customer with this email address already exists.")
_EXTERNAL_ID_TAKEN = Problem("value_error", "A customer with this external ID already exists.")


class NewCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer to make. ``properties`` is a JSON object as text."""

    email: str
    name: str | None
    external_id: str | None
    properties: str
    details: CustomerDetails
    owner: "Owner"


class _RapidlySettings(msgspec.Struct, frozen=True):
    members: bool = True


class _Settings(msgspec.Struct):
    rapidly: _RapidlySettings = _RapidlySettings()


_settings = msgspec.json.Decoder(_Settings).decode


class _Metadata(msgspec.Struct):
    metadata: msgspec.Raw = msgspec.Raw(b"{}")


class Owner(msgspec.Struct, frozen=True):
    """The first member of a customer; what is None is as the customer's."""

    email: str | None = None
    name: str | None = None
    external_id: str | None = None


def parse(given: dict[str, Any], body: bytes, dialect: Dialect) -> NewCustomer:
    """What ``given``, the parsed ``body``, asks for. Raises RequestInvalid with every fault."""
    faults = Faults()
    email = email_in(given, faults)
    name = name_in(given, faults)
    external_id = external_id_in(given, faults)
    address = address_in(given, faults)
    kind = type_in(given, faults)
    properties = metadata_in(given, body, faults) if "metadata" in given else "{}"
    owner = _owner(given, faults)
    tenant = _tenant(given, dialect.tenant_id, faults)
    faults.raise_if_any()
    if tenant is not None:
        faults.add(("body", dialect.tenant_id), tenant_token(dialect), tenant)
        faults.raise_if_any(is_rule=True)
    details = CustomerDetails(
        type="team" if kind == "team" else "individual",
        email=None if email == comparable_email(email) else email,
        billing_address=address,
    )
    return NewCustomer(
        email=email, name=name, external_id=external_id, properties=properties, details=details, owner=owner
    )


def create(connection: Connection, workspace: Workspace, new: NewCustomer) -> Customer:
    """Stores the customer together with the event that tells of it. Raises RequestInvalid for a name in use.

    Whom events have only mentioned by this external id so far becomes this customer, and keeps those events.
    """
    asked = customer_lifecycle.NewCustomer(
        external_id=new.external_id,
        email=comparable_email(new.email),
        name=new.name,
        properties=msgspec.Raw(new.properties),
        details=details_as_stored(new.details),
    )
    try:
        made = customer_lifecycle.create(connection, workspace.number, asked)
    except customer_lifecycle.NameTaken as error:
        raise conflict(error, email=new.email, external_id=new.external_id) from error
    if has_members(workspace):
        _add_owner(connection, made, new)
    return made


def has_members(workspace: Workspace) -> bool:
    """Whether the workspace's customers have members, which a setting of the workspace may turn off."""
    return _settings(workspace.settings).rapidly.members


def _add_owner(connection: Connection, made: Customer, new: NewCustomer) -> None:
    members.insert(
        connection,
        Member(
            id=identifiers.new_id(made.created_at // instant.MILLISECOND),
            workspace=made.workspace,
            customer=made.number,
            email=comparable_email(new.owner.email or new.email),
            name=new.owner.name or new.name,
            external_id=new.owner.external_id or new.external_id,
            role="owner",
            created_at=made.created_at,
            modified_at=None,
        ),
    )


def conflict(error: customer_lifecycle.NameTaken, *, email: str | None, external_id: str | None) -> RequestInvalid:
    """Which of the names somebody else goes by."""
    kinds = {each.kind for each in error.taken}
    faults = Faults()
    if "email" in kinds:
        faults.add(("body", "email"), _EMAIL_TAKEN, email)
    if "external_id" in kinds:
        faults.add(("body", "external_id"), _EXTERNAL_ID_TAKEN, external_id)
    return RequestInvalid(faults.found, is_rule=True)


def email_in(given: dict[str, Any], faults: Faults) -> str:
    """The e-mail address, which is there."""
    if "email" not in given:
        faults.add(("body", "email"), MISSING, given)
        return ""
    outcome = email_address.parse(given["email"])
    if isinstance(outcome, Problem):
        faults.add(("body", "email"), outcome, given["email"])
        return ""
    return outcome


def name_in(given: dict[str, Any], faults: Faults) -> str | None:
    """The name."""
    return trimmed(given, "name", faults, longest=_LONGEST_NAME)


def external_id_in(given: dict[str, Any], faults: Faults) -> str | None:
    """The caller's own id."""
    return trimmed(given, "external_id", faults)


def address_in(given: dict[str, Any], faults: Faults) -> Address | None:
    """The billing address."""
    if given.get("billing_address") is None:
        return None
    address, found = addresses.parse(given["billing_address"])
    faults.extend(("body", "billing_address"), found)
    return address


def type_in(given: dict[str, Any], faults: Faults) -> str | None:
    """The type of customer."""
    kind = given.get("type")
    if kind in (None, "individual", "team"):
        return kind
    faults.add(("body", "type"), _TYPE, kind)
    return None


def metadata_in(given: dict[str, Any], body: bytes, faults: Faults) -> str:
    """The metadata, which is there, as text."""
    found = _check_metadata(given["metadata"])
    faults.extend(("body", "metadata"), found)
    return "{}" if found else _metadata_as_sent(given, body)


def trimmed(
    given: dict[str, Any], key: str, faults: Faults, *, longest: int | None = None, within: tuple[str, ...] = ("body",)
) -> str | None:
    """A text without blanks around it, None when nothing is left; ``within``: where ``given`` stands."""
    if given.get(key) is None:
        return None
    outcome = scalars.text(given[key])
    if isinstance(outcome, str):
        outcome = outcome.strip()
        if longest is not None and len(outcome) > longest:
            outcome = at_most(longest)
    if isinstance(outcome, Problem):
        faults.add((*within, key), outcome, given[key])
        return None
    return outcome or None


def _owner(given: dict[str, Any], faults: Faults) -> Owner:
    owner = given.get("owner")
    if owner is None:
        return Owner()
    within = ("body", "owner")
    if not isinstance(owner, dict):
        faults.add(within, OBJECT_TYPE, owner)
        return Owner()
    email: str | Problem | None = None
    if owner.get("email") is not None:
        email = email_address.parse(owner["email"])
    if isinstance(email, Problem):
        faults.add((*within, "email"), email, owner["email"])
    return Owner(
        None if isinstance(email, Problem) else email,
        trimmed(owner, "name", faults, longest=_LONGEST_NAME, within=within),
        trimmed(owner, "external_id", faults, within=within),
    )


def _tenant(given: dict[str, Any], key: str, faults: Faults) -> str | None:
    if given.get(key) is None:
        return None
    outcome = scalars.uuid4(given[key])
    if isinstance(outcome, Problem):
        faults.add(("body", key), outcome, given[key])
        return None
    return identifiers.to_text(outcome)


def _check_metadata(value: object) -> list[Fault]:
    faults = Faults()
    if not isinstance(value, dict):
        faults.add((), DICT_TYPE, value)
        return faults.found
    faults.extend((), metadata.limit_faults(value))
    for key, inner in value.items():
        metadata.check_value(inner, (key,), faults)
    return faults.found


def _metadata_as_sent(given: dict[str, Any], body: bytes) -> str:
    try:
        return bytes(msgspec.json.decode(body, type=_Metadata).metadata).decode()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):  # something odd stands elsewhere in the body
        return msgspec.json.encode(given.get("metadata", {})).decode()
