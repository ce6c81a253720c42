"""Baselines of the engine itself: the same rows, the same tables, the same durability, nothing around them."""

import shutil
import sqlite3
import time
from pathlib import Path

import msgspec

from footfall.storage.database import Database

_ROWS_PER_TRANSACTION = 10_000


def bulk_insert_rate(source: Path, folder: Path, most: int) -> float:
    """Rows per second of ``executemany`` into an empty store with all its indexes, forced to disk."""
    with sqlite3.connect(source) as reading:
        rows = reading.execute("SELECT * FROM events ORDER BY sequence LIMIT ?", (most,)).fetchall()
    reading.close()
    target = Database(f"sqlite:///{folder / 'raw.db'}")
    target.prepare()
    writing = sqlite3.connect(target.path, isolation_level=None)
    writing.execute("PRAGMA synchronous=FULL")
    writing.execute("PRAGMA wal_autocheckpoint=20000")
    marks = ",".join("?" * len(rows[0]))
    started = time.perf_counter()
    for first in range(0, len(rows), _ROWS_PER_TRANSACTION):
        writing.execute("BEGIN IMMEDIATE")
        writing.executemany(f"INSERT INTO events VALUES ({marks})", rows[first : first + _ROWS_PER_TRANSACTION])
        writing.execute("COMMIT")
    taken = time.perf_counter() - started
    writing.close()
    return len(rows) / taken


def select_and_encode_rate(source: Path, name: str) -> float:
    """Events per second of selecting one event type's rows with their customer, and encoding them as JSON."""
    encode = msgspec.json.Encoder().encode
    reading = sqlite3.connect(source)
    started = time.perf_counter()
    cursor = reading.execute(
        "SELECT e.occurred_at, e.properties, e.session, c.id, c.external_id, c.email, c.name, c.properties"
        " FROM events e JOIN event_types t ON t.number = e.type LEFT JOIN customers c ON c.number = e.customer"
        " WHERE t.name = ? AND e.workspace = 1 ORDER BY e.occurred_at, e.sequence",
        (name,),
    )
    count = 0
    while rows := cursor.fetchmany(5_000):
        encode(
            [
                {
                    "profile": {"objectId": row[3].hex(), "identity": row[4], "profileData": msgspec.Raw(row[7])},
                    "ts": row[0],
                    "event_props": msgspec.Raw(row[1]),
                    "session_props": {},
                }
                for row in rows
            ]
        )
        count += len(rows)
    taken = time.perf_counter() - started
    reading.close()
    return count / taken


def copy_of(database: Path, folder: Path) -> Path:
    """A copy of a closed database, to write into without changing the original."""
    target = folder / "copy.db"
    shutil.copy(database, target)
    return target
