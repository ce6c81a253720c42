"""Posts that wait to be made into events; which events count towards targets; changes of definitions."""

import sqlalchemy as sa
from alembic import op

from footfall.storage.migrations.columns import text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The characters between words are those of ``model.text.SEPARATORS``.
_HAS_WORDS = r"""
CREATE FUNCTION footfall_has_words(value text, words text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    separators text := (
        SELECT string_agg(chr(code), '') FROM generate_series(1, 127) AS code WHERE chr(code) !~ '[0-9A-Za-z_]'
    );
    apart text := ' ' || translate(footfall_casefold(value), separators, repeat(' ', length(separators))) || ' ';
    word text;
BEGIN
    FOREACH word IN ARRAY words LOOP
        IF coalesce(strpos(apart, ' ' || word || ' '), 0) = 0 THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "behavioural_queue",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("webhook", sa.LargeBinary, nullable=False),
        sa.Column("owner", sa.LargeBinary, nullable=False),
        sa.Column("event_name", text(), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("request", text(), nullable=False),
    )
    op.create_index("behavioural_queue_by_owner", "behavioural_queue", ["owner", "received_at"])
    op.create_index("behavioural_queue_by_time", "behavioural_queue", ["received_at"])
    op.create_table(
        "behavioural_changes",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("event_name", text(), nullable=False),
        sa.Column("action", text(), nullable=False),
        sa.Column("changed_by", text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("before", text()),
        sa.Column("after", text()),
    )
    op.create_index("behavioural_changes_by_name", "behavioural_changes", ["workspace", "event_name", "changed_at"])
    op.create_index("behavioural_changes_by_time", "behavioural_changes", ["workspace", "changed_at"])
    op.create_table(
        "behavioural_adapters",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("transformer", text(), nullable=False),
        sa.Column("event_name", text(), nullable=False),
        sa.Column("mapping", text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "transformer", "event_name"),
    )
    if op.get_bind().dialect.name != "sqlite":
        op.execute(sa.text(_HAS_WORDS).execution_options(no_parameters=True))
    op.add_column("events", sa.Column("counts", sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column(
        "behavioural_definitions", sa.Column("is_standard", sa.Boolean, nullable=False, server_default=sa.false())
    )
