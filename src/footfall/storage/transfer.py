"""Copying a whole store into an empty one, of the same or another engine: moving, backing up, restoring.

The promise: the copy is complete or not there. It tells of one state of the source, ids, numbers and sequences
included, so that cursors, links and credentials go on working; and what is captured into it later is numbered above.
"""

from collections.abc import Callable, Iterable
from itertools import islice

import sqlalchemy as sa

from footfall.storage.connection import WHOLE_STORE, Connection, Row
from footfall.storage.database import Database
from footfall.storage.failures import UnsupportedDatabase
from footfall.storage.statement import BulkInsert, Statement
from footfall.storage.tables import metadata, workspaces
from footfall.storage.tables import server_keys as keys_table

_BATCH = 10_000
_ANY_WORKSPACE = Statement(sa.select(workspaces.c.number).limit(sa.literal_column("1")))
_FORGET_KEYS = Statement(sa.delete(keys_table))

Told = Callable[[str, int], None]
"""Hears of a table, and how many of its rows are copied so far."""


def transfer(source: Database, target: Database, told: Told = lambda _table, _rows: None) -> int:
    """Copies everything; the number of rows. Both are prepared.

    Raises UnsupportedDatabase where ``target`` has a workspace already, and DatabaseUnavailable.
    """
    writer = target.open_writer()
    try:
        return source.read(_copy, writer, told)
    finally:
        writer.close()


def _copy(source: Connection, target: Connection, told: Told) -> int:
    target.begin()
    try:
        _make_sure_it_is_empty(target)
        with source.snapshot(WHOLE_STORE) as last_sequence:
            rows = sum(_copy_table(source, target, table, told) for table in metadata.sorted_tables)
            target.number_above(last_sequence, source.last_customer_number())
        target.commit()
    except BaseException:
        target.rollback()
        raise
    return rows


def _make_sure_it_is_empty(target: Connection) -> None:
    target.lock(WHOLE_STORE)
    if target.row(_ANY_WORKSPACE) is not None:
        raise UnsupportedDatabase("it is in use: a store is copied into an empty database only")
    target.execute(_FORGET_KEYS)  # a server may have started on it once


def _copy_table(source: Connection, target: Connection, table: sa.Table, told: Told) -> int:
    stream = iter(source.stream(Statement(sa.select(*table.columns))))
    insert = BulkInsert(table)
    copied = 0
    while batch := list(islice(stream, _BATCH)):
        target.insert(insert, _neutral(table, batch))
        copied += len(batch)
        told(table.name, copied)
    return copied


def _neutral(table: sa.Table, rows: Iterable[Row]) -> Iterable[Row]:
    """Rows as every engine takes them: an embedded one has no booleans of its own."""
    flags = [index for index, column in enumerate(table.columns) if isinstance(column.type, sa.Boolean)]
    if not flags:
        return rows
    return [
        tuple(bool(cell) if index in flags and cell is not None else cell for index, cell in enumerate(row))
        for row in rows
    ]
