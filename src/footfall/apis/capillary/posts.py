"""What becomes of posted events: validated, stored together with their log entries, or rejected with the reason.

The promise: a post is taken from the queue in the transaction that stores its event and its log entry; a rejected one
leaves its log entry only. The contract's order of steps (2.5): definition, what is required, each field, customer,
group, uniqueness. Everything is done in groups: one look at the definitions, one transaction, for many posts.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import Future

import msgspec

from footfall.apis.capillary import adapters, attributes, mapping
from footfall.apis.capillary.adapters import Translation
from footfall.apis.capillary.attributes import Posted, Rejected
from footfall.apis.capillary.mapping import Setting
from footfall.apis.capillary.tills import Tills, loaded_tills_of
from footfall.capture.batch import Batch
from footfall.capture.recorder import record
from footfall.capture.service import Capture
from footfall.model import identifiers, instant
from footfall.model.behavioural_event import Definition, Post, State, WaitingPost, Webhook
from footfall.model.event import NewEvent, Refused
from footfall.model.workspace import Workspace
from footfall.storage import behavioural_adapters, behavioural_events, post_queue, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.failures import DatabaseUnavailable
from footfall.storage.writer import Overloaded

REMEMBERED = 7 * instant.DAY
"""How long the log keeps a post."""

LONGEST_LOGGED = 10_000
"""How much of a post's text the log keeps, in characters."""

_LONGEST_NAME = 200
_FORGOTTEN_AT_ONCE = 100

_STARTED = ("EVENT_PROCESSING_STARTED", "Event processing started")
_SUCCESS = ("EVENT_SUCCESS", "Event processed successfully")
_CONSUMER_FAILED = "EVENT_CONSUMER_FAILED"
_UNKNOWN_CUSTOMER = Rejected(
    "Error while processing emfEvent: customerId not present,cant proceed further", "EMF_PROCESSOR_FAILED"
)
_UNFORESEEN = Rejected("Error while processing event", _CONSUMER_FAILED)

_decode = msgspec.json.Decoder(Posted).decode
_decode_name = msgspec.json.Decoder(str).decode
_log = logging.getLogger("footfall")


class _Checked(msgspec.Struct):
    """A post that has been looked at: an event to store, or a rejection."""

    post: WaitingPost
    name: str
    states: list[State]
    event: NewEvent | None = None
    rejection: Rejected | None = None
    is_first: bool = False  # accepted or not: the definition has no accepted event yet

    def take(self, status: str, message: str) -> None:
        """Notes a step."""
        self.states.append(State(message, instant.now() // instant.MILLISECOND, status))

    def reject(self, rejection: Rejected) -> None:
        """Notes that, and why, nothing will be stored."""
        self.event, self.rejection = None, rejection
        self.take(rejection.status, rejection.message)


class _Known(msgspec.Struct, frozen=True):
    """What the posts of one organisation are checked against."""

    workspace: Workspace
    tills: Tills
    definitions: dict[str, Definition]
    webhooks: dict[bytes, Webhook]
    translations: dict[tuple[str, str], Translation]
    checks_uniqueness: bool


def new_id(now: int) -> bytes:
    """A request id: it begins with the milliseconds of ``now``, which stay readable in it."""
    return identifiers.new_id(now // instant.MILLISECOND)


def received(post_id: bytes, webhook: Webhook, posted: Posted, request: str, now: int) -> WaitingPost | None:
    """What reached ``webhook``, to be settled later; None for a body that names no event."""
    name = _name_of(posted)
    if not name:
        return None
    return WaitingPost(
        id=post_id,
        workspace=webhook.workspace,
        webhook=webhook.id,
        event_name=_shown_name(name),
        received_at=now,
        request=request,
    )


def first_states(post: WaitingPost) -> list[State]:
    """What ``running_status`` shows of a post that waits: its one step so far."""
    status, message = _STARTED
    return [State(message, post.received_at // instant.MILLISECOND, status)]


def _shown_name(name: str) -> str:
    """As much of an event's name as the log keeps."""
    return name[:_LONGEST_NAME].replace("\0", "")


def _name_of(posted: Posted) -> str:
    raw = posted.get("event_name")
    return "" if raw is None or bytes(raw)[:1] != b'"' else _decode_name(raw)


def settle(database: Database, capture: Capture, waiting: Sequence[WaitingPost]) -> int:
    """Settles posts; how many were still there to settle. Raises Overloaded or DatabaseUnavailable."""
    by_workspace: dict[int, list[WaitingPost]] = {}
    for post in waiting:
        by_workspace.setdefault(post.workspace, []).append(post)
    under_way: list[tuple[list[WaitingPost], Future[int]]] = []
    for number, posts in by_workspace.items():
        under_way.append((posts, _submitted(database, capture, number, posts)))
    return sum(_settled(database, capture, posts, future) for posts, future in under_way)


def _submitted(database: Database, capture: Capture, number: int, posts: Sequence[WaitingPost]) -> "Future[int]":
    try:
        known = database.read(_known, number, posts)
        return capture.submit_change(_store, known.workspace, [_check(post, known) for post in posts])
    except (DatabaseUnavailable, Overloaded):
        raise
    except Exception as error:  # noqa: BLE001  (whoever asks the future hears of it)
        failed: Future[int] = Future()
        failed.set_exception(error)
        return failed


def _settled(database: Database, capture: Capture, posts: Sequence[WaitingPost], future: "Future[int]") -> int:
    """How many of ``posts`` were settled; where they cannot be together, each is alone."""
    try:
        return future.result()
    except (DatabaseUnavailable, Overloaded):
        raise
    except Exception:  # noqa: BLE001  (whatever it is, the others must not suffer from it)
        if len(posts) > 1:
            return sum(settle(database, capture, [post]) for post in posts)
        _log.exception("a post could not be made into an event")
        return capture.change_now(_give_up, posts[0])


def _known(connection: Connection, number: int, posts: Sequence[WaitingPost]) -> _Known:
    workspace = workspaces.by_number(connection, number)
    assert workspace is not None, "a workspace stays"
    translations = adapters.translations(behavioural_adapters.every(connection, number))
    names = {_name_of(_decode(post.request)) for post in posts} | {each.event_name for each in translations.values()}
    hooks = [behavioural_events.any_webhook(connection, number, each) for each in {post.webhook for post in posts}]
    return _Known(
        workspace=workspace,
        tills=loaded_tills_of(connection, workspace),
        definitions=behavioural_events.definitions_of(connection, number, names),
        translations=translations,
        webhooks={one.id: one for one in hooks if one is not None},
        checks_uniqueness=behavioural_events.checks_uniqueness(connection, number),
    )


def _check(post: WaitingPost, known: _Known) -> _Checked:
    posted = _decode(post.request)
    hook = known.webhooks.get(post.webhook)
    translation = None if hook is None else known.translations.get((hook.transformer, _name_of(posted)))
    if translation is not None:
        posted = adapters.translated(posted, translation)
    name = _name_of(posted)
    checked = _Checked(post, name, first_states(post))
    try:
        defined = _defined(known, name)
        checked.event = _validated(checked, posted, defined, known)
        checked.is_first = not defined.is_verified
    except Rejected as rejection:
        checked.reject(rejection)
    return checked


def _defined(known: _Known, name: str) -> Definition:
    defined = known.definitions.get(name)
    if defined is None or defined.disabled_at is not None:
        raise Rejected(f"no active event is defined as {name}")
    return defined


def _validated(checked: _Checked, posted: Posted, defined: Definition, known: _Known) -> NewEvent:
    now = instant.now()
    attributes.check_presence(defined, posted)
    for field in defined.fields:
        checked.take("EVENT_FIELD_VALIDATION_STARTED", field.name)
        attributes.check(field, posted, known.tills, now)
        checked.take("EVENT_FIELD_VALIDATION_FINISHED", field.name)
    hook = known.webhooks.get(checked.post.webhook)
    setting = Setting(
        identifier=checked.post.id,
        received_at=max(now, checked.post.received_at),
        till=known.tills.own if hook is None else known.tills.named(hook.till_code) or known.tills.own,
        checks_uniqueness=known.checks_uniqueness,
    )
    event = mapping.new_event(posted, defined, known.tills, setting)
    attributes.check_group(defined, posted)
    checked.take("EVENT_VALIDATION_FINISHED", "Event validation finished")
    return event


def _store(connection: Connection, workspace: Workspace, checked: Sequence[_Checked]) -> int:
    """In a transaction: takes the posts from the queue and stores what became of them; how many were there."""
    taken = post_queue.take(connection, workspace.number, [one.post.id for one in checked])
    # A transaction that meets another writer is done again, so what is noted here must not be there already.
    ours = [msgspec.structs.replace(one, states=[*one.states]) for one in checked if one.post.id in taken]
    accepted = [one for one in ours if one.event is not None]
    events = [one.event for one in accepted if one.event is not None]
    outcomes = record(connection, [Batch(workspace=workspace, events=events)])[0].outcomes if events else []
    for one, outcome in zip(accepted, outcomes, strict=True):
        one.take("EVENT_CONSUMER_STARTED", "Event consumer started")
        if isinstance(outcome, Refused):
            one.take(_CONSUMER_FAILED, _UNKNOWN_CUSTOMER.message)
            one.event, one.rejection = None, _UNKNOWN_CUSTOMER
        else:
            one.take(*_SUCCESS)
    for name in {one.name for one in accepted if one.is_first and one.event is not None}:
        behavioural_events.verify(connection, workspace.number, name)
    _note(connection, workspace.number, ours)
    return len(ours)


def _give_up(connection: Connection, post: WaitingPost) -> int:
    """Rejects a post that cannot be dealt with, so that it keeps nobody else from being dealt with."""
    if not post_queue.take(connection, post.workspace, [post.id]):
        return 0
    checked = _Checked(post, post.event_name, first_states(post))
    checked.reject(_UNFORESEEN)
    _note(connection, post.workspace, [checked])
    return 1


def _note(connection: Connection, workspace: int, settled: Sequence[_Checked]) -> None:
    if not settled:
        return
    now = instant.now()
    behavioural_events.add_posts(connection, [_entry(one, now) for one in settled])
    most = max(_FORGOTTEN_AT_ONCE, 2 * len(settled))
    behavioural_events.forget_posts(connection, workspace, before=now - REMEMBERED, most=most)


def _entry(one: _Checked, now: int) -> Post:
    status, message = _SUCCESS if one.rejection is None else (one.rejection.status, one.rejection.message)
    return Post(
        id=one.post.id,
        workspace=one.post.workspace,
        webhook=one.post.webhook,
        event_name=_shown_name(one.name),
        received_at=one.post.received_at,
        response_time=max(0, now - one.post.received_at) // instant.MILLISECOND,
        status=status,
        message=message.replace("\0", ""),
        request=one.post.request[:LONGEST_LOGGED],
        states=one.states,
    )
