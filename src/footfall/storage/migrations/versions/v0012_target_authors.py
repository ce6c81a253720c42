"""Who made, and who changed last, the parts of target groups: at which till."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "target_authors",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("group", sa.BigInteger, nullable=False),
        sa.Column("part", sa.SmallInteger, nullable=False),
        sa.Column("id", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.BigInteger),
        sa.Column("modified_by", sa.BigInteger),
        sa.PrimaryKeyConstraint("workspace", "group", "part", "id"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        # As in v0001: plans must not depend on what is stored, nor on when somebody ran ANALYZE.
        statistics = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
        index = "sqlite_autoindex_target_authors_1"
        op.execute(sa.insert(statistics).values(tbl="target_authors", idx=index, stat="10000 1000 10 4 1"))
