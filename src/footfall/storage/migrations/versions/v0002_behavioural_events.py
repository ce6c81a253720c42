"""Capillary's event definitions, webhooks, and the log of what was posted."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "behavioural_definitions",
        sa.Column("id", sa.LargeBinary, nullable=False),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("description", sa.Text),
        sa.Column("actions", sa.Text, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("is_verified", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("disabled_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("workspace", "name"),
    )
    op.create_table(
        "behavioural_webhooks",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("transformer", sa.Text, nullable=False),
        sa.Column("till_code", sa.Text, nullable=False),
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
        sa.Column("event_name", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("response_time", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("states", sa.Text, nullable=False),
    )
    op.create_index("behavioural_posts_by_time", "behavioural_posts", ["workspace", "received_at"])
    op.create_index("behavioural_posts_by_name", "behavioural_posts", ["workspace", "event_name", "received_at"])
