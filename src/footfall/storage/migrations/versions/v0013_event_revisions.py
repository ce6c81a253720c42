"""How often stored events have changed, so that what a process remembers of them can be told from what has passed."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_revisions",
        sa.Column("workspace", sa.Integer, primary_key=True),
        sa.Column("erased", sa.BigInteger, nullable=False),
        sa.Column("renamed", sa.BigInteger, nullable=False),
    )
