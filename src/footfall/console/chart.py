"""A stacked bar chart as rectangles. Pure: numbers in, places in a picture of WIDTH by HEIGHT out."""

from collections.abc import Sequence

import msgspec

WIDTH, HEIGHT = 960, 220
_GAP = 0.15  # of a bar's width


class Series(msgspec.Struct, frozen=True):
    """One colour of the chart: a value for each bar. ``index`` chooses the colour."""

    name: str
    index: int
    values: tuple[int, ...]

    @property
    def total(self) -> int:
        """Of all bars."""
        return sum(self.values)


class Block(msgspec.Struct, frozen=True):
    """A rectangle; ``index`` is its series'."""

    x: float
    y: float
    width: float
    height: float
    index: int


class Bar(msgspec.Struct, frozen=True):
    """One bar with what a reader is told of it."""

    label: str
    total: int
    blocks: tuple[Block, ...]
    parts: tuple[tuple[str, int], ...]  # by name, without the empty ones


class Chart(msgspec.Struct, frozen=True):
    """``highest`` is the value at the top."""

    bars: tuple[Bar, ...]
    series: tuple[Series, ...]
    highest: int
    width: int = WIDTH
    height: int = HEIGHT


def stacked(labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """The chart of ``series``, the first at the bottom; every one has a value for each label."""
    totals = [sum(one.values[index] for one in series) for index in range(len(labels))]
    highest = max([*totals, 0])
    step = WIDTH / max(len(labels), 1)
    bars = []
    for index, label in enumerate(labels):
        blocks = []
        top = float(HEIGHT)
        for one in series:
            value = one.values[index]
            if value <= 0:
                continue
            height = value / highest * HEIGHT
            top -= height
            blocks.append(
                Block(
                    round(step * (index + _GAP / 2), 2),
                    round(top, 2),
                    round(step * (1 - _GAP), 2),
                    round(height, 2),
                    one.index,
                )
            )
        parts = tuple((one.name, one.values[index]) for one in series if one.values[index] > 0)
        bars.append(Bar(label, totals[index], tuple(blocks), parts))
    return Chart(tuple(bars), tuple(series), highest)
