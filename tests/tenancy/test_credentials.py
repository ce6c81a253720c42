"""Credentials."""

import asyncio
import sqlite3

from footfall.capture.service import Capture
from footfall.model import identifiers, instant, secret
from footfall.model.workspace import Workspace
from footfall.storage import workspaces
from footfall.storage.database import Database
from footfall.tenancy.authentication import Authenticator, pepper
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


def test_no_secret_stands_in_the_database(database: Database, capture: Capture, tenant: Workspace) -> None:
    secrets = [capture.change_now(issue, tenant, kind).secret for kind in KINDS]

    with sqlite3.connect(database.path) as direct:
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
