"""Spreading the tables over a Citus cluster, which the coordinator's database must be part of already.

What grows with the events is distributed: events by ``id``, which alone deduplicates them; counts by ``type``, so that
a total of one name is asked of one shard; what belongs to a customer's targets by ``customer``. What is looked up
beside them (workspaces, names, customers, definitions) is a reference table: whole on every node, so that joins never
leave one. Tables are moved one by one while they are read and written; where the server's ``wal_level`` is not
``logical``, and for the moment that it takes to move an empty one, writers wait.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from footfall.storage.failures import UnsupportedDatabase

REFERENCE = (
    "workspaces",
    "credentials",
    "stores",
    "tills",
    "access_groups",
    "server_keys",
    "event_types",
    "accounts",
    "denied_customers",
    "customers",
    "identities",
    "members",
    "imports",
    "customer_removals",
    "revisions",
    "pending_answers",
    "behavioural_definitions",
    "behavioural_webhooks",
    "behavioural_changes",
    "behavioural_adapters",
    "target_groups",
    "target_periods",
    "target_rules",
    "target_goals",
    "target_milestones",
    "streak_levels",
    "target_authors",
)
DISTRIBUTED = {
    "events": "id",
    "customer_events": "id",
    "behavioural_posts": "id",
    "behavioural_queue": "id",
    "event_counts": "type",
    "tracked_events": "customer",
    "enrolments": "customer",
    "enrolment_entries": "customer",
    "target_visits": "customer",
    "target_progress": "customer",
    "event_summaries": "customer",
}
"""Tables and the columns they are distributed by; the first of a column is the one that the others stand beside."""


_FUNCTIONS = """
    SELECT create_distributed_function(oid::regprocedure) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'footfall\\_%'
    AND oid NOT IN (SELECT objid FROM pg_dist_object WHERE classid = 'pg_proc'::regclass)
"""


def distribute(engine: sa.Engine, told: Callable[[str], None] = lambda _: None) -> None:
    """Distributes what is not distributed yet; ``told`` hears of each table. Raises UnsupportedDatabase without Citus.

    Each table is moved as a whole or not at all, so it can be run again after a failure.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(sa.text("SELECT 1 FROM pg_extension WHERE extname = 'citus'")):
            raise UnsupportedDatabase("it has no extension citus; see docs/scaling.md")
        connection.execute(sa.text(_FUNCTIONS))  # there may have been no cluster yet when they were made
        done = set(connection.scalars(sa.text("SELECT table_name::text FROM citus_tables")))
        for table in REFERENCE:
            if table not in done:
                told(f"{table}: to every node")
                connection.execute(sa.select(sa.func.create_reference_table(table)))
        move = _mover(connection)
        beside: dict[str, str] = {}
        for table, column in DISTRIBUTED.items():
            if table not in done:
                told(f"{table}: distributed by {column}")
                move(table, column, beside.get(column, "none"))
            beside.setdefault(column, table)


def _mover(connection: sa.Connection) -> Callable[[str, str, str], Any]:
    is_logical = connection.scalar(sa.text("SHOW wal_level")) == "logical"

    def run(table: str, column: str, beside: str) -> None:
        is_filled = connection.scalar(sa.text(f"SELECT EXISTS (SELECT 1 FROM {table})"))
        function = "create_distributed_table_concurrently" if is_logical and is_filled else "create_distributed_table"
        move = sa.text(f"SELECT {function}(:table, :column, colocate_with => :beside)")
        connection.execute(move, {"table": table, "column": column, "beside": beside})

    return run
