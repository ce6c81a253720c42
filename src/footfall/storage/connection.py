"""One connection to the database, as the statements see it; ``storage.engines`` holds what stands behind it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from footfall.storage.statement import BulkInsert, Statement, Upsert

Row = tuple[Any, ...]

WHOLE_STORE = 0
"""What ``Connection.lock`` takes in place of a workspace."""


class Connection(Protocol):
    """Runs statements. Not for sharing between threads.

    Every method raises DatabaseUnavailable where the engine cannot do its work now, and Conflict where another
    writer was faster.
    """

    @property
    def is_sole_writer(self) -> bool:
        """Whether nobody else can write while this connection's transaction does."""

    @property
    def sees_one_state(self) -> bool:
        """Inside a snapshot: whether all statements tell of one state, though others write meanwhile."""

    @property
    def slot(self) -> int:
        """Which of several rows that mean the same this connection writes to, so that writers need not queue."""

    @property
    def is_limited(self) -> bool:
        """Whether it is inside ``at_most``, where nothing may be read whose single steps take long."""

    @property
    def is_broken(self) -> bool:
        """Whether it is of no use any more."""

    def at_most(self, steps: int) -> AbstractContextManager[None]:
        """Ends what is read inside, all together, after about ``steps`` of the engine's steps, by raising TooLong.

        Only an embedded engine takes its steps in this process; others hold nobody up here, and go on.
        """

    def state(self) -> object | None:
        """Equals what it was before as long as nobody else has committed anything; None where that cannot be told.

        Inside a snapshot: of its state.
        """

    def rows(self, statement: Statement, **parameters: Any) -> list[Row]:
        """All rows; only for statements with a bound on their number."""

    def row(self, statement: Statement, **parameters: Any) -> Row | None:
        """The first row, or None."""

    def value(self, statement: Statement, **parameters: Any) -> Any:
        """The first column of the first row, or None."""

    def stream(self, statement: Statement, **parameters: Any) -> Iterator[Row]:
        """Rows one by one, in constant memory."""

    def execute(self, statement: Statement, **parameters: Any) -> int:
        """Runs a change; the number of rows it touched."""

    def insert(self, statement: BulkInsert, rows: Iterable[Row]) -> None:
        """Inserts whole rows, none of which may be there already."""

    def upsert(self, statement: Upsert, rows: Sequence[Row]) -> list[Row]:
        """Inserts rows, or does to those that are there what the statement says; no two may have the same key.

        What the statement returns, in any order.
        """

    def begin(self, *, again: bool = False) -> None:
        """Starts a transaction that writes; ``again``, where one before has met a Conflict: it shares no lock."""

    def commit(self) -> None:
        """Makes the transaction durable."""

    def rollback(self) -> None:
        """Undoes the transaction; also where the engine has ended it already."""

    def undoing(self) -> AbstractContextManager[None]:
        """Inside a transaction: undoes the block's writes, and these only, if it raises."""

    def snapshot(self, workspace: int) -> AbstractContextManager[int]:
        """On a connection for reading: all that is read inside the block tells of one state. Gives ``last_sequence``.

        Where several write, that state may hold events above it as well. On a cluster, whose nodes have no state in
        common, each statement tells of one of its own, but all have every event up to ``last_sequence``.
        """

    def holds_still(self, workspace: int) -> bool:
        """Inside a snapshot: whether all statements from here to its end tell of one state of the workspace's events.

        On a cluster writers are kept out for that long, so it has to be brief; False where one of them takes too long.
        """

    def lock(self, workspace: int, *, shared: bool = False) -> None:
        """Inside a transaction: until its end, keeps out who else locks the workspace; ``shared``, who does so alone.

        For whoever decides on what it has read. Does nothing for a sole writer.
        """

    def next_sequences(self, workspace: int, count: int) -> Sequence[int]:
        """Inside a transaction: that many sequences of events, ascending, which nobody else will get."""

    def last_sequence(self, workspace: int) -> int:
        """The highest sequence that may be seen: whatever the workspace stores later stands above it."""

    def next_customer_numbers(self, count: int) -> Sequence[int]:
        """Inside a transaction: numbers for that many new customers, who are to be inserted before it asks again."""

    def last_customer_number(self) -> int:
        """The highest number ever given to a customer."""

    def number_above(self, sequence: int, customer_number: int) -> None:
        """Inside a transaction that has copied rows with their numbers: whatever is numbered later stands above them.

        ``sequence`` and ``customer_number`` are the highest that the source has ever given.
        """

    def close(self) -> None:
        """Closes the connection; a transaction that is open is rolled back."""
