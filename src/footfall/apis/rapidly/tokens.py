"""The endpoints of workspace access tokens (contracts/rapidly.md 1.5)."""

from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Response, delete, get, patch, post

from footfall.apis.http import AnyRequest, read_body
from footfall.apis.openapi import answer_of
from footfall.apis.rapidly import answers, bodies, durations, envelopes, mapping, openapi, scalars
from footfall.apis.rapidly.auth import READ_TOKENS, WRITE_TOKENS, require
from footfall.apis.rapidly.dialect import RAPIDLY
from footfall.apis.rapidly.errors import InsufficientScope, ResourceNotFound
from footfall.apis.rapidly.events import path_id
from footfall.apis.rapidly.faults import LIST_TYPE, MISSING, Faults, Problem, tenant_token
from footfall.apis.rapidly.openapi import ERRORS
from footfall.apis.rapidly.parameters import Parameters, sorting_of
from footfall.apis.rapidly.schemas import AccessToken, NewAccessToken
from footfall.apis.services import services_of
from footfall.model import identifiers, instant
from footfall.model.workspace import Credential, CredentialKind, Principal, Workspace
from footfall.storage import workspaces
from footfall.storage.connection import Connection
from footfall.tenancy.credentials import RAPIDLY_TOKEN_SCOPES, IssuedCredential, issue

_TAGS = ["Rapidly"]
_KIND: CredentialKind = "rapidly_token"
_SORT_KEYS = ("created_at", "comment", "last_used_at", "workspace_id")
_QUOTED = [f"'{scope}'" for scope in RAPIDLY_TOKEN_SCOPES]
_EXPECTED = f"{', '.join(_QUOTED[:-1])} or {_QUOTED[-1]}"
_SCOPE = Problem("enum", f"Input should be {_EXPECTED}", {"expected": _EXPECTED})
_TOO_FAR = "the token would expire after the year 9999"


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a new or changed token; what is None is not said. ``lasting``: microseconds."""

    comment: str | None
    scopes: tuple[str, ...] | None
    lasting: int | None


@get(
    "/api/workspace-access-tokens",
    tags=_TAGS,
    summary="List access tokens",
    description="Called as `/api/workspace-access-tokens/`. The tokens themselves are not shown.",
    operation_class=openapi.list_tokens_operation(),
    responses={200: answer_of(envelopes.Page, "A page."), **ERRORS},
)
async def list_tokens(request: AnyRequest) -> Response[bytes]:
    """One page of the workspace's tokens."""
    workspace = require(request, READ_TOKENS).workspace
    parameters = Parameters(request)
    paging = parameters.paging()
    tenants = parameters.many("workspace_id", scalars.uuid4)
    sorting = parameters.many("sorting", sorting_of(_SORT_KEYS)) or ("created_at",)
    parameters.faults.raise_if_any()
    found = await services_of(request).database.ask(_live, workspace.number)
    if tenants and workspace.id not in tenants:
        found = []
    for key in reversed(sorting):
        found.sort(key=_value_of(key.removeprefix("-")), reverse=key.startswith("-"))
    shown = [_shown(each, workspace) for each in envelopes.cut(found, paging)]
    return answers.json(envelopes.page(shown, len(found), paging, RAPIDLY))


@post(
    "/api/workspace-access-tokens",
    tags=_TAGS,
    summary="Create an access token",
    description="Called as `/api/workspace-access-tokens/`. A token can give no scope that it does not hold itself.",
    status_code=201,
    operation_class=openapi.create_token_operation(),
    responses={201: answer_of(NewAccessToken, "The token, shown this once."), **ERRORS},
)
async def create_token(request: AnyRequest) -> Response[bytes]:
    """Makes a token."""
    services = services_of(request)
    body = await read_body(request, services.settings.max_body_bytes)
    value = bodies.parse(body, request.headers.get("content-type"))
    principal = require(request, WRITE_TOKENS)
    asked = _request(bodies.object_of(value), is_new=True)
    _refuse_more(asked.scopes or (), principal, ())
    issued = await services.capture.change(_issue, principal.workspace, asked)
    shown = _shown(issued.credential, principal.workspace)
    return answers.json(NewAccessToken(workspace_access_token=shown, token=issued.secret), 201)


@patch(
    "/api/workspace-access-tokens/{id:str}",
    tags=_TAGS,
    summary="Change an access token",
    operation_class=openapi.change_token_operation(),
    responses={200: answer_of(AccessToken, "The token's description."), **ERRORS},
)
async def update_token(request: AnyRequest) -> Response[bytes]:
    """Changes a token's comment or scopes."""
    services = services_of(request)
    body = await read_body(request, services.settings.max_body_bytes)
    value = bodies.parse(body, request.headers.get("content-type"))
    principal = require(request, WRITE_TOKENS)
    identifier = path_id(request.path_params["id"])
    asked = _request(bodies.object_of(value), is_new=False)
    changed = await services.capture.change(_change, principal, identifier, asked)
    return answers.json(_shown(changed, principal.workspace))


@delete(
    "/api/workspace-access-tokens/{id:str}",
    tags=_TAGS,
    summary="Delete an access token",
    status_code=200,  # the framework lets no handler of a 204 answer by itself
    responses={204: openapi.NOTHING, **ERRORS},
)
async def delete_token(request: AnyRequest) -> Response[bytes]:
    """Ends a token: within a second nobody can use it any more."""
    workspace = require(request, WRITE_TOKENS).workspace
    identifier = path_id(request.path_params["id"])
    services = services_of(request)
    await services.capture.change(_revoke, workspace.number, identifier)
    services.authenticator.forget()
    return answers.empty(204)


def _live(connection: Connection, workspace: int) -> list[Credential]:
    return [
        each
        for each in workspaces.credentials_of(connection, workspace)
        if each.kind == _KIND and each.revoked_at is None
    ]


def _find(connection: Connection, workspace: int, identifier: bytes) -> Credential:
    found = workspaces.credential_by_id(connection, workspace, identifier)
    if found is None or found.kind != _KIND or found.revoked_at is not None:
        raise ResourceNotFound
    return found


def _issue(connection: Connection, workspace: Workspace, asked: TokenRequest) -> IssuedCredential:
    expires_at = None if asked.lasting is None else instant.now() + asked.lasting
    return issue(
        connection, workspace, _KIND, comment=asked.comment or "", scopes=asked.scopes or (), expires_at=expires_at
    )


def _change(connection: Connection, principal: Principal, identifier: bytes, asked: TokenRequest) -> Credential:
    """Raises ResourceNotFound, or InsufficientScope for scopes that neither token holds."""
    workspace = principal.workspace.number
    connection.lock(workspace)
    found = _find(connection, workspace, identifier)
    if asked.scopes is not None:
        _refuse_more(asked.scopes, principal, found.scopes)
    changed = msgspec.structs.replace(
        found,
        name=found.name if asked.comment is None else asked.comment,
        scopes=found.scopes if asked.scopes is None else asked.scopes,
        modified_at=instant.now(),
    )
    workspaces.change_credential(connection, changed)
    return changed


def _revoke(connection: Connection, workspace: int, identifier: bytes) -> None:
    _find(connection, workspace, identifier)
    workspaces.revoke(connection, workspace, identifier, instant.now())


def _refuse_more(asked: tuple[str, ...], principal: Principal, held: tuple[str, ...]) -> None:
    more = [scope for scope in asked if scope not in principal.credential.scopes and scope not in held]
    if more:
        raise InsufficientScope(more)


def _request(given: dict[str, Any], *, is_new: bool) -> TokenRequest:
    faults = Faults()
    comment = _field(given, "comment", scalars.text, faults, is_required=is_new)
    scopes = _scopes(given, faults, is_required=is_new)
    lasting = None
    if is_new:
        if given.get("expires_in") is not None:
            lasting = _field(given, "expires_in", _lasting, faults, is_required=False)
        tenant = given.get("workspace_id")
        if tenant is not None:
            read = scalars.uuid4(tenant)
            faults.add(("body", "workspace_id"), read if isinstance(read, Problem) else tenant_token(RAPIDLY), tenant)
    faults.raise_if_any()
    return TokenRequest(comment=comment, scopes=scopes, lasting=lasting)


def _field(given: dict[str, Any], key: str, rule: Callable[[Any], Any], faults: Faults, *, is_required: bool) -> Any:
    if key not in given:
        if is_required:
            faults.add(("body", key), MISSING, given)
        return None
    if given[key] is None and not is_required:
        return None
    outcome = rule(given[key])
    if isinstance(outcome, Problem):
        faults.add(("body", key), outcome, given[key])
        return None
    return outcome


def _lasting(value: object) -> int | Problem:
    lasting = durations.parse(value)
    if isinstance(lasting, int) and not instant.is_showable(instant.now() + lasting):
        return Problem("value_error", f"Value error, {_TOO_FAR}", {"error": {}})
    return lasting


def _scopes(given: dict[str, Any], faults: Faults, *, is_required: bool) -> tuple[str, ...] | None:
    if "scopes" not in given or (given["scopes"] is None and not is_required):
        if is_required:
            faults.add(("body", "scopes"), MISSING, given)
        return None
    listed = given["scopes"]
    if not isinstance(listed, list):
        faults.add(("body", "scopes"), LIST_TYPE, listed)
        return None
    for index, scope in enumerate(listed):
        if scope not in RAPIDLY_TOKEN_SCOPES:
            faults.add(("body", "scopes", index), _SCOPE, scope)
    return tuple(dict.fromkeys(scope for scope in listed if isinstance(scope, str)))


def _value_of(key: str) -> Callable[[Credential], Any]:
    values: dict[str, Callable[[Credential], Any]] = {
        "created_at": lambda each: (each.created_at, each.id),
        "comment": lambda each: each.name,
        "last_used_at": lambda each: each.last_used_at or 0,
        "workspace_id": lambda each: each.workspace,
    }
    return values[key]


def _shown(own: Credential, workspace: Workspace) -> AccessToken:
    return AccessToken(
        created_at=mapping.moment(own.created_at),
        modified_at=None if own.modified_at is None else mapping.moment(own.modified_at),
        id=identifiers.to_text(own.id),
        scopes=list(own.scopes),
        expires_at=None if own.expires_at is None else mapping.moment(own.expires_at),
        comment=own.name,
        last_used_at=None if own.last_used_at is None else mapping.moment(own.last_used_at),
        workspace_id=identifiers.to_text(workspace.id),
    )
