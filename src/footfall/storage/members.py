"""Members of customers: people who act for a team (contracts/rapidly.md 4.3)."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func

from footfall.model.member import Member
from footfall.storage.connection import Connection
from footfall.storage.functions import is_text
from footfall.storage.statement import BulkInsert, Statement, is_in
from footfall.storage.tables import members

_M = members.c
_INSERT = BulkInsert(members)
_OWN = _M.workspace == bindparam("workspace")
_BY_IDS = Statement(
    sa.select(*_M).where(_M.workspace + sa.literal_column("0") == bindparam("workspace"), is_in(_M.id, "ids"))
)
_OF_CUSTOMERS = Statement(
    sa.select(*_M).where(_OWN, is_in(_M.customer, "customers")).order_by(_M.customer, _M.created_at, _M.id)
)
_BY_EMAIL = Statement(sa.select(*_M).where(_OWN, _M.customer == bindparam("customer"), is_text(_M.email, "email")))
_UPDATE = Statement(
    sa.update(members)
    .where(_M.workspace == bindparam("of_workspace"), _M.id == bindparam("of_id"))
    .values(name=bindparam("new_name"), role=bindparam("new_role"), modified_at=bindparam("changed_at"))
)
_DELETE = Statement(sa.delete(members).where(_OWN, _M.id == bindparam("id")))
_DELETE_OF = Statement(sa.delete(members).where(_OWN, is_in(_M.customer, "customers")))

_own = members.alias("own")
_HAND_OVER = Statement(
    sa.update(members)
    .where(
        _M.workspace == bindparam("of_workspace"),
        _M.customer == bindparam("former", type_=sa.BigInteger),
        _M.email.not_in(
            sa.select(_own.c.email).where(
                _own.c.workspace == bindparam("of_workspace"),
                _own.c.customer == bindparam("heir", type_=sa.BigInteger),
            )
        ),
    )
    .values(customer=bindparam("heir", type_=sa.BigInteger))
)


def _page(*, descending: bool, of_customer: bool) -> Statement:
    order = [column.desc() if descending else column.asc() for column in (_M.created_at, _M.id)]
    where = [_OWN, *([_M.customer == bindparam("customer")] if of_customer else [])]
    limit, offset = bindparam("limit", type_=sa.BigInteger), bindparam("offset", type_=sa.BigInteger)
    return Statement(sa.select(*_M).where(*where).order_by(*order).limit(limit).offset(offset))


_PAGES = {(down, of): _page(descending=down, of_customer=of) for down in (True, False) for of in (True, False)}
_COUNTS = {
    True: Statement(sa.select(func.count()).select_from(members).where(_OWN, _M.customer == bindparam("customer"))),
    False: Statement(sa.select(func.count()).select_from(members).where(_OWN)),
}


def insert(connection: Connection, member: Member) -> None:
    """Stores a new member."""
    row = (
        member.id,
        member.workspace,
        member.customer,
        member.email,
        member.name,
        member.external_id,
        member.role,
        member.created_at,
        member.modified_at,
    )
    connection.insert(_INSERT, [row])


def by_ids(connection: Connection, workspace: int, ids: Iterable[bytes]) -> dict[bytes, Member]:
    """The members with these ids."""
    return {row[0]: _member(row) for row in connection.rows(_BY_IDS, workspace=workspace, ids=list(ids))}


def of_customers(connection: Connection, workspace: int, customers: Iterable[int]) -> dict[int, list[Member]]:
    """The members of customers, by the customer's number, oldest first."""
    found: dict[int, list[Member]] = {}
    for row in connection.rows(_OF_CUSTOMERS, workspace=workspace, customers=list(customers)):
        found.setdefault(row[2], []).append(_member(row))
    return found


def by_email(connection: Connection, workspace: int, customer: int, email: str) -> Member | None:
    """The customer's member with this (comparable) e-mail address."""
    row = connection.row(_BY_EMAIL, workspace=workspace, customer=customer, email=email)
    return None if row is None else _member(row)


def page(
    connection: Connection, workspace: int, customer: int | None, *, descending: bool, limit: int, offset: int
) -> tuple[list[Member], int]:
    """A page of members, of one customer or of all, in the order of their creation; and how many there are."""
    of = {} if customer is None else {"customer": customer}
    statement = _PAGES[descending, customer is not None]
    rows = connection.rows(statement, workspace=workspace, limit=limit, offset=offset, **of)
    total = connection.value(_COUNTS[customer is not None], workspace=workspace, **of)
    return [_member(row) for row in rows], int(total)


def update(connection: Connection, member: Member) -> None:
    """Stores a member's name, role and time of change."""
    connection.execute(
        _UPDATE,
        of_workspace=member.workspace,
        of_id=member.id,
        new_name=member.name,
        new_role=member.role,
        changed_at=member.modified_at,
    )


def delete(connection: Connection, workspace: int, identifier: bytes) -> None:
    """Takes a member away."""
    connection.execute(_DELETE, workspace=workspace, id=identifier)


def delete_of(connection: Connection, workspace: int, customers: Iterable[int]) -> None:
    """Takes all members of customers away."""
    connection.execute(_DELETE_OF, workspace=workspace, customers=list(customers))


def hand_over(connection: Connection, workspace: int, customer: int, heir: int) -> None:
    """Makes members of ``customer`` members of ``heir``, but for those whose e-mail one of his members has already."""
    connection.execute(_HAND_OVER, of_workspace=workspace, former=customer, heir=heir)
    delete_of(connection, workspace, [customer])


def _member(row: Sequence[Any]) -> Member:
    return Member(*row)
