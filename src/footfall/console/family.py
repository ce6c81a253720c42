"""An event among its relatives: up to the first ancestor, and one level down."""

import msgspec

from footfall.storage import event_browse, event_details
from footfall.storage.connection import Connection
from footfall.storage.event_walk import Found

MOST_ANCESTORS = 50
MOST_CHILDREN = 100


class Family(msgspec.Struct, frozen=True):
    """``ancestors``: the farthest first. ``is_cut``: there are more ancestors, or children, than are shown."""

    ancestors: list[Found]
    event: Found
    children: list[Found]
    ancestors_cut: bool
    children_cut: bool


def family(connection: Connection, workspace: int, identifier: bytes) -> Family | None:
    """The family of the event with this id; None where there is none."""
    event = event_details.with_customer(connection, workspace, identifier)
    if event is None:
        return None
    ancestors: list[Found] = []
    parent = event[0].parent_id
    while parent is not None and len(ancestors) < MOST_ANCESTORS:
        found = event_details.with_customer(connection, workspace, parent)
        if found is None:
            parent = None
            break
        ancestors.append(found)
        parent = found[0].parent_id
    children = event_browse.children(connection, workspace, identifier, MOST_CHILDREN + 1)
    return Family(
        ancestors[::-1],
        event,
        children[:MOST_CHILDREN],
        ancestors_cut=parent is not None,
        children_cut=len(children) > MOST_CHILDREN,
    )
