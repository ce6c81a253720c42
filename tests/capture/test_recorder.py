"""How a group of events is written."""

from collections import Counter
from typing import Any, cast

import sqlalchemy as sa

from footfall.capture.batch import Batch
from footfall.capture.recorder import record
from footfall.capture.service import Capture
from footfall.model.customer import CustomerProfile, Identity
from footfall.model.event import ADD_TRANSACTION, CustomerReference, NewEvent
from footfall.model.workspace import Workspace
from footfall.storage import customers
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.statement import Statement
from footfall.storage.tables import events as table
from footfall.targets import definition
from tests.targets.making import new_event, new_group, new_rule

_IN_ORDER = Statement(
    sa.select(table.c.is_duplicate).where(table.c.workspace == sa.bindparam("workspace")).order_by(table.c.sequence)
)


class Counting:
    """A connection that counts what is asked of it. Each call is one statement, whatever the number of its rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        if callable(found):
            self.calls[name] += 1
        return found


def demanding(count: int, round_: int) -> list[NewEvent]:
    """Events that make customers, change others, name parents and keys, and count towards targets."""
    return [
        NewEvent(
            name=ADD_TRANSACTION if number % 2 else "Viewed",
            occurred_at=1_000_000 * number,
            received_at=2_000_000,
            amount=5_000_000 if number % 2 else None,
            external_id=f"{round_}-{number}",
            parent_external_id=f"{round_}-{number - 1}" if number else None,
            unique_key=f"key {number}",
            customer=CustomerReference(
                identities=(
                    Identity("external_id", f"u{number + 7 * round_}"),
                    Identity("email", f"{round_}-{number}@example.org"),
                ),
                profile=CustomerProfile(name=f"Name {number}", properties={"round": round_}),
            ),
        )
        for number in range(count)
    ]


def statements(database: Database, tenant: Workspace, events: list[NewEvent]) -> Counter[str]:
    connection = database.open_writer()
    counting = Counting(connection)
    connection.begin()
    (result,) = record(cast("Connection", counting), [Batch(workspace=tenant, events=events)])
    connection.commit()
    connection.close()
    assert result.inserted == len(events)
    return counting.calls


def test_a_group_takes_as_many_statements_whatever_the_number_of_its_events(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    named = [CustomerReference(identities=(Identity("external_id", f"u{number}"),)) for number in range(0, 700, 3)]
    known = [NewEvent(name="Viewed", occurred_at=1, received_at=1, customer=each) for each in named]
    known.append(NewEvent(name=ADD_TRANSACTION, occurred_at=1, received_at=1))
    capture.submit(Batch(workspace=tenant, events=known)).result()

    few = statements(database, tenant, demanding(20, 1))
    many = statements(database, tenant, demanding(600, 2))

    assert few == many
    changed = database.read(customers.by_identity, tenant.number, Identity("email", "2-599@example.org"))
    assert changed is not None
    assert (changed.external_id, changed.name, bytes(changed.properties)) == ("u613", "Name 599", b'{"round":2}')


def test_a_group_that_feeds_targets_takes_as_many_statements_whatever_the_number_of_its_events(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    """A sum, a count and visits, with events that enrol, reach goals, and return."""
    for kind in ("SALES", "COUNT", "VISIT"):
        group = new_group([new_rule(kind, kind, goals=(2_000_000,))], [("A", 0, 10**12)], name=kind)
        capture.change_now(definition.create, tenant.number, group)
    people = [new_event(f"u{number}", 1, 1, received_at=1) for number in range(700)]
    people += [new_event("u0", 1, 1, "RETURN_BILL")]
    capture.submit(Batch(workspace=tenant, events=people)).result()

    def bought(number: int, seed: int) -> list[NewEvent]:
        names = ("ADD_TRANSACTION", "ADD_TRANSACTION", "RETURN_BILL")
        people = number * 2 // 3
        return [
            new_event(f"u{index % people}", 5 + seed + index * 10**8, 1_500_000, names[index % 3])
            for index in range(number)
        ]

    few = statements(database, tenant, bought(20, 1))
    many = statements(database, tenant, bought(900, 2))

    assert few == many


def test_a_unique_key_marks_what_came_before_in_the_store_and_in_the_group(
    database: Database, tenant: Workspace
) -> None:
    connection = database.open_writer()
    for keys in (["a", "b", "a"], ["b", "c", None, "c"]):
        connection.begin()
        events = [NewEvent(name="Viewed", occurred_at=1, received_at=1, unique_key=key) for key in keys]
        record(connection, [Batch(workspace=tenant, events=events)])
        connection.commit()
    connection.close()

    assert database.read(_flags, tenant.number) == [False, False, True, True, False, False, True]


def _flags(connection: Connection, workspace: int) -> list[bool]:
    rows = connection.rows(_IN_ORDER, workspace=workspace)
    return [bool(row[0]) for row in rows]
