"""Workspaces, credentials, customers, events.

On SQLite ``events.sequence`` is the row id itself: every index then ends in it for free, so that "ordered by
time, then by sequence" is one index range, and inserts append to the table. The primary key in the sense of the
design, the only thing that deduplicates, is ``id`` on every engine.

On PostgreSQL, whose writers run side by side, sequences are drawn by a function that first marks the drawing
transaction for readers (``storage.connection``, ``last_sequence``), and each writer notes its commits.
"""

import sqlalchemy as sa
from alembic import op

from footfall.storage.migrations import server_functions
from footfall.storage.migrations.columns import long_key, text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    embedded = op.get_bind().dialect.name == "sqlite"
    _create_tenancy()
    _create_people(embedded=embedded)
    _create_events(embedded=embedded)
    if embedded:
        _describe_full_tables()
    else:
        _create_notes_of_commits()
        for function in server_functions.every():
            op.execute(sa.text(function).execution_options(no_parameters=True))


def _create_tenancy() -> None:
    op.create_table(
        "workspaces",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("name", text(), nullable=False, unique=True),
        sa.Column("timezone", text(), nullable=False),
        sa.Column("org_id", sa.BigInteger, nullable=False),
        sa.Column("till_id", sa.BigInteger, nullable=False),
        sa.Column("till_code", text(), nullable=False),
        sa.Column("property_key", text(), nullable=False),
        sa.Column("account_id", text(), nullable=False),
        sa.Column("settings", text(), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "credentials",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("kind", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("scopes", text(), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
    )
    op.create_index("credentials_by_workspace", "credentials", ["workspace", "created_at"])
    op.create_table(
        "server_keys",
        sa.Column("name", text(), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "imports",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("rows_done", sa.BigInteger, nullable=False),
        sa.Column("rows_rejected", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "fingerprint"),
    )


def _create_people(*, embedded: bool) -> None:
    op.create_table(
        "customers",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("registered", sa.Boolean, nullable=False),
        sa.Column("external_id", text()),
        sa.Column("email", text()),
        sa.Column("mobile", text()),
        sa.Column("object_id", text()),
        sa.Column("name", text()),
        sa.Column("account_id", text()),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger),
        sa.Column("deleted_at", sa.BigInteger),
        sa.Column("properties", text(), nullable=False),
        sa.Column("details", text(), nullable=False),
        sa.Column("identity_folded", text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("customers_by_identity", "customers", ["workspace", long_key("identity_folded", embedded=embedded)])
    op.create_table(
        "identities",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("kind", text(), nullable=False),
        sa.Column("value", text(), nullable=False),
        sa.Column("customer", sa.BigInteger, nullable=False),
        *([sa.PrimaryKeyConstraint("workspace", "kind", "value")] if embedded else []),
        sqlite_with_rowid=False,
    )
    if not embedded:
        key = ["workspace", "kind", long_key("value", embedded=embedded)]
        op.create_index("identities_by_value", "identities", key, unique=True)
    op.create_index("identities_by_customer", "identities", ["customer"])


def _create_events(*, embedded: bool) -> None:
    op.create_table(
        "event_types",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("folded", text(), nullable=False),
        sa.Column("label", text()),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("workspace", "name"),
    )
    sequence = (
        sa.Column("sequence", sa.Integer, primary_key=True)
        if embedded
        else sa.Column("sequence", sa.BigInteger, nullable=False)
    )
    if not embedded:
        op.execute(sa.schema.CreateSequence(sa.Sequence("events_sequence", cache=1)))
    identifier = (
        sa.Column("id", sa.LargeBinary, nullable=False, unique=True)
        if embedded
        else sa.Column("id", sa.LargeBinary, primary_key=True)
    )
    op.create_table(
        "events",
        sequence,
        identifier,
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("type", sa.Integer, nullable=False),
        sa.Column("customer", sa.BigInteger),
        sa.Column("customer_link", sa.SmallInteger, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("utc_offset", sa.SmallInteger),
        sa.Column("external_id", text()),
        sa.Column("account_id", text()),
        sa.Column("source", text()),
        sa.Column("outlet", text()),
        sa.Column("amount", sa.BigInteger),
        sa.Column("parent_id", sa.LargeBinary),
        sa.Column("member_id", sa.LargeBinary),
        sa.Column("external_member_id", text()),
        sa.Column("unique_key", text()),
        sa.Column("is_duplicate", sa.Boolean, nullable=False),
        sa.Column("captured_by", text(), nullable=False),
        sa.Column("properties", text(), nullable=False),
        sa.Column("session", text()),
        sqlite_autoincrement=True,  # a sequence is never given twice, not even after its event was erased
    )
    # On SQLite the row id, which is the sequence, ends every index by itself.
    tail = [] if embedded else ["sequence"]
    op.create_index("events_by_type", "events", ["workspace", "type", "occurred_at", *tail])
    op.create_index("events_by_customer", "events", ["workspace", "customer", "occurred_at", *tail])
    op.create_index("events_by_time", "events", ["workspace", "occurred_at", *tail])
    only_children = sa.text("parent_id IS NOT NULL")
    op.create_index(
        "events_by_parent", "events", ["parent_id"], sqlite_where=only_children, postgresql_where=only_children
    )
    only_keyed = sa.text("unique_key IS NOT NULL")
    op.create_index(
        "events_by_unique_key",
        "events",
        ["workspace", long_key("unique_key", embedded=embedded)],
        sqlite_where=only_keyed,
        postgresql_where=only_keyed,
    )
    if not embedded:
        op.create_index("events_by_sequence", "events", ["sequence"])


def _create_notes_of_commits() -> None:
    op.create_table(
        "commits",
        sa.Column("writer", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("committed_at", sa.BigInteger, nullable=False),
    )


def _describe_full_tables() -> None:
    """Tells SQLite's planner what full tables look like: rows, then rows per value of each index prefix.

    Without statistics it takes any indexed column for selective, ``workspace`` included, and reads a whole
    workspace where a few ids were asked for. With them, plans depend neither on what is stored nor on when
    somebody ran ANALYZE.
    """
    op.execute("ANALYZE")
    statistics = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    op.execute(sa.delete(statistics))
    for table, index, rows in (
        ("events", "sqlite_autoindex_events_1", "1000000 1"),
        ("events", "events_by_type", "1000000 1000000 50000 2"),
        ("events", "events_by_customer", "1000000 1000000 20 1"),
        ("events", "events_by_time", "1000000 1000000 2"),
        ("events", "events_by_parent", "300000 3"),
        ("events", "events_by_unique_key", "300000 300000 2"),
        ("customers", "sqlite_autoindex_customers_1", "100000 1"),
        ("customers", "customers_by_identity", "100000 100000 1"),
        ("identities", "sqlite_autoindex_identities_1", "200000 200000 100000 1"),
        ("identities", "identities_by_customer", "200000 2"),
        ("event_types", "sqlite_autoindex_event_types_1", "1000 1000 1"),
    ):
        op.execute(sa.insert(statistics).values(tbl=table, idx=index, stat=rows))
