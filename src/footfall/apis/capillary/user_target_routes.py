"""What counted for a customer, and how he stands (contracts/capillary.md 4 and 5.6)."""

from litestar import Response, get
from litestar.openapi.spec import OpenAPIType

from footfall.apis.capillary import event_time, identity
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.documentation import described
from footfall.apis.capillary.target_failures import invalid, told_in_codes
from footfall.apis.capillary.target_mapping import View, tracked_answers
from footfall.apis.capillary.target_routes import encode, flag
from footfall.apis.capillary.target_schemas import (
    PaginationAnswer,
    TrackedEventsAnswer,
    UserTargetGroupsEnvelope,
    WarningAnswer,
)
from footfall.apis.capillary.user_target_mapping import Wanted, user_target_groups
from footfall.apis.http import AnyRequest, RouteHandlers, query_parameters, respond_raw
from footfall.apis.openapi import answer_of, query
from footfall.apis.services import services_of
from footfall.model import instant
from footfall.targets.failure import Reason, TargetFailure
from footfall.targets.settings import settings_of
from footfall.targets.standing import tracked_page

_TAGS = ["Capillary"]
_DEFAULT_LIMIT = 10
_MOST_ON_THE_LOOP = 1_000
_LARGEST = 2**31 - 1
_NEGATIVE_OFFSET = "Page offset can not be in negative, fetching the first page by default"


@get(
    "/v3/users/{user_id:str}/trackedTargetEvents/{target_rule_id:str}",
    tags=_TAGS,
    summary="The events that counted towards a target",
    responses={200: answer_of(TrackedEventsAnswer, "Oldest first; `offset` is the page's number")},
    operation_class=described(
        query("periodId", "Only what counted in this period", OpenAPIType.INTEGER),
        query("limit", "Events on a page (10)", OpenAPIType.INTEGER),
        query("offset", "Number of the page, from 0", OpenAPIType.INTEGER),
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
        customer = _number(user_id, "unknown_customer")
        rule = _number(target_rule_id, "unknown_rule")
        period = _number(asked["periodId"], "unknown_period") if asked.get("periodId") else None
        limit = _integer(asked, "limit", _DEFAULT_LIMIT, least=1)
        offset = _integer(asked, "offset", 0, least=-_LARGEST)
        ask = database.ask if limit <= _MOST_ON_THE_LOOP else database.ask_long
        page = await ask(
            tracked_page,
            workspace.number,
            customer=customer,
            rule=rule,
            period=period,
            limit=limit,
            page=max(0, offset),
        )
    zone = settings_of(workspace).server_zone
    answer = TrackedEventsAnswer(
        pagination=PaginationAnswer(limit, max(0, offset), page.total),
        data=tracked_answers(page.events, zone),
        warnings=[WarningAnswer(_NEGATIVE_OFFSET)] if offset < 0 else [],
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
        customer = _number(user_id, "unknown_customer")
        data = await services_of(request).database.ask_long(user_target_groups, View(workspace, now), customer, wanted)
    return respond_raw(encode(UserTargetGroupsEnvelope(data)))


HANDLERS: RouteHandlers = [list_tracked_events, list_user_target_groups]


def _parameters(request: AnyRequest) -> dict[str, str]:
    """The query's parameters; of a repeated one the first."""
    return dict(reversed(query_parameters(request)))


def _number(text: str, reason: Reason) -> int:
    number = identity.customer_number(text)
    if number is None:
        raise TargetFailure(reason)
    return number


def _integer(asked: dict[str, str], name: str, default: int, *, least: int) -> int:
    text = asked.get(name, "").strip()
    if not text:
        return default
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 10) or not least <= int(text) <= _LARGEST:
        raise invalid(f"{name} must be an integer from {max(least, 0)} to {_LARGEST}")
    return int(text)


def _rule_or_group(text: str) -> int | None:
    if not text.strip():
        return None
    number = identity.customer_number(text.strip())
    if number is None:
        raise invalid("targetRuleId must be a number")
    return number


def _moment(text: str, now: int) -> int:
    if not text.strip():
        return now
    found = event_time.parse(text, now)
    if found is None:
        raise invalid("trackingDate is not a date")
    return found.occurred_at
