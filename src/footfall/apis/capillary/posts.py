"""What becomes of a posted event: validated, stored together with its log entry, or rejected with the reason.

The promise: when ``process`` returns, the event and its log entry are durable, both in one transaction; a rejected
event leaves its log entry only. The contract's order of steps (2.5): definition, each field, customer, uniqueness.
"""

import msgspec

from footfall.apis.capillary import attributes, mapping
from footfall.apis.capillary.attributes import Posted, Rejected
from footfall.apis.services import Services
from footfall.capture.batch import Batch
from footfall.capture.recorder import record
from footfall.model import identifiers, instant
from footfall.model.behavioural_event import Definition, Post, State, Webhook
from footfall.model.event import NewEvent, Refused
from footfall.model.workspace import Workspace
from footfall.storage import behavioural_events
from footfall.storage.connection import Connection

REMEMBERED = 7 * instant.DAY
"""How long the log keeps a post."""

_LONGEST_LOGGED = 10_000
_LONGEST_NAME = 200
_FORGOTTEN_AT_ONCE = 100

_SUCCESS = ("EVENT_SUCCESS", "Event processed successfully")
_UNKNOWN_CUSTOMER = Rejected(
    "Error while processing emfEvent: customerId not present,cant proceed further", "EMF_PROCESSOR_FAILED"
)


class _Steps:
    """The steps of one post, as they are taken."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.take("EVENT_PROCESSING_STARTED", "Event processing started")

    def take(self, status: str, message: str) -> None:
        self.states.append(State(message, instant.now() // instant.MILLISECOND, status))


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A post that has reached its webhook: a JSON object that names an event."""

    id: bytes
    workspace: Workspace
    webhook: Webhook
    name: str
    posted: Posted
    body: str
    at: int  # instant


async def process(services: Services, received: Received) -> None:
    """Stores the event, or the reason why not. Raises Overloaded or DatabaseUnavailable."""
    number = received.workspace.number
    defined = await services.database.ask(behavioural_events.definition, number, received.name)
    checks_uniqueness = await services.database.ask(behavioural_events.checks_uniqueness, number)
    steps = _Steps()
    try:
        event = _validated(received, defined, steps, checks_uniqueness=checks_uniqueness)
    except Rejected as rejection:
        await services.capture.change(_log_rejection, received, steps, rejection)
        return
    is_first = defined is not None and not defined.is_verified
    await services.capture.change(_store, received, steps, event, is_first=is_first)


def _validated(received: Received, defined: Definition | None, steps: _Steps, *, checks_uniqueness: bool) -> NewEvent:
    if defined is None or defined.disabled_at is not None:
        raise Rejected(f"no active event is defined as {received.name}")
    for field in defined.fields:
        steps.take("EVENT_FIELD_VALIDATION_STARTED", field.name)
        attributes.check(field, received.posted, received.workspace, received.at)
        steps.take("EVENT_FIELD_VALIDATION_FINISHED", field.name)
    event = mapping.new_event(
        received.posted,
        defined,
        received.workspace,
        identifier=received.id,
        received_at=received.at,
        checks_uniqueness=checks_uniqueness,
    )
    steps.take("EVENT_VALIDATION_FINISHED", "Event validation finished")
    return event


def _store(connection: Connection, received: Received, steps: _Steps, event: NewEvent, *, is_first: bool) -> None:
    outcome = record(connection, [Batch(workspace=received.workspace, events=[event])])[0].outcomes[0]
    steps.take("EVENT_CONSUMER_STARTED", "Event consumer started")
    if isinstance(outcome, Refused):
        steps.take("EVENT_CONSUMER_FAILED", _UNKNOWN_CUSTOMER.message)
        _log(connection, received, steps, _UNKNOWN_CUSTOMER.status, _UNKNOWN_CUSTOMER.message)
        return
    steps.take(*_SUCCESS)
    if is_first:
        behavioural_events.verify(connection, received.workspace.number, received.name)
    _log(connection, received, steps, *_SUCCESS)


def _log_rejection(connection: Connection, received: Received, steps: _Steps, rejection: Rejected) -> None:
    steps.take(rejection.status, rejection.message)
    _log(connection, received, steps, rejection.status, rejection.message)


def _log(connection: Connection, received: Received, steps: _Steps, status: str, message: str) -> None:
    now = instant.now()
    behavioural_events.add_post(
        connection,
        Post(
            id=received.id,
            workspace=received.workspace.number,
            webhook=received.webhook.id,
            event_name=received.name[:_LONGEST_NAME].replace("\0", ""),
            received_at=received.at,
            response_time=max(0, now - received.at) // instant.MILLISECOND,
            status=status,
            message=message.replace("\0", ""),
            request=received.body[:_LONGEST_LOGGED],
            states=steps.states,
        ),
    )
    behavioural_events.forget_posts(
        connection, received.workspace.number, before=now - REMEMBERED, most=_FORGOTTEN_AT_ONCE
    )


def new_id(now: int) -> bytes:
    """A request id."""
    return identifiers.new_id(now // instant.MILLISECOND)
