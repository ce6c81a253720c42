"""Time cut into buckets of several widths, so that a span of any length is the sum of a few of them. Pure.

A bucket is named by its level (an index of ``WIDTHS``) and its number: whole widths since 1970, below zero before.
Every width is a multiple of the one before, so each bucket lies within exactly one of the next level. Instants and
widths are microseconds.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from footfall.model import instant

WIDTHS = (instant.HOUR, 8 * instant.HOUR, 256 * instant.HOUR, 8192 * instant.HOUR)

_TOP = len(WIDTHS) - 1
END = (2**63 // WIDTHS[_TOP] + 1) * WIDTHS[_TOP]
"""An instant after all that 64 bits can tell, at which buckets of every level end."""
BEGINNING = -END
"""Likewise before all."""


class Run(msgspec.Struct, frozen=True):
    """Whole buckets of one level, from number ``first`` to before number ``end``."""

    level: int
    first: int
    end: int


class Edge(msgspec.Struct, frozen=True):
    """What is left over, ``since <= instant < before``: to be added, or where ``excess`` to be taken away."""

    since: int
    before: int
    excess: bool = False


def cut(since: int, before: int, finest: int = 0) -> tuple[list[Run], list[Edge]]:
    """The span ``since <= instant < before`` as runs of buckets from level ``finest`` on, and at most two edges.

    The edges reach from the span's ends to the nearest borders of buckets, be it outwards, so that together they are
    never longer than one bucket of the finest level.
    """
    width = WIDTHS[finest]
    if before - since < width:
        return [], [Edge(since, before)] if since < before else []
    first, end = _nearest(since, width), _nearest(before, width)
    edges = []
    if since != first * width:
        edges.append(_edge(since, first * width))
    if before != end * width:
        edges.append(_edge(before, end * width, is_end=True))
    return list(_runs(first, end, finest)), edges


def widened(counted: Mapping[tuple[int, int], int], finest: int) -> Iterator[tuple[int, Mapping[tuple[int, int], int]]]:
    """``counted``, by (anything, number of a bucket at level ``finest``), at that level and all wider ones."""
    yield finest, counted
    for level in range(finest + 1, len(WIDTHS)):
        ratio = WIDTHS[level] // WIDTHS[level - 1]
        wider: Counter[tuple[int, int]] = Counter()
        for (of, bucket), count in counted.items():
            wider[of, bucket // ratio] += count
        counted = wider
        yield level, counted


def _nearest(at: int, width: int) -> int:
    return (at + width // 2) // width


def _edge(at: int, border: int, *, is_end: bool = False) -> Edge:
    return Edge(min(at, border), max(at, border), excess=(border < at) != is_end)


def _runs(first: int, end: int, level: int) -> Iterator[Run]:
    """The buckets of one level as the fewest of this level and wider ones."""
    while level < _TOP:
        ratio = WIDTHS[level + 1] // WIDTHS[level]
        wider_first, wider_end = -(-first // ratio), end // ratio
        if wider_first >= wider_end:
            break
        if first < wider_first * ratio:
            yield Run(level, first, wider_first * ratio)
        if wider_end * ratio < end:
            yield Run(level, wider_end * ratio, end)
        first, end, level = wider_first, wider_end, level + 1
    if first < end:
        yield Run(level, first, end)
