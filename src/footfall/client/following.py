"""The live tail's stream, line by line, without any I/O."""

import msgspec

from footfall.client.records import Event

_read_event = msgspec.json.Decoder(Event).decode

SILENCE_SECONDS = 45.0
"""The server gives a sign of life every 15 seconds; after so long the connection is dead."""


class Follower:
    """Reads a stream of server-sent events; ``last_id`` is the place to go on from when it broke."""

    def __init__(self, last_id: str | None = None) -> None:
        self.last_id = last_id
        self._id: str | None = None
        self._data: list[str] = []

    def connected(self) -> None:
        """A new stream begins: what the broken one had begun is forgotten, as it comes again."""
        self._id = None
        self._data.clear()

    def line(self, line: str) -> Event | None:
        """The event that this line completes."""
        if line.startswith("data:"):
            self._data.append(line[5:].removeprefix(" "))
        elif line.startswith("id:"):
            self._id = line[3:].strip()
        elif not line:
            return self._completed()
        return None

    def _completed(self) -> Event | None:
        found = _read_event("\n".join(self._data)) if self._data else None
        if self._id is not None:
            self.last_id = self._id
        self._data.clear()
        return found
