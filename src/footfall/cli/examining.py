"""Whether a set-up will serve: one check after the other, each telling what it found and what to do."""

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError

import msgspec
import sqlalchemy as sa

from footfall.model import instant
from footfall.settings import load
from footfall.storage import schema, workspaces
from footfall.storage.database import Database, without_password
from footfall.storage.engines.facts import EngineFacts
from footfall.storage.failures import DatabaseUnavailable, UnsupportedDatabase

State = Literal["ok", "warning", "fault"]

_OLDEST_PYTHON = (3, 11)
_LITTLE_SPACE = 1 << 30  # bytes: an export, a backup or a day's events soon need them
_NO_SPACE = 64 << 20
_PATIENCE_SECONDS = 5.0
_ZONES = ("UTC", "Europe/Paris", "Asia/Kolkata", "America/New_York")


class Check(msgspec.Struct, frozen=True):
    """``found``: what is; ``advice``: what to do about it, empty where all is well."""

    name: str
    state: State
    found: str
    advice: str = ""


def checks(url: str, host: str, port: int) -> Iterator[Check]:
    """Everything that a server at ``host:port`` over the database at ``url`` needs. Changes nothing."""
    yield _python()
    yield _settings()
    yield _zones()
    yield from _files(url)
    yield from _database(url)
    yield _port(host, port)


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST_PYTHON:
        return Check("python", "fault", found, "install Python 3.11 or newer")
    return Check("python", "ok", found)


def _settings() -> Check:
    try:
        load()
    except msgspec.ValidationError as error:
        return Check("settings", "fault", str(error), "correct the FOOTFALL_... variable; see docs/settings.md")
    return Check("settings", "ok", "all FOOTFALL_... variables can be read")


def _zones() -> Check:
    missing = []
    for name in _ZONES:
        try:
            ZoneInfo(name)
        except ZoneInfoNotFoundError:
            missing.append(name)
    if missing:
        return Check("time zones", "fault", f"no data of {', '.join(missing)}", "pip install tzdata")
    return Check(
        "time zones", "ok", "from the system" if any(map(os.path.isdir, TZPATH)) else "from the package tzdata"
    )


def _files(url: str) -> Iterator[Check]:
    path = _file_of(url)
    if path is None:
        return
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    for kept in (folder, *(each for each in (path,) if path.exists())):
        if not os.access(kept, os.W_OK):
            advice = f"let the server's user write it: chown {kept}, or choose another --database"
            yield Check("folder", "fault", f"{kept} is not writable", advice)
            return
    yield Check("folder", "ok", f"{folder} is writable")
    free = shutil.disk_usage(folder).free
    found = f"{free / (1 << 30):.1f} GiB free in {folder}"
    if free < _NO_SPACE:
        yield Check("disk space", "fault", found, "make room, or move the database: captures will be refused")
    elif free < _LITTLE_SPACE:
        yield Check("disk space", "warning", found, "make room soon: an event takes about 264 bytes")
    else:
        yield Check("disk space", "ok", found)


def _database(url: str) -> Iterator[Check]:
    try:
        store = Database(url, _PATIENCE_SECONDS)
    except UnsupportedDatabase as error:
        yield Check("database", "fault", f"{without_password(url)}: {error}", "correct --database")
        return
    try:
        yield from _opened(store)
    except UnsupportedDatabase as error:
        yield Check("database", "fault", f"{without_password(url)}: {error}", "choose another --database")
    except DatabaseUnavailable as error:
        yield Check("database", "fault", f"{without_password(url)}: {error}", "start the server, or correct --database")
    finally:
        store.close()


def _opened(store: Database) -> Iterator[Check]:
    facts = store.facts()
    yield _engine(store, facts)
    if facts.schema is None:
        yield Check("schema", "warning", "there is no database yet", "footfall serve makes it, or: footfall db upgrade")
        return
    if facts.schema != schema.LATEST:
        found = f"version {facts.schema}; this Footfall's is {schema.LATEST}"
        yield Check("schema", "fault", found, "make a backup, then: footfall db upgrade")
        return
    yield Check("schema", "ok", f"version {facts.schema}")
    yield _credentials(store)


def _engine(store: Database, facts: EngineFacts) -> Check:
    cluster = "" if facts.cluster is None else f", Citus {facts.cluster}"
    found = f"{without_password(store.url)}: {facts.version}{cluster}"
    if not facts.is_supported:
        return Check("database", "fault", found, "upgrade the server to PostgreSQL 15 or newer")
    return Check("database", "ok", found)


def _credentials(store: Database) -> Check:
    tenants = store.read(workspaces.every)
    if not tenants:
        return Check("credentials", "warning", "there is no workspace", "footfall workspace create NAME")
    now = instant.now()
    without = []
    for tenant in tenants:
        known = store.read(workspaces.credentials_of, tenant.number)
        if not any(one.revoked_at is None and (one.expires_at is None or one.expires_at > now) for one in known):
            without.append(tenant.name)
    if without:
        advice = f"footfall credential create footfall_token --workspace {without[0]}"
        return Check("credentials", "warning", f"none that lives in {', '.join(without)}", advice)
    return Check("credentials", "ok", f"in each of {len(tenants):,} workspaces")


def _port(host: str, port: int) -> Check:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        advice = f"if Footfall is not what runs there already, choose another: footfall serve --port {port + 1}"
        return Check("port", "warning", f"{host}:{port}: {error.strerror or error}", advice)
    return Check("port", "ok", f"{host}:{port} is free")


def _file_of(url: str) -> Path | None:
    """The file of an embedded database."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        return None
    return Path(parsed.database).absolute() if parsed.drivername == "sqlite" and parsed.database else None
