"""Following a workspace: what has been stored since, in the order of its storing.

The promise: whoever goes on from where the last answer ended sees every event once. What is above ``last_sequence`` may
still have gaps that other writers fill (``storage.connection``), so nothing above it is told.
"""

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.storage.connection import Connection
from footfall.storage.customers import CUSTOMER_COLUMNS, customer_of
from footfall.storage.event_walk import WHOLE_EVENT, Found
from footfall.storage.events import EVENT_COLUMNS, event_of
from footfall.storage.statement import Statement
from footfall.storage.tables import events

SPAN = 5_000
"""How many sequences one look covers: they are everybody's, so most may be other workspaces'."""

_OWN = len(EVENT_COLUMNS)
_E = events.c
_BETWEEN = Statement(
    sa.select(*EVENT_COLUMNS, *CUSTOMER_COLUMNS)
    .select_from(WHOLE_EVENT)
    .where(
        _E.workspace + sa.literal_column("0") == bindparam("workspace"),
        _E.sequence > bindparam("after", type_=sa.BigInteger),
        _E.sequence <= bindparam("until", type_=sa.BigInteger),
    )
    .order_by(_E.sequence)
)


class Stored(msgspec.Struct, frozen=True):
    """Events stored since a sequence, oldest first, up to ``reached``; go on from there."""

    events: list[Found]
    reached: int
    is_all: bool  # whether nothing more was stored when this was read


def stored_after(connection: Connection, workspace: int, sequence: int) -> Stored:
    """What the workspace has stored above ``sequence``, as far as one look goes."""
    last = connection.last_sequence(workspace)
    reached = max(sequence, min(last, sequence + SPAN))
    rows = connection.rows(_BETWEEN, workspace=workspace, after=sequence, until=reached) if reached > sequence else []
    found = [(event_of(row), None if row[_OWN] is None else customer_of(row[_OWN:])) for row in rows]
    return Stored(found, reached, is_all=reached >= last)
