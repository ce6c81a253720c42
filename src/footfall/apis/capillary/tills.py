"""Tills: where events happen. The one place that knows which tills an organisation has."""

import msgspec

from footfall.model.workspace import Workspace
from footfall.storage.connection import Connection


class Till(msgspec.Struct, frozen=True):
    """One till: the number that ``event_data`` shows, and the text that people know it by."""

    id: int
    code: str


class Tills:
    """The tills of an organisation, by what names them."""

    def __init__(self, own: Till, others: tuple[Till, ...] = ()) -> None:
        """``own``: where events are shown to have happened that name no till."""
        self.own = own
        every = (*others, own)
        self._by_text = {str(till.id): till for till in every} | {till.code: till for till in every}

    def named(self, text: str) -> Till | None:
        """The till with this code or, in decimal, this id."""
        return self._by_text.get(text.strip())


def tills_of(connection: Connection, workspace: Workspace) -> Tills:  # noqa: ARG001  (where others will be looked up)
    """The organisation's tills."""
    return Tills(Till(workspace.till_id, workspace.till_code))
