"""Customers and what is told of them; an event's place below its ancestors; members; what tokens and types lacked.

The system's own events of customers are a log of their own, which captured events and their indexes never meet.
"""

import sqlalchemy as sa
from alembic import op

from footfall.storage.migrations.columns import long_key, text

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

_PLACES = """
    WITH RECURSIVE place (id, level, root_id) AS (
        SELECT child.id, 1, root.id FROM events AS root JOIN events AS child ON child.parent_id = root.id
        WHERE root.parent_id IS NULL
        UNION ALL
        SELECT child.id, place.level + 1, place.root_id FROM place JOIN events AS child ON child.parent_id = place.id
    )
    UPDATE events SET level = place.level, root_id = place.root_id FROM place WHERE place.id = events.id
"""


# What PostgreSQL's parser takes for words of a JSON text, escapes resolved where they can be: see ``model.words``.
_HAS_WORDS = r"""
CREATE FUNCTION footfall_json_has_words(document text, asked text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    words tsquery := plainto_tsquery('simple', footfall_casefold(asked));
    readable text := document;
BEGIN
    IF numnode(words) = 0 THEN
        RETURN false;
    END IF;
    IF position('\' IN document) > 0 THEN
        BEGIN
            readable := footfall_readable(document)::jsonb::text;
        EXCEPTION WHEN others THEN
            readable := document;
        END;
    END IF;
    RETURN to_tsvector('simple', footfall_casefold(left(readable, 250000))) @@ words;
END
$$
"""


def upgrade() -> None:
    embedded = op.get_bind().dialect.name == "sqlite"
    _create_customer_events(embedded=embedded)
    _create_members(embedded=embedded)
    _place_events(embedded=embedded)
    living = "registered = 1" if embedded else "registered"
    shown = sa.text(f"{living} AND deleted_at IS NULL")
    op.create_index(
        "customers_by_creation",
        "customers",
        ["workspace", "created_at", "number"],
        sqlite_where=shown,
        postgresql_where=shown,
    )
    op.add_column("event_types", sa.Column("label_selector", text()))
    op.add_column("event_types", sa.Column("modified_at", sa.BigInteger))
    op.add_column("credentials", sa.Column("modified_at", sa.BigInteger))
    op.add_column("credentials", sa.Column("last_used_at", sa.BigInteger))
    if embedded:
        _describe_full_tables()
    else:
        op.execute(sa.text(_HAS_WORDS).execution_options(no_parameters=True))


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


def _create_members(*, embedded: bool) -> None:
    op.create_table(
        "members",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("customer", sa.BigInteger, nullable=False),
        sa.Column("email", text(), nullable=False),
        sa.Column("name", text()),
        sa.Column("external_id", text()),
        sa.Column("role", text(), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger),
    )
    email = long_key("email", embedded=embedded)
    op.create_index("members_by_email", "members", ["workspace", "customer", email], unique=True)
    op.create_index("members_by_creation", "members", ["workspace", "created_at"])


def _place_events(*, embedded: bool) -> None:
    """``level``: how many ancestors; ``root_id``: the first of them. Both are empty for an event without a parent."""
    op.add_column("events", sa.Column("level", sa.Integer))
    op.add_column("events", sa.Column("root_id", sa.LargeBinary))
    op.execute(_PLACES)
    op.drop_index("events_by_parent", "events")
    only_children = sa.text("parent_id IS NOT NULL")
    op.create_index(
        "events_by_parent",
        "events",
        ["parent_id", "occurred_at", *([] if embedded else ["sequence"])],
        sqlite_where=only_children,
        postgresql_where=only_children,
    )


def _describe_full_tables() -> None:
    """As in v0001: plans must not depend on what is stored, nor on when somebody ran ANALYZE."""
    statistics = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    op.execute(sa.delete(statistics).where(statistics.c.idx == "events_by_parent"))
    for table, index, rows in (
        ("events", "events_by_parent", "300000 3 1"),
        ("customer_events", "sqlite_autoindex_customer_events_1", "200000 1"),
        ("customer_events", "customer_events_by_type", "200000 200000 60000 2"),
        ("customer_events", "customer_events_by_customer", "200000 200000 2 1"),
        ("customers", "customers_by_creation", "100000 100000 2 1"),
        ("members", "sqlite_autoindex_members_1", "100000 1"),
        ("members", "members_by_email", "100000 100000 3 1"),
        ("members", "members_by_creation", "100000 100000 2"),
    ):
        op.execute(sa.insert(statistics).values(tbl=table, idx=index, stat=rows))
