"""Databases on the Citus cluster that FOOTFALL_TEST_CITUS_URL names: the URL of any database of its coordinator."""

import psycopg

from footfall.storage.database import Database

_NODES = "SELECT nodename, nodeport, groupid FROM pg_dist_node WHERE noderole = 'primary' ORDER BY groupid"


def create_database(url: str, name: str) -> str:
    """A new database on every node, with the schema distributed; its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        nodes = connection.execute(_NODES).fetchall()
        connection.execute("SET citus.enable_create_database_propagation = on")
        connection.execute(f"CREATE DATABASE {name}".encode())
    host, port = next((host, port) for host, port, group in nodes if group == 0)
    for node, at, _ in nodes:
        with psycopg.connect(_of_database(url, name), host=node, port=at, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS citus")
    with psycopg.connect(_of_database(url, name), autocommit=True) as connection:
        connection.execute("SELECT citus_set_coordinator_host(%s, %s)", (host, port))
        for node, at, group in nodes:
            if group != 0:
                connection.execute("SELECT citus_add_node(%s, %s)", (node, at))
    database = Database(_of_database(url, name))
    database.prepare()
    database.distribute()
    database.close()
    return _of_database(url, name)


def clear_database(url: str) -> None:
    """Empties a database as good as new: making one takes seconds."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = [row[0] for row in connection.execute("SELECT table_name::text FROM citus_tables")]
        connection.execute(f"TRUNCATE {', '.join(tables)}, commits".encode())
        for (sequence,) in connection.execute("SELECT sequencename FROM pg_sequences").fetchall():
            connection.execute("SELECT setval(%s::text::regclass, 1, false)", (sequence,))


def drop_database(url: str, name: str) -> None:
    """Drops it on every node."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET citus.enable_create_database_propagation = on")
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def _of_database(url: str, name: str) -> str:
    return f"{url.rsplit('/', 1)[0]}/{name}"
