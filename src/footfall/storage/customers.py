"""Customers and their identities."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.customer import Customer, Identity, IdentityKind
from footfall.storage import revisions
from footfall.storage.connection import Connection, Row
from footfall.storage.functions import as_json, is_among_texts, is_text
from footfall.storage.statement import BulkInsert, Statement, Upsert, is_in
from footfall.storage.tables import customers, identities

_C = customers.c
_I = identities.c
CUSTOMER_COLUMNS = [
    _C.number,
    _C.id,
    _C.workspace,
    _C.registered,
    _C.external_id,
    _C.email,
    _C.mobile,
    _C.object_id,
    _C.name,
    _C.account_id,
    _C.created_at,
    _C.modified_at,
    _C.deleted_at,
    _C.properties,
    _C.details,
]
"""What ``customer_of`` reads, in its order."""


class Holder(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Who holds an identity of the value asked for: as much of a customer as it takes to tell whom an event is about.

    The fields are those of ``model.customer.Customer``.
    """

    value: str
    number: int
    registered: bool | int
    external_id: str | None
    email: str | None
    mobile: str | None
    object_id: str | None


_decode_holders = msgspec.json.Decoder(list[Holder]).decode

_BY_NUMBERS = Statement(
    sa.select(*CUSTOMER_COLUMNS).where(_C.workspace == bindparam("workspace"), is_in(_C.number, "numbers"))
)
_BY_NUMBER = Statement(
    sa.select(*CUSTOMER_COLUMNS).where(_C.workspace == bindparam("workspace"), _C.number == bindparam("number"))
)
# As an expression: a planner that knows nothing of the table yet would take the workspace for more selective.
_own = _C.workspace + sa.literal_column("0") == bindparam("workspace")
_BY_ID = Statement(sa.select(*CUSTOMER_COLUMNS).where(_own, _C.id == bindparam("id")))
_BY_IDS = Statement(sa.select(*CUSTOMER_COLUMNS).where(_own, is_in(_C.id, "ids")))
# So that nobody begins with all customers, either, while they are few.
_is_holder = _I.customer + sa.literal_column("0") == _C.number
_BY_IDENTITY = Statement(
    sa.select(*CUSTOMER_COLUMNS)
    .select_from(identities.join(customers, _is_holder))
    .where(
        _I.workspace == bindparam("workspace"),
        _I.kind == bindparam("kind"),
        is_text(_I.value, "value"),
        _own,
    )
)
_held = (
    _I.workspace == bindparam("workspace"),
    _I.kind == bindparam("kind"),
    is_among_texts(_I.value, "values"),
    _own,
)
_with_identities = identities.join(customers, _is_holder)
_HOLDERS = Statement(sa.select(_I.value, *CUSTOMER_COLUMNS).select_from(_with_identities).where(*_held))
_brief = as_json(_I.value, *(_C[name] for name in Holder.__struct_fields__[1:]))
_BRIEF_HOLDERS = Statement(sa.select(_brief).select_from(_with_identities).where(*_held))
_INSERT = BulkInsert(customers)
_INSERT_IDENTITIES = Upsert(identities, ("workspace", "kind", "value", "customer"), key=())
_columns = [column.name for column in customers.columns]
_CALLED_SO_FAR = Statement(
    sa.select(_C.number, _C.external_id, _C.identity_folded).where(
        _C.workspace == bindparam("workspace"), is_in(_C.number, "numbers")
    )
)
_UPDATE = Upsert(customers, _columns, key=("number",), replaced=[name for name in _columns if name != "number"])
_IDENTITIES_OF = Statement(
    sa.select(_I.kind, _I.value)
    .where(_I.workspace == bindparam("workspace"), _I.customer == bindparam("number"))
    .order_by(_I.kind, _I.value)
)
_IDENTITIES_OF_ALL = Statement(
    sa.select(_I.customer, _I.kind, _I.value)
    .where(_I.workspace == bindparam("workspace"), is_in(_I.customer, "numbers"))
    .order_by(_I.customer, _I.kind, _I.value)
)
_REMOVE_IDENTITIES = Statement(
    sa.delete(identities).where(
        _I.workspace == bindparam("workspace"),
        is_in(_I.customer, "numbers"),
        sa.not_(is_in(_I.kind, "kept")),
    )
)
_HAND_OVER_IDENTITIES = Statement(
    sa.update(identities)
    .where(_I.workspace == bindparam("of_workspace"), _I.customer == bindparam("former"))
    .values(customer=bindparam("heir"))
)
_ERASE = Statement(sa.delete(customers).where(_C.workspace == bindparam("workspace"), is_in(_C.number, "numbers")))
_FORMER = Statement(
    sa.select(*CUSTOMER_COLUMNS)
    .where(
        _C.workspace == bindparam("workspace"),
        is_text(_C.identity_folded, "folded"),
        _C.external_id == bindparam("external_id"),
        _C.deleted_at.is_not(None),
    )
    .order_by(_C.deleted_at.desc(), _C.number.desc())
)
_CALLED = Statement(
    sa.select(*CUSTOMER_COLUMNS)
    .where(_C.workspace == bindparam("workspace"), is_text(_C.identity_folded, "folded"), _C.deleted_at.is_(None))
    .order_by(_C.number)
)
_OF_ACCOUNT = Statement(
    sa.select(*CUSTOMER_COLUMNS)
    .where(
        _C.workspace == bindparam("workspace"),
        is_text(_C.account_id, "account"),
        _C.account_id.is_not(None),
        _C.deleted_at.is_(None),
    )
    .limit(bindparam("limit", type_=sa.Integer))
)
_REMOVE_IDENTITY = Statement(
    sa.delete(identities).where(
        _I.workspace == bindparam("workspace"), _I.kind == bindparam("kind"), is_text(_I.value, "value")
    )
)


def by_numbers(connection: Connection, workspace: int, numbers: Iterable[int]) -> dict[int, Customer]:
    """The customers with these numbers, as many as there are."""
    rows = connection.rows(_BY_NUMBERS, workspace=workspace, numbers=list(numbers))
    return {row[0]: customer_of(row) for row in rows}


def by_number(connection: Connection, workspace: int, number: int) -> Customer | None:
    """The customer with this number."""
    return _customer_or_none(connection.row(_BY_NUMBER, workspace=workspace, number=number))


def by_ids(connection: Connection, workspace: int, ids: Sequence[bytes]) -> dict[bytes, Customer]:
    """The customers with these ids, deleted ones included."""
    return {row[1]: customer_of(row) for row in connection.rows(_BY_IDS, workspace=workspace, ids=ids)}


def by_id(connection: Connection, workspace: int, identifier: bytes) -> Customer | None:
    """The customer with this id, also a deleted one."""
    return _customer_or_none(connection.row(_BY_ID, workspace=workspace, id=identifier))


def by_identity(connection: Connection, workspace: int, identity: Identity) -> Customer | None:
    """The customer who goes by ``identity``."""
    return _customer_or_none(
        connection.row(_BY_IDENTITY, workspace=workspace, kind=identity.kind, value=identity.value)
    )


def holders(connection: Connection, workspace: int, wanted: Iterable[Identity]) -> dict[Identity, Customer]:
    """Who holds which of the ``wanted`` identities."""
    return {
        Identity(kind, row[0]): customer_of(row[1:])
        for kind, asked in _by_kind(wanted).items()
        for row in connection.rows(_HOLDERS, workspace=workspace, kind=kind, values=asked)
    }


def brief_holders(connection: Connection, workspace: int, wanted: Iterable[Identity]) -> dict[Identity, Holder]:
    """As ``holders``, where few of the customers, or none, are needed whole."""
    return {
        Identity(kind, holder.value): holder
        for kind, asked in _by_kind(wanted).items()
        for holder in _decode_holders(
            connection.value(_BRIEF_HOLDERS, workspace=workspace, kind=kind, values=asked) or "[]"
        )
    }


def _by_kind(wanted: Iterable[Identity]) -> dict[IdentityKind, list[str]]:
    values: dict[IdentityKind, list[str]] = {}
    for identity in wanted:
        values.setdefault(identity.kind, []).append(identity.value)
    return values


def identities_of(connection: Connection, workspace: int, number: int) -> list[Identity]:
    """All names a customer goes by."""
    return [
        Identity(kind, value) for kind, value in connection.rows(_IDENTITIES_OF, workspace=workspace, number=number)
    ]


def identities_of_all(
    connection: Connection, workspace: int, numbers: Iterable[int]
) -> dict[int, list[tuple[IdentityKind, str]]]:
    """All names that the customers with these numbers go by, as (kind, value)."""
    found: dict[int, list[tuple[IdentityKind, str]]] = {}
    for number, kind, value in connection.rows(_IDENTITIES_OF_ALL, workspace=workspace, numbers=list(numbers)):
        found.setdefault(number, []).append((kind, value))
    return found


def former(connection: Connection, workspace: int, external_id: str) -> list[Customer]:
    """Deleted customers who had this external id when they were deleted, latest first."""
    rows = connection.rows(_FORMER, workspace=workspace, folded=external_id.casefold(), external_id=external_id)
    return [customer_of(row) for row in rows]


def called(connection: Connection, workspace: int, shown: str) -> Customer | None:
    """The living customer whose primary identity is ``shown``, letter case included."""
    rows = connection.rows(_CALLED, workspace=workspace, folded=shown.casefold())
    return next((each for each in map(customer_of, rows) if each.primary_identity == shown), None)


def of_account(connection: Connection, workspace: int, account: str, limit: int) -> list[Customer]:
    """Living customers of an account, as many as ``limit``."""
    rows = connection.rows(_OF_ACCOUNT, workspace=workspace, account=account, limit=limit)
    return [customer_of(row) for row in rows]


def insert(connection: Connection, new: Iterable[Customer]) -> None:
    """Stores customers; their identities are stored by ``insert_identities``."""
    connection.insert(_INSERT, (_row(customer) for customer in new))


def insert_identities(connection: Connection, workspace: int, held: Iterable[tuple[Identity, int]]) -> None:
    """Makes each identity a name of the customer with that number, unless somebody holds it already."""
    connection.upsert(
        _INSERT_IDENTITIES, [(workspace, identity.kind, identity.value, number) for identity, number in held]
    )


def remove_identity(connection: Connection, workspace: int, identity: Identity) -> None:
    """Frees ``identity``."""
    connection.execute(_REMOVE_IDENTITY, workspace=workspace, kind=identity.kind, value=identity.value)


def remove_identities(
    connection: Connection, workspace: int, numbers: Iterable[int], kept: Iterable[IdentityKind] = ()
) -> None:
    """Frees all names of the customers with these numbers, but those of the ``kept`` kinds."""
    connection.execute(_REMOVE_IDENTITIES, workspace=workspace, numbers=list(numbers), kept=list(kept))


def hand_over_identities(connection: Connection, workspace: int, former: int, heir: int) -> None:
    """Makes all names of ``former`` names of ``heir``."""
    connection.execute(_HAND_OVER_IDENTITIES, of_workspace=workspace, former=former, heir=heir)


def erase(connection: Connection, workspace: int, numbers: Iterable[int]) -> None:
    """Takes customers away, whole; their names, and what is told of them, first."""
    connection.execute(_ERASE, workspace=workspace, numbers=list(numbers))


def update(connection: Connection, changed: Iterable[Customer]) -> None:
    """Stores customers over those with the same numbers, which are there, all of one workspace.

    Who is called otherwise from now on is told of apart: his events are found by his name.
    """
    rows = [_row(customer) for customer in changed]
    if not rows:
        return
    workspace = rows[0][2]
    before = connection.rows(_CALLED_SO_FAR, workspace=workspace, numbers=[row[0] for row in rows])
    connection.upsert(_UPDATE, rows)
    revisions.customers_changed(connection, workspace)
    if {_called(*row) for row in before} != {_called(row[0], row[4], row[-1]) for row in rows}:
        revisions.events_renamed(connection, workspace)


def _called(number: int, external_id: str | None, identity_folded: str) -> tuple[int, bool, str]:
    """What searches know a customer by: which kind of user he is, and his name."""
    return number, external_id is not None, identity_folded


def _row(customer: Customer) -> Row:
    return (
        customer.number,
        customer.id,
        customer.workspace,
        customer.registered,
        customer.external_id,
        customer.email,
        customer.mobile,
        customer.object_id,
        customer.name,
        customer.account_id,
        customer.created_at,
        customer.modified_at,
        customer.deleted_at,
        bytes(customer.properties).decode(),
        bytes(customer.details).decode(),
        customer.primary_identity.casefold(),
    )


def customer_of(row: Sequence[Any]) -> Customer:
    """The customer in a row of ``CUSTOMER_COLUMNS``."""
    return Customer(
        number=row[0],
        id=row[1],
        workspace=row[2],
        registered=bool(row[3]),
        external_id=row[4],
        email=row[5],
        mobile=row[6],
        object_id=row[7],
        name=row[8],
        account_id=row[9],
        created_at=row[10],
        modified_at=row[11],
        deleted_at=row[12],
        properties=msgspec.Raw(row[13]),
        details=msgspec.Raw(row[14]),
    )


def _customer_or_none(row: Row | None) -> Customer | None:
    return None if row is None else customer_of(row)
