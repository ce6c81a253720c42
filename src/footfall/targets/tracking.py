"""Tracking: what the events just stored contribute to targets, written in the same transaction."""

from collections.abc import Sequence

from footfall.model.event import RecordedEvent
from footfall.model.workspace import Workspace
from footfall.storage.connection import Connection


def track(connection: Connection, workspace: Workspace, recorded: Sequence[RecordedEvent]) -> None:
    """Counts ``recorded`` events towards the targets whose customers are enrolled."""
