"""The table for people, and the same as JSON."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec


class Target(msgspec.Struct, frozen=True):
    """What a line should reach."""

    limit: float
    of: Literal["ratio", "figure"] = "ratio"
    at_most: bool = False

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.limit:g}"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement beside its baseline; fields that do not apply are None."""

    operation: str
    figure: float
    unit: str
    baseline: float | None = None
    against: str = ""
    target: Target | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    cpu_ratio: float | None = None  # the baseline's CPU time for one, by the operation's own: the server's processes
    peak_mb: float | None = None  # the most memory of the process that did it
    generator_share: float | None = None  # of one core, for making the load

    @property
    def ratio(self) -> float | None:
        """Figure by baseline."""
        return None if self.baseline is None else self.figure / self.baseline

    @property
    def met(self) -> bool | None:
        """Whether the target is reached."""
        if self.target is None:
            return None
        reached = self.ratio if self.target.of == "ratio" else self.figure
        if reached is None:
            return None
        return reached <= self.target.limit if self.target.at_most else reached >= self.target.limit


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One whole run."""

    engine: str
    events: int
    seconds: float
    cpus: int = msgspec.field(default_factory=lambda: os.cpu_count() or 1)
    python: str = msgspec.field(default_factory=platform.python_version)
    engine_version: str
    lines: list[Line]


HEAD = ("operation", "figure", "unit", "baseline", "ratio", "target", "met", "p50 ms", "p99 ms", "CPU ratio", "against")


def cells(line: Line) -> tuple[str, ...]:
    """A line as text, in the order of ``HEAD``."""
    return (
        line.operation,
        _number(line.figure),
        line.unit,
        _number(line.baseline),
        _number(line.ratio),
        "" if line.target is None else str(line.target),
        {None: "", True: "yes", False: "NO"}[line.met],
        _number(line.p50_ms),
        _number(line.p99_ms),
        _number(line.cpu_ratio),
        line.against,
    )


def as_table(run: Run) -> str:
    """The lines as a table for people."""
    rows = [HEAD, *(cells(line) for line in run.lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(_aligned(row[column], width, column) for column, width in enumerate(widths)) for row in rows]
    busiest = max((line.generator_share or 0.0 for line in run.lines), default=0.0)
    below = f"the load generator used up to {busiest:.0%} of one core; {run.events:,} events on {run.engine_version}"
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:], "", below])


def as_markdown(run: Run) -> str:
    """The lines as a table for the documentation."""
    rows = [HEAD, tuple("---" for _ in HEAD), *(cells(line) for line in run.lines)]
    table = ["| " + " | ".join(row) + " |" for row in rows]
    told = (
        f"{run.events:,} events, {run.engine_version}, Python {run.python}, {run.cpus} CPUs, {run.seconds:g} s a line."
    )
    return "\n".join([told, "", *table])


def write_json(run: Run, path: Path) -> None:
    """The same figures for programs: each line with its ratio, and whether it met its target."""
    document = msgspec.to_builtins(run)
    for line, written in zip(run.lines, document["lines"], strict=True):
        written |= {"ratio": line.ratio, "met": line.met}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(document)))


def read_json(path: Path) -> Run:
    """What ``write_json`` wrote."""
    return msgspec.json.decode(path.read_bytes(), type=Run)


def failed(lines: Sequence[Line]) -> list[str]:
    """The operations that miss their target."""
    return [line.operation for line in lines if line.met is False]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def _aligned(text: str, width: int, column: int) -> str:
    return text.ljust(width) if HEAD[column] in {"operation", "unit", "against", "met"} else text.rjust(width)
