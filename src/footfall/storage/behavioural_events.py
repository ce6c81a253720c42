"""Behavioural events: definitions, webhooks, and the log of posts."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.behavioural_event import Definition, Field, Post, State, Webhook
from footfall.storage.connection import Connection
from footfall.storage.statement import BulkInsert, Statement, is_in
from footfall.storage.tables import behavioural_definitions, behavioural_posts, behavioural_webhooks

_D = behavioural_definitions.c
_W = behavioural_webhooks.c
_P = behavioural_posts.c

_encode = msgspec.json.encode
_actions = msgspec.json.Decoder(list[str])
_fields = msgspec.json.Decoder(list[Field])
_states = msgspec.json.Decoder(list[State])

_ADD_DEFINITION = BulkInsert(behavioural_definitions)
_DEFINITION = Statement(
    sa.select(*_D).where(_D.workspace == bindparam("workspace"), _D.name == bindparam("name")),
)
_NAMED = Statement(sa.select(*_D).where(_D.workspace == bindparam("workspace"), is_in(_D.name, "names")))
_DEFINITIONS = Statement(
    sa.select(*_D).where(_D.workspace == bindparam("workspace")).order_by(_D.created_at, _D.name),
)
_REPLACE = Statement(
    sa.update(behavioural_definitions)
    .where(_D.workspace == bindparam("of_workspace"), _D.name == bindparam("of_name"))
    .values({name: bindparam(f"new_{name}") for name in ("label", "description", "actions", "fields")})
)
_VERIFY = Statement(
    sa.update(behavioural_definitions)
    .where(_D.workspace == bindparam("of_workspace"), _D.name == bindparam("of_name"))
    .values(is_verified=sa.true())
)
_DISABLE = Statement(
    sa.update(behavioural_definitions)
    .where(
        _D.workspace == bindparam("of_workspace"),
        _D.name == bindparam("of_name"),
        _D.disabled_at.is_(None),
    )
    .values(disabled_at=bindparam("now"))
)

_ADD_WEBHOOK = BulkInsert(behavioural_webhooks)
_WEBHOOK = Statement(sa.select(*_W).where(_W.id == bindparam("id"), _W.disabled_at.is_(None)))
_ANY_WEBHOOK = Statement(sa.select(*_W).where(_W.id == bindparam("id"), _W.workspace == bindparam("workspace")))
_WEBHOOKS = Statement(
    sa.select(*_W)
    .where(_W.workspace == bindparam("workspace"), _W.disabled_at.is_(None))
    .order_by(_W.created_at, _W.id)
)
_REPLACE_WEBHOOK = Statement(
    sa.update(behavioural_webhooks)
    .where(_W.workspace == bindparam("of_workspace"), _W.id == bindparam("of_id"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                "transformer",
                "till_code",
                "is_authenticated",
                "checks_uniqueness",
                "listens_to_children",
                "disabled_at",
            )
        }
    )
)
_CHECKS_UNIQUENESS = Statement(
    sa.select(sa.literal(1)).where(_W.workspace == bindparam("workspace"), _W.checks_uniqueness.is_(sa.true())).limit(1)
)

_ADD_POST = BulkInsert(behavioural_posts)
# As an expression: a planner that knows nothing of the table yet would take the workspace for more selective.
_ERASE_POSTS = Statement(
    sa.delete(behavioural_posts).where(
        _P.workspace + sa.literal_column("0") == bindparam("workspace"), is_in(_P.id, "ids")
    )
)
_POST = Statement(sa.select(*_P).where(_P.id == bindparam("id"), _P.workspace == bindparam("workspace")))
_POSTS = (
    sa.select(*_P)
    .where(
        _P.workspace == bindparam("workspace"),
        _P.received_at >= bindparam("since"),
        _P.received_at < bindparam("until"),
    )
    .order_by(_P.received_at.desc(), _P.id.desc())
    .limit(bindparam("limit"))
)
_ALL_POSTS = Statement(_POSTS)
_POSTS_OF_NAME = Statement(_POSTS.where(_P.event_name == bindparam("event_name")))
_FORGET = Statement(
    sa.delete(behavioural_posts).where(
        _P.id.in_(
            sa.select(_P.id)
            .where(_P.workspace == bindparam("of_workspace"), _P.received_at < bindparam("before"))
            .order_by(_P.received_at)
            .limit(bindparam("most"))
        )
    )
)


def add_definition(connection: Connection, new: Definition) -> None:
    """Stores a definition; its name must be free."""
    connection.insert(
        _ADD_DEFINITION,
        [
            (
                new.id,
                new.workspace,
                new.name,
                new.label,
                new.description,
                _encode(new.actions).decode(),
                _encode(new.fields).decode(),
                new.is_verified,
                new.created_at,
                new.disabled_at,
                new.is_standard,
            )
        ],
    )


def definition(connection: Connection, workspace: int, name: str) -> Definition | None:
    """How the workspace defines ``name``; also a disabled one."""
    row = connection.row(_DEFINITION, workspace=workspace, name=name)
    return None if row is None else definition_of(row)


def definitions(connection: Connection, workspace: int) -> list[Definition]:
    """All definitions of the workspace, oldest first, disabled ones included."""
    return [definition_of(row) for row in connection.rows(_DEFINITIONS, workspace=workspace)]


def definitions_of(connection: Connection, workspace: int, names: Iterable[str]) -> dict[str, Definition]:
    """The definitions that these names have, disabled ones included."""
    rows = connection.rows(_NAMED, workspace=workspace, names=list(names))
    return {found.name: found for found in map(definition_of, rows)}


def replace_definition(connection: Connection, changed: Definition) -> None:
    """Stores what may change of a definition over the one with the same name."""
    connection.execute(
        _REPLACE,
        of_workspace=changed.workspace,
        of_name=changed.name,
        new_label=changed.label,
        new_description=changed.description,
        new_actions=_encode(changed.actions).decode(),
        new_fields=_encode(changed.fields).decode(),
    )


def verify(connection: Connection, workspace: int, name: str) -> None:
    """Notes that an event of this definition has been accepted."""
    connection.execute(_VERIFY, of_workspace=workspace, of_name=name)


def disable_definition(connection: Connection, workspace: int, name: str, now: int) -> bool:
    """Ends a definition; False when there is no live one of this name."""
    return connection.execute(_DISABLE, of_workspace=workspace, of_name=name, now=now) == 1


def add_webhook(connection: Connection, new: Webhook) -> None:
    """Stores a webhook."""
    connection.insert(
        _ADD_WEBHOOK,
        [
            (
                new.id,
                new.workspace,
                new.transformer,
                new.till_code,
                new.is_authenticated,
                new.checks_uniqueness,
                new.listens_to_children,
                new.created_at,
                new.disabled_at,
            )
        ],
    )


def webhook(connection: Connection, identifier: bytes) -> Webhook | None:
    """The live webhook with this id, of whichever workspace: it is the id that leads to the workspace."""
    row = connection.row(_WEBHOOK, id=identifier)
    return None if row is None else _webhook(row)


def any_webhook(connection: Connection, workspace: int, identifier: bytes) -> Webhook | None:
    """The workspace's webhook with this id, a disabled one included."""
    row = connection.row(_ANY_WEBHOOK, workspace=workspace, id=identifier)
    return None if row is None else _webhook(row)


def webhooks(connection: Connection, workspace: int) -> list[Webhook]:
    """The live webhooks of the workspace, oldest first."""
    return [_webhook(row) for row in connection.rows(_WEBHOOKS, workspace=workspace)]


def replace_webhook(connection: Connection, changed: Webhook) -> None:
    """Stores ``changed`` over the webhook with the same id."""
    connection.execute(
        _REPLACE_WEBHOOK,
        of_workspace=changed.workspace,
        of_id=changed.id,
        new_transformer=changed.transformer,
        new_till_code=changed.till_code,
        new_is_authenticated=changed.is_authenticated,
        new_checks_uniqueness=changed.checks_uniqueness,
        new_listens_to_children=changed.listens_to_children,
        new_disabled_at=changed.disabled_at,
    )


def checks_uniqueness(connection: Connection, workspace: int) -> bool:
    """Whether any webhook of the workspace, disabled ones included, ever asked for the uniqueness check."""
    return connection.row(_CHECKS_UNIQUENESS, workspace=workspace) is not None


def add_posts(connection: Connection, new: Iterable[Post]) -> None:
    """Logs posts."""
    rows = [
        (
            one.id,
            one.workspace,
            one.webhook,
            one.event_name,
            one.received_at,
            one.response_time,
            one.status,
            one.message,
            one.request,
            _encode(one.states).decode(),
        )
        for one in new
    ]
    connection.insert(_ADD_POST, rows)


def post(connection: Connection, workspace: int, identifier: bytes) -> Post | None:
    """What became of one post, while the log remembers it."""
    row = connection.row(_POST, workspace=workspace, id=identifier)
    return None if row is None else _post(row)


def posts(
    connection: Connection, workspace: int, event_name: str | None, *, since: int, until: int, limit: int
) -> list[Post]:
    """The latest posts received in [since, until), newest first; of one event's name where that is given."""
    bounds = {"workspace": workspace, "since": since, "until": until, "limit": limit}
    if event_name is None:
        return [_post(row) for row in connection.rows(_ALL_POSTS, **bounds)]
    return [_post(row) for row in connection.rows(_POSTS_OF_NAME, **bounds, event_name=event_name)]


def erase_posts(connection: Connection, workspace: int, ids: Sequence[bytes]) -> None:
    """Takes the posts with these ids out of the log, which are those of the events they became."""
    connection.execute(_ERASE_POSTS, workspace=workspace, ids=ids)


def forget_posts(connection: Connection, workspace: int, *, before: int, most: int) -> int:
    """Drops up to ``most`` log entries received before that instant, oldest first; how many were dropped."""
    return connection.execute(_FORGET, of_workspace=workspace, before=before, most=most)


def definition_of(row: Sequence[Any]) -> Definition:
    """The definition in a row of its table."""
    return Definition(
        id=row[0],
        workspace=row[1],
        name=row[2],
        label=row[3],
        description=row[4],
        actions=_actions.decode(row[5]),
        fields=_fields.decode(row[6]),
        is_verified=bool(row[7]),
        created_at=row[8],
        disabled_at=row[9],
        is_standard=bool(row[10]),
    )


def _webhook(row: Sequence[Any]) -> Webhook:
    return Webhook(
        id=row[0],
        workspace=row[1],
        transformer=row[2],
        till_code=row[3],
        is_authenticated=bool(row[4]),
        checks_uniqueness=bool(row[5]),
        listens_to_children=bool(row[6]),
        created_at=row[7],
        disabled_at=row[8],
    )


def _post(row: Sequence[Any]) -> Post:
    return Post(
        id=row[0],
        workspace=row[1],
        webhook=row[2],
        event_name=row[3],
        received_at=row[4],
        response_time=row[5],
        status=row[6],
        message=row[7],
        request=row[8],
        states=_states.decode(row[9]),
    )
