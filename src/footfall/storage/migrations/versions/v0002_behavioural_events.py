"""Capillary's event definitions, webhooks, and the log of what was posted."""

import sqlalchemy as sa
from alembic import op

from footfall.storage.migrations.columns import text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "behavioural_definitions",
        sa.Column("id", sa.LargeBinary, nullable=False),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("label", text()),
        sa.Column("description", text()),
        sa.Column("actions", text(), nullable=False),
        sa.Column("fields", text(), nullable=False),
        sa.Column("is_verified", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("disabled_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("workspace", "name"),
    )
    op.create_table(
        "behavioural_webhooks",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("transformer", text(), nullable=False),
        sa.Column("till_code", text(), nullable=False),
        sa.Column("is_authenticated", sa.Boolean, nullable=False),
        sa.Column("checks_uniqueness", sa.Boolean, nullable=False),
        sa.Column("listens_to_children", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("disabled_at", sa.BigInteger),
    )
    op.create_index("behavioural_webhooks_by_workspace", "behavioural_webhooks", ["workspace", "created_at"])
    op.create_table(
        "behavioural_posts",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("webhook", sa.LargeBinary, nullable=False),
        sa.Column("event_name", text(), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("response_time", sa.BigInteger, nullable=False),
        sa.Column("status", text(), nullable=False),
        sa.Column("message", text(), nullable=False),
        sa.Column("request", text(), nullable=False),
        sa.Column("states", text(), nullable=False),
    )
    op.create_index("behavioural_posts_by_time", "behavioural_posts", ["workspace", "received_at"])
    op.create_index("behavioural_posts_by_name", "behavioural_posts", ["workspace", "event_name", "received_at"])
