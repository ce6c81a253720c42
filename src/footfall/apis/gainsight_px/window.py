"""Windows of time: every search looks at one (contracts/gainsight_px.md 2.3).

Dates are what the product shows, whole milliseconds; events hold microseconds. A bound on a date therefore becomes
a bound on instants that cuts between milliseconds.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

import msgspec

from footfall.apis.gainsight_px.errors import BadRequest
from footfall.model import instant
from footfall.model.query import Comparison, Operator

DEFAULT_SPAN = instant.DAY

_MILLISECONDS = re.compile(r"[+-]?[0-9]{1,18}")
_LOST_PLUS = re.compile(r"(?<=[0-9]) (?=[0-9]{2}:?[0-9]{2}$)")  # "...T00:00:00+02:00", its plus read as a blank


class Window(msgspec.Struct, frozen=True):
    """From ``start`` to ``end``, instants; None is not said yet. ``exclusive`` bounds are not part of it."""

    start: int | None = None
    end: int | None = None
    start_exclusive: bool = False
    end_exclusive: bool = False

    def since(self, at: int, *, exclusive: bool) -> "Window":
        """No dates before ``at``."""
        if self.start is not None and (self.start, self.start_exclusive) >= (at, exclusive):
            return self
        return msgspec.structs.replace(self, start=at, start_exclusive=exclusive)

    def until(self, at: int, *, exclusive: bool) -> "Window":
        """No dates after ``at``."""
        if self.end is not None and (self.end, not self.end_exclusive) <= (at, not exclusive):
            return self
        return msgspec.structs.replace(self, end=at, end_exclusive=exclusive)

    def narrowed(self, operator: Operator, at: int) -> "Window":
        """The window within this one whose dates answer ``date operator at``; for ``==`` and the four ranges."""
        match operator:
            case Operator.GREATER | Operator.GREATER_OR_EQUAL:
                return self.since(at, exclusive=operator is Operator.GREATER)
            case Operator.LESS | Operator.LESS_OR_EQUAL:
                return self.until(at, exclusive=operator is Operator.LESS)
            case _:
                return self.since(at, exclusive=False).until(at, exclusive=False)

    def within(self, other: "Window") -> "Window":
        """What both windows have in common."""
        common = self
        if other.start is not None:
            common = common.since(other.start, exclusive=other.start_exclusive)
        if other.end is not None:
            common = common.until(other.end, exclusive=other.end_exclusive)
        return common

    def resolved(self, now: int) -> "Window":
        """The window with both ends.

        Neither given is the last day; a lone start runs until ``now``; a lone end goes back one day.
        """
        if self.end is None:
            end = msgspec.structs.replace(self, end=now)
            return end if end.start is not None else msgspec.structs.replace(end, start=now - DEFAULT_SPAN)
        if self.start is None:
            return msgspec.structs.replace(self, start=self.end - DEFAULT_SPAN)
        return self

    def check_order(self) -> None:
        """Raises BadRequest when the start is after the end."""
        if self.start is not None and self.end is not None and self.start > self.end:
            raise BadRequest("Invalid date range: the start is after the end")

    def check_span(self, most_days: int) -> None:
        """Raises BadRequest for a resolved window of more than ``most_days``; 0 is no limit."""
        assert self.start is not None
        assert self.end is not None
        if most_days and self.end - self.start > most_days * instant.DAY:
            raise BadRequest(f"Exceeded date range{most_days}days")

    def comparisons(self) -> tuple[Comparison, Comparison]:
        """A resolved window as comparisons of instants."""
        return _between(*self._bounds())

    def pieces(self, left_out: Iterable[int]) -> list[tuple[Comparison, Comparison]]:
        """As ``comparisons``, one pair for each piece of the window between the dates ``left_out``."""
        start, end = self._bounds()
        pieces = []
        for at in sorted({at for at in left_out if start <= at < end and at % instant.MILLISECOND == 0}):
            pieces.append(_between(start, at))
            start = at + instant.MILLISECOND
        return [*pieces, _between(start, end)]

    def _bounds(self) -> tuple[int, int]:
        """The first instant, and the first one after the last."""
        assert self.start is not None
        assert self.end is not None
        start = _ceiling(self.start)
        if self.start_exclusive and start == self.start:
            start += instant.MILLISECOND
        end = _ceiling(self.end)
        if not self.end_exclusive and end == self.end:
            end += instant.MILLISECOND
        return start, end


def _between(start: int, end: int) -> tuple[Comparison, Comparison]:
    return (
        Comparison("occurred_at", Operator.GREATER_OR_EQUAL, start),
        Comparison("occurred_at", Operator.LESS, end),
    )


def parse_date(text: str, parameter: Literal["date", "dateRangeStart", "dateRangeEnd"]) -> int:
    """The instant that ``text`` names: milliseconds since 1970, or ISO 8601, in UTC if it names no zone.

    Raises BadRequest.
    """
    at = _instant(text)
    if at is None or not instant.is_showable(at):
        raise BadRequest(f"Invalid {parameter} '{text}': expected epoch milliseconds or ISO 8601")
    return at


def _instant(text: str) -> int | None:
    if _MILLISECONDS.fullmatch(text):
        return int(text) * instant.MILLISECOND
    try:
        moment = datetime.fromisoformat(_LOST_PLUS.sub("+", text))
    except ValueError:
        return None
    return instant.from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _ceiling(at: int) -> int:
    """The first whole millisecond at or after ``at``."""
    return -(-at // instant.MILLISECOND) * instant.MILLISECOND
