"""The system's own events of customers: a log of its own, which captured events and their indexes never meet."""

import sqlalchemy as sa
from alembic import op

from footfall.storage.migrations.columns import text

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    embedded = op.get_bind().dialect.name == "sqlite"
    _create_customer_events(embedded=embedded)
    if embedded:
        _describe_full_tables()


def _create_customer_events(*, embedded: bool) -> None:
    if not embedded:
        op.execute(sa.schema.CreateSequence(sa.Sequence("customer_events_sequence")))
    next_sequence = sa.text("nextval('customer_events_sequence')")
    op.create_table(
        "customer_events",
        sa.Column("sequence", sa.Integer, primary_key=True)
        if embedded
        else sa.Column("sequence", sa.BigInteger, nullable=False, server_default=next_sequence),
        sa.Column("id", sa.LargeBinary, nullable=False, unique=True)
        if embedded
        else sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("type", sa.SmallInteger, nullable=False),
        sa.Column("customer", sa.BigInteger, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("metadata", text(), nullable=False),
    )
    # On SQLite the row id, which is the sequence, ends every index by itself.
    tail = [] if embedded else ["sequence"]
    op.create_index("customer_events_by_type", "customer_events", ["workspace", "type", "occurred_at", *tail])
    op.create_index("customer_events_by_customer", "customer_events", ["workspace", "customer", "occurred_at", *tail])


def _describe_full_tables() -> None:
    """As in v0001: plans must not depend on what is stored, nor on when somebody ran ANALYZE."""
    statistics = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    for table, index, rows in (
        ("customer_events", "sqlite_autoindex_customer_events_1", "200000 1"),
        ("customer_events", "customer_events_by_type", "200000 200000 60000 2"),
        ("customer_events", "customer_events_by_customer", "200000 200000 2 1"),
    ):
        op.execute(sa.insert(statistics).values(tbl=table, idx=index, stat=rows))
