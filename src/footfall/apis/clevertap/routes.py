"""Routes: ``/1/events.json`` and ``/1/upload``, and everything else under ``/1/``, refused.

Credentials are checked before path, method and body (contracts/clevertap.md 1.3); that is why the refusals have
routes of their own.
"""

from litestar import Response, Router, get, post, route
from litestar.types import Method

from footfall.apis.clevertap import export, neighbour_routes, people, schemas
from footfall.apis.clevertap.auth import authenticate
from footfall.apis.clevertap.documentation import GetEvents, OpenExport, Upload
from footfall.apis.clevertap.errors import CleverTapError, answer, reply, reply_raw
from footfall.apis.clevertap.gates import entered
from footfall.apis.clevertap.query import flag, parameters_of, read
from footfall.apis.clevertap.upload import Judgement, judge, records_of
from footfall.apis.clevertap.verdicts import RecordRefused, object_id_incorrect
from footfall.apis.http import AnyRequest, read_body
from footfall.apis.openapi import answer_of
from footfall.apis.services import Services, services_of
from footfall.capture.customer_removal import finish
from footfall.model import instant
from footfall.model.event import Refused
from footfall.model.workspace import Workspace

PATHS: tuple[str, ...] = ("/1/", "/getSchema")
"""Path prefixes that are this product's: errors outside every route there are told in its envelope."""

_TAGS = ["CleverTap"]
_EVENTS = "/1/events.json"
_UPLOAD = "/1/upload"
_NEITHER: list[Method] = ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_FAILURES = {
    400: answer_of(schemas.FailureAnswer, "The request cannot be answered; do not repeat it"),
    401: answer_of(schemas.FailureAnswer, "Invalid Credentials"),
    429: answer_of(schemas.FailureAnswer, "Too many concurrent requests; see Retry-After"),
}


@post(
    _EVENTS,
    status_code=200,
    tags=_TAGS,
    summary="Get Events, step 1: open an export",
    operation_class=OpenExport,
    responses={
        200: answer_of(schemas.CursorAnswer, "The cursor of the first page"),
        **_FAILURES,
    },
)
async def open_export(request: AnyRequest) -> Response[bytes]:
    """Opens an export and answers its cursor; with a ``cursor``, answers that page as GET does."""
    return await _events(request, "POST")


@get(
    _EVENTS,
    tags=_TAGS,
    summary="Get Events, step 2: one page of an export",
    operation_class=GetEvents,
    responses={
        200: answer_of(schemas.DocumentedPage, "A page; the last has no records"),
        **_FAILURES,
    },
)
async def get_events(request: AnyRequest) -> Response[bytes]:
    """One page; with ``query`` in place of ``cursor``, opens an export as POST does."""
    return await _events(request, "GET")


@post(
    _UPLOAD,
    status_code=200,
    tags=_TAGS,
    summary="Upload events and profiles",
    operation_class=Upload,
    responses={
        200: answer_of(schemas.DocumentedUploadAnswer, "A verdict on each record"),
        **_FAILURES,
    },
)
async def upload(request: AnyRequest) -> Response[bytes]:
    """Stores the good records, durably before the answer, and tells of each bad one what is wrong with it."""
    services = services_of(request)
    workspace = (await authenticate(request)).workspace
    async with entered(services.database, "uploads", workspace.number, services.settings.clevertap_max_uploads):
        records = records_of(await read_body(request, services.settings.max_body_bytes))
        judgement = judge(records, instant.now(), refuse_restricted=services.settings.clevertap_restricted_names)
        if not flag(parameters_of(request).get("dryRun"), default=False):
            judgement.refused.update(await _store(services, workspace, judgement))
    unprocessed = [
        schemas.Unprocessed("fail", refusal.code, refusal.text(index + 1), records[index])
        for index, refusal in sorted(judgement.refused.items())
    ]
    return reply(upload_answer(len(records), unprocessed))


def upload_answer(count: int, unprocessed: list[schemas.Unprocessed]) -> schemas.UploadAnswer:
    """The outcome of ``count`` records (contract 3.3)."""
    processed = count - len(unprocessed)
    if not unprocessed:
        return schemas.UploadAnswer("success", processed, [])
    return schemas.UploadAnswer("partial" if processed else "fail", processed, unprocessed)


@route(_EVENTS, http_method=_NEITHER, include_in_schema=False, status_code=405)
async def refuse_on_events(request: AnyRequest) -> Response[bytes]:
    """Exports are opened by POST and read by GET."""
    await authenticate(request)
    raise CleverTapError("Method Not Allowed", status=405)


@route(_UPLOAD, http_method=["GET", *_NEITHER], include_in_schema=False, status_code=405)
async def refuse_on_upload(request: AnyRequest) -> Response[bytes]:
    """Uploads are posted."""
    await authenticate(request)
    raise CleverTapError("Method Not Allowed", status=405)


@route(["/1", "/1/{path:path}"], http_method=["GET", "POST", *_NEITHER], include_in_schema=False, status_code=404)
async def refuse_path(request: AnyRequest) -> Response[bytes]:
    """An endpoint of CleverTap's that Footfall does not have, or nobody's."""
    await authenticate(request)
    raise CleverTapError("Not Found", status=404)


def router() -> Router:
    """All routes of this product."""
    return Router(
        path="/",
        # The refusals first: Litestar answers OPTIONS by itself wherever the first route of a path does not.
        route_handlers=[
            refuse_on_events,
            refuse_on_upload,
            refuse_path,
            *neighbour_routes.ROUTES,
            open_export,
            get_events,
            upload,
        ],
        exception_handlers={Exception: answer},
    )


async def _events(request: AnyRequest, method: str) -> Response[bytes]:
    services = services_of(request)
    workspace = (await authenticate(request)).workspace
    async with entered(services.database, "reads", workspace.number, services.settings.clevertap_max_reads):
        parameters = parameters_of(request)
        body = await read_body(request, services.settings.max_body_bytes)
        asked = read(method, body, parameters)
        if isinstance(asked, str):
            return reply_raw(await export.page(services, workspace, asked))
        return reply(schemas.CursorAnswer(await export.open_export(services, workspace, asked)))


async def _store(services: Services, workspace: Workspace, judgement: Judgement) -> dict[int, RecordRefused]:
    """Stores what was judged good, in one transaction; what the store refused nevertheless, by index."""
    events = list(judgement.events.values())
    if judgement.changes or people.tells_of_people(events):
        stored = await services.capture.change(people.store, workspace, judgement.changes, events)
        refused, result = stored.refused, stored.result
        if not stored.is_whole:
            await finish(services.capture, workspace.number)
    elif events:
        refused, result = {}, await services.capture.events(workspace, events)
    else:
        return {}
    for index, outcome in zip(judgement.events, result.outcomes, strict=True):
        if isinstance(outcome, Refused):
            refused[index] = object_id_incorrect()
    return refused
