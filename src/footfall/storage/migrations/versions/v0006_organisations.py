"""Stores, tills and access groups; what only one kind of credential has."""

import sqlalchemy as sa
from alembic import op

from footfall.storage.migrations.columns import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("credentials", sa.Column("details", text(), nullable=False, server_default="{}"))
    op.create_table(
        "stores",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("id", sa.BigInteger, nullable=False),
        sa.Column("code", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("external_id", text()),
        sa.Column("external_id_1", text()),
        sa.Column("external_id_2", text()),
        sa.Column("zone", text()),
        sa.Column("concept", text()),
        sa.Column("access_group", sa.BigInteger),
        sa.PrimaryKeyConstraint("workspace", "id"),
        sa.UniqueConstraint("workspace", "code"),
    )
    op.create_table(
        "tills",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("id", sa.BigInteger, nullable=False),
        sa.Column("code", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("description", text(), nullable=False),
        sa.Column("store", sa.BigInteger),
        sa.Column("wechat", text()),
        sa.Column("mobile_trigger", text()),
        sa.PrimaryKeyConstraint("workspace", "id"),
        sa.UniqueConstraint("workspace", "code"),
    )
    op.create_index("tills_by_store", "tills", ["workspace", "store"])
    for name in ("wechat", "mobile_trigger"):
        op.create_index(f"tills_by_{name}", "tills", ["workspace", name], unique=True)  # nulls are all different
    op.create_table(
        "access_groups",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("id", sa.BigInteger, nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.Column("permissions", text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "id"),
        sa.UniqueConstraint("workspace", "name"),
    )
