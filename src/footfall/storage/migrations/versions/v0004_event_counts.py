"""Counts of events per type and bucket of time, with all that is stored counted; event types by folded name.

What stands here of levels and widths is what ``storage.time_buckets`` said when this version was made.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_HOUR = 3_600_000_000  # microseconds
_ALL_TYPES = 0
_RATIOS = (8, 32, 32)  # how many buckets of a level make one of the next


def upgrade() -> None:
    op.create_table(
        "event_counts",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("type", sa.Integer, nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("bucket", sa.BigInteger, nullable=False),
        sa.Column("slot", sa.SmallInteger, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "type", "level", "bucket", "slot"),
        sqlite_with_rowid=False,
    )
    embedded = op.get_bind().dialect.name == "sqlite"
    # A server's index has no room for the longest names; a workspace's names are few.
    op.create_index("event_types_by_folded", "event_types", ["workspace", "folded"] if embedded else ["workspace"])
    _count_what_is_stored()
    if embedded:
        _describe_full_tables()


def _count_what_is_stored() -> None:
    """All types by the hour, single types by eight hours, then each level from the one before."""
    into = "INSERT INTO event_counts (workspace, type, level, bucket, slot, events)"
    hours = _floor("occurred_at", _HOUR)
    op.execute(
        f"{into} SELECT workspace, {_ALL_TYPES}, 0, {hours}, 0, count(*) FROM events GROUP BY workspace, {hours}"
    )
    eighths = _floor("occurred_at", _HOUR * _RATIOS[0])
    op.execute(
        f"{into} SELECT workspace, type, 1, {eighths}, 0, count(*) FROM events GROUP BY workspace, type, {eighths}"
    )
    for level, ratio in enumerate(_RATIOS):
        wider = _floor("bucket", ratio)
        of = f"level = {level}" if level else f"level = {level} AND type = {_ALL_TYPES}"
        op.execute(
            f"{into} SELECT workspace, type, {level + 1}, {wider}, 0, sum(events) FROM event_counts"
            f" WHERE {of} GROUP BY workspace, type, {wider}"
        )


def _floor(column: str, width: int) -> str:
    """SQL's division cuts towards zero; ours must floor also before 1970."""
    return f"({column} - (({column} % {width}) + {width}) % {width}) / {width}"


def _describe_full_tables() -> None:
    """As in v0001: plans must not depend on what is stored, nor on when somebody ran ANALYZE."""
    statistics = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    for table, index, rows in (
        ("event_counts", "sqlite_autoindex_event_counts_1", "100000 100000 5000 2000 1 1"),
        ("event_types", "event_types_by_folded", "1000 1000 1"),
    ):
        op.execute(sa.insert(statistics).values(tbl=table, idx=index, stat=rows))
