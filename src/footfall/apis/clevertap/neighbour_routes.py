"""Routes: counts, trends, top values, profiles, the schema, deletion (contracts/clevertap.md 4).

Each endpoint has places of its own for requests at once, as CleverTap counts them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from litestar import Response, get, post, route
from litestar.types import Method

from footfall.apis.clevertap import deletion, figures, polling, profile_export, profile_records, schema_answer, schemas
from footfall.apis.clevertap.auth import authenticate
from footfall.apis.clevertap.documentation import (
    CountEvents,
    DeleteProfiles,
    GetEvents,
    OneProfile,
    OpenExport,
    RequestId,
    SchemaOf,
    TopValues,
    Trends,
)
from footfall.apis.clevertap.errors import CleverTapError, InvalidRequestId, reply
from footfall.apis.clevertap.figures import Figures
from footfall.apis.clevertap.gates import entered
from footfall.apis.clevertap.query import parameters_of, query_of, read
from footfall.apis.http import AnyRequest, read_body
from footfall.apis.openapi import answer_of
from footfall.apis.services import Services, services_of
from footfall.capture import customer_removal
from footfall.model.workspace import Workspace

COUNT_EVENTS = "/1/counts/events.json"
COUNT_PROFILES = "/1/counts/profiles.json"
TRENDS = "/1/counts/trends.json"
TOP = "/1/counts/top.json"
PROFILES = "/1/profiles.json"
PROFILE = "/1/profile.json"
SCHEMA = "/getSchema"
DELETE = "/1/delete/profiles.json"

_TAGS = ["CleverTap"]
_OTHER: list[Method] = ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_FAILURES = {
    400: answer_of(schemas.FailureAnswer, "The request cannot be answered; do not repeat it"),
    401: answer_of(schemas.FailureAnswer, "Invalid Credentials"),
    429: answer_of(schemas.FailureAnswer, "Too many concurrent requests; see Retry-After"),
}
_FIGURES = {
    200: answer_of(
        schemas.PartialAnswer | dict[str, Any], "The figures of each group, or the id by which to ask for them again"
    ),
    **_FAILURES,
}

Compute = Callable[[Services, Workspace, Mapping[str, Any]], Awaitable[Figures]]
Check = Callable[[Services, Workspace, Mapping[str, Any]], Awaitable[None]]


class _Asked(msgspec.Struct, frozen=True):
    services: Services
    workspace: Workspace
    method: str
    body: bytes
    parameters: dict[str, str]

    @property
    def query(self) -> dict[str, Any]:
        return query_of(self.method, self.body, self.parameters)


@post(
    COUNT_EVENTS,
    status_code=200,
    tags=_TAGS,
    summary="How many events there are",
    operation_class=CountEvents,
    responses={200: answer_of(schemas.EventCountAnswer, "The number"), **_FAILURES},
)
async def count_events(request: AnyRequest) -> Response[bytes]:
    """The number of events of one name on some days; filters as in Get Events."""
    async with _asked(request, COUNT_EVENTS) as asked:
        _refuse_request_id(asked)
        return reply(await figures.count_events(asked.services, asked.workspace, asked.query))


@post(
    COUNT_PROFILES,
    status_code=200,
    tags=_TAGS,
    summary="How many users did an event",
    operation_class=CountEvents,
    responses={200: answer_of(schemas.ProfileCountAnswer, "The numbers"), **_FAILURES},
)
async def count_profiles(request: AnyRequest) -> Response[bytes]:
    """The number of users who did an event; without `event_name`, any; without days, in the last 365."""
    async with _asked(request, COUNT_PROFILES) as asked:
        _refuse_request_id(asked)
        return reply(await figures.count_profiles(asked.services, asked.workspace, asked.query))


@post(
    TRENDS,
    status_code=200,
    tags=_TAGS,
    summary="Events by day, week or month",
    operation_class=Trends,
    responses=_FIGURES,
)
async def ask_for_trends(request: AnyRequest) -> Response[bytes]:
    """Answers a `req_id`, and with that the figures."""
    async with _asked(request, TRENDS) as asked:
        return await _figures(asked, TRENDS, figures.check_trends, figures.trends)


@get(
    TRENDS,
    tags=_TAGS,
    summary="Events by day, week or month: the answer",
    operation_class=RequestId,
    responses=_FIGURES,
)
async def get_trends(request: AnyRequest) -> Response[bytes]:
    """The figures of a `req_id`."""
    async with _asked(request, TRENDS) as asked:
        return await _figures(asked, TRENDS, figures.check_trends, figures.trends)


@post(
    TOP,
    status_code=200,
    tags=_TAGS,
    summary="Most frequent values of properties",
    operation_class=TopValues,
    responses=_FIGURES,
)
async def ask_for_top(request: AnyRequest) -> Response[bytes]:
    """Answers a `req_id`, and with that the figures."""
    async with _asked(request, TOP) as asked:
        return await _figures(asked, TOP, figures.check_top, figures.top)


@get(
    TOP,
    tags=_TAGS,
    summary="Most frequent values of properties: the answer",
    operation_class=RequestId,
    responses=_FIGURES,
)
async def get_top(request: AnyRequest) -> Response[bytes]:
    """The figures of a `req_id`."""
    async with _asked(request, TOP) as asked:
        return await _figures(asked, TOP, figures.check_top, figures.top)


@post(
    PROFILES,
    status_code=200,
    tags=_TAGS,
    summary="Users who did an event, step 1: open an export",
    operation_class=OpenExport,
    responses={200: answer_of(schemas.CursorAnswer, "The cursor of the first page"), **_FAILURES},
)
async def open_profiles(request: AnyRequest) -> Response[bytes]:
    """Opens an export of users and answers its cursor; with a `cursor`, answers that page as GET does."""
    return await _profiles(request)


@get(
    PROFILES,
    tags=_TAGS,
    summary="Users who did an event, step 2: one page",
    operation_class=GetEvents,
    responses={200: answer_of(schemas.DocumentedProfilePage, "A page; the last has no records"), **_FAILURES},
)
async def get_profiles(request: AnyRequest) -> Response[bytes]:
    """One page; with `query` in place of `cursor`, opens an export as POST does."""
    return await _profiles(request)


@get(
    PROFILE,
    tags=_TAGS,
    summary="One user",
    operation_class=OneProfile,
    responses={
        200: answer_of(schemas.DocumentedProfileAnswer, "The user"),
        404: answer_of(schemas.FailureAnswer, "Nobody goes by this name"),
        **_FAILURES,
    },
)
async def get_profile(request: AnyRequest) -> Response[bytes]:
    """The user who goes by a name, and what he did."""
    async with _asked(request, PROFILE) as asked:
        _refuse_request_id(asked)
        names = profile_records.whom(asked.parameters)
        found = await asked.services.database.ask(profile_records.one, asked.workspace.number, names)
        if found is None:
            raise CleverTapError("Profile not found", status=404)
        return reply(schemas.ProfileAnswer("success", found))


@get(
    SCHEMA,
    tags=_TAGS,
    summary="Which events there are, and which properties users have",
    operation_class=SchemaOf,
    responses={200: answer_of(schemas.EventSchemaAnswer | schemas.UserSchemaAnswer, "Their names"), **_FAILURES},
)
async def get_schema(request: AnyRequest) -> Response[bytes]:
    """The names of events, or of properties of users."""
    async with _asked(request, SCHEMA) as asked:
        kind = asked.parameters.get("type", "").strip()
        return reply(await asked.services.database.ask_long(schema_answer.answer, asked.workspace.number, kind))


@post(
    DELETE,
    status_code=200,
    tags=_TAGS,
    summary="Delete users, and all that they did",
    operation_class=DeleteProfiles,
    responses={200: answer_of(schemas.StatusAnswer, "Nothing is left of them"), **_FAILURES},
)
async def delete_profiles(request: AnyRequest) -> Response[bytes]:
    """Erases users with their events, in every product; answers when nothing is left of them."""
    async with _asked(request, DELETE) as asked:
        names = deletion.whom(asked.query)
        workspace = asked.workspace.number
        gone = await asked.services.database.ask(deletion.numbers, workspace, names)
        await customer_removal.erase(asked.services.capture, workspace, gone)
        return reply(schemas.StatusAnswer("success"))


@route([COUNT_EVENTS, COUNT_PROFILES, DELETE], http_method=["GET", *_OTHER], include_in_schema=False, status_code=405)
async def refuse_other_than_post(request: AnyRequest) -> Response[bytes]:
    """What is only posted; but a `req_id` may be asked for by GET, and there is none."""
    async with _asked(request, "other") as asked:
        _refuse_request_id(asked)
        raise CleverTapError("Method Not Allowed", status=405)


@route([PROFILE, SCHEMA], http_method=["POST", *_OTHER], include_in_schema=False, status_code=405)
async def refuse_other_than_get(request: AnyRequest) -> Response[bytes]:
    """What is only read."""
    await authenticate(request)
    raise CleverTapError("Method Not Allowed", status=405)


@route([TRENDS, TOP, PROFILES], http_method=_OTHER, include_in_schema=False, status_code=405)
async def refuse_other(request: AnyRequest) -> Response[bytes]:
    """What is posted and read."""
    await authenticate(request)
    raise CleverTapError("Method Not Allowed", status=405)


ROUTES = [
    refuse_other_than_post,
    refuse_other_than_get,
    refuse_other,
    count_events,
    count_profiles,
    ask_for_trends,
    get_trends,
    ask_for_top,
    get_top,
    open_profiles,
    get_profiles,
    get_profile,
    get_schema,
    delete_profiles,
]
"""The refusals first: see ``routes.router``."""


@asynccontextmanager
async def _asked(request: AnyRequest, endpoint: str) -> AsyncIterator[_Asked]:
    """The request, let in at its endpoint. Raises CleverTapError."""
    services = services_of(request)
    workspace = (await authenticate(request)).workspace
    async with entered(services.database, endpoint, workspace.number, services.settings.clevertap_max_reads):
        body = await read_body(request, services.settings.max_body_bytes)
        yield _Asked(services, workspace, request.scope["method"], body, parameters_of(request))


async def _figures(asked: _Asked, endpoint: str, check: Check, compute: Compute) -> Response[bytes]:
    """The figures of a ``req_id``; without one, an id for the query, or its figures where the server is set to."""
    services, workspace = asked.services, asked.workspace
    name = asked.parameters.get("req_id", "").strip()
    if name:
        query = await polling.recall(services, workspace, endpoint, name)
    else:
        query = asked.query
        await check(services, workspace, query)
        if services.settings.clevertap_partial_first:
            return reply(schemas.PartialAnswer("partial", await polling.keep(services, workspace, endpoint, query)))
    return reply({"status": "success", **await compute(services, workspace, query)})


async def _profiles(request: AnyRequest) -> Response[bytes]:
    async with _asked(request, PROFILES) as asked:
        services, workspace = asked.services, asked.workspace
        found = read(asked.method, asked.body, asked.parameters, profile_export.OF_PROFILES)
        if isinstance(found, str):
            return reply(await profile_export.page(services, workspace, found))
        return reply(schemas.CursorAnswer(await profile_export.open_export(services, workspace, found)))


def _refuse_request_id(asked: _Asked) -> None:
    """Where answers are never partial, no id was ever given out."""
    if asked.parameters.get("req_id", "").strip():
        raise InvalidRequestId
