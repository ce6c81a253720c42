"""Credentials."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from footfall.capture.service import Capture
from footfall.model import identifiers, instant, secret
from footfall.model.workspace import Workspace
from footfall.storage import workspaces
from footfall.storage.database import Database
from footfall.tenancy.authentication import Authenticator, pepper
from footfall.tenancy.creation import create
from footfall.tenancy.credentials import KINDS, issue


def authenticator(database: Database, capture: Capture) -> Authenticator:
    return Authenticator(database, capture.change_now(pepper))


def test_every_kind_of_credential_proves_its_workspace(database: Database, capture: Capture, tenant: Workspace) -> None:
    checking = authenticator(database, capture)
    for kind in KINDS:
        issued = capture.change_now(issue, tenant, kind)
        presented = secret.md5_hex(issued.secret) if kind == "capillary_till" else issued.secret

        found = asyncio.run(checking.principal(kind, issued.credential.name, presented))

        assert found is not None, kind
        assert found.workspace == tenant
        assert asyncio.run(checking.principal(kind, issued.credential.name, presented + "x")) is None


def test_no_secret_stands_in_the_database(embedded: Database, file: Path) -> None:
    capture = Capture(embedded)
    capture.change_now(create, "acme", "UTC")
    tenant = embedded.read(workspaces.by_name, "acme")
    assert tenant is not None
    secrets = [capture.change_now(issue, tenant, kind).secret for kind in KINDS]
    capture.close()

    with sqlite3.connect(file) as direct:
        dump = "\n".join(direct.iterdump())
    direct.close()

    for shown in secrets:
        assert shown not in dump
        assert secret.md5_hex(shown) not in dump


def test_a_revoked_credential_stops_working_within_a_second(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    checking = authenticator(database, capture)
    issued = capture.change_now(issue, tenant, "footfall_token")

    async def scenario() -> list[bool]:
        seen = [await checking.principal("footfall_token", "", issued.secret) is not None]
        capture.change_now(workspaces.revoke, tenant.number, issued.credential.id, instant.now())
        await asyncio.sleep(1.05)
        seen.append(await checking.principal("footfall_token", "", issued.secret) is not None)
        return seen

    assert asyncio.run(scenario()) == [True, False]


def test_an_expired_credential_does_not_work(database: Database, capture: Capture, tenant: Workspace) -> None:
    checking = authenticator(database, capture)
    issued = capture.change_now(issue, tenant, "rapidly_token", expires_at=instant.now() - 1)

    assert asyncio.run(checking.principal("rapidly_token", "", issued.secret)) is None


def test_revoking_in_another_workspace_does_nothing(capture: Capture, tenant: Workspace) -> None:
    issued = capture.change_now(issue, tenant, "footfall_token")

    assert not capture.change_now(workspaces.revoke, tenant.number + 1, issued.credential.id, instant.now())
    assert not capture.change_now(workspaces.revoke, tenant.number, identifiers.new_id(0), instant.now())


def test_a_header_proves_its_sender_until_the_credential_is_revoked(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    checking = authenticator(database, capture)
    issued = capture.change_now(issue, tenant, "footfall_token")
    header = f"Token {issued.secret}".encode()
    read_headers = []

    def read(sent: bytes) -> tuple[str, str] | None:
        read_headers.append(sent)
        return ("", sent[6:].decode()) if sent.startswith(b"Token ") else None

    async def proves(sent: bytes) -> bool:
        found = await checking.sender("footfall_token", sent, read)
        return found is not None and found.workspace == tenant

    async def scenario() -> list[bool]:
        seen = [await proves(header), await proves(header), await proves(header + b"x"), await proves(b"Other")]
        capture.change_now(workspaces.revoke, tenant.number, issued.credential.id, instant.now())
        await asyncio.sleep(1.05)
        return [*seen, await proves(header)]

    assert asyncio.run(scenario()) == [True, True, False, False, False]
    assert read_headers.count(header) <= 3  # twice, and once more where the second ended between the first two


def test_a_remembered_credential_ends_when_it_expires(
    database: Database, capture: Capture, tenant: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    checking = authenticator(database, capture)
    ends = instant.now() + instant.HOUR
    issued = capture.change_now(issue, tenant, "rapidly_token", expires_at=ends)

    async def scenario() -> list[bool]:
        seen = [await checking.principal("rapidly_token", "", issued.secret) is not None]
        monkeypatch.setattr(instant, "now", lambda: ends)
        return [*seen, await checking.principal("rapidly_token", "", issued.secret) is not None]

    assert asyncio.run(scenario()) == [True, False]


def test_a_failure_is_not_remembered(
    database: Database, capture: Capture, tenant: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    checking = authenticator(database, capture)
    monkeypatch.setattr(secret, "new_checked_token", lambda _prefix: "known-beforehand")

    async def scenario() -> list[bool]:
        seen = [await checking.principal("rapidly_token", "", "known-beforehand") is not None]
        capture.change_now(issue, tenant, "rapidly_token")
        return [*seen, await checking.principal("rapidly_token", "", "known-beforehand") is not None]

    assert asyncio.run(scenario()) == [False, True]
