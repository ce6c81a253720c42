"""Which schema version a database has, and bringing it up to date.

Alembic is imported only when there is something to do: a server that starts on an up-to-date database reads one
row instead.
"""

from pathlib import Path

import sqlalchemy as sa

LATEST = "0013"

_UPGRADE_LOCK = 0x466F6F7466616C6C
_MIGRATIONS = Path(__file__).parent / "migrations"


class UnknownSchema(ValueError):  # noqa: N818
    """The database is not one that this version of Footfall can use; the message says why. It was not changed."""


def current_version(engine: sa.Engine) -> str | None:
    """The version in the database, or None for an empty one. Raises UnknownSchema; changes nothing."""
    with engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()  # one look: another process may be creating them
        if not tables:
            return None
        if "alembic_version" not in tables or "workspaces" not in tables:
            raise UnknownSchema(f"it is another program's database: it has a table {tables[0]!r}")
        version: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    if version not in {path.name[1:5] for path in _MIGRATIONS.glob("versions/v*.py")}:
        raise UnknownSchema(
            f"its schema version is {version}, and this Footfall knows those up to {LATEST}: "
            "a newer Footfall has written it; use that one"
        )
    return version


def upgrade(engine: sa.Engine) -> None:
    """Applies every migration that is missing, in one transaction where the engine allows it. Raises UnknownSchema."""
    if current_version(engine) == LATEST:
        return
    from alembic import command  # noqa: PLC0415  (see the module's docstring)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("version_path_separator", "os")
    with engine.connect() as connection:
        # Two processes that start together must not both create the tables.
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
