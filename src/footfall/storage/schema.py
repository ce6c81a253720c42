"""Which schema version a database has, and bringing it up to date.

Alembic is imported only when there is something to do: a server that starts on an up-to-date database reads one
row instead.
"""

from pathlib import Path

import sqlalchemy as sa

LATEST = "0003"

_MIGRATIONS = Path(__file__).parent / "migrations"


def current_version(engine: sa.Engine) -> str | None:
    """The version in the database, or None for an empty one."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        version: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return version


def upgrade(engine: sa.Engine) -> None:
    """Applies every migration that is missing, in one transaction where the engine allows it."""
    if current_version(engine) == LATEST:
        return
    from alembic import command  # noqa: PLC0415  (see the module's docstring)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("version_path_separator", "os")
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # Two processes that start together must not both create the tables.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
