"""What to export: a question in words that a person uses, and as the store understands it."""

import hashlib

import msgspec

from footfall.model.customer import Identity
from footfall.storage import customers, event_types
from footfall.storage.connection import Connection
from footfall.storage.event_walk import EARLIEST, LATEST, Walk

NOBODY = 0
"""A number that no customer has."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Which events of a workspace. ``names`` are exact, ``customer`` is an external id; times are instants.

    ``since`` is included, ``until`` is not. What is empty or None asks for any.
    """

    names: tuple[str, ...] = ()
    customer: str | None = None
    source: str | None = None
    since: int | None = None
    until: int | None = None

    @property
    def digest(self) -> str:
        """Equal for equal questions."""
        return hashlib.blake2b(msgspec.json.encode(self), digest_size=16).hexdigest()


def walk_of(connection: Connection, workspace: int, question: Question, snapshot: int | None = None) -> Walk:
    """The walk that answers ``question``, up to ``snapshot`` or to all that is stored now."""
    customer = None
    if question.customer is not None:
        known = customers.by_identity(connection, workspace, Identity("external_id", question.customer))
        customer = NOBODY if known is None else known.number
    types = None
    if question.names:
        types = tuple(sorted(event_types.numbers(connection, workspace, question.names).values()))
    return Walk(
        workspace=workspace,
        snapshot=connection.last_sequence(workspace) if snapshot is None else snapshot,
        since=EARLIEST if question.since is None else question.since,
        until=LATEST if question.until is None else question.until,
        types=types,
        customer=customer,
        source=question.source,
    )
