"""Summaries of what each customer did, with all that is stored summed up; removals of customers; pending answers."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_summaries",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("customer", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Integer, nullable=False),
        sa.Column("slot", sa.SmallInteger, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "customer", "type", "slot"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "customer_removals",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("customer", sa.BigInteger, nullable=False),
        sa.Column("heir", sa.BigInteger),
        sa.Column("removed_at", sa.BigInteger, nullable=False),
        sa.Column("done_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("workspace", "customer"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pending_answers",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "key"),
    )
    op.create_index("pending_answers_by_age", "pending_answers", ["updated_at"])
    op.execute(
        "INSERT INTO event_summaries (workspace, customer, type, slot, events, first_at, last_at)"
        " SELECT workspace, customer, type, 0, count(*), min(occurred_at), max(occurred_at) FROM events"
        " WHERE customer IS NOT NULL GROUP BY workspace, customer, type"
    )
    if op.get_bind().dialect.name == "sqlite":
        _describe_full_tables()


def _describe_full_tables() -> None:
    """As in v0001: plans must not depend on what is stored, nor on when somebody ran ANALYZE."""
    statistics = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    for table, index, rows in (
        ("event_summaries", "sqlite_autoindex_event_summaries_1", "500000 500000 5 1 1"),
        ("customer_removals", "sqlite_autoindex_customer_removals_1", "1000 1000 1"),
        ("pending_answers", "sqlite_autoindex_pending_answers_1", "1000 1000 1"),
        ("pending_answers", "pending_answers_by_age", "1000 1"),
    ):
        op.execute(sa.insert(statistics).values(tbl=table, idx=index, stat=rows))
