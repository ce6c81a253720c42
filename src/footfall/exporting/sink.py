"""Where exported events go: what every file format does alike."""

from collections.abc import Sequence
from typing import Protocol

from footfall.apis.footfall.schemas import EventAnswer


class Sink(Protocol):
    """A file being written. Until ``finish`` it stands beside its place under another name."""

    def write(self, events: Sequence[EventAnswer]) -> None:
        """Takes more events; they may be lost until ``settle``."""

    def settle(self) -> int:
        """Makes all that was written durable; the state that a later run can go on from."""

    def finish(self) -> None:
        """Puts the complete file in its place."""

    def close(self) -> None:
        """Lets go of what is open; what was not settled may be lost."""
