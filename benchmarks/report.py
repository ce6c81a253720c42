"""The table, and the same as JSON."""

from pathlib import Path

import msgspec


class Line(msgspec.Struct, frozen=True):
    """One measurement beside its baseline; ``baseline`` is None where a figure stands alone."""

    operation: str
    figure: float
    unit: str
    baseline: float | None = None
    against: str = ""
    p50_ms: float | None = None
    p99_ms: float | None = None

    @property
    def ratio(self) -> float | None:
        """Figure by baseline."""
        return None if self.baseline is None else self.figure / self.baseline


def as_table(lines: list[Line]) -> str:
    """The lines as a table for people."""
    head = _row("operation", "figure", "unit", "baseline", "ratio", "p50 ms", "p99 ms", "against")
    rows = [head, "-" * len(head)]
    for line in lines:
        baseline = "" if line.baseline is None else f"{line.baseline:,.0f}"
        ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
        p50 = "" if line.p50_ms is None else f"{line.p50_ms:.2f}"
        p99 = "" if line.p99_ms is None else f"{line.p99_ms:.2f}"
        figure = f"{line.figure:,.0f}" if line.figure >= 100 else f"{line.figure:.2f}"
        rows.append(_row(line.operation, figure, line.unit, baseline, ratio, p50, p99, line.against))
    return "\n".join(rows)


def _row(*cells: str) -> str:
    return "{:<44} {:>10} {:<12} {:>10} {:>6} {:>7} {:>7}  {}".format(*cells)


def write_json(lines: list[Line], path: Path) -> None:
    """The same figures for programs."""
    rows = [{**msgspec.to_builtins(line), "operation": line.operation, "ratio": line.ratio} for line in lines]
    path.write_bytes(msgspec.json.format(msgspec.json.encode(rows)))
