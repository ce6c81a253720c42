"""What an engine does for ``storage.database``."""

from collections.abc import Callable
from typing import Protocol

from footfall.storage.connection import Connection
from footfall.storage.engines.facts import EngineFacts
from footfall.storage.quotas import Quotas
from footfall.storage.slots import Slots


class Engine(Protocol):
    """One database of one engine."""

    @property
    def is_embedded(self) -> bool:
        """Whether it runs in this process, so that a bounded read is faster than handing it to a thread."""

    def prepare(self) -> None:
        """Creates what is missing of the database and brings its schema up to date.

        Raises UnsupportedDatabase for a database that is not Footfall's, or a newer Footfall's; it is left as it is.
        """

    def distribute(self, told: Callable[[str], None]) -> None:
        """See ``storage.distribution``. Raises UnsupportedDatabase where there is no cluster."""

    def reader(self) -> Connection:
        """A new connection for reading."""

    def facts(self) -> EngineFacts:
        """What it is like, and its database; changes nothing, and makes none. Raises as ``prepare``."""

    def writer(self) -> Connection:
        """A new connection for one thread that writes."""

    def quotas(self) -> Quotas:
        """Quotas that all processes on the database share; whoever asks for them closes them."""

    def slots(self) -> Slots:
        """Places that all processes on the database share; whoever asks for them closes them."""
