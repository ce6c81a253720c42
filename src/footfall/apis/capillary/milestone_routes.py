"""``GET /v3/milestones``: target groups, found and paged (contracts/capillary.md 5.4)."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get
from litestar.openapi.spec import OpenAPIType

from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.documentation import described
from footfall.apis.capillary.paging import PAGING, page_of
from footfall.apis.capillary.parameters import epoch_milliseconds
from footfall.apis.capillary.target_dates import written_day
from footfall.apis.capillary.target_failures import invalid
from footfall.apis.capillary.target_mapping import group_answer
from footfall.apis.capillary.target_routes import encode, flag, view_of
from footfall.apis.capillary.target_schemas import MilestonesAnswer, PaginationAnswer
from footfall.apis.http import AnyRequest, RouteHandlers, query_parameters, respond_raw
from footfall.apis.openapi import answer_of, query
from footfall.apis.services import services_of
from footfall.model import instant
from footfall.model.target import OPEN_END, OPEN_START, TargetDefinition
from footfall.model.workspace import Workspace
from footfall.targets import definition
from footfall.targets.calendar import bounds
from footfall.targets.checks import STREAKS

_STATUSES = frozenset({"LIVE", "UPCOMING", "ENDED", "STOPPED"})


@get(
    "/v3/milestones",
    tags=["Capillary"],
    summary="Target groups, by page",
    responses={200: answer_of(MilestonesAnswer, "Oldest first; `offset` is the page's number")},
    operation_class=described(
        *PAGING,
        query("start-date", "Only groups that run on this day or later"),
        query("end-date", "Only groups that run on this day or earlier"),
        query("status", "LIVE, UPCOMING, ENDED or STOPPED"),
        query("type", "Only groups of this trackingType, or with a target of this targetType"),
        query("target-on", "Only groups with a target of this targetEntity"),
        query("name", "Only groups whose name holds this, whatever its case"),
        query("require-periods", "With the periods (false)", OpenAPIType.BOOLEAN),
        query("includeUserCreatedTargetGroups", "Also those that users made (false)", OpenAPIType.BOOLEAN),
    ),
)
async def list_milestones(request: AnyRequest) -> Response[bytes]:
    """Groups of streaks are shown where `type` asks for them."""
    workspace = (await principal(request)).workspace
    asked = dict(reversed(query_parameters(request)))
    page = page_of(asked)
    found = await services_of(request).database.ask_long(
        definition.definitions,
        workspace.number,
        only_active=False,
        user_created=flag(request, "includeUserCreatedTargetGroups", default=False),
    )
    wanted = _wanted(asked, workspace, instant.now())
    chosen = [one for one in found if all(holds(one) for holds in wanted)]
    with_periods = flag(request, "require-periods", default=False)
    shown = chosen[page.offset * page.limit : (page.offset + 1) * page.limit]
    view = await view_of(request, workspace, *(one.group.id for one in shown))
    answer = MilestonesAnswer(
        pagination=PaginationAnswer(page.limit, page.offset, len(chosen)),
        data=[group_answer(view, one, with_periods=with_periods, listed=True) for one in shown],
        warnings=page.warnings,
    )
    return respond_raw(encode(answer))


HANDLERS: RouteHandlers = [list_milestones]


class Run(msgspec.Struct, frozen=True):
    """From when to when a group runs, as instants."""

    starts_at: int
    ends_at: int


def _run(shown: TargetDefinition) -> Run:
    return Run(
        min((period.starts_at for period in shown.periods), default=OPEN_START),
        max((period.ends_at for period in shown.periods), default=OPEN_END),
    )


def _wanted(asked: dict[str, str], workspace: Workspace, now: int) -> Sequence[Callable[[TargetDefinition], bool]]:
    """What a group must be like to be shown."""
    kind, entity, name = asked.get("type", ""), asked.get("target-on", ""), asked.get("name", "").strip().casefold()
    status = asked.get("status", "").strip().upper()
    if status and status not in _STATUSES:
        raise invalid(f"status is one of {', '.join(sorted(_STATUSES))}")
    zone = ZoneInfo(workspace.timezone)
    since = _bound(asked, "start-date", zone, OPEN_START)
    until = _bound(asked, "end-date", zone, OPEN_END, is_end=True)
    return (
        lambda one: _is_kind(one, kind),
        lambda one: not entity or any(rule.entity == entity for rule in one.rules),
        lambda one: name in one.group.name.casefold(),
        lambda one: not status or _status(one, now) == status,
        lambda one: _run(one).ends_at > since and _run(one).starts_at < until,
    )


def _is_kind(shown: TargetDefinition, kind: str) -> bool:
    if not kind:
        return shown.group.tracking_type not in STREAKS
    return kind == shown.group.tracking_type or any(rule.type == kind for rule in shown.rules)


def _status(shown: TargetDefinition, now: int) -> str:
    run = _run(shown)
    if not shown.group.active:
        return "STOPPED"
    if now < run.starts_at:
        return "UPCOMING"
    return "LIVE" if now < run.ends_at else "ENDED"


def _bound(asked: dict[str, str], name: str, zone: ZoneInfo, default: int, *, is_end: bool = False) -> int:
    text = asked.get(name, "").strip()
    if not text:
        return default
    milliseconds = epoch_milliseconds(text)
    if milliseconds is not None:
        return milliseconds * instant.MILLISECOND
    day = written_day(text, name)
    return bounds(day, day, zone)[1 if is_end else 0]
