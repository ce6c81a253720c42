"""Statements: written once in SQLAlchemy Core, compiled once per engine to the text its driver takes.

SQLAlchemy's own execution costs more than the indexed reads it would run (DESIGN.md, "HTTP"), so a statement is
turned into SQL text on its first use and goes straight to the driver from then on. Columns hold only integers,
text and bytes, which every driver passes through as they are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import BindParameter, LargeBinary, Select, Table, Text, bindparam, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

_encode = msgspec.json.encode

SQLITE: Dialect = sqlite.dialect(paramstyle="named")
SQLITE_POSITIONAL: Dialect = sqlite.dialect(paramstyle="qmark")


class Statement:
    """A Core statement with named parameters; literals inside it become defaults of parameters."""

    __slots__ = ("_compiled", "_core")

    def __init__(self, core: Executable) -> None:
        self._core = core
        self._compiled: dict[str, tuple[str, dict[str, Any]]] = {}

    @property
    def core(self) -> Executable:
        """The statement as SQLAlchemy knows it."""
        return self._core

    def text(self, dialect: Dialect) -> tuple[str, dict[str, Any]]:
        """The SQL text for ``dialect`` and the defaults of its parameters."""
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            assert isinstance(self._core, ClauseElement)
            result = self._core.compile(dialect=dialect)
            assert isinstance(result, SQLCompiler)
            given = {name: bind.value for name, bind in result.binds.items() if not bind.required}
            compiled = (str(result), given)
            self._compiled[dialect.name] = compiled
        return compiled


class BulkInsert:
    """An insert of whole rows, given as tuples in the order of ``columns``: the fastest form the driver has."""

    __slots__ = ("_text", "columns")

    def __init__(self, table: Table, *, skip_known: str | None = None) -> None:
        """``skip_known``: the unique column by which a row that is there already is passed over."""
        self.columns = tuple(column.name for column in table.columns)
        core = sqlite.insert(table)
        if skip_known is not None:
            core = core.on_conflict_do_nothing(index_elements=[skip_known])
        self._text = str(core.compile(dialect=SQLITE_POSITIONAL, column_keys=self.columns))

    @property
    def text(self) -> str:
        """The SQL text with one positional parameter per column."""
        return self._text


class SizedIn:
    """A statement with ``IN (...)`` over bytes, compiled for three sizes; a list is cut and padded to fit."""

    __slots__ = ("_statements",)

    SIZES = (1, 16, 256)

    def __init__(self, build: Callable[[list[BindParameter[Any]]], Executable]) -> None:
        self._statements = {
            size: Statement(build([bindparam(f"k{i}", type_=LargeBinary) for i in range(size)])) for size in self.SIZES
        }

    def pieces(self, keys: Sequence[bytes]) -> Iterator[tuple[Statement, dict[str, bytes]]]:
        """Statements to run, with their parameters, that together cover ``keys``."""
        largest = self.SIZES[-1]
        for start in range(0, len(keys), largest):
            piece = keys[start : start + largest]
            size = next(size for size in self.SIZES if size >= len(piece))
            padded = [*piece, *[piece[-1]] * (size - len(piece))]
            yield self._statements[size], {f"k{i}": key for i, key in enumerate(padded)}


def json_array(values: Iterable[object]) -> str:
    """``values`` as the parameter that ``json_values`` reads.

    A text with a NUL is left out: no API lets one in, and SQLite would cut the text there and find another's row.
    """
    listed = list(values)
    encoded = _encode(listed).decode()
    if "\\u0000" in encoded:
        return _encode([value for value in listed if not (isinstance(value, str) and "\0" in value)]).decode()
    return encoded


def json_values(parameter: str) -> Select[Any]:
    """A list of any length as one parameter, to stand behind ``IN``."""
    return select(func.json_each(bindparam(parameter, type_=Text)).table_valued("value").c.value)
