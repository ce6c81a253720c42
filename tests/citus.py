"""Databases on the Citus cluster that FOOTFALL_TEST_CITUS_URL names: the URL of any database of its coordinator."""

import psycopg

from footfall.storage.database import Database

_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"
_NODES = "SELECT nodename, nodeport, groupid FROM pg_dist_node WHERE noderole = 'primary' ORDER BY groupid"


def create_database(cluster_url: str, name: str) -> str:
    """A new database on every node, with the schema distributed; its URL."""
    url = create_alone(cluster_url, name)
    join(cluster_url, name)
    database = Database(url)
    database.prepare()
    database.distribute()
    database.close()
    return url


def create_alone(cluster_url: str, name: str) -> str:
    """A new database of this name on every node, none of which knows of the others yet; the coordinator's URL."""
    for host, port, _ in _nodes(cluster_url):
        with psycopg.connect(cluster_url, host=host, port=port, autocommit=True) as connection:
            connection.execute("SET client_min_messages = warning")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    return _of_database(cluster_url, name)


def join(cluster_url: str, name: str) -> None:
    """Makes a cluster of databases that were created alone."""
    url = _of_database(cluster_url, name)
    nodes = _nodes(cluster_url)
    for host, port, _ in nodes:
        with psycopg.connect(url, host=host, port=port, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION citus")
    with psycopg.connect(url, autocommit=True) as connection:
        for host, port, group in nodes:
            function = "citus_add_node" if group else "citus_set_coordinator_host"
            connection.execute(f"SELECT {function}(%s, %s)".encode(), (host, port))


def clear_database(url: str) -> None:
    """Empties a database as good as new: making one takes seconds."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = [row[0] for row in connection.execute("SELECT table_name::text FROM citus_tables")]
        connection.execute(f"TRUNCATE {', '.join(tables)}, commits".encode())
        for (sequence,) in connection.execute(_SEQUENCES).fetchall():
            connection.execute("SELECT setval(%s::text::regclass, 1, false)", (sequence,))


def drop_database(cluster_url: str, name: str) -> None:
    """Drops it on every node."""
    for host, port, _ in _nodes(cluster_url):
        with psycopg.connect(cluster_url, host=host, port=port, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def _nodes(cluster_url: str) -> list[tuple[str, int, int]]:
    with psycopg.connect(cluster_url, autocommit=True) as connection:
        return connection.execute(_NODES).fetchall()


def _of_database(url: str, name: str) -> str:
    return f"{url.rsplit('/', 1)[0]}/{name}"
