"""Making a customer: what may be sent, and the one transaction that stores it (contracts/rapidly.md 4.2)."""

from typing import Any

import msgspec

from footfall.apis.rapidly import addresses, email_address, metadata, scalars
from footfall.apis.rapidly.errors import RequestInvalid
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
from footfall.capture import customer_lifecycle
from footfall.model import identifiers
from footfall.model.customer import Customer
from footfall.model.customer_details import CustomerDetails, details_as_stored
from footfall.model.text import comparable_email
from footfall.model.workspace import Workspace
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
    asked = customer_lifecycle.NewCustomer(
        external_id=new.external_id,
        email=comparable_email(new.email),
        name=new.name,
        properties=msgspec.Raw(new.properties),
        details=details_as_stored(new.details),
    )
    try:
        return customer_lifecycle.create(connection, workspace.number, asked)
    except customer_lifecycle.NameTaken as error:
        raise conflict(error, email=new.email, external_id=new.external_id) from error


def conflict(error: customer_lifecycle.NameTaken, *, email: str | None, external_id: str | None) -> RequestInvalid:
    """Which of the names somebody else goes by."""
    kinds = {each.kind for each in error.taken}
    faults = Faults()
    if "email" in kinds:
        faults.add(("body", "email"), _EMAIL_TAKEN, email)
    if "external_id" in kinds:
        faults.add(("body", "external_id"), _EXTERNAL_ID_TAKEN, external_id)
    return RequestInvalid(faults.found)


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
