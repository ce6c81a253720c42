"""Routes of users and accounts, which differ in their fields alone (contracts/gainsight_px.md 5.1, 5.2)."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec
from litestar import Response, delete, get, post, put
from litestar.handlers import HTTPRouteHandler

from footfall.apis.gainsight_px import px_accounts, record_body, record_parameters, schemas, users
from footfall.apis.gainsight_px.auth import authenticate
from footfall.apis.gainsight_px.documentation import WithKey, change_record, list_records
from footfall.apis.gainsight_px.errors import BadRequest
from footfall.apis.gainsight_px.record_body import Sent
from footfall.apis.gainsight_px.record_fields import ACCOUNT, USER, Record
from footfall.apis.gainsight_px.record_parameters import RecordParameters, RecordScroll
from footfall.apis.http import Answer, AnyRequest, query_parameters, read_body, respond
from footfall.apis.openapi import NOTHING, answer_of
from footfall.apis.services import services_of
from footfall.model.people import RecordQuery
from footfall.model.workspace import Workspace
from footfall.storage import people_search
from footfall.storage.connection import Connection

_TAGS = ["Gainsight PX"]
_FAILURES = {
    400: answer_of(schemas.ErrorAnswer, "Bad request"),
    401: answer_of(schemas.ErrorAnswer, "Unauthorized or bad API Key"),
    403: answer_of(schemas.ErrorAnswer, "The key lacks a permission"),
    429: answer_of(schemas.ErrorAnswer, "Rate limit exceeded; see Retry-After"),
}
_OF_ONE = {**_FAILURES, 404: answer_of(schemas.ErrorAnswer, "There is none of this id")}

Shown = Callable[[Sequence[Any], Workspace], dict[str, object]]


class _Delete(Protocol):
    def __call__(self, connection: Connection, workspace: Workspace, identifier: str, /, *, hard: bool) -> None:
        """Deletes one."""


class _Operations(msgspec.Struct, frozen=True):
    """What is done with records of a kind."""

    record: Record
    shown: Shown
    find: Callable[[Connection, Workspace, str], dict[str, object]]
    create: Callable[[Connection, Workspace, Sent], str]
    update: Callable[[Connection, Workspace, str, Sent], None]
    delete: _Delete


_USERS = _Operations(USER, users.shown, users.find, users.create, users.update, users.delete)
_ACCOUNTS = _Operations(
    ACCOUNT, px_accounts.shown, px_accounts.find, px_accounts.create, px_accounts.update, px_accounts.delete
)


def handlers() -> list[HTTPRouteHandler]:
    """The routes of both."""
    return [*_handlers(_USERS), *_handlers(_ACCOUNTS)]


def _handlers(of: _Operations) -> list[HTTPRouteHandler]:
    record = of.record
    label, path = record.label.lower(), record.path

    @get(
        path,
        tags=_TAGS,
        operation_id=f"List{record.label}s",
        summary=f"Search {label}s",
        operation_class=list_records(record),
        responses={200: answer_of(dict[str, object], "Success"), **_FAILURES},
    )
    async def list_all(request: AnyRequest) -> Response[bytes]:
        """Filters and sorts on any field; ``totalHits`` is the same on all pages."""
        return await _list(of, request)

    @post(
        path,
        status_code=201,
        tags=_TAGS,
        operation_id=f"Create{record.label}",
        summary=f"Create a {label}",
        operation_class=change_record(record),
        responses={201: answer_of(dict[str, str], "Stored"), **_FAILURES},
    )
    async def create(request: AnyRequest) -> Response[bytes]:
        """A duplicate is a bad request; what was deleted softly within a week comes back with its history."""
        workspace, content = await _change(request)
        sent = record_body.parse(content, record, is_new=True)
        identifier = await services_of(request).capture.change(of.create, workspace, sent)
        return respond({record.identifier: identifier}, 201)

    @get(
        f"{path}/{{record_id:str}}",
        tags=_TAGS,
        operation_id=f"Read{record.label}",
        summary=f"One {label}",
        operation_class=WithKey,
        responses={200: answer_of(dict[str, object], "Success"), **_OF_ONE},
    )
    async def read(request: AnyRequest, record_id: str) -> Response[bytes]:
        """Letter case matters."""
        workspace = (await authenticate(request, "read")).workspace
        return respond(await services_of(request).database.ask(of.find, workspace, record_id))

    @put(
        f"{path}/{{record_id:str}}",
        status_code=200,  # the framework lets no handler of a 204 answer by itself
        tags=_TAGS,
        operation_id=f"Update{record.label}",
        summary=f"Change a {label}",
        operation_class=change_record(record),
        responses={204: NOTHING, **_OF_ONE},
    )
    async def update(request: AnyRequest, record_id: str) -> Response[bytes]:
        """Changes the fields that are sent; null empties one."""
        workspace, content = await _change(request)
        sent = record_body.parse(content, record, is_new=False)
        await services_of(request).capture.change(of.update, workspace, record_id, sent)
        return _nothing()

    @put(
        f"{path}/update",
        status_code=200,  # the framework lets no handler of a 204 answer by itself
        tags=_TAGS,
        operation_id=f"Update{record.label}ByBody",
        summary=f"Change a {label} named in the body",
        operation_class=change_record(record),
        responses={204: NOTHING, **_OF_ONE},
    )
    async def update_by_body(request: AnyRequest) -> Response[bytes]:
        """For ids that are awkward in a path."""
        workspace, content = await _change(request)
        sent = record_body.parse(content, record, is_new=False)
        identifier = _identifier(record, sent)
        await services_of(request).capture.change(of.update, workspace, identifier, sent)
        return _nothing()

    @delete(
        f"{path}/{{record_id:str}}",
        status_code=200,
        tags=_TAGS,
        operation_id=f"Delete{record.label}",
        summary=f"Delete a {label}",
        operation_class=WithKey,
        responses={200: answer_of(dict[str, str], "Deleted"), **_OF_ONE},
    )
    async def remove(request: AnyRequest, record_id: str) -> Response[bytes]:
        """Hides it, so that it can be revived within a week; ``hardDelete=true`` forbids that."""
        workspace = (await authenticate(request, "write")).workspace
        hard = _hard(request)
        await services_of(request).capture.change(of.delete, workspace, record_id, hard=hard)
        return respond({record.identifier: record_id})

    @delete(
        f"{path}/delete",
        status_code=200,
        tags=_TAGS,
        operation_id=f"Delete{record.label}ByBody",
        summary=f"Delete a {label} named in the body",
        operation_class=change_record(record),
        responses={200: answer_of(dict[str, str], "Deleted"), **_OF_ONE},
    )
    async def remove_by_body(request: AnyRequest) -> Response[bytes]:
        """For ids that are awkward in a path."""
        workspace, content = await _change(request)
        identifier = _identifier(record, record_body.parse(content, record, is_new=False))
        hard = _hard(request)
        await services_of(request).capture.change(of.delete, workspace, identifier, hard=hard)
        return respond({record.identifier: identifier})

    return [list_all, create, read, update, update_by_body, remove, remove_by_body]


async def _list(of: _Operations, request: AnyRequest) -> Response[bytes]:
    services = services_of(request)
    workspace = (await authenticate(request, "read")).workspace
    parameters = RecordParameters(request, of.record)
    token = parameters.scroll_id
    if token is None:
        query, total = parameters.query(workspace.number), None
    else:
        scroll = record_parameters.from_token(token, services.token_key, workspace.number, of.record)
        query, total = scroll.query, scroll.total
        query = msgspec.structs.replace(query, limit=parameters.page_size(query.limit))
    found, shown = await services.database.ask_long(_page, query, total)
    following = None
    if len(shown.rows) == query.limit:
        following = record_parameters.to_token(
            RecordScroll(msgspec.structs.replace(found.query, after=shown.last), found.total), services.token_key
        )
    listed = [of.shown(row, workspace) for row in shown.rows]
    return respond({of.record.collection: listed, "totalHits": found.total, "scrollId": following})


def _page(connection: Connection, query: RecordQuery, total: int | None) -> tuple[RecordScroll, people_search.Page]:
    if total is None:
        if query.kind == "customer":
            query = msgspec.structs.replace(query, known_until=connection.last_customer_number())
        total = people_search.count(connection, query)
    return RecordScroll(query, total), people_search.page(connection, query)


async def _change(request: AnyRequest) -> tuple[Workspace, bytes]:
    workspace = (await authenticate(request, "write")).workspace
    return workspace, await read_body(request, services_of(request).settings.max_body_bytes)


def _identifier(record: Record, sent: Sent) -> str:
    found = record_body.text_of(sent.get(record.identifier))
    if not found:
        raise BadRequest(f"{record.identifier} must not be empty")
    return found


def _hard(request: AnyRequest) -> bool:
    given = [value.lower() for name, value in query_parameters(request) if name == "hardDelete" and value]
    if any(value not in ("true", "false") for value in given):
        raise BadRequest("Invalid hardDelete: expected true or false")
    return bool(given) and given[0] == "true"


def _nothing() -> Answer:
    return Answer(b"", status_code=204)
