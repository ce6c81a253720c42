"""The system's Chromium, which the console's tests drive; installed from Debian's package where that is possible."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_INSTALL_SECONDS = 900
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_INSTALL = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser. Fails the test, with what to do, where there is none and none can be installed."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program(), args=_FLAGS)
        yield browser
        browser.close()


def program() -> str:
    """The path of the browser."""
    found = _found()
    if found is None and shutil.which("apt-get") is not None and os.geteuid() == 0:
        with (Path(tempfile.gettempdir()) / "footfall-chromium.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)  # tests run in several processes
            if (found := _found()) is None:
                _install()
                found = _found()
    if found is None:
        pytest.fail(f"the console's tests need Chromium: install the system's package ({' '.join(_INSTALL)})")
    return found


def _found() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name)) is not None), None)


def _install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], _INSTALL):
        ended = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=_INSTALL_SECONDS, env=environment
        )
        if ended.returncode != 0 and command is _INSTALL:
            pytest.fail(f"Chromium cannot be installed ({' '.join(command)}):\n{ended.stdout}\n{ended.stderr}")
