"""Routes beside the users' own: denied users, preferences, and what fields there are (contracts/gainsight_px.md 5)."""

from typing import Any

import msgspec
from litestar import Response, get, post, put
from litestar.handlers import HTTPRouteHandler

from footfall.apis.gainsight_px import record_body, schemas, users
from footfall.apis.gainsight_px.attributes import model_attributes
from footfall.apis.gainsight_px.auth import authenticate
from footfall.apis.gainsight_px.documentation import WithBody, WithKey
from footfall.apis.gainsight_px.errors import BadRequest, NotFound
from footfall.apis.gainsight_px.record_fields import ACCOUNT, USER
from footfall.apis.http import Answer, AnyRequest, read_body, respond
from footfall.apis.openapi import NOTHING, answer_of
from footfall.apis.services import services_of
from footfall.model.text import LONGEST_TEXT
from footfall.storage import denied_customers

_TAGS = ["Gainsight PX"]
_FAILURES = {
    400: answer_of(schemas.ErrorAnswer, "Bad request"),
    401: answer_of(schemas.ErrorAnswer, "Unauthorized or bad API Key"),
    403: answer_of(schemas.ErrorAnswer, "The key lacks a permission"),
    404: answer_of(schemas.ErrorAnswer, "There is none of this id"),
    429: answer_of(schemas.ErrorAnswer, "Rate limit exceeded; see Retry-After"),
}
_DENYLIST = "/v1/users/denylist/{identify_id:str}"
_FLAGS = ("guidedTours", "onboardingBot", "productUpdates", "surveys", "trackUsage")
_FLAGS_OF_VERSION: dict[str, tuple[str, ...]] = {"v1": _FLAGS, "v2": (*_FLAGS, "trackEmailAnalytics")}
_RECORDS = {"user": USER, "account": ACCOUNT}

_decode_flags = msgspec.json.Decoder(dict[str, Any]).decode


class Denied(msgspec.Struct, rename="camel"):
    """Whether a user's events are ignored."""

    denied: bool
    identify_id: str


@get(
    _DENYLIST,
    tags=_TAGS,
    summary="Whether a user's events are ignored",
    operation_class=WithKey,
    responses={200: answer_of(Denied, "Success"), **_FAILURES},
)
async def read_denied(request: AnyRequest, identify_id: str) -> Response[bytes]:
    """Also of users whom nobody has heard of yet."""
    workspace = (await authenticate(request, "read")).workspace
    ask = services_of(request).database.ask
    return respond(Denied(await ask(denied_customers.is_denied, workspace.number, identify_id), identify_id))


@put(
    _DENYLIST,
    status_code=200,
    tags=_TAGS,
    summary="Ignore a user's events, or take them again",
    operation_class=WithBody,
    responses={200: answer_of(Denied, "Success"), **_FAILURES},
)
async def change_denied(request: AnyRequest, identify_id: str) -> Response[bytes]:
    """Holds for events that any product's API sends from now on."""
    services = services_of(request)
    workspace = (await authenticate(request, "write")).workspace
    members = record_body.parse_object(await read_body(request, services.settings.max_body_bytes))
    raw = bytes(members.get("denied", b"null"))
    if raw not in (b"true", b"false"):
        raise BadRequest("denied must be true or false")
    if not 0 < len(identify_id) <= LONGEST_TEXT or "\0" in identify_id:
        raise BadRequest(f"identifyId must have 1 to {LONGEST_TEXT} characters")
    await services.capture.change(users.deny, workspace, identify_id, denied=raw == b"true")
    return respond(Denied(raw == b"true", identify_id))


@get(
    "/v1/admin/model/{model:str}/attributes",
    tags=_TAGS,
    summary="The fields of users or accounts",
    operation_class=WithKey,
    responses={200: answer_of(list[dict[str, object]], "Success"), **_FAILURES},
)
async def list_attributes(request: AnyRequest, model: str) -> Response[bytes]:
    """The product's own, and the custom ones that the latest of them have."""
    workspace = (await authenticate(request, "read")).workspace
    record = _RECORDS.get(model)
    if record is None:
        raise NotFound(f"Model was not found for parameters {{name={model}}}")
    return respond(await services_of(request).database.ask_long(model_attributes, workspace.number, record))


def handlers() -> list[HTTPRouteHandler]:
    """All of these routes."""
    return [read_denied, change_denied, list_attributes, *_preferences("v1"), *_preferences("v2")]


def _preferences(version: str) -> list[HTTPRouteHandler]:
    path = f"/{version}/user/preferences"
    flags = _FLAGS_OF_VERSION[version]

    async def told(request: AnyRequest, identify_id: str) -> Response[bytes]:
        workspace = (await authenticate(request, "read")).workspace
        said = await services_of(request).database.ask(users.preferences_of, workspace, identify_id)
        known = {} if said is None else _decode_flags(said)
        return respond({"identifyId": identify_id, **{flag: known.get(flag, True) is not False for flag in flags}})

    async def changed(request: AnyRequest, content: bytes, identify_id: str) -> Response[bytes]:
        workspace = (await authenticate(request, "write")).workspace
        members = record_body.parse_object(content)
        wrong = [flag for flag in flags if bytes(members.get(flag, b"true")) not in (b"true", b"false")]
        if wrong:
            raise BadRequest(f"{', '.join(wrong)} must be true or false")
        said = {flag: bytes(members[flag]) == b"true" for flag in flags if flag in members}
        await services_of(request).capture.change(users.prefer, workspace, identify_id, said)
        return Answer(b"", status_code=204)

    @post(
        path,
        status_code=200,
        tags=_TAGS,
        operation_id=f"ReadPreferencesByBody{version}",
        operation_class=WithBody,
        summary="What a user named in the body prefers",
        responses=_FAILURES,
    )
    async def read_by_body(request: AnyRequest) -> Response[bytes]:
        """Everything is preferred until somebody says otherwise."""
        return await told(request, _named(await _body(request)))

    @put(
        path,
        status_code=200,  # the framework lets no handler of a 204 answer by itself
        tags=_TAGS,
        operation_id=f"ChangePreferencesByBody{version}",
        operation_class=WithBody,
        summary="Change what a user named in the body prefers",
        responses={204: NOTHING, **_FAILURES},
    )
    async def change_by_body(request: AnyRequest) -> Response[bytes]:
        """Changes what is sent."""
        content = await _body(request)
        return await changed(request, content, _named(content))

    @get(
        f"{path}/{{identify_id:str}}",
        tags=_TAGS,
        operation_id=f"ReadPreferences{version}",
        operation_class=WithKey,
        summary="What a user prefers",
        responses=_FAILURES,
    )
    async def read(request: AnyRequest, identify_id: str) -> Response[bytes]:
        """Everything is preferred until somebody says otherwise."""
        return await told(request, identify_id)

    @put(
        f"{path}/{{identify_id:str}}",
        status_code=200,  # the framework lets no handler of a 204 answer by itself
        tags=_TAGS,
        operation_id=f"ChangePreferences{version}",
        operation_class=WithBody,
        summary="Change what a user prefers",
        responses={204: NOTHING, **_FAILURES},
    )
    async def change(request: AnyRequest, identify_id: str) -> Response[bytes]:
        """Changes what is sent."""
        return await changed(request, await _body(request), identify_id)

    return [read_by_body, change_by_body, read, change]


async def _body(request: AnyRequest) -> bytes:
    await authenticate(request, "read")
    return await read_body(request, services_of(request).settings.max_body_bytes)


def _named(content: bytes) -> str:
    raw = record_body.parse_object(content).get("identifyId")
    try:
        named = record_body.text_of(raw)
    except msgspec.ValidationError:
        named = ""
    if not named:
        raise BadRequest("identifyId must not be empty")
    return named
