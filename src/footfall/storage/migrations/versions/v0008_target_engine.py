"""Every kind of rule, streaks, milestones, cycles of each customer's own; narrower tracked events.

What was tracked is kept: entries of enrolments move to a table of their own.
"""

import sqlalchemy as sa
from alembic import op

from footfall.model import amount
from footfall.storage.migrations.columns import text

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

_ALWAYS = '{"arity":"literal","value":"true","type":"boolean:primitive"}'
_OPEN = 2**62


def upgrade() -> None:
    embedded = op.get_bind().dialect.name == "sqlite"
    if embedded:
        op.execute("DELETE FROM sqlite_stat1 WHERE tbl IN ('target_periods', 'tracked_events', 'target_progress')")
    _widen_definitions(embedded=embedded)
    _create_steps()
    _widen_participation()
    _narrow_tracked_events()
    if embedded:
        _describe_full_tables()


def _identifier() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)


def _widen_definitions(*, embedded: bool) -> None:
    op.add_column(
        "target_groups", sa.Column("evaluation_type", text(), nullable=False, server_default="FIXED_CALENDAR_WINDOW")
    )
    for name, default in (
        ("entity", "TRANSACTION"),
        ("event_name", "TransactionAdd"),
        ("aggregate", "SUM"),
        ("filters", "[]"),
        ("expression_text", "true"),
    ):
        op.add_column("target_rules", sa.Column(name, text(), nullable=False, server_default=default))
    op.add_column("target_rules", sa.Column("field_name", text()))
    # What tracking asks first: which rules count events of these names?
    op.create_index("target_rules_by_event", "target_rules", ["workspace", "event_name"])
    if embedded:
        _let_periods_have_no_days()
    else:
        op.alter_column("target_periods", "first_day", nullable=True)
        op.alter_column("target_periods", "last_day", nullable=True)
        op.drop_index("target_periods_by_end", "target_periods")


def _let_periods_have_no_days() -> None:
    """SQLite cannot take a NOT NULL back."""
    op.rename_table("target_periods", "target_periods_before")
    op.drop_index("target_periods_by_end", "target_periods_before")
    op.create_table(
        "target_periods",
        _identifier(),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("group", sa.BigInteger, nullable=False),
        sa.Column("ref_code", text(), nullable=False),
        sa.Column("description", text()),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("first_day", text()),
        sa.Column("last_day", text()),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("workspace", "group", "ref_code"),
        sqlite_autoincrement=True,
    )
    op.execute("INSERT INTO target_periods SELECT * FROM target_periods_before")
    op.drop_table("target_periods_before")


def _create_steps() -> None:
    op.create_table(
        "target_milestones",
        _identifier(),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("group", sa.BigInteger, nullable=False),
        sa.Column("rule", sa.BigInteger, nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("target_milestones_by_group", "target_milestones", ["workspace", "group"])
    op.create_table(
        "streak_levels",
        _identifier(),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("group", sa.BigInteger, nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("streak_levels_by_group", "streak_levels", ["workspace", "group"])


def _widen_participation() -> None:
    op.add_column("enrolments", sa.Column("streak_since", sa.BigInteger))
    op.add_column("enrolments", sa.Column("anchor", sa.BigInteger))
    op.add_column("enrolments", sa.Column("cycle", sa.Integer, nullable=False, server_default="1"))
    op.add_column("target_progress", sa.Column("entries", sa.Integer, nullable=False, server_default="0"))
    for name, default in (("first_at", _OPEN), ("last_at", -_OPEN)):
        column = sa.Column(name, sa.BigInteger, nullable=False, server_default=sa.text(str(default)))
        op.add_column("target_progress", column)
    for name in ("achieved_at", "achieved_by", "goal", "last_by"):
        op.add_column("target_progress", sa.Column(name, sa.BigInteger))
    op.create_table(
        "enrolment_entries",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("customer", sa.BigInteger, nullable=False),
        sa.Column("rule", sa.BigInteger, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("period", sa.BigInteger, nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("progress", sa.BigInteger, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Column("since", sa.BigInteger),
        sa.PrimaryKeyConstraint("workspace", "customer", "rule", "occurred_at", "sequence"),
        sqlite_with_rowid=False,
    )
    # The first event of a day in a period opens it: whoever inserts the row has made the visit.
    op.create_table(
        "target_visits",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("customer", sa.BigInteger, nullable=False),
        sa.Column("rule", sa.BigInteger, nullable=False),
        sa.Column("period", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "customer", "rule", "period", "day"),
        sqlite_with_rowid=False,
    )


def _narrow_tracked_events() -> None:
    op.rename_table("tracked_events", "tracked_events_before")
    op.drop_index("tracked_events_by_period", "tracked_events_before")
    # The key is the order in which a customer's tracked events are read, so that a page is one range of it; an
    # event's instant never changes, so it also keeps an event from counting twice. There is no index by period: the
    # times of a period's events stand in target_progress, and each index here costs every capture that counts.
    op.create_table(
        "tracked_events",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("customer", sa.BigInteger, nullable=False),
        sa.Column("rule", sa.BigInteger, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("period", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("display_name", text()),
        sa.Column("event", sa.LargeBinary),
        sa.Column("processed_at", sa.BigInteger, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Column("counted", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "customer", "rule", "occurred_at", "sequence", name="tracked_events_key"),
        sqlite_with_rowid=False,
    )
    of_enrolments = "name IN ('ENROL', 'UNENROL')"
    op.execute(
        "INSERT INTO tracked_events SELECT workspace, customer, rule, occurred_at, sequence, period,"
        " CASE WHEN name = 'RETURN_BILL' THEN 1 ELSE 0 END, NULL, NULL, processed_at, value, value"
        f" FROM tracked_events_before WHERE NOT {of_enrolments}"
    )
    op.execute(
        "INSERT INTO enrolment_entries SELECT t.workspace, t.customer, t.rule, t.occurred_at, t.sequence, t.period,"
        " t.name, CAST(t.unique_id AS BIGINT), t.value, p.starts_at"
        " FROM tracked_events_before AS t JOIN target_periods AS p ON p.id = t.period"
        f" WHERE t.{of_enrolments}"
    )
    _note_achievements()
    op.drop_table("tracked_events_before")
    _count_entries()


def _note_achievements() -> None:
    """When each goal was reached: by the first event, in order of arrival, with which the sum came to it.

    The sums of whole units and of millionths are apart, because no sum of amounts may leave 64 bits.
    """
    unit = amount.MILLIONTHS
    rest = f"((f.rest % {unit} + {unit}) % {unit})"  # whichever sign the sum has
    whole = f"(f.whole + (f.rest - {rest}) / {unit})"
    op.execute(
        "UPDATE target_progress AS p SET achieved_at = r.occurred_at, achieved_by = r.sequence FROM ("
        " SELECT f.workspace, f.customer, f.rule, f.period, f.sequence, f.occurred_at,"
        " row_number() OVER (PARTITION BY f.workspace, f.customer, f.rule, f.period ORDER BY f.sequence) AS place"
        " FROM (SELECT workspace, customer, rule, period, sequence, occurred_at,"
        f" CAST(sum(value / {unit}) OVER arrived AS BIGINT) AS whole,"
        f" CAST(sum(value % {unit}) OVER arrived AS BIGINT) AS rest FROM tracked_events_before"
        " WINDOW arrived AS (PARTITION BY workspace, customer, rule, period ORDER BY sequence)) AS f"
        " JOIN target_goals AS g ON g.workspace = f.workspace AND g.rule = f.rule AND g.period = f.period"
        f" WHERE g.value > 0 AND ({whole} > g.value / {unit}"
        f" OR ({whole} = g.value / {unit} AND {rest} >= g.value % {unit}))"
        ") AS r WHERE r.place = 1 AND r.workspace = p.workspace AND r.customer = p.customer AND r.rule = p.rule"
        " AND r.period = p.period"
    )


def _count_entries() -> None:
    of_place = "x.workspace = p.workspace AND x.customer = p.customer AND x.rule = p.rule AND x.period = p.period"
    entries = f"(SELECT count(*) FROM enrolment_entries AS x WHERE {of_place})"
    op.execute(f"UPDATE target_progress AS p SET entries = {entries}, events = p.events - {entries}")
    for column, extreme, open_ in (("first_at", "min", _OPEN), ("last_at", "max", -_OPEN)):
        found = f"(SELECT {extreme}(x.occurred_at) FROM tracked_events AS x WHERE {of_place})"
        op.execute(f"UPDATE target_progress AS p SET {column} = coalesce({found}, {open_})")


def _describe_full_tables() -> None:
    """As in v0001: plans must not depend on what is stored, nor on when somebody ran ANALYZE."""
    statistics = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    for table, index, rows in (
        ("target_periods", "sqlite_autoindex_target_periods_1", "10000 1000 12 1"),
        ("target_rules", "target_rules_by_event", "1000 100 10"),
        ("target_milestones", "target_milestones_by_group", "1000 100 4"),
        ("streak_levels", "streak_levels_by_group", "1000 100 4"),
        ("enrolment_entries", "sqlite_autoindex_enrolment_entries_1", "200000 200000 4 2 1 1"),
        ("target_visits", "sqlite_autoindex_target_visits_1", "1000000 1000000 20 10 4 1"),
        ("tracked_events", "sqlite_autoindex_tracked_events_1", "1000000 1000000 40 20 2 1"),
        ("target_progress", "sqlite_autoindex_target_progress_1", "400000 400000 10 5 1"),
    ):
        op.execute(sa.insert(statistics).values(tbl=table, idx=index, stat=rows))
