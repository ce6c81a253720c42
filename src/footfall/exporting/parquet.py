"""Parquet: one row group for each settled part, typed columns, zstd.

A Parquet file has its index at its end, so one that was interrupted can't be gone on with. Parts are therefore files
of their own until the export is complete, and are then joined row group by row group, in the memory of one.
"""

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from footfall.apis.footfall.schemas import EventAnswer
from footfall.exporting.columns import COLUMNS, Cell, row_of
from footfall.exporting.lines import partial_of

_MOMENT = pa.timestamp("us", tz="UTC")
_AMOUNT = pa.decimal128(25, 6)
_TYPES: dict[str, pa.DataType] = {
    "occurred_at": _MOMENT,
    "received_at": _MOMENT,
    "amount": _AMOUNT,
    "utc_offset": pa.int32(),
    "customer_number": pa.int64(),
}
SCHEMA = pa.schema([pa.field(name, _TYPES.get(name, pa.string())) for name in COLUMNS])
"""Times are timestamps in UTC with microseconds, amounts decimals with six places; JSON is text."""

_CONVERSIONS: dict[pa.DataType, Callable[[Any], object]] = {_MOMENT: datetime.fromisoformat, _AMOUNT: Decimal}


class ParquetFile:
    """A Parquet file in the making. The state is the number of its complete parts."""

    def __init__(self, path: Path, *, state: int | None = None) -> None:
        """Begins a new file, or goes on from ``state``."""
        self._path = path
        self._folder = partial_of(path)
        self._parts = state or 0
        self._rows: list[tuple[Cell, ...]] = []
        if state is None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir()

    def write(self, events: Sequence[EventAnswer]) -> None:
        """Keeps them for the next part."""
        self._rows += map(row_of, events)

    def settle(self) -> int:
        """Writes a part of what was kept."""
        if self._rows:
            pq.write_table(_table(self._rows), self._part(self._parts), compression="zstd")
            self._parts += 1
            self._rows = []
        return self._parts

    def finish(self) -> None:
        """Joins the parts into the file."""
        self.settle()
        joined = self._folder / "joined"
        with pq.ParquetWriter(joined, SCHEMA, compression="zstd") as writer:
            for number in range(self._parts):
                writer.write_table(pq.read_table(self._part(number), schema=SCHEMA))
        joined.replace(self._path)
        shutil.rmtree(self._folder)

    def close(self) -> None:
        """Nothing is open between two calls."""

    def _part(self, number: int) -> Path:
        return self._folder / f"{number:08}.parquet"


def _table(rows: Sequence[tuple[Cell, ...]]) -> pa.Table:
    arrays = []
    for field, cells in zip(SCHEMA, zip(*rows, strict=True), strict=True):
        convert = _CONVERSIONS.get(field.type)
        values = cells if convert is None else [None if cell is None else convert(cell) for cell in cells]
        arrays.append(pa.array(values, type=field.type))
    return pa.Table.from_arrays(arrays, schema=SCHEMA)
