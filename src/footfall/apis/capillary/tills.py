"""Tills as events name them: by code, or in decimal by id."""

from collections.abc import Callable

from footfall.apis.capillary.attribution import own_till
from footfall.model.organisation import Till
from footfall.model.workspace import Workspace
from footfall.storage import organisations
from footfall.storage.connection import Connection

_LONGEST_ID = 18  # digits


class Tills:
    """The tills of an organisation. ``own`` is where events are shown to have happened that name none."""

    def __init__(self, own: Till, find: Callable[[str], Till | None]) -> None:
        """``find``: any other till, by code or id."""
        self.own = own
        self._find = find

    def named(self, text: str) -> Till | None:
        """The till with this code or, in decimal, this id."""
        stripped = text.strip()
        return self.own if stripped in {self.own.code, str(self.own.id)} else self._find(stripped)


def tills_of(connection: Connection, workspace: Workspace) -> Tills:
    """The organisation's tills, looked up when somebody names one: for use where ``connection`` may be used."""

    def find(text: str) -> Till | None:
        found = organisations.till_by_code(connection, workspace.number, text)
        if found is None and text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID:
            found = organisations.till_by_id(connection, workspace.number, int(text))
        return found

    return Tills(own_till(workspace), find)


def loaded_tills_of(connection: Connection, workspace: Workspace) -> Tills:
    """As ``tills_of``, all looked up now."""
    every = organisations.every_till(connection, workspace.number)
    known = {str(till.id): till for till in every} | {till.code: till for till in every}
    return Tills(own_till(workspace), known.get)
