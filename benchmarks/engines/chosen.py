"""Engines by name."""

from pathlib import Path

from benchmarks.engines.contract import Engine
from benchmarks.engines.sqlite import SqliteEngine


def engine_for(name: str, folder: Path) -> Engine:
    """The engine called ``name``, keeping its databases in ``folder``. Ends the program for an unknown name."""
    if name == "sqlite":
        return SqliteEngine(folder)
    if name == "postgresql":
        from benchmarks.engines.postgresql import PostgresqlBench  # noqa: PLC0415  (it starts a server)

        return PostgresqlBench()
    raise SystemExit(f"there is no engine {name!r} to measure: sqlite or postgresql")
