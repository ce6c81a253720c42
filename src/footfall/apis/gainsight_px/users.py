"""Users: the customers that every product sees, as this one shows and changes them (contracts/gainsight_px.md 5.1).

The functions that take a connection run inside the writer's transaction, or read.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from footfall.apis.gainsight_px import record_body
from footfall.apis.gainsight_px.errors import BadRequest, NotFound
from footfall.apis.gainsight_px.field_values import shown_value
from footfall.apis.gainsight_px.location import Location
from footfall.apis.gainsight_px.record_body import Sent, text_of
from footfall.apis.gainsight_px.record_fields import CUSTOM, DETAILS, USER
from footfall.capture import customer_lifecycle
from footfall.capture.customer_lifecycle import NewCustomer
from footfall.model import identifiers, instant
from footfall.model.customer import Customer, Identity
from footfall.model.customer_details import shown_email, with_member
from footfall.model.text import comparable_email
from footfall.model.workspace import Workspace
from footfall.storage import accounts, customers, denied_customers, people_search
from footfall.storage.connection import Connection

REVIVABLE = 7 * instant.DAY

_HARD = "hardDeleted"
_NAMES = ("firstName", "lastName")
_ELSEWHERE = ("identifyId", "accountId", CUSTOM)
_ZERO = {"integer": 0, "date": 0, "boolean": False}

_members = msgspec.json.Decoder(dict[str, Raw]).decode
_encode = msgspec.json.Encoder().encode


def shown(row: Sequence[Any], workspace: Workspace) -> dict[str, object]:
    """The user in a row of ``storage.people_search``."""
    customer = customers.customer_of(row)
    own = own_members(customer)
    identity = customer.primary_identity
    email = own.get("email")
    created_at = customer.created_at // instant.MILLISECOND
    known: dict[str, object] = {
        "aptrinsicId": identifiers.to_text(customer.id),
        "identifyId": identity,
        "id": identity,
        "email": _email(customer, None if email is None else text_of(email)),
        "accountId": customer.account_id or "",
        "lastSeenDate": row[-1] or 0,
        "createDate": created_at,
        "lastModifiedDate": created_at if customer.modified_at is None else customer.modified_at // instant.MILLISECOND,
        CUSTOM: None if bytes(customer.properties) == b"{}" else customer.properties,
    }
    if not any(name in own for name in _NAMES):
        known["firstName"] = customer.name or ""
    if "type" not in own:
        known["type"] = "VISITOR" if customer.external_id is None else "USER"
    if "phone" not in own:
        known["phone"] = customer.mobile or ""
    if "propertyKeys" not in own:
        known["propertyKeys"] = [workspace.property_key]
    return {
        field.name: known[field.name]
        if field.name in known
        else shown_value(own.get(field.name), field.kind, empty_of(field.kind, field.values))
        for field in USER.fields
    }


def empty_of(kind: str, values: Sequence[str]) -> object:
    """What stands in place of a field that is not there: real answers have zeros and empty texts."""
    if kind == "location":
        return Location()
    return values[0] if values else _ZERO.get(kind)


def own_members(customer: Customer) -> dict[str, Raw]:
    """What only this product knows of a customer."""
    raw = _members(customer.details).get(DETAILS)
    return {} if raw is None else _members(raw)


def find(connection: Connection, workspace: Workspace, identify_id: str) -> dict[str, object]:
    """The user of this id. Raises NotFound."""
    customer = customers.called(connection, workspace.number, identify_id)
    row = None if customer is None else people_search.one(connection, "customer", workspace.number, customer.number)
    if row is None:
        raise not_found(identify_id)
    return shown(row, workspace)


def create(connection: Connection, workspace: Workspace, sent: Sent) -> str:
    """Makes a user, or revives one that was deleted a short while ago; the id. Raises BadRequest for a duplicate."""
    number = workspace.number
    connection.lock(number)
    identify_id = text_of(sent["identifyId"])
    known = customers.called(connection, number, identify_id)
    if known is not None and known.registered:
        raise BadRequest(f"User already exists for parameters {{id={identify_id}}}")
    revived = None if known is not None else _revived(connection, number, identify_id)
    if revived is not None:
        _store(connection, workspace, revived, sent)
    else:
        made = customer_lifecycle.create(connection, number, NewCustomer(external_id=identify_id), tells=False)
        _store(connection, workspace, made, sent, is_new=True)
    return identify_id


def update(connection: Connection, workspace: Workspace, identify_id: str, sent: Sent) -> None:
    """Changes what was sent of a user, who may have been deleted a short while ago. Raises NotFound."""
    number = workspace.number
    connection.lock(number)
    customer = customers.called(connection, number, identify_id) or _revived(connection, number, identify_id)
    if customer is None:
        raise not_found(identify_id)
    _store(connection, workspace, customer, sent)


def delete(connection: Connection, workspace: Workspace, identify_id: str, *, hard: bool) -> None:
    """Deletes a user; ``hard``: for good, so that another of the same id is somebody else. Raises NotFound."""
    number = workspace.number
    connection.lock(number)
    customer = customers.called(connection, number, identify_id)
    if customer is None:
        raise not_found(identify_id)
    delete_all(connection, number, [customer], hard=hard)


def delete_all(connection: Connection, workspace: int, gone: Sequence[Customer], *, hard: bool) -> None:
    """Deletes users."""
    if hard:
        gone = [_with_own(each, own_members(each) | {_HARD: Raw(b"true")}) for each in gone]
    customer_lifecycle.delete(connection, workspace, gone)


def deny(connection: Connection, workspace: Workspace, identify_id: str, *, denied: bool) -> None:
    """Has a user's events ignored from now on, or taken again; nobody need know the user yet."""
    change = denied_customers.deny if denied else denied_customers.allow
    change(connection, workspace.number, identify_id)


def not_found(identify_id: str) -> NotFound:
    """What is told of a user who is not there."""
    return NotFound(f"User was not found for parameters {{id={identify_id}}}")


def preferences_of(connection: Connection, workspace: Workspace, identify_id: str) -> Raw | None:
    """What a user prefers, as it was sent. Raises NotFound."""
    customer = customers.called(connection, workspace.number, identify_id)
    if customer is None:
        raise not_found(identify_id)
    return own_members(customer).get("preferences")


def prefer(connection: Connection, workspace: Workspace, identify_id: str, said: dict[str, bool]) -> None:
    """Changes what a user prefers. Raises NotFound."""
    connection.lock(workspace.number)
    customer = customers.called(connection, workspace.number, identify_id)
    if customer is None:
        raise not_found(identify_id)
    own = own_members(customer)
    before: dict[str, Any] = dict(_members(own.get("preferences", Raw(b"{}"))))
    changed = _with_own(customer, own | {"preferences": Raw(_encode(before | said))})
    customer_lifecycle.change(connection, workspace.number, [(customer, changed)])


def _revived(connection: Connection, workspace: int, identify_id: str) -> Customer | None:
    """The user who had this id and was deleted softly, no longer ago than may be undone."""
    former = next(iter(customers.former(connection, workspace, identify_id)), None)
    if former is None or former.deleted_at is None or _HARD in own_members(former):
        return None
    if instant.now() - former.deleted_at > REVIVABLE:
        return None
    return customer_lifecycle.revive(connection, workspace, [former])[0]


def _store(connection: Connection, workspace: Workspace, before: Customer, sent: Sent, *, is_new: bool = False) -> None:
    own = own_members(before)
    for name, raw in sent.items():
        if name in _ELSEWHERE:
            continue
        if raw is None:
            own.pop(name, None)
        else:
            own[name] = raw
    after = _with_own(before, own)
    if "email" in sent:
        after = replace(after, email=_free_email(connection, before, text_of(sent["email"])))
    if any(name in sent for name in _NAMES):
        after = replace(after, name=" ".join(filter(None, (text_of(own.get(name)) for name in _NAMES))) or None)
    if "accountId" in sent:
        after = replace(after, account_id=text_of(sent["accountId"]) or None)
        accounts.mention(connection, workspace.number, [after.account_id or ""])
    if CUSTOM in sent:
        after = replace(after, properties=merged(before.properties, sent[CUSTOM]))
    customer_lifecycle.change(connection, workspace.number, [(before, after)], are_new=is_new)


def merged(before: Raw, sent: Raw | None) -> Raw:
    """Properties with those that were sent over them; null takes one away, and null in place of all of them all."""
    if sent is None:
        return Raw(b"{}")
    members = _members(before) | _members(sent)
    return Raw(_encode({name: raw for name, raw in members.items() if bytes(raw) != b"null"}))


def _with_own(customer: Customer, own: dict[str, Raw]) -> Customer:
    return with_member(customer, DETAILS, own or None)


def _email(customer: Customer, said: str | None) -> str:
    """The address as it was sent here, unless another product has told a new one since."""
    if said is not None and customer.email in (None, comparable_email(said)):
        return said
    return shown_email(customer) or ""


def _free_email(connection: Connection, customer: Customer, said: str) -> str | None:
    """The address by which the customer goes: not one by which somebody else does, which this product allows."""
    comparable = comparable_email(said)
    if not comparable:
        return None
    holder = customers.by_identity(connection, customer.workspace, Identity("email", comparable))
    return comparable if holder is None or holder.number == customer.number else None


def parse_new(content: bytes) -> Sent:
    """The body of a new user. Raises BadRequest."""
    return record_body.parse(content, USER, is_new=True)
