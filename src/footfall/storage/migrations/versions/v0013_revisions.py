"""How often what was stored has been changed afterwards, for whoever remembers what he found in it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revisions",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("slot", sa.SmallInteger, nullable=False),
        sa.Column("customers", sa.BigInteger, nullable=False),
        sa.Column("erased", sa.BigInteger, nullable=False),
        sa.Column("renamed", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "slot"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        statistics = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
        op.execute(sa.insert(statistics).values(tbl="revisions", idx="sqlite_autoindex_revisions_1", stat="1000 1 1"))
