"""The members' endpoints (contracts/rapidly.md 4.3)."""

from typing import Any

import msgspec
from litestar import Response, delete, get, patch, post
from msgspec.structs import replace

from footfall.apis.http import AnyRequest, read_body
from footfall.apis.openapi import answer_of
from footfall.apis.rapidly import answers, bodies, email_address, envelopes, mapping, openapi, scalars
from footfall.apis.rapidly.auth import READ_MEMBERS, WRITE_MEMBERS, require
from footfall.apis.rapidly.customer_creation import has_members, trimmed
from footfall.apis.rapidly.dialect import RAPIDLY
from footfall.apis.rapidly.errors import NotPermitted, RequestInvalid, ResourceNotFound
from footfall.apis.rapidly.events import path_id
from footfall.apis.rapidly.faults import MISSING, Fault, Faults, Problem
from footfall.apis.rapidly.openapi import ERRORS
from footfall.apis.rapidly.parameters import Parameters, sorting_of, text
from footfall.apis.rapidly.schemas import CustomerMember
from footfall.apis.services import services_of
from footfall.model import identifiers, instant
from footfall.model.customer import Customer, Identity
from footfall.model.customer_details import details_of
from footfall.model.member import ROLES, Member, Role
from footfall.model.text import comparable_email
from footfall.model.workspace import Workspace
from footfall.storage import customers, members
from footfall.storage.connection import Connection

_TAGS = ["Rapidly"]
_QUOTED = [f"'{role}'" for role in ROLES]
_EXPECTED = f"{', '.join(_QUOTED[:-1])} or {_QUOTED[-1]}"
_ROLE = Problem("enum", f"Input should be {_EXPECTED}", {"expected": _EXPECTED})
_ONE_OWNER = "Customer must have exactly one owner."
_ONLY_OWNER = "Cannot remove the only owner. Make another member the owner first."
_NOT_ENABLED = "Member management is not enabled for this workspace"
_INDIVIDUAL = "Individual customers can only have one member. Upgrade to a team customer to add more."


class NewMember(msgspec.Struct, frozen=True, kw_only=True):
    """A member to make; ``customer_id`` is 16 bytes."""

    customer_id: bytes
    email: str
    name: str | None
    external_id: str | None
    role: Role


@get(
    "/api/members",
    tags=_TAGS,
    summary="List members",
    description="Called as `/api/members/`.",
    operation_class=openapi.list_members_operation(),
    responses={200: answer_of(envelopes.Page, "A page."), **ERRORS},
)
async def list_members(request: AnyRequest) -> Response[bytes]:
    """One page of members."""
    workspace = require(request, READ_MEMBERS).workspace
    parameters = Parameters(request)
    paging = parameters.paging()
    sorting = parameters.many("sorting", sorting_of(["created_at"])) or ("-created_at",)
    customer_id = parameters.last("customer_id")
    external_id = parameters.one("external_customer_id", text, None)
    parameters.faults.raise_if_any()
    wanted = None if customer_id is None else identifiers.from_text(customer_id)
    if customer_id is not None and wanted is None:
        raise ResourceNotFound("Invalid customer ID format")
    found, total, ids = await services_of(request).database.ask(
        _page,
        workspace.number,
        wanted,
        external_id,
        descending=sorting[0].startswith("-"),
        limit=paging.limit,
        offset=paging.offset,
    )
    shown = [mapping.member(each, ids[each.customer]) for each in found if each.customer in ids]
    return answers.json(envelopes.page(shown, total, paging, RAPIDLY))


@post(
    "/api/members",
    tags=_TAGS,
    summary="Add a member",
    description="Called as `/api/members/`. With an e-mail address that a member has already, that one is answered.",
    status_code=201,
    operation_class=openapi.create_member_operation(),
    responses={201: answer_of(CustomerMember, "The member."), **ERRORS},
)
async def create_member(request: AnyRequest) -> Response[bytes]:
    """Adds a member to a customer."""
    services = services_of(request)
    body = await read_body(request, services.settings.max_body_bytes)
    value = bodies.parse(body, request.headers.get("content-type"))
    workspace = require(request, WRITE_MEMBERS).workspace
    new = _new_member(bodies.object_of(value))
    made = await services.capture.change(_create, workspace, new)
    return answers.json(mapping.member(made, identifiers.to_text(new.customer_id)), 201)


@get(
    "/api/members/{id:str}",
    tags=_TAGS,
    summary="Get a member",
    responses={200: answer_of(CustomerMember, "The member."), **ERRORS},
)
async def get_member(request: AnyRequest) -> Response[bytes]:
    """One member."""
    workspace = require(request, READ_MEMBERS).workspace
    identifier = path_id(request.path_params["id"])
    found, customer = await services_of(request).database.ask(_find, workspace.number, identifier)
    return answers.json(mapping.member(found, identifiers.to_text(customer.id)))


@patch(
    "/api/members/{id:str}",
    tags=_TAGS,
    summary="Change a member",
    operation_class=openapi.change_member_operation(),
    responses={200: answer_of(CustomerMember, "The member."), **ERRORS},
)
async def update_member(request: AnyRequest) -> Response[bytes]:
    """Changes a member's name or role."""
    services = services_of(request)
    body = await read_body(request, services.settings.max_body_bytes)
    value = bodies.parse(body, request.headers.get("content-type"))
    workspace = require(request, WRITE_MEMBERS).workspace
    identifier = path_id(request.path_params["id"])
    changes = _changes(bodies.object_of(value))
    changed, customer = await services.capture.change(_update, workspace.number, identifier, changes)
    return answers.json(mapping.member(changed, identifiers.to_text(customer.id)))


@delete(
    "/api/members/{id:str}",
    tags=_TAGS,
    summary="Remove a member",
    status_code=200,  # the framework lets no handler of a 204 answer by itself
    responses={204: openapi.NOTHING, **ERRORS},
)
async def delete_member(request: AnyRequest) -> Response[bytes]:
    """Takes a member away from a customer."""
    workspace = require(request, WRITE_MEMBERS).workspace
    identifier = path_id(request.path_params["id"])
    await services_of(request).capture.change(_delete, workspace.number, identifier)
    return answers.empty(204)


def _page(
    connection: Connection,
    workspace: int,
    customer_id: bytes | None,
    external_id: str | None,
    *,
    descending: bool,
    limit: int,
    offset: int,
) -> tuple[list[Member], int, dict[int, str]]:
    """The members of a page, how many there are, and the ids of their customers."""
    asked: list[Customer | None] = []
    if customer_id is not None:
        asked.append(customers.by_id(connection, workspace, customer_id))
    if external_id is not None:
        asked.append(customers.by_identity(connection, workspace, Identity("external_id", external_id)))
    numbers = {None if each is None else each.number for each in asked}
    if None in numbers or len(numbers) > 1:
        return [], 0, {}
    number = numbers.pop() if numbers else None
    found, total = members.page(connection, workspace, number, descending=descending, limit=limit, offset=offset)
    about = customers.by_numbers(connection, workspace, {each.customer for each in found})
    return found, total, {each.number: identifiers.to_text(each.id) for each in about.values()}


def _find(connection: Connection, workspace: int, identifier: bytes) -> tuple[Member, Customer]:
    found = members.by_ids(connection, workspace, [identifier]).get(identifier)
    customer = None if found is None else customers.by_number(connection, workspace, found.customer)
    if found is None or customer is None:
        raise ResourceNotFound("Member not found")
    return found, customer


def _new_member(given: dict[str, Any]) -> NewMember:
    faults = Faults()
    customer_id = _required(given, "customer_id", scalars.uuid4, faults)
    email = _required(given, "email", email_address.parse, faults)
    name = trimmed(given, "name", faults)
    external_id = trimmed(given, "external_id", faults)
    role: Any = given.get("role", "member")
    if role not in ROLES:
        faults.add(("body", "role"), _ROLE, role)
    faults.raise_if_any()
    return NewMember(customer_id=customer_id, email=email, name=name, external_id=external_id, role=role)


def _required(given: dict[str, Any], key: str, rule: Any, faults: Faults) -> Any:
    if key not in given:
        faults.add(("body", key), MISSING, given)
        return None
    outcome = rule(given[key])
    if isinstance(outcome, Problem):
        faults.add(("body", key), outcome, given[key])
    return outcome


def _create(connection: Connection, workspace: Workspace, new: NewMember) -> Member:
    """Raises NotPermitted or ResourceNotFound."""
    if not has_members(workspace):
        raise NotPermitted(_NOT_ENABLED)
    connection.lock(workspace.number)
    customer = customers.by_id(connection, workspace.number, new.customer_id)
    if customer is None or not customer.registered or customer.deleted_at is not None:
        raise ResourceNotFound("Customer not found")
    email = comparable_email(new.email)
    known = members.by_email(connection, workspace.number, customer.number, email)
    if known is not None:
        return known
    if details_of(customer).type != "team" and members.of_customers(connection, workspace.number, [customer.number]):
        raise NotPermitted(_INDIVIDUAL)
    now = instant.now()
    made = Member(
        id=identifiers.new_id(now // instant.MILLISECOND),
        workspace=workspace.number,
        customer=customer.number,
        email=email,
        name=new.name,
        external_id=new.external_id,
        role=new.role,
        created_at=now,
        modified_at=None,
    )
    members.insert(connection, made)
    return made


def _changes(given: dict[str, Any]) -> dict[str, Any]:
    faults = Faults()
    changes: dict[str, Any] = {}
    if "name" in given:
        changes["name"] = trimmed(given, "name", faults)
    if given.get("role") is not None:
        changes["role"] = given["role"]
        if given["role"] not in ROLES:
            faults.add(("body", "role"), _ROLE, given["role"])
    faults.raise_if_any()
    return changes


def _update(
    connection: Connection, workspace: int, identifier: bytes, changes: dict[str, Any]
) -> tuple[Member, Customer]:
    """Raises ResourceNotFound, and RequestInvalid where not exactly one owner would be left."""
    connection.lock(workspace)
    before, customer = _find(connection, workspace, identifier)
    changed = replace(before, modified_at=instant.now(), **changes)
    if changed.role != before.role and "owner" in (changed.role, before.role):
        owners = _other_owners(connection, before) + (changed.role == "owner")
        if owners != 1:
            raise RequestInvalid([Fault("value_error", ("body", "role"), _ONE_OWNER, changed.role)], is_rule=True)
    members.update(connection, changed)
    return changed, customer


def _delete(connection: Connection, workspace: int, identifier: bytes) -> None:
    """Raises ResourceNotFound, and RequestInvalid for the only owner."""
    connection.lock(workspace)
    found, _ = _find(connection, workspace, identifier)
    if found.role == "owner" and not _other_owners(connection, found):
        shown = identifiers.to_text(identifier)
        raise RequestInvalid([Fault("value_error", ("body",), _ONLY_OWNER, shown)], is_rule=True)
    members.delete(connection, workspace, identifier)


def _other_owners(connection: Connection, member: Member) -> int:
    of = members.of_customers(connection, member.workspace, [member.customer]).get(member.customer, [])
    return sum(1 for each in of if each.role == "owner" and each.id != member.id)
