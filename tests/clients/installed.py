"""Installs real clients when a test first asks for them; every later run finds them where they are.

A folder beside this file is a client: ``requirements.lock`` makes a virtual environment, ``package-lock.json`` a folder
of Node packages (Node itself comes from a Python package). They go to ``.clients`` in the project's root, under a name
that changes with the lock file. What cannot be installed fails the test that needs it, with the installer's words.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

LOCKS = Path(__file__).parent
PLACES = LOCKS.parents[1] / ".clients"
INSTALL_SECONDS = 600


def python(client: str) -> Path:
    """The folder of programs (``python`` among them) of the environment that ``client`` is installed in."""
    lock = LOCKS / client / "requirements.lock"
    return _installed(client, lock, lambda place: _install_python(lock, place)) / "bin"


def node(client: str) -> Path:
    """The folder with ``node_modules`` that ``client`` is installed in: where its scripts are to run."""
    lock = LOCKS / client / "package-lock.json"
    return _installed(client, lock, lambda place: _install_node(lock, place))


def node_program() -> Path:
    """Node."""
    return python("nodejs") / "node"


def _installed(client: str, lock: Path, install: Callable[[Path], None]) -> Path:
    digest = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
    place = PLACES / f"{client}-{digest}"
    done = place / "installed"
    if done.exists():
        return place
    PLACES.mkdir(exist_ok=True)
    with (PLACES / f"{client}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # tests run in several processes
        if not done.exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            install(place)
            done.touch()
    return place


def _install_python(lock: Path, place: Path) -> None:
    _run([sys.executable, "-m", "venv", str(place)], place)
    pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--require-hashes", "-r", str(lock)], place)


def _install_node(lock: Path, place: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(lock.with_name(name), place / name)
    _run([str(node_program().with_name("npm")), "ci", "--no-audit", "--no-fund", "--ignore-scripts"], place)


def _run(command: list[str], place: Path) -> None:
    ended = subprocess.run(
        command,
        check=False,
        cwd=place,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        stdin=subprocess.DEVNULL,
    )
    if ended.returncode != 0:
        pytest.fail(f"a real client cannot be installed ({' '.join(command)}):\n{ended.stdout}\n{ended.stderr}")
