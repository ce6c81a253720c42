"""Lists of registered customers who are not deleted (contracts/rapidly.md 4.2)."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam, func

from footfall.model.customer import Customer
from footfall.storage.connection import Connection
from footfall.storage.customers import CUSTOMER_COLUMNS, customer_of
from footfall.storage.functions import casefold, contains, member_text, members
from footfall.storage.statement import Statement, is_in
from footfall.storage.tables import customers

SortField = Literal["created_at", "email", "name"]
SORT_FIELDS: tuple[SortField, ...] = ("created_at", "email", "name")

_C = customers.c
# Spelt as in the index of those shown (migration 0011), or SQLite would not see that it holds them.
_SHOWN = sa.and_(_C.registered == sa.literal_column("1"), _C.deleted_at.is_(None))
_SHOWN_ON_SERVER = sa.and_(_C.registered, _C.deleted_at.is_(None))


class CustomerListing(msgspec.Struct, frozen=True, kw_only=True):
    """Customers of one workspace, one page of them.

    ``email``: comparable. ``text``: e-mail or name contain it, or the external id begins with it.
    """

    workspace: int
    email: str | None = None
    text: str = ""
    properties: tuple[tuple[str, tuple[str, ...]], ...] = ()
    order: tuple[tuple[SortField, bool], ...] = (("created_at", True),)  # field, descending
    limit: int = 10
    offset: int = 0


class _Shape(msgspec.Struct, frozen=True):
    email: bool
    text: bool
    properties: int
    order: tuple[tuple[SortField, bool], ...]


def page(connection: Connection, asked: CustomerListing) -> tuple[list[Customer], int]:
    """One page, and how many there are."""
    shape = _Shape(asked.email is not None, bool(asked.text), len(asked.properties), asked.order)
    values: dict[str, Any] = {"workspace": asked.workspace}
    if asked.email is not None:
        values["email"] = asked.email
    if asked.text:
        values["part"] = asked.text.casefold()
    for number, (key, texts) in enumerate(asked.properties):
        values |= {f"property{number}": key, f"texts{number}": list(texts)}
    total = int(connection.value(_count(shape), **values))
    rows = connection.rows(_page(shape), **values, limit=asked.limit, offset=asked.offset)
    return [customer_of(row) for row in rows], total


def every(connection: Connection, workspace: int, after: int, limit: int) -> list[Customer]:
    """At most ``limit`` customers with numbers above ``after``, in the order of their numbers."""
    rows = connection.rows(_EVERY, workspace=workspace, after=after, limit=limit)
    return [customer_of(row) for row in rows]


def living(connection: Connection, workspace: int, after: int, limit: int) -> list[Customer]:
    """As ``every``, with those whom only events have named."""
    rows = connection.rows(_LIVING, workspace=workspace, after=after, limit=limit)
    return [customer_of(row) for row in rows]


_BY_NUMBER = (
    sa.select(*CUSTOMER_COLUMNS)
    .where(_C.workspace + sa.literal_column("0") == bindparam("workspace"), _C.number > bindparam("after"))
    .order_by(_C.number)
    .limit(bindparam("limit", type_=sa.Integer))
)
_EVERY = Statement(_BY_NUMBER.where(_SHOWN_ON_SERVER))
_LIVING = Statement(_BY_NUMBER.where(_C.deleted_at.is_(None)))


@lru_cache(maxsize=128)
def _page(shape: _Shape) -> Statement:
    order: list[ColumnElement[Any]] = []
    for field, descending in shape.order:
        column = _C[field]
        order.append(column.desc().nulls_last() if descending else column.asc().nulls_last())
    last = _C.number.desc() if shape.order and shape.order[-1][1] else _C.number.asc()
    limit, offset = bindparam("limit", type_=sa.BigInteger), bindparam("offset", type_=sa.BigInteger)
    selected = (
        sa.select(*CUSTOMER_COLUMNS).where(*where).order_by(*_plain(order, shape), last).limit(limit).offset(offset)
        for where in _wheres(shape)
    )
    return Statement(*selected)


def _plain(order: list[ColumnElement[Any]], shape: _Shape) -> list[ColumnElement[Any]]:
    """``created_at`` is never null: said so, no index could answer it."""
    return [
        (_C[field].desc() if descending else _C[field].asc()) if field == "created_at" else column
        for column, (field, descending) in zip(order, shape.order, strict=True)
    ]


@lru_cache(maxsize=128)
def _count(shape: _Shape) -> Statement:
    return Statement(*(sa.select(func.count()).select_from(customers).where(*where) for where in _wheres(shape)))


def _wheres(shape: _Shape) -> Iterator[list[ColumnElement[bool]]]:
    for shown in (_SHOWN, _SHOWN_ON_SERVER):
        where: list[ColumnElement[bool]] = [_C.workspace == bindparam("workspace"), shown]
        if shape.email:
            where.append(_C.email == bindparam("email", type_=sa.Text))
        if shape.text:
            begins = sa.func.substr(casefold(_C.external_id), 1, func.length(bindparam("part", type_=sa.Text)))
            where.append(
                sa.or_(
                    *(contains(casefold(column), "part") for column in (_C.email, _C.name)),
                    begins == bindparam("part", type_=sa.Text),
                )
            )
        for number in range(shape.properties):
            member = members(_C.properties, f"member{number}")
            where.append(
                sa.exists().where(
                    member.c.key == bindparam(f"property{number}", type_=sa.Text),
                    is_in(member_text(_C.properties, member), f"texts{number}", sa.Text()),
                )
            )
        yield where
