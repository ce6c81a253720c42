"""Families of events; accounts, which are also the dictionary of all account ids that events bear; their indexes.

An account's id has at most 512 characters, so that a server's index holds it. A sent event key is found whatever its
letter case by an index of its ASCII lower case; keys with other letters, of which folding knows more than that, all
stand under one entry and are compared one by one.
"""

import sqlalchemy as sa
from alembic import op

from footfall.storage.migrations.columns import long_key, text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ONLY_KEYED = "captured_by = 'gainsight_px' AND external_id IS NOT NULL"
_KEY = {
    "sqlite": "CASE WHEN external_id GLOB '*[^' || char(1) || '-' || char(127) || ']*' THEN ''"
    " ELSE lower(external_id) END",
    "postgresql": "md5(CASE WHEN octet_length(external_id) > length(external_id) THEN '' ELSE lower(external_id) END)",
}


def upgrade() -> None:
    engine = op.get_bind().dialect.name
    embedded = engine == "sqlite"
    _add_families(embedded=embedded)
    _create_accounts(embedded=embedded)
    account = "account_id" if embedded else sa.text("account_id NULLS FIRST")
    op.create_index("events_by_account", "events", ["workspace", account, "occurred_at", "sequence", "type"])
    only_keyed = sa.text(_ONLY_KEYED)
    op.create_index(
        "events_by_key",
        "events",
        ["workspace", sa.text(f"({_KEY[engine]})")],
        sqlite_where=only_keyed,
        postgresql_where=only_keyed,
    )
    _create_denied(embedded=embedded)
    if embedded:
        _describe_full_tables()
    else:
        op.execute(
            "CREATE UNLOGGED TABLE quotas_used (key bigint NOT NULL, ends_at bigint NOT NULL, used bigint NOT NULL,"
            " PRIMARY KEY (key, ends_at))"
        )


def _create_denied(*, embedded: bool) -> None:
    """Customers, by their external ids, whose events are ignored."""
    op.create_table(
        "denied_customers",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("external_id", text(), nullable=False),
        sa.Column("denied_at", sa.BigInteger, nullable=False),
        *([sa.PrimaryKeyConstraint("workspace", "external_id")] if embedded else []),
        sqlite_with_rowid=False,
    )
    if not embedded:
        key = ["workspace", long_key("external_id", embedded=embedded)]
        op.create_index("denied_customers_by_id", "denied_customers", key, unique=True)


def _add_families(*, embedded: bool) -> None:
    """A name may be borne by events of several families."""
    if not embedded:
        op.add_column("event_types", sa.Column("family", text(), nullable=False, server_default="custom"))
        op.drop_constraint("event_types_workspace_name_key", "event_types")
        op.create_unique_constraint("event_types_by_name", "event_types", ["workspace", "family", "name"])
        return
    op.drop_index("event_types_by_folded")
    op.rename_table("event_types", "event_types_before")
    op.create_table(
        "event_types",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("folded", text(), nullable=False),
        sa.Column("label", text()),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("family", text(), nullable=False, server_default="custom"),
        sa.UniqueConstraint("workspace", "family", "name"),
    )
    columns = "number, workspace, name, folded, label, created_at"
    op.execute(f"INSERT INTO event_types ({columns}) SELECT {columns} FROM event_types_before")
    op.drop_table("event_types_before")
    op.create_index("event_types_by_folded", "event_types", ["workspace", "folded"])


def _create_accounts(*, embedded: bool) -> None:
    op.create_table(
        "accounts",
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("id", text(), nullable=False),
        sa.Column("folded", text(), nullable=False),
        sa.Column("registered", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.BigInteger),
        sa.Column("deleted_at", sa.BigInteger),
        sa.Column("fields", text(), nullable=False),
        sa.Column("properties", text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "id"),
        sqlite_with_rowid=False,
    )
    # So that an account's customers are counted without looking at all.
    of_an_account = sa.text("account_id IS NOT NULL")
    op.create_index(
        "customers_by_account",
        "customers",
        ["workspace", long_key("account_id", embedded=embedded)],
        sqlite_where=of_an_account,
        postgresql_where=of_an_account,
    )
    op.create_index("accounts_by_folded", "accounts", ["workspace", long_key("folded", embedded=embedded)])
    if embedded:
        driver = op.get_bind().connection.driver_connection
        assert driver is not None
        driver.create_function("footfall_casefold", 1, str.casefold, deterministic=True)
    op.execute(
        "INSERT INTO accounts (workspace, id, folded, registered, created_at, fields, properties)"
        " SELECT workspace, account_id, footfall_casefold(account_id), false, min(received_at), '{}', '{}' FROM events"
        " WHERE account_id <> '' AND length(account_id) <= 512 GROUP BY workspace, account_id"
    )


def _describe_full_tables() -> None:
    """As in v0001: plans must not depend on what is stored, nor on when somebody ran ANALYZE."""
    statistics = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    for table, index, rows in (
        ("event_types", "sqlite_autoindex_event_types_1", "1000 1000 500 1"),
        ("event_types", "event_types_by_folded", "1000 1000 1"),
        ("accounts", "sqlite_autoindex_accounts_1", "10000 10000 1"),
        ("denied_customers", "sqlite_autoindex_denied_customers_1", "1000 1000 1"),
        ("accounts", "accounts_by_folded", "10000 10000 1"),
        ("customers", "customers_by_account", "50000 50000 20"),
        ("events", "events_by_account", "1000000 1000000 1000 2 1 1"),
        ("events", "events_by_key", "300000 300000 2"),
    ):
        op.execute(sa.delete(statistics).where(statistics.c.idx == index))
        op.execute(sa.insert(statistics).values(tbl=table, idx=index, stat=rows))
