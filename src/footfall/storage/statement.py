"""Statements: written once in SQLAlchemy Core, compiled once per engine to the text its driver takes.

SQLAlchemy's own execution costs more than the indexed reads it would run (DESIGN.md, "HTTP"), so a statement is
turned into SQL text on its first use and goes straight to the driver from then on. Columns hold only integers,
text and bytes, which every driver passes through as they are.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import ARRAY, BindParameter, LargeBinary, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement, ColumnElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine

_encode = msgspec.json.encode
_VALUES = re.compile(r"(?<= VALUES )(\([^)]*\))")


class Compiled(msgspec.Struct, frozen=True):
    """A statement as one driver takes it; ``lists`` are the parameters that hold many values."""

    text: str
    defaults: dict[str, Any]
    lists: dict[str, TypeEngine[Any]]


class Statement:
    """A Core statement with named parameters; literals inside it become defaults of parameters.

    ``on_server`` is what a server is asked instead, with the same parameters and the same answer, where its planner
    needs another form.
    """

    __slots__ = ("_compiled", "_core", "_on_server")

    def __init__(self, core: Executable, on_server: Executable | None = None) -> None:
        self._core = core
        self._on_server = core if on_server is None else on_server
        self._compiled: dict[str, Compiled] = {}

    @property
    def core(self) -> Executable:
        """The statement as SQLAlchemy knows it."""
        return self._core

    def compiled(self, dialect: Dialect) -> Compiled:
        """The statement for ``dialect``."""
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            core = self._core if dialect.name == "sqlite" else self._on_server
            assert isinstance(core, ClauseElement)
            result = core.compile(dialect=dialect)
            assert isinstance(result, SQLCompiler)
            compiled = Compiled(
                text=str(result),
                defaults={name: bind.value for name, bind in result.binds.items() if not bind.required},
                lists={
                    name: bind.type.item_type for name, bind in result.binds.items() if isinstance(bind.type, ARRAY)
                },
            )
            self._compiled[dialect.name] = compiled
        return compiled


class BulkInsert:
    """An insert of whole rows, given as tuples in the order of the table's columns: the fastest form the driver has.

    ``numbered``: the column, if any, that the engine fills in with the next number.
    """

    __slots__ = ("_texts", "columns", "table")

    def __init__(self, table: Table, *, numbered: str | None = None) -> None:
        self.table = table
        self.columns = tuple(column.name for column in table.columns if column.name != numbered)
        self._texts: dict[tuple[str, int], str] = {}

    def text(self, dialect: Dialect, rows: int = 1) -> str:
        """An INSERT of so many rows, with one parameter per column of each.

        What fails leaves the rows before it to whoever undoes the transaction: an engine that can undo the statement
        alone takes a sixth longer to be able to.
        """
        text = self._texts.get((dialect.name, rows))
        if text is None:
            insert = sa.insert(self.table)
            if dialect.name == "sqlite":
                insert = insert.prefix_with("OR FAIL")
            one = str(insert.compile(dialect=dialect, column_keys=self.columns))
            text = self._texts[dialect.name, rows] = _of_rows(one, rows)
        return text


class Upsert:
    """Rows that are inserted where their key is new. Where it is known, they change the row that is there.

    An empty ``key`` stands for any unique key, of rows that change nothing.
    ``replaced`` columns take the new value, ``added`` ones the sum of both, ``raised`` ones the larger one, ``lowered``
    ones the smaller one; ``computed`` gives further changes from the new row. Without any of them the row stays as
    it is. Rows are tuples of ``columns``, which stand in the table's order. ``returned`` columns are given back for
    every row that was inserted or changed, as it is then.
    """

    __slots__ = ("_texts", "_write", "columns", "returns")

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        key: Sequence[str],
        *,
        replaced: Sequence[str] = (),
        added: Sequence[str] = (),
        raised: Sequence[str] = (),
        lowered: Sequence[str] = (),
        computed: Callable[[Any], dict[str, Any]] | None = None,
        returned: Sequence[str] = (),
    ) -> None:
        self.returns = bool(returned)
        self.columns = tuple(column for column in table.columns if column.name in columns)
        assert [column.name for column in self.columns] == list(columns), "columns stand in the table's order"
        self._texts: dict[tuple[str, int], str] = {}

        def write(dialect: Dialect) -> str:
            insert: Any = (sqlite if dialect.name == "sqlite" else postgresql).insert(table)
            is_embedded = dialect.name == "sqlite"
            largest = sa.func.max if is_embedded else sa.func.greatest
            smallest = sa.func.min if is_embedded else sa.func.least
            new = insert.excluded
            changes = {name: new[name] for name in replaced}
            changes |= {name: table.c[name] + new[name] for name in added}
            changes |= {name: largest(table.c[name], new[name]) for name in raised}
            changes |= {name: smallest(table.c[name], new[name]) for name in lowered}
            changes |= {} if computed is None else computed(new)
            if is_embedded:
                insert = insert.values({name: bindparam(name) for name in columns})
            else:
                arrays = [bindparam(column.name, type_=ARRAY(column.type)) for column in self.columns]
                given = sa.func.unnest(*arrays).table_valued(*columns).render_derived(name="given")
                insert = insert.from_select(columns, sa.select(*(given.c[name] for name in columns)))
            core = (
                insert.on_conflict_do_update(index_elements=key, set_=changes)
                if changes
                else insert.on_conflict_do_nothing(index_elements=key or None)
            )
            if returned:
                core = core.returning(*(table.c[name] for name in returned))
            return str(core.compile(dialect=dialect))

        self._write = write

    def text(self, dialect: Dialect, rows: int = 1) -> str:
        """The values of so many rows one by one, where the engine is embedded; elsewhere an array for each column."""
        text = self._texts.get((dialect.name, rows))
        if text is None:
            text = self._texts[dialect.name, rows] = _of_rows(self._write(dialect), rows)
        return text


def _of_rows(one: str, rows: int) -> str:
    """The text of an INSERT of one row as that of an INSERT of more."""
    if rows == 1:
        return one
    head, row, tail = _VALUES.split(one, maxsplit=1)
    return head + ", ".join([row] * rows) + tail


ID_BYTES = 16


class _IsIn(ColumnElement[bool]):
    """``column`` is one of the values in a parameter that holds a list."""

    inherit_cache = False
    type = sa.Boolean()

    def __init__(self, column: ColumnElement[Any], values: BindParameter[Any]) -> None:
        self.column = column
        self.values = values

    def self_group(self, against: OperatorType | None = None) -> ColumnElement[Any]:
        """As it is: the ``= 1`` that SQLite's conditions are given otherwise would keep this one from any index."""
        return super().self_group(against) if against is operators.inv else self


def is_in(column: ColumnElement[Any], parameter: str, type_: TypeEngine[Any] | None = None) -> ColumnElement[bool]:
    """Whether ``column`` is among the values of ``parameter``, a list of any length; of bytes, ids of 16 each.

    ``type_``: of the values, where it is not the column's own.
    """
    return _IsIn(column, bindparam(parameter, type_=ARRAY(type_ or column.type)))


@compiles(_IsIn, "sqlite")
def _is_in_embedded(element: _IsIn, compiler: SQLCompiler, **options: Any) -> str:
    column, values = compiler.process(element.column, **options), compiler.process(element.values, **options)
    if isinstance(element.values.type.item_type, LargeBinary):  # type: ignore[attr-defined]
        piece, width = f"substr({values}, n, {ID_BYTES})", f"n + {ID_BYTES}"
        places = f"SELECT 1 AS n UNION ALL SELECT {width} FROM place WHERE {width} <= length({values})"
        return f"{column} IN (WITH RECURSIVE place AS ({places}) SELECT {piece} FROM place)"
    return f"{column} IN (SELECT value FROM json_each({values}))"


@compiles(_IsIn, "postgresql")
def _is_in_array(element: _IsIn, compiler: SQLCompiler, **options: Any) -> str:
    column, values = compiler.process(element.column, **options), compiler.process(element.values, **options)
    return f"{column} = ANY ({values})"


def json_array(values: Iterable[object]) -> str:
    """``values`` as one JSON text.

    A text with a NUL is left out: no API lets one in, and SQLite would cut the text there and find another's row.
    """
    listed = list(values)
    encoded = _encode(listed).decode()
    if "\\u0000" in encoded:
        return _encode([value for value in listed if not (isinstance(value, str) and "\0" in value)]).decode()
    return encoded
