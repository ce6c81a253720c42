"""Changing and deleting a customer: what may be sent, and the one transaction of each (contracts/rapidly.md 4.2)."""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from footfall.apis.rapidly import customer_creation as creation
from footfall.apis.rapidly.errors import RequestInvalid, ResourceNotFound
from footfall.apis.rapidly.faults import Faults, Problem
from footfall.capture import customer_lifecycle
from footfall.model.customer import Customer
from footfall.model.customer_details import Address, details_of, with_details
from footfall.model.text import comparable_email
from footfall.storage import members
from footfall.storage.connection import Connection

Find = Callable[[Connection], Customer | None]

_FIXED_EXTERNAL_ID = Problem("value_error", "Customer external ID cannot be updated.")
_DOWNGRADE = Problem("value_error", "Customer type cannot be downgraded from 'team' to 'individual'.")


class CustomerChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change; what is UNSET stays. ``properties`` is a JSON object as text."""

    email: str | msgspec.UnsetType = msgspec.UNSET
    name: str | msgspec.UnsetType | None = msgspec.UNSET
    billing_address: Address | msgspec.UnsetType | None = msgspec.UNSET
    properties: str | msgspec.UnsetType = msgspec.UNSET
    external_id: str | msgspec.UnsetType = msgspec.UNSET
    type: str | msgspec.UnsetType = msgspec.UNSET


def parse(given: dict[str, Any], body: bytes, *, by_external_id: bool) -> CustomerChange:
    """What ``given``, the parsed ``body``, asks for. Raises RequestInvalid with every fault."""
    faults = Faults()
    changes: dict[str, Any] = {}
    if given.get("email") is not None:
        changes["email"] = creation.email_in(given, faults)
    if "name" in given:
        changes["name"] = creation.name_in(given, faults)
    if "billing_address" in given:
        changes["billing_address"] = creation.address_in(given, faults)
    if given.get("metadata") is not None:
        changes["properties"] = creation.metadata_in(given, body, faults)
    if not by_external_id:
        external_id = creation.external_id_in(given, faults)
        if external_id is not None:
            changes["external_id"] = external_id
        kind = creation.type_in(given, faults)
        if kind is not None:
            changes["type"] = kind
    faults.raise_if_any()
    return CustomerChange(**changes)


def update(connection: Connection, workspace: int, find: Find, change: CustomerChange) -> Customer:
    """Changes the customer whom ``find`` finds. Raises ResourceNotFound, and RequestInvalid for what may not be."""
    connection.lock(workspace)
    before = _living(find(connection))
    after = _changed(before, change)
    try:
        return customer_lifecycle.change(connection, workspace, [(before, after)])[0]
    except customer_lifecycle.NameTaken as error:
        email = None if change.email is msgspec.UNSET else change.email
        external_id = None if change.external_id is msgspec.UNSET else change.external_id
        raise creation.conflict(error, email=email, external_id=external_id) from error


def delete(connection: Connection, workspace: int, find: Find, *, anonymised: bool) -> None:
    """Deletes the customer whom ``find`` finds, and his members. Raises ResourceNotFound."""
    connection.lock(workspace)
    gone = _living(find(connection))
    customer_lifecycle.delete(connection, workspace, [gone], anonymised=anonymised)
    members.delete_of(connection, workspace, [gone.number])


def _living(found: Customer | None) -> Customer:
    if found is None or not found.registered or found.deleted_at is not None:
        raise ResourceNotFound
    return found


def _changed(before: Customer, change: CustomerChange) -> Customer:
    details = details_of(before)
    faults = Faults()
    after = before
    if change.external_id is not msgspec.UNSET:
        if before.external_id is not None and before.external_id != change.external_id:
            faults.add(("body", "external_id"), _FIXED_EXTERNAL_ID, change.external_id)
        after = replace(after, external_id=change.external_id)
    if change.type is not msgspec.UNSET:
        if details.type == "team" and change.type == "individual":
            faults.add(("body", "type"), _DOWNGRADE, change.type)
        details = replace(details, type=change.type)
    if faults.found:
        raise RequestInvalid(faults.found, is_rule=True)
    if change.email is not msgspec.UNSET:
        comparable = comparable_email(change.email)
        shown = None if comparable == change.email else change.email
        is_new = (comparable, shown) != (before.email, details.email)
        details = replace(details, email=shown, email_verified=details.email_verified and not is_new)
        after = replace(after, email=comparable)
    if change.name is not msgspec.UNSET:
        after = replace(after, name=change.name)
    if change.billing_address is not msgspec.UNSET:
        details = replace(details, billing_address=change.billing_address)
    if change.properties is not msgspec.UNSET:
        after = replace(after, properties=msgspec.Raw(change.properties))
    return after if details == details_of(before) else with_details(after, details)
