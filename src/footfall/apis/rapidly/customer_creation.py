"""Making a customer: what may be sent, and the one transaction that stores it (contracts/rapidly.md 4.2)."""

from typing import Any

import msgspec

from footfall.apis.rapidly import addresses, email_address, metadata, scalars
from footfall.apis.rapidly.faults import (
    DICT_TYPE,
    MISSING,
    OBJECT_TYPE,
    WORKSPACE_TOKEN,
    Fault,
    Faults,
    Problem,
    at_least,
    at_most,
)
from footfall.apis.rapidly.mapping import DETAILS_KEY, SYSTEM
from footfall.apis.rapidly.schemas import CustomerDetails
from footfall.capture.batch import Batch
from footfall.capture.recorder import record
from footfall.model import identifiers, instant
from footfall.model.customer import Customer, Identity
from footfall.model.event import CustomerLink, CustomerReference, NewEvent, WhenUnknown
from footfall.model.text import comparable_email
from footfall.model.workspace import Workspace
from footfall.storage import customers
from footfall.storage.connection import Connection

_LONGEST_NAME = 256
_MOST_METADATA = 50
_LONGEST_KEY = 40

_TOO_MUCH_METADATA = "Dictionary should have at most 50 items after validation, not {}"
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


class _Metadata(msgspec.Struct):
    metadata: msgspec.Raw = msgspec.Raw(b"{}")


def parse(given: dict[str, Any], body: bytes) -> NewCustomer:
    """What ``given``, the parsed ``body``, asks for. Raises RequestInvalid with every fault."""
    faults = Faults()
    email = _email(given, faults)
    name = _trimmed(given, "name", faults, longest=_LONGEST_NAME)
    external_id = _trimmed(given, "external_id", faults)
    address = None
    if given.get("billing_address") is not None:
        address, found = addresses.parse(given["billing_address"])
        faults.extend(("body", "billing_address"), found)
    kind = given.get("type")
    if kind not in (None, "individual", "team"):
        faults.add(("body", "type"), _TYPE, kind)
    if "metadata" in given:
        faults.extend(("body", "metadata"), _check_metadata(given["metadata"]))
    if given.get("owner") is not None and not isinstance(given["owner"], dict):
        faults.add(("body", "owner"), OBJECT_TYPE, given["owner"])
    workspace_id = _workspace_id(given, faults)
    faults.raise_if_any()
    if workspace_id is not None:
        faults.add(("body", "workspace_id"), WORKSPACE_TOKEN, workspace_id)
        faults.raise_if_any()
    details = CustomerDetails(
        type="team" if kind == "team" else "individual",
        email=None if email == comparable_email(email) else email,
        billing_address=address,
    )
    return NewCustomer(
        email=email, name=name, external_id=external_id, properties=_metadata_as_sent(given, body), details=details
    )


def create(connection: Connection, workspace: Workspace, new: NewCustomer) -> Customer:
    """Stores the customer together with the event that tells of it. Raises RequestInvalid for a name in use.

    Whom events have only mentioned by this external id so far becomes this customer, and keeps those events.
    """
    email = Identity("email", comparable_email(new.email))
    connection.lock(workspace.number)
    named = [email] if new.external_id is None else [email, Identity("external_id", new.external_id)]
    held = customers.holders(connection, workspace.number, named)
    mentioned = _refuse_conflicts(held, new, email)
    now = instant.now()
    if mentioned is None:
        number = connection.next_customer_numbers(1)[0]
        stored = _customer(new, workspace, number, identifiers.new_id(now // instant.MILLISECOND), now)
        customers.insert(connection, [stored])
    else:
        stored = _customer(new, workspace, mentioned.number, mentioned.id, now)
        customers.update(connection, [stored])
    customers.insert_identities(connection, workspace.number, [(identity, stored.number) for identity in named])
    record(connection, [Batch(workspace=workspace, events=[_created(stored, new, now)])])
    return stored


def _refuse_conflicts(held: dict[Identity, Customer], new: NewCustomer, email: Identity) -> Customer | None:
    """The customer who was only mentioned under the new one's external id, if any."""
    mentioned = None
    faults = Faults()
    for identity, holder in held.items():
        if identity.kind == "external_id" and not holder.registered:
            mentioned = holder
    if email in held and held[email] is not mentioned:
        faults.add(("body", "email"), _EMAIL_TAKEN, new.email)
    if new.external_id is not None and mentioned is None and len(held) > (email in held):
        faults.add(("body", "external_id"), _EXTERNAL_ID_TAKEN, new.external_id)
    faults.raise_if_any()
    return mentioned


def _customer(new: NewCustomer, workspace: Workspace, number: int, identifier: bytes, now: int) -> Customer:
    return Customer(
        number=number,
        id=identifier,
        workspace=workspace.number,
        registered=True,
        external_id=new.external_id,
        email=comparable_email(new.email),
        mobile=None,
        object_id=None,
        name=new.name,
        account_id=None,
        created_at=now,
        modified_at=None,
        deleted_at=None,
        properties=msgspec.Raw(new.properties),
        details=msgspec.Raw(msgspec.json.encode({DETAILS_KEY: new.details})),
    )


def _created(stored: Customer, new: NewCustomer, now: int) -> NewEvent:
    told = {
        "customer_id": identifiers.to_text(stored.id),
        "customer_email": new.email,
        "customer_name": new.name,
        "customer_external_id": new.external_id,
    }
    return NewEvent(
        name="customer.created",
        occurred_at=now,
        received_at=now,
        source=SYSTEM,
        properties=msgspec.json.encode(told).decode(),
        customer=CustomerReference(id=stored.id, when_unknown=WhenUnknown.REFUSE, link=CustomerLink.BY_ID),
        captured_by="rapidly",
    )


def _email(given: dict[str, Any], faults: Faults) -> str:
    if "email" not in given:
        faults.add(("body", "email"), MISSING, given)
        return ""
    outcome = email_address.parse(given["email"])
    if isinstance(outcome, Problem):
        faults.add(("body", "email"), outcome, given["email"])
        return ""
    return outcome


def _trimmed(given: dict[str, Any], key: str, faults: Faults, *, longest: int | None = None) -> str | None:
    """A text without blanks around it, None when nothing is left."""
    if given.get(key) is None:
        return None
    outcome = scalars.text(given[key])
    if isinstance(outcome, str):
        outcome = outcome.strip()
        if longest is not None and len(outcome) > longest:
            outcome = at_most(longest)
    if isinstance(outcome, Problem):
        faults.add(("body", key), outcome, given[key])
        return None
    return outcome or None


def _workspace_id(given: dict[str, Any], faults: Faults) -> str | None:
    if given.get("workspace_id") is None:
        return None
    outcome = scalars.uuid4(given["workspace_id"])
    if isinstance(outcome, Problem):
        faults.add(("body", "workspace_id"), outcome, given["workspace_id"])
        return None
    return identifiers.to_text(outcome)


def _check_metadata(value: object) -> list[Fault]:
    faults = Faults()
    if not isinstance(value, dict):
        faults.add((), DICT_TYPE, value)
        return faults.found
    for key, inner in value.items():
        outcome: str | Problem = scalars.text(key, longest=_LONGEST_KEY) if key else at_least(1)
        if isinstance(outcome, Problem):
            faults.add((key, "[key]"), outcome, key)
        metadata.check_value(inner, (key,), faults)
    if not faults.found and len(value) > _MOST_METADATA:
        ctx: dict[str, object] = {
            "field_type": "Dictionary",
            "max_length": _MOST_METADATA,
            "actual_length": len(value),
        }
        faults.add((), Problem("too_long", _TOO_MUCH_METADATA.format(len(value)), ctx), value)
    return faults.found


def _metadata_as_sent(given: dict[str, Any], body: bytes) -> str:
    try:
        return bytes(msgspec.json.decode(body, type=_Metadata).metadata).decode()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):  # something odd stands elsewhere in the body
        return msgspec.json.encode(given.get("metadata", {})).decode()
