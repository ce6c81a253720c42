"""Target groups, rules, periods, enrolments, tracked events, progress."""

import sqlalchemy as sa
from alembic import op

from footfall.storage.migrations.columns import text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    embedded = op.get_bind().dialect.name == "sqlite"
    _create_definitions()
    _create_participation(embedded=embedded)
    if embedded:
        _describe_full_tables()


def _identifier(*, is_key: bool = True) -> sa.Column[int]:
    if not is_key:
        return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)


def _create_definitions() -> None:
    op.create_table(
        "target_groups",
        _identifier(),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("folded", text(), nullable=False),
        sa.Column("description", text()),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("preferred_till_id", sa.BigInteger),
        sa.Column("tracking_type", text(), nullable=False),
        sa.Column("combination_type", text(), nullable=False),
        sa.Column("timezone", text(), nullable=False),
        sa.Column("total_periods", sa.Integer, nullable=False),
        sa.Column("frequency_type", text(), nullable=False),
        sa.Column("frequency", sa.Integer, nullable=False),
        sa.Column("recurring_cycles", sa.Integer, nullable=False),
        sa.Column("user_created", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("workspace", "folded"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "target_periods",
        _identifier(),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("group", sa.BigInteger, nullable=False),
        sa.Column("ref_code", text(), nullable=False),
        sa.Column("description", text()),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("first_day", text(), nullable=False),
        sa.Column("last_day", text(), nullable=False),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("workspace", "group", "ref_code"),
        sqlite_autoincrement=True,
    )
    # What tracking asks: which periods overlap the days of the events at hand?
    op.create_index("target_periods_by_end", "target_periods", ["workspace", "ends_at"])
    op.create_table(
        "target_rules",
        _identifier(),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("group", sa.BigInteger, nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("description", text()),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("type", text(), nullable=False),
        sa.Column("expression", text(), nullable=False),
        sa.Column("enrolment_method", text(), nullable=False),
        sa.Column("created_after", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("target_rules_by_group", "target_rules", ["workspace", "group"])
    op.create_table(
        "target_goals",
        _identifier(),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("group", sa.BigInteger, nullable=False),
        sa.Column("rule", sa.BigInteger, nullable=False),
        sa.Column("period", sa.BigInteger, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("target_goals_by_group", "target_goals", ["workspace", "group"])


def _create_participation(*, embedded: bool) -> None:
    op.create_table(
        "enrolments",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("customer", sa.BigInteger, nullable=False),
        sa.Column("rule", sa.BigInteger, nullable=False),
        sa.Column("period", sa.BigInteger, nullable=False),
        sa.Column("since", sa.BigInteger),
        sa.Column("enrolled", sa.Boolean, nullable=False),
        sa.Column("enrolled_by", text(), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "customer", "rule"),
        sqlite_with_rowid=False,
    )
    # The key is the order in which a customer's tracked events are read, so that a page is one range of it; an
    # event's instant never changes, so it also keeps an event from counting twice.
    op.create_table(
        "tracked_events",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("customer", sa.BigInteger, nullable=False),
        sa.Column("rule", sa.BigInteger, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("group", sa.BigInteger, nullable=False),
        sa.Column("period", sa.BigInteger, nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("display_name", text()),
        sa.Column("unique_id", text(), nullable=False),
        sa.Column("processed_at", sa.BigInteger, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "customer", "rule", "occurred_at", "sequence"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "tracked_events_by_period",
        "tracked_events",
        ["workspace", "customer", "rule", "period", "occurred_at", "sequence"],
    )
    # The sum stands in two columns, whole units and millionths, so that no sum of amounts leaves 64 bits.
    op.create_table(
        "target_progress",
        _identifier(is_key=embedded),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("customer", sa.BigInteger, nullable=False),
        sa.Column("rule", sa.BigInteger, nullable=False),
        sa.Column("period", sa.BigInteger, nullable=False),
        sa.Column("whole", sa.BigInteger, nullable=False),
        sa.Column("millionths", sa.BigInteger, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("enrolled_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        (sa.UniqueConstraint if embedded else sa.PrimaryKeyConstraint)("workspace", "customer", "rule", "period"),
        sqlite_autoincrement=True,
    )


def _describe_full_tables() -> None:
    """As in v0001: plans must not depend on what is stored, nor on when somebody ran ANALYZE."""
    statistics = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    for table, index, rows in (
        ("target_periods", "sqlite_autoindex_target_periods_1", "10000 1000 12 1"),
        ("target_periods", "target_periods_by_end", "10000 1000 4"),
        ("target_rules", "target_rules_by_group", "1000 100 2"),
        ("target_goals", "target_goals_by_group", "10000 1000 12"),
        ("enrolments", "sqlite_autoindex_enrolments_1", "200000 200000 2 1"),
        ("tracked_events", "sqlite_autoindex_tracked_events_1", "1000000 1000000 40 20 2 1"),
        ("tracked_events", "tracked_events_by_period", "1000000 1000000 40 20 4 2 1"),
        ("target_progress", "sqlite_autoindex_target_progress_1", "400000 400000 10 5 1"),
    ):
        op.execute(sa.insert(statistics).values(tbl=table, idx=index, stat=rows))
