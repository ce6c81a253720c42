"""Counting what became of a stream of events, in constant memory."""

from footfall.apis.footfall.errors import InvalidEvent
from footfall.apis.footfall.mapping import refusal
from footfall.apis.footfall.schemas import CaptureSummary, LineError
from footfall.capture.batch import BatchResult
from footfall.model.event import Refused

MOST_ERRORS = 1000


class Tally:
    """The running count of one request; errors beyond the first ``MOST_ERRORS`` are only counted."""

    def __init__(self) -> None:
        self._accepted = 0
        self._duplicates = 0
        self._rejected = 0
        self._errors: list[LineError] = []

    @property
    def rejected(self) -> int:
        """How many lines were rejected so far."""
        return self._rejected

    @property
    def is_all_bad(self) -> bool:
        """Whether there were lines, and none was good."""
        return self._rejected > 0 and self._accepted + self._duplicates == 0

    def stored(self, lines: list[int], result: BatchResult) -> None:
        """Counts a batch that capture has stored."""
        self._accepted += result.inserted
        self._duplicates += result.repeated
        self.refused(lines, result.refused)

    def add(self, inserted: int, repeated: int) -> None:
        """Counts events that were stored without any refused."""
        self._accepted += inserted
        self._duplicates += repeated

    def refused(self, lines: list[int], refused: dict[int, Refused]) -> None:
        """Counts what capture refused of a batch."""
        for index, why in refused.items():
            self.reject(lines[index], refusal(why))

    def reject(self, line: int, error: InvalidEvent) -> None:
        """Counts one bad line."""
        self._rejected += 1
        if len(self._errors) < MOST_ERRORS:
            self._errors.append(LineError(line, error.message, error.field))

    def summary(self) -> CaptureSummary:
        """The count, errors by line number."""
        errors = sorted(self._errors, key=lambda error: error.line)
        return CaptureSummary(self._accepted, self._duplicates, self._rejected, errors, self._rejected - len(errors))
