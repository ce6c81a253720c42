"""Webhooks, and the events posted to them (contracts/capillary.md 2.4, 2.5)."""

import msgspec
from litestar import Response, get, post, put

from footfall.apis.capillary import body, posts
from footfall.apis.capillary.adapters import TRANSFORMERS
from footfall.apis.capillary.attributes import Posted
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.documentation import POSTED_EVENT, WEBHOOK, described
from footfall.apis.capillary.errors import REQUEST_ID, CapillaryError, Unauthorized
from footfall.apis.capillary.schemas import (
    Envelope,
    PostAnswer,
    PostStatus,
    WebhookAnswer,
    WebhookId,
    WebhookItem,
    WebhookRequest,
    Webhooks,
)
from footfall.apis.capillary.tills import tills_of
from footfall.apis.http import AnyRequest, RouteHandlers, read_body, respond
from footfall.apis.openapi import answer_of
from footfall.apis.services import Services, services_of
from footfall.model import identifiers, instant
from footfall.model.behavioural_event import Webhook
from footfall.model.workspace import Workspace
from footfall.storage import behavioural_events, workspaces
from footfall.storage.connection import Connection

_PUSHED = PostStatus(1100, "Event is pushed to transformation state")
_id_decoder = msgspec.json.Decoder(WebhookId)
_post_decoder = msgspec.json.Decoder(Posted)
_TAGS = ["Capillary"]
_SHOWN = answer_of(WebhookAnswer, "The webhook and its address")


@post(
    "/v2/events/webhook",
    tags=_TAGS,
    summary="Make a webhook",
    status_code=200,
    responses={200: _SHOWN},
    operation_class=described(body=WEBHOOK),
)
async def create_webhook(request: AnyRequest) -> Response[bytes]:
    """Makes an address for posting events. 1839 when `authEnabled` comes without `authMechanism` Basic."""
    workspace = (await principal(request)).workspace
    now = instant.now()
    asked = _asked(await body.read_leniently(request, WebhookRequest), workspace, posts.new_id(now), now)
    made = await services_of(request).capture.change(_add, workspace, asked)
    return respond(_shown(request, made))


@put(
    "/v2/events/webhook",
    tags=_TAGS,
    summary="Change a webhook",
    responses={200: _SHOWN},
    operation_class=described(body={**WEBHOOK, "webHookId": "0" * 32}),
)
async def replace_webhook(request: AnyRequest) -> Response[bytes]:
    """Changes the webhook named by `webHookId` or `webHookUri`. The uniqueness check stays on once it was on."""
    workspace = (await principal(request)).workspace
    sent = await body.read_leniently(request, WebhookRequest)
    identifier = _webhook_id(sent.web_hook_id or (sent.web_hook_uri or "").rstrip("/").rpartition("/")[2])
    asked = _asked(sent, workspace, identifier, instant.now())
    changed = await services_of(request).capture.change(_replace, workspace, asked)
    return respond(_shown(request, changed))


@put(
    "/v2/events/webhook/disable",
    tags=_TAGS,
    summary="Disable a webhook",
    responses={200: answer_of(Envelope, "Empty warnings and errors")},
    operation_class=described(body={"webHookId": "0" * 32}),
)
async def disable_webhook(request: AnyRequest) -> Response[bytes]:
    """Takes `{"webHookId"}`; from then on its address is unknown."""
    workspace = (await principal(request)).workspace
    identifier = _webhook_id((await body.read(request, _id_decoder)).web_hook_id)
    await services_of(request).capture.change(_disable, workspace.number, identifier, instant.now())
    return respond(Envelope())


@get(
    "/v2/events/webhooks",
    tags=_TAGS,
    summary="All webhooks",
    responses={200: answer_of(Webhooks, "Oldest first, without disabled ones")},
    operation_class=described(),
)
async def list_webhooks(request: AnyRequest) -> Response[bytes]:
    """Lists the organisation's webhooks."""
    workspace = (await principal(request)).workspace
    found = await services_of(request).database.ask(behavioural_events.webhooks, workspace.number)
    items = [
        WebhookItem(
            transformer_type=one.transformer,
            web_hook_id=one.id.hex(),
            till_code=one.till_code,
            web_hook_uri=_uri(request, one),
        )
        for one in found
    ]
    return respond(Webhooks(data=items))


@post(
    "/eucrm/webhooks/{webhook_id:str}",
    tags=_TAGS,
    summary="Post an event",
    status_code=200,
    responses={200: answer_of(PostAnswer, "1100: the event, valid or not, will be dealt with")},
    operation_class=described(body=POSTED_EVENT, path=("webhook_id",)),
)
async def post_event(request: AnyRequest, webhook_id: str) -> Response[bytes]:
    """Takes one flat JSON object with `event_name`.

    Answered as soon as the post is durable; what it says is looked at afterwards. `GET /v2/events/running_status` and
    `GET /v2/events/logs` tell what became of it, and why it was rejected.
    """
    services = services_of(request)
    now = instant.now()
    webhook, workspace = await _destination(services, webhook_id)
    if webhook.is_authenticated and (await principal(request)).workspace.number != workspace.number:
        raise Unauthorized
    sent = await read_body(request, services.settings.max_body_bytes)
    posted = body.decode(sent, _post_decoder, request)
    received = posts.received(posts.new_id(now), webhook, posted, sent.decode(), now)
    if received is None:
        raise CapillaryError(400, 400, "event_name is required")
    await services.posts.add(received)
    request_id = identifiers.to_text(received.id)
    return respond(PostAnswer(_PUSHED, request_id), headers={REQUEST_ID: request_id})


HANDLERS: RouteHandlers = [create_webhook, replace_webhook, disable_webhook, list_webhooks, post_event]


async def _destination(services: Services, webhook_id: str) -> tuple[Webhook, Workspace]:
    webhook = await services.database.ask(behavioural_events.webhook, _webhook_id(webhook_id))
    workspace = None if webhook is None else await services.database.ask(workspaces.by_number, webhook.workspace)
    if webhook is None or workspace is None:
        raise _unknown_webhook()
    return webhook, workspace


def _asked(sent: WebhookRequest, workspace: Workspace, identifier: bytes, now: int) -> Webhook:
    if sent.transformer_type not in TRANSFORMERS:
        raise CapillaryError(400, 1808, "transformer for the customer event missing")
    if sent.auth_enabled and (sent.auth_mechanism or "").casefold() != "basic":
        raise CapillaryError(400, 1839, "auth mechanism missing")
    return Webhook(
        id=identifier,
        workspace=workspace.number,
        transformer=sent.transformer_type,
        till_code=sent.till_code,
        is_authenticated=sent.auth_enabled,
        checks_uniqueness=sent.uniqueness_check_enabled,
        listens_to_children=sent.listen_to_child_events,
        created_at=now,
    )


def _shown(request: AnyRequest, webhook: Webhook) -> WebhookAnswer:
    return WebhookAnswer(
        transformer_type=webhook.transformer,
        uniqueness_check_enabled=webhook.checks_uniqueness,
        till_code=webhook.till_code,
        web_hook_uri=_uri(request, webhook),
        auth_enabled=webhook.is_authenticated,
    )


def _uri(request: AnyRequest, webhook: Webhook) -> str:
    base = services_of(request).settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/eucrm/webhooks/{webhook.id.hex()}"


def _webhook_id(text: str) -> bytes:
    """The 16 bytes of 32 hexadecimal digits; anything else is no webhook's id."""
    identifier = identifiers.from_text(text)
    if identifier is None:
        raise _unknown_webhook()
    return identifier


def _unknown_webhook() -> CapillaryError:
    return CapillaryError(404, 404, "Webhook not found")


def _live(connection: Connection, workspace: int, identifier: bytes) -> Webhook:
    current = behavioural_events.webhook(connection, identifier)
    if current is None or current.workspace != workspace:
        raise _unknown_webhook()
    return current


def _add(connection: Connection, workspace: Workspace, asked: Webhook) -> Webhook:
    connection.lock(workspace.number)
    made = _checked(connection, workspace, asked)
    behavioural_events.add_webhook(connection, made)
    return made


def _replace(connection: Connection, workspace: Workspace, asked: Webhook) -> Webhook:
    connection.lock(workspace.number)
    current = _live(connection, workspace.number, asked.id)
    changed = msgspec.structs.replace(_checked(connection, workspace, asked), created_at=current.created_at)
    behavioural_events.replace_webhook(connection, changed)
    return changed


def _checked(connection: Connection, workspace: Workspace, asked: Webhook) -> Webhook:
    """``asked`` at a till that exists, and with the uniqueness check if any webhook of the organisation ever had it."""
    till = tills_of(connection, workspace).named(asked.till_code)
    if till is None:
        raise CapillaryError(400, 400, "invalid tillCode")
    is_on = asked.checks_uniqueness or behavioural_events.checks_uniqueness(connection, workspace.number)
    return msgspec.structs.replace(asked, till_code=till.code, checks_uniqueness=is_on)


def _disable(connection: Connection, workspace: int, identifier: bytes, now: int) -> None:
    connection.lock(workspace)
    current = _live(connection, workspace, identifier)
    behavioural_events.replace_webhook(connection, msgspec.structs.replace(current, disabled_at=now))
