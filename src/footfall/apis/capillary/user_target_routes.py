"""What counted for a customer, and how he stands (contracts/capillary.md 4 and 5.6)."""

from typing import get_args

from litestar import Response, get
from litestar.openapi.spec import OpenAPIType

from footfall.apis.capillary import identity
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.documentation import described
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.paging import PAGING, page_of
from footfall.apis.capillary.parameters import moment_in
from footfall.apis.capillary.target_failures import invalid, told_in_codes
from footfall.apis.capillary.target_mapping import View, tracked_answers
from footfall.apis.capillary.target_routes import encode, flag, number_in_path
from footfall.apis.capillary.target_schemas import (
    PaginationAnswer,
    TargetsEnvelope,
    TrackedEventsAnswer,
    UserTargetGroupsEnvelope,
)
from footfall.apis.capillary.user_target_mapping import Enrolled, Wanted, enrolled_targets, user_target_groups
from footfall.apis.http import AnyRequest, RouteHandlers, query_parameters, respond_raw
from footfall.apis.openapi import answer_of, query
from footfall.apis.services import services_of
from footfall.model import instant
from footfall.model.target import EnrolmentMethod
from footfall.targets.settings import settings_of
from footfall.targets.standing import tracked_page

_TAGS = ["Capillary"]
_MOST_ON_THE_LOOP = 1_000
_ENROLMENT_UNKNOWN = 310130


@get(
    "/v3/users/{user_id:str}/trackedTargetEvents/{target_rule_id:str}",
    tags=_TAGS,
    summary="The events that counted towards a target",
    responses={200: answer_of(TrackedEventsAnswer, "Oldest first; `offset` is the page's number")},
    operation_class=described(
        query("periodId", "Only what counted in this period", OpenAPIType.INTEGER),
        *PAGING,
        path=("user_id", "target_rule_id"),
    ),
    direct=True,
)
async def list_tracked_events(request: AnyRequest, user_id: str, target_rule_id: str) -> Response[bytes]:
    """Takes `periodId`, `limit` (10), `offset` (page, 0). Errors: 310011, 310018, 310019, 310149; 300004."""
    workspace = (await principal(request)).workspace
    asked = _parameters(request)
    database = services_of(request).database
    with told_in_codes():
        customer = number_in_path(user_id)
        rule = number_in_path(target_rule_id)
        period = number_in_path(asked["periodId"]) if asked.get("periodId") else None
        wanted = page_of(asked)
        ask = database.ask if wanted.limit <= _MOST_ON_THE_LOOP else database.ask_long
        page = await ask(
            tracked_page,
            workspace.number,
            customer=customer,
            rule=rule,
            period=period,
            limit=wanted.limit,
            page=wanted.offset,
        )
    zone = settings_of(workspace).server_zone
    answer = TrackedEventsAnswer(
        pagination=PaginationAnswer(wanted.limit, wanted.offset, page.total),
        data=tracked_answers(page.events, zone),
        warnings=wanted.warnings,
    )
    return respond_raw(encode(answer))


@get(
    "/v3/users/{user_id:str}/targetGroups",
    tags=_TAGS,
    summary="A customer's target groups, with progress",
    responses={
        200: answer_of(
            UserTargetGroupsEnvelope,
            "Of the current periods by default",
        )
    },
    operation_class=described(
        query("targetRuleId", "Only this target, or this group", OpenAPIType.INTEGER),
        query("includeInactive", "Also periods that are not running (false)", OpenAPIType.BOOLEAN),
        query("includeInactiveTargets", "Also deactivated targets (false)", OpenAPIType.BOOLEAN),
        query("trackingDate", "The moment that counts as now"),
        path=("user_id",),
    ),
)
async def list_user_target_groups(request: AnyRequest, user_id: str) -> Response[bytes]:
    """Takes `targetRuleId` (of a rule or a group), `includeInactive`, `includeInactiveTargets`, `trackingDate`."""
    workspace = (await principal(request)).workspace
    asked = _parameters(request)
    now = instant.now()
    wanted = Wanted(
        tracking_at=_moment(asked.get("trackingDate", ""), now),
        rule_or_group=_rule_or_group(asked.get("targetRuleId", "")),
        inactive_periods=flag(request, "includeInactive", default=False),
        inactive_targets=flag(request, "includeInactiveTargets", default=False),
    )
    with told_in_codes():
        customer = number_in_path(user_id)
        data = await services_of(request).database.ask_long(user_target_groups, View(workspace, now), customer, wanted)
    return respond_raw(encode(UserTargetGroupsEnvelope(data)))


@get(
    "/v3/users/{user_id:str}/enrolledTargets",
    tags=_TAGS,
    summary="The targets that a customer is enrolled in",
    responses={200: answer_of(TargetsEnvelope, "By their id")},
    operation_class=described(
        query("targetRuleIds", "Only these targets, joined by commas"),
        query("trackingDate", "Only targets with a period that is running then"),
        query("enrollmentType", "TRANSACTION, IMPORT or AUDIENCE_FILTER: only targets that enrol so"),
        query("includeOnlyUserCreated", "Only those that users made (false)", OpenAPIType.BOOLEAN),
        path=("user_id",),
    ),
)
async def list_enrolled_targets(request: AnyRequest, user_id: str) -> Response[bytes]:
    """310011 for an unknown customer, 310130 for an `enrollmentType` that is none."""
    workspace = (await principal(request)).workspace
    asked = _parameters(request)
    now = instant.now()
    method = asked.get("enrollmentType", "").strip() or None
    if method is not None and method not in get_args(EnrolmentMethod):
        raise CapillaryError(400, _ENROLMENT_UNKNOWN, "Invalid enrollment type as input")
    tracking = asked.get("trackingDate", "")
    wanted = Enrolled(
        rules=_rules(asked.get("targetRuleIds", "")),
        tracking_at=_moment(tracking, now) if tracking.strip() else None,
        method=method,
        only_user_created=flag(request, "includeOnlyUserCreated", default=False),
    )
    with told_in_codes():
        customer = number_in_path(user_id)
        data = await services_of(request).database.ask_long(enrolled_targets, View(workspace, now), customer, wanted)
    return respond_raw(encode(TargetsEnvelope(data)))


HANDLERS: RouteHandlers = [list_tracked_events, list_user_target_groups, list_enrolled_targets]


def _parameters(request: AnyRequest) -> dict[str, str]:
    """The query's parameters; of a repeated one the first."""
    return dict(reversed(query_parameters(request)))


def _rule_or_group(text: str) -> int | None:
    if not text.strip():
        return None
    number = identity.customer_number(text.strip())
    if number is None:
        raise invalid("targetRuleId must be a number")
    return number


def _rules(text: str) -> frozenset[int] | None:
    """Ids joined by commas; None: any."""
    parts = [part for part in text.split(",") if part.strip()]
    numbers = [identity.customer_number(part) for part in parts]
    if any(number is None for number in numbers):
        raise invalid("targetRuleIds are numbers, joined by commas")
    return frozenset(number for number in numbers if number is not None) if parts else None


def _moment(text: str, now: int) -> int:
    if not text.strip():
        return now
    found = moment_in(text.strip())
    if found is None:
        raise invalid("trackingDate is not a date")
    return found
