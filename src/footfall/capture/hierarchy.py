"""Parents: an event may name its parent by id or by the caller's key, stored before or sent along in any order."""

from collections.abc import Collection, Mapping, Sequence

from footfall.model import identifiers
from footfall.model.event import NewEvent, Refused
from footfall.model.workspace import Workspace
from footfall.storage import events
from footfall.storage.connection import Connection
from footfall.storage.events import Place

_UNKNOWN = Refused("parent", "unknown_parent")
_CIRCULAR = Refused("parent", "circular_parent")


class Family:
    """The parents of a group of events of one workspace; ``known`` are ids of the group that are stored.

    In most groups no event names a parent: ``has_kin`` is false, and nothing needs to be asked.
    """

    def __init__(
        self, connection: Connection, workspace: Workspace, group: Sequence[NewEvent], known: set[bytes]
    ) -> None:
        self.has_kin = any(event.parent_external_id is not None or event.parent is not None for event in group)
        self._workspace = workspace
        self._derived: dict[str, bytes] = {}
        candidates: set[bytes] = set()
        for event in group if self.has_kin else ():
            if event.parent_external_id is not None:
                candidates.add(self._derive(event.parent_external_id))
            if event.parent is not None:
                candidates.add(event.parent)
        self._places = events.places(connection, workspace.number, list(candidates)) if candidates else {}
        self._stored = known | self._places.keys()
        self._sent: set[bytes] = set()

    def refusals(self, batch: Sequence[NewEvent], ids: Sequence[bytes]) -> dict[int, Refused]:
        """Which events of ``batch`` (with these ids) name no parent that exists, or are their own ancestors."""
        if not self.has_kin or not any(event.parent_external_id or event.parent for event in batch):
            return {}
        own = {identifier for identifier, event in zip(ids, batch, strict=True) if event.external_id is not None}
        self._sent |= own
        parents: dict[bytes, bytes] = {}
        refused = {}
        for index, (identifier, event) in enumerate(zip(ids, batch, strict=True)):
            if event.parent_external_id is None and event.parent is None:
                continue
            parent = self._parent(event, own)
            if parent is None:
                refused[index] = _UNKNOWN
            elif identifier not in self._stored:
                parents.setdefault(identifier, parent)
        for index in _circular(ids, parents):
            refused[index] = _CIRCULAR
        return refused

    def orphans(self, batch: Sequence[NewEvent], ids: Sequence[bytes], refused: Collection[int]) -> dict[int, Refused]:
        """Which events lose their parent because it is among the ``refused``, or hangs from one of those."""
        children: dict[bytes, list[int]] = {}
        for index, event in enumerate(batch) if self.has_kin else ():
            parent = self._parent(event, self._sent)
            if parent is not None and parent not in self._stored:
                children.setdefault(parent, []).append(index)
        orphaned: dict[int, Refused] = {}
        lost = list(refused)
        while lost and children:
            for index in children.pop(ids[lost.pop()], ()):
                if index not in refused and index not in orphaned:
                    orphaned[index] = _UNKNOWN
                    lost.append(index)
        return orphaned

    def parent_of(self, event: NewEvent) -> bytes | None:
        """The id of the event's parent, once ``refusals`` has found no fault with it."""
        return self._parent(event, self._sent) if self.has_kin else None

    def places(self, parents: Mapping[bytes, bytes]) -> dict[bytes, Place]:
        """The places of events, given the id of each and that of its parent, who is stored or among the group.

        Each line is walked once, from its end to what is known of it and back, however long it is.
        """
        found = dict(self._places)
        for start in parents:
            line = []
            current = start
            while current in parents and current not in found:
                line.append(current)
                current = parents[current]
            level, root = found.get(current, (0, current))
            for identifier in reversed(line):
                level += 1
                found[identifier] = level, root
        return found

    def _parent(self, event: NewEvent, own: set[bytes]) -> bytes | None:
        if event.parent_external_id is not None:
            by_key = self._derive(event.parent_external_id)
            if by_key in own or by_key in self._stored:
                return by_key
        if event.parent is not None and event.parent in self._stored:
            return event.parent
        return None

    def _derive(self, external_id: str) -> bytes:
        derived = self._derived.get(external_id)
        if derived is None:
            derived = self._derived[external_id] = identifiers.derived_id(self._workspace.id, external_id)
        return derived


def _circular(ids: Sequence[bytes], parents: dict[bytes, bytes]) -> list[int]:
    """The indexes of those events that are on a circle or hang from one."""
    fate: dict[bytes, bool] = {}  # id -> whether its line of ancestors is circular
    for start in parents:
        line = []
        walked: set[bytes] = set()
        current = start
        while current in parents and current not in fate and current not in walked:
            walked.add(current)
            line.append(current)
            current = parents[current]
        circular = current in walked or fate.get(current, False)
        for identifier in line:
            fate[identifier] = circular
    return [index for index, identifier in enumerate(ids) if fate.get(identifier)]
