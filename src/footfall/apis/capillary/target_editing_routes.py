"""Changing target groups, their periods, targets and streaks (contracts/capillary.md 5.4)."""

from collections.abc import Callable
from typing import Any

from litestar import Response, delete, post, put

from footfall.apis.capillary import body, target_changes
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.caller import Caller
from footfall.apis.capillary.documentation import TARGET, TARGET_GROUP, TARGET_PERIOD, described
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.target_failures import invalid, told_in_codes
from footfall.apis.capillary.target_mapping import group_answer, rule_answers
from footfall.apis.capillary.target_members import is_name
from footfall.apis.capillary.target_requests import (
    NameRequest,
    PeriodEditRequest,
    TargetEditRequest,
    TargetGroupEditRequest,
    TargetRequest,
    UnifiedTargetsRequest,
)
from footfall.apis.capillary.target_routes import encode, number_in_path, periods_answer, view_of
from footfall.apis.capillary.target_schemas import (
    DoneEnvelope,
    PeriodsEnvelope,
    TargetEnvelope,
    TargetGroupEnvelope,
    TargetsEnvelope,
)
from footfall.apis.http import AnyRequest, RouteHandlers, respond, respond_raw
from footfall.apis.openapi import answer_of
from footfall.apis.services import services_of
from footfall.model.target import TargetDefinition
from footfall.storage import targets
from footfall.targets import editing

INVALID_KEY = 310145

_TAGS = ["Capillary"]
_OF_GROUP = ("group_id",)
_OF_TARGET = ("group_id", "target_id")
_UNIFIED: Any = UnifiedTargetsRequest | list[TargetEditRequest]
_NAMES_OF_GROUPS = "targetGroupName"
_OTHER_NAMES = frozenset({"streakName", "targetName", "streakLevelName", "periodName"})


@put(
    "/v3/targetGroups/editTargetGroup/{group_id:str}",
    tags=_TAGS,
    summary="Change a target group",
    responses={200: answer_of(TargetGroupEnvelope, "The group as stored")},
    operation_class=described(body=TARGET_GROUP, path=_OF_GROUP),
)
async def edit_target_group(request: AnyRequest, group_id: str) -> Response[bytes]:
    """Takes the members to change; what is left out stays. Periods and targets with an `id` are changed, others added.

    Its kind, frequency and zone are for good. What has counted stays; `footfall targets recompute` counts anew.
    """
    caller = await principal(request)
    asked = await body.read_leniently(request, TargetGroupEditRequest)
    changed: TargetDefinition = await _change(request, caller, group_id, target_changes.edit_group, asked)
    return await _answer_group(request, caller, changed)


@put(
    "/v3/targetGroups/{group_id:str}/targetPeriods",
    tags=_TAGS,
    summary="Change periods of a target group",
    responses={200: answer_of(PeriodsEnvelope, "The changed periods")},
    operation_class=described(body=[{"id": 1, **TARGET_PERIOD}], path=_OF_GROUP),
)
async def edit_target_periods(request: AnyRequest, group_id: str) -> Response[bytes]:
    """Takes an array; each item names its period by `id` or `refCode`.

    Dates of a period that has ended stay; one that is running can be given another `endDate`.
    """
    caller = await principal(request)
    asked = await body.read_leniently(request, list[PeriodEditRequest])
    if not asked:
        raise invalid("periods must not be empty")
    changed = await _change(request, caller, group_id, target_changes.edit_periods, asked)
    return respond(await periods_answer(request, caller.workspace, changed))


@post(
    "/v3/targetGroups/{group_id:str}/targets",
    tags=_TAGS,
    summary="Give a unified group more targets",
    status_code=201,
    responses={201: answer_of(TargetsEnvelope, "The new targets")},
    operation_class=described(body=[TARGET], path=_OF_GROUP),
)
async def add_targets(request: AnyRequest, group_id: str) -> Response[bytes]:
    """Takes an array of targets. What is stored counts towards them for nobody yet."""
    caller = await principal(request)
    asked = await body.read_leniently(request, list[TargetRequest])
    changed, added = await _change(request, caller, group_id, target_changes.add_targets, asked)
    view = await view_of(request, caller.workspace, changed.group.id)
    return respond_raw(encode(TargetsEnvelope(rule_answers(view, changed, added))), 201)


@put(
    "/v3/targetGroups/{group_id:str}/targets/{target_id:str}",
    tags=_TAGS,
    summary="Change a target, and the streaks of its group",
    responses={200: answer_of(TargetEnvelope, "The target as stored")},
    operation_class=described(body=TARGET, path=_OF_TARGET),
)
async def edit_target(request: AnyRequest, group_id: str, target_id: str) -> Response[bytes]:
    """Takes the members to change; what is left out stays. Later events meet the change, what has counted stays."""
    caller = await principal(request)
    asked = await body.read_leniently(request, TargetEditRequest)
    with told_in_codes():
        group, rule = number_in_path(group_id), number_in_path(target_id)
        changed = await services_of(request).capture.change(
            target_changes.attributed, caller, group, target_changes.edit_target, rule, asked
        )
    (shown,) = rule_answers(await view_of(request, caller.workspace, group), changed, {rule})
    return respond_raw(encode(TargetEnvelope(shown)))


@delete(
    "/v3/targetGroups/{group_id:str}/targets/{target_id:str}",
    tags=_TAGS,
    summary="Deactivate a target",
    status_code=200,
    responses={200: answer_of(DoneEnvelope, "What has counted stays readable")},
    operation_class=described(path=_OF_TARGET),
)
async def delete_target(request: AnyRequest, group_id: str, target_id: str) -> Response[bytes]:
    """Nothing counts towards the target from now on."""
    caller = await principal(request)
    with told_in_codes():
        group, rule = number_in_path(group_id), number_in_path(target_id)
        await services_of(request).capture.change(
            target_changes.attributed, caller, group, editing.deactivate_rule, rule
        )
    return respond(DoneEnvelope())


@put(
    "/v3/targetGroups/{group_id:str}/unifiedTargets",
    tags=_TAGS,
    summary="Change and add targets of a unified group",
    responses={200: answer_of(TargetGroupEnvelope, "The group as stored")},
    operation_class=described(body={"targets": [TARGET]}, path=_OF_GROUP),
)
async def put_unified_targets(request: AnyRequest, group_id: str) -> Response[bytes]:
    """Takes `targets`: those with an `id` are changed, others added. Also a bare array is taken."""
    caller = await principal(request)
    asked = await body.read_leniently(request, _UNIFIED)
    items = asked.targets if isinstance(asked, UnifiedTargetsRequest) else asked
    changed: TargetDefinition = await _change(request, caller, group_id, target_changes.put_unified_targets, items)
    return await _answer_group(request, caller, changed)


@post(
    "/v3/targetGroups/isValidName",
    tags=_TAGS,
    summary="May this be a name?",
    status_code=200,
    responses={200: answer_of(DoneEnvelope, "`data` tells")},
    operation_class=described(body={"type": "targetGroupName", "value": "Monthly spend"}),
)
async def is_valid_name(request: AnyRequest) -> Response[bytes]:
    """A name has 1 to 200 characters; that of a group must not be in use. 310145 for a type that is not known."""
    workspace = (await principal(request)).workspace
    asked = await body.read_leniently(request, NameRequest)
    if asked.type != _NAMES_OF_GROUPS and asked.type not in _OTHER_NAMES:
        raise CapillaryError(400, INVALID_KEY, "Invalid key is passed")
    is_good = is_name(asked.value)
    if is_good and asked.type == _NAMES_OF_GROUPS:
        taken = await services_of(request).database.ask(targets.group_named, workspace.number, asked.value.strip())
        is_good = taken is None
    return respond(DoneEnvelope(is_good))


HANDLERS: RouteHandlers = [
    edit_target_group,
    edit_target_periods,
    add_targets,
    edit_target,
    delete_target,
    put_unified_targets,
    is_valid_name,
]


async def _change(
    request: AnyRequest,
    caller: Caller,
    group_id: str,
    function: Callable[..., Any],
    asked: object,
) -> Any:
    """Runs ``function(connection, workspace, group, asked)`` in the writer's transaction."""
    with told_in_codes():
        group = number_in_path(group_id)
        return await services_of(request).capture.change(target_changes.attributed, caller, group, function, asked)


async def _answer_group(request: AnyRequest, caller: Caller, changed: TargetDefinition) -> Response[bytes]:
    view = await view_of(request, caller.workspace, changed.group.id)
    return respond_raw(encode(TargetGroupEnvelope(group_answer(view, changed, with_periods=True, listed=False))))
