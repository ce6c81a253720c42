"""Target groups, their periods, enrolment (contracts/capillary.md 5.3 to 5.5)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

import msgspec
from litestar import Response, delete, get, post
from litestar.openapi.spec import OpenAPIType

from footfall.apis.capillary import body, identity, target_changes
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.documentation import ENROLMENT, TARGET_GROUP, TARGET_PERIOD, described
from footfall.apis.capillary.target_failures import invalid, told_in_codes
from footfall.apis.capillary.target_mapping import View, group_answer, period_answer, rule_answers
from footfall.apis.capillary.target_requests import (
    EnrolRequest,
    PeriodRequest,
    TargetGroupRequest,
    UnEnrolRequest,
)
from footfall.apis.capillary.target_schemas import (
    CustomerIdEnvelope,
    DoneEnvelope,
    PeriodsEnvelope,
    TargetGroupEnvelope,
    TargetGroupsEnvelope,
    TargetsEnvelope,
)
from footfall.apis.http import AnyRequest, RouteHandlers, query_parameters, respond, respond_raw
from footfall.apis.openapi import answer_of, query
from footfall.apis.services import services_of
from footfall.model import amount, instant
from footfall.model.target import TargetDefinition, TargetPeriod
from footfall.model.workspace import Workspace
from footfall.storage import target_authors
from footfall.storage.connection import Connection
from footfall.targets import definition, editing, enrolment

T = TypeVar("T")

_TAGS = ["Capillary"]
_OF_GROUP = ("group_id",)
_OF_TARGET = ("group_id", "target_id")
_INCLUDE_PERIODS = query("includePeriods", "With the periods (true)", OpenAPIType.BOOLEAN)
encode = msgspec.json.Encoder(decimal_format="number").encode
"""Decimals as the numbers that they spell, digit for digit."""


@post(
    "/v3/targetGroups",
    tags=_TAGS,
    summary="Make a target group with its periods and targets",
    status_code=201,
    responses={201: answer_of(TargetGroupEnvelope, "The group as stored")},
    operation_class=described(body=TARGET_GROUP),
)
async def create_target_group(request: AnyRequest) -> Response[bytes]:
    """Takes targets of transactions, line items and events; 310033 for what has no events here, such as points."""
    caller = await principal(request)
    asked = await body.read_leniently(request, TargetGroupRequest)
    with told_in_codes():
        made = await services_of(request).capture.change(target_changes.create, caller, asked)
    view = await view_of(request, caller.workspace, made.group.id)
    shown = group_answer(view, made, with_periods=True, listed=False)
    return respond_raw(encode(TargetGroupEnvelope(shown)), 201)


@get(
    "/v3/targetGroups",
    tags=_TAGS,
    summary="All target groups",
    responses={200: answer_of(TargetGroupsEnvelope, "Oldest first")},
    operation_class=described(
        _INCLUDE_PERIODS,
        query("includeOnlyActive", "Without deactivated groups (false)", OpenAPIType.BOOLEAN),
        query("includeUserCreatedTargetGroups", "Also those that users made (false)", OpenAPIType.BOOLEAN),
    ),
)
async def list_target_groups(request: AnyRequest) -> Response[bytes]:
    """Takes `includePeriods` (true), `includeOnlyActive` (false), `includeUserCreatedTargetGroups` (false)."""
    workspace = (await principal(request)).workspace
    found = await services_of(request).database.ask_long(
        definition.definitions,
        workspace.number,
        only_active=flag(request, "includeOnlyActive", default=False),
        user_created=flag(request, "includeUserCreatedTargetGroups", default=False),
    )
    with_periods = flag(request, "includePeriods", default=True)
    view = await view_of(request, workspace, *(one.group.id for one in found))
    shown = [group_answer(view, one, with_periods=with_periods, listed=True) for one in found]
    return respond_raw(encode(TargetGroupsEnvelope(shown)))


@get(
    "/v3/targetGroups/{group_id:str}",
    tags=_TAGS,
    summary="One target group",
    responses={200: answer_of(TargetGroupEnvelope, "With its active period")},
    operation_class=described(_INCLUDE_PERIODS, path=_OF_GROUP),
)
async def show_target_group(request: AnyRequest, group_id: str) -> Response[bytes]:
    """Takes `includePeriods` (true). 310017 for a group that is unknown or deactivated."""
    workspace = (await principal(request)).workspace
    found = await _definition(request, workspace, group_id)
    with_periods = flag(request, "includePeriods", default=True)
    view = await view_of(request, workspace, found.group.id)
    shown = group_answer(view, found, with_periods=with_periods, listed=True)
    return respond_raw(encode(TargetGroupEnvelope(shown)))


@delete(
    "/v3/targetGroups/{group_id:str}",
    tags=_TAGS,
    summary="Deactivate a target group",
    status_code=200,
    responses={200: answer_of(DoneEnvelope, "What has counted stays readable")},
    operation_class=described(path=_OF_GROUP),
)
async def delete_target_group(request: AnyRequest, group_id: str) -> Response[bytes]:
    """Nothing counts towards the group from now on."""
    caller = await principal(request)
    with told_in_codes():
        group = number_in_path(group_id)
        await services_of(request).capture.change(target_changes.attributed, caller, group, editing.deactivate)
    return respond(DoneEnvelope())


@get(
    "/v3/targetGroups/{group_id:str}/targetPeriods",
    tags=_TAGS,
    summary="The periods of a target group",
    responses={200: answer_of(PeriodsEnvelope, "By their start")},
    operation_class=described(path=_OF_GROUP),
)
async def list_target_periods(request: AnyRequest, group_id: str) -> Response[bytes]:
    """The way to learn a `periodId` for the tracked events."""
    workspace = (await principal(request)).workspace
    found = await _definition(request, workspace, group_id)
    return respond(await periods_answer(request, workspace, found.periods))


@post(
    "/v3/targetGroups/{group_id:str}/targetPeriods",
    tags=_TAGS,
    summary="Give a target group more periods",
    status_code=201,
    responses={201: answer_of(PeriodsEnvelope, "The new periods")},
    operation_class=described(body=[TARGET_PERIOD], path=_OF_GROUP),
)
async def add_target_periods(request: AnyRequest, group_id: str) -> Response[bytes]:
    """Takes an array of periods. Their goals are those of the latest period; earlier events are not counted anew."""
    caller = await principal(request)
    asked = await body.read_leniently(request, list[PeriodRequest])
    with told_in_codes():
        group = number_in_path(group_id)
        added = await services_of(request).capture.change(
            target_changes.attributed, caller, group, target_changes.add_periods, asked
        )
    return respond(await periods_answer(request, caller.workspace, added), 201)


@get(
    "/v3/targetGroups/{group_id:str}/targets",
    tags=_TAGS,
    summary="The targets (rules) of a target group",
    responses={200: answer_of(TargetsEnvelope, "By their id")},
    operation_class=described(path=_OF_GROUP),
)
async def list_targets(request: AnyRequest, group_id: str) -> Response[bytes]:
    """An item's `id` is the `targetRuleId` of other calls."""
    workspace = (await principal(request)).workspace
    found = await _definition(request, workspace, group_id)
    view = await view_of(request, workspace, found.group.id)
    return respond_raw(encode(TargetsEnvelope(rule_answers(view, found))))


@post(
    "/v3/targetGroups/{group_id:str}/targets/{target_id:str}/enroll",
    tags=_TAGS,
    summary="Enrol a customer in a target",
    status_code=200,
    responses={200: answer_of(CustomerIdEnvelope, "The customer's userId")},
    operation_class=described(body=[ENROLMENT], path=_OF_TARGET),
)
async def enrol_customer(request: AnyRequest, group_id: str, target_id: str) -> Response[bytes]:
    """Takes an array of one item. From the period named on, what is stored of the customer counts as well."""
    workspace = (await principal(request)).workspace
    item = _only(await body.read_leniently(request, list[EnrolRequest]))
    with told_in_codes():
        await services_of(request).capture.change(
            enrolment.enrol,
            workspace,
            group=number_in_path(group_id),
            rule=number_in_path(target_id),
            customer=number_in_path(str(item.customer_id)),
            period_name=item.period_name,
            initial_balance=_balance(item.initial_balance),
            reset_streak=bool(item.reset_streak_status),
        )
    return respond(CustomerIdEnvelope(item.customer_id))


@post(
    "/v3/targetGroups/{group_id:str}/targets/{target_id:str}/unEnroll",
    tags=_TAGS,
    summary="Un-enrol a customer from a target",
    status_code=200,
    responses={200: answer_of(CustomerIdEnvelope, "The customer's userId")},
    operation_class=described(body=[{"customerId": 1}], path=_OF_TARGET),
)
async def unenrol_customer(request: AnyRequest, group_id: str, target_id: str) -> Response[bytes]:
    """Takes an array of one item. A customer who is not enrolled is 310126, told with status 500 as documented."""
    workspace = (await principal(request)).workspace
    item = _only(await body.read_leniently(request, list[UnEnrolRequest]))
    with told_in_codes():
        await services_of(request).capture.change(
            enrolment.unenrol,
            workspace,
            group=number_in_path(group_id),
            rule=number_in_path(target_id),
            customer=number_in_path(str(item.customer_id)),
        )
    return respond(CustomerIdEnvelope(item.customer_id))


HANDLERS: RouteHandlers = [
    create_target_group,
    list_target_groups,
    show_target_group,
    delete_target_group,
    list_target_periods,
    add_target_periods,
    list_targets,
    enrol_customer,
    unenrol_customer,
]


def flag(request: AnyRequest, name: str, *, default: bool) -> bool:
    """A query parameter that is ``true`` or ``false``. Raises CapillaryError for anything else."""
    text = dict(query_parameters(request)).get(name, "").strip().lower()
    if text not in {"", "true", "false"}:
        raise invalid(f"{name} is true or false")
    return default if not text else text == "true"


def _only(items: list[T]) -> T:
    if len(items) != 1:
        raise invalid("the body is an array of exactly one item")
    return items[0]


async def _definition(request: AnyRequest, workspace: Workspace, group_id: str) -> TargetDefinition:
    with told_in_codes():
        group = number_in_path(group_id)
        return await services_of(request).database.ask(_active_definition, workspace.number, group)


def _active_definition(connection: Connection, workspace: int, group: int) -> TargetDefinition:
    definition.active_group(connection, workspace, group)
    return definition.definition(connection, workspace, group)


async def periods_answer(request: AnyRequest, workspace: Workspace, shown: Sequence[TargetPeriod]) -> PeriodsEnvelope:
    """Periods of one group in their envelope."""
    view = await view_of(request, workspace, *{period.group for period in shown})
    return PeriodsEnvelope([period_answer(view, period) for period in shown])


def number_in_path(text: str) -> int:
    """A number that a path names. What is none names nothing, so that errors keep their order: the -1 of no one."""
    number = identity.customer_number(text)
    return -1 if number is None else number


def _balance(given: Decimal | None) -> int | None:
    if given is None:
        return None
    parsed = amount.parse(given)
    if parsed is None:
        raise invalid("initialBalance must be a number")
    return parsed


async def view_of(request: AnyRequest, workspace: Workspace, *groups: int) -> View:
    """What is shown of the groups to the workspace now."""
    authors = await services_of(request).database.ask(target_authors.of_groups, workspace.number, groups)
    return View(workspace, instant.now(), authors)
