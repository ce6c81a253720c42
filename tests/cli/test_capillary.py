"""``footfall capillary`` and ``footfall workspace configure`` as a user runs them."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from footfall.capture.service import Capture
from footfall.storage.database import Database, url_of
from footfall.tenancy.creation import create
from tests.conftest import FOOTFALL


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = url_of(tmp_path / "footfall.db")
    database = Database(made)
    database.prepare()
    capture = Capture(database)
    capture.change_now(create, "acme", "UTC")
    capture.close()
    database.close()
    return made


def run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(FOOTFALL), *arguments, "--database", url], capture_output=True, text=True, check=False)


def asked(url: str, *arguments: str) -> Any:
    ended = run(url, *arguments, "--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_an_organisation_is_set_up(url: str) -> None:
    own = ("--workspace", "acme")
    group = asked(url, "capillary", "access-group", "set", "till", "--allow", "Transaction:write", *own)
    asked(url, "capillary", "store", "create", "S1", "--external-id", "E1", "--access-group", "till", *own)
    till = asked(url, "capillary", "till", "create", "front", "--store", "S1", *own)
    more = asked(url, "capillary", "till", "password", "front", "--username", "front.two", *own)
    client = asked(url, "capillary", "client", "create", "--till", "front", "--token-seconds", "60", *own)

    assert group["permissions"] == {"Transaction": ["write"]}
    assert {"id", "code", "username", "password"} <= till.keys()
    assert (more["username"], more["password"] == till["password"]) == ("front.two", False)
    stores = asked(url, "capillary", "store", "list", *own)
    assert [(one["code"], one["external_id"], one["access_group"]) for one in stores] == [("S1", "E1", 1)]
    tills = asked(url, "capillary", "till", "list", *own)
    assert [one["code"] for one in tills] == ["till_1", "front"]
    run(url, "capillary", "client", "change", client["key"], "--psi-access", "--token-seconds", "90", *own)
    changed = asked(url, "capillary", "client", "list", *own)[-1]
    assert (changed["token_seconds"], changed["psi_access"]) == (90, True)
    assert changed["default_till"] == till["id"]
    assert asked(url, "capillary", "rotate-key")["kid"] == "k1"
    assert asked(url, "capillary", "rotate-key", "--forget-others")["kid"] == "k2"
    assert [one["name"] for one in asked(url, "capillary", "access-group", "list", *own)] == ["till"]


def test_what_was_set_up_is_changed(url: str) -> None:
    own = ("--workspace", "acme")
    asked(url, "capillary", "store", "create", "S1", "--zone", "north", *own)
    made = asked(url, "capillary", "till", "create", "front", "--id", "50012345", "--wechat", "w1", *own)
    client = asked(url, "capillary", "client", "create", "--name", "app", *own)
    asked(url, "capillary", "access-group", "set", "staff", "--allow", "Customer:read", "--default", *own)
    for change in (
        ("store", "change", "S1", "--name", "High Street", "--zone", ""),
        ("till", "change", "front", "--name", "Front", "--store", "S1", "--wechat", "", "--mobile-trigger", "m1"),
        ("client", "change", client["key"], "--name", "loyalty"),
        ("access-group", "set", "staff", "--allow", "*:write"),
    ):
        ended = run(url, "capillary", *change, *own)
        assert ended.returncode == 0, ended.stderr

    (store,) = asked(url, "capillary", "store", "list", *own)
    assert (store["code"], store["name"], store["zone"]) == ("S1", "High Street", None)
    till = asked(url, "capillary", "till", "list", *own)[-1]
    assert (made["id"], till["id"], till["name"], till["store"]) == (50012345, 50012345, "Front", store["id"])
    assert (till["wechat"], till["mobile_trigger"]) == (None, "m1")
    assert [one["name"] for one in asked(url, "capillary", "client", "list", *own)] == [None, "loyalty"]
    assert asked(url, "capillary", "access-group", "list", *own)[0]["is_default"] is True
    assert run(url, "capillary", "client", "revoke", client["key"], *own).returncode == 0
    assert len(asked(url, "capillary", "client", "list", *own)) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("store", "create", "S1"),
        ("till", "create", "x", "--store", "nowhere"),
        ("till", "create", "till_1"),
        ("till", "password", "nowhere"),
        ("client", "create", "--token-seconds", "99999999"),
        ("client", "create", "--access-group", "none"),
        ("client", "change", "none", "--fall-back"),
        ("client", "revoke", "none"),
        ("client", "create", "--name", ""),
        ("till", "change", "till_1", "--name", "x"),
        ("till", "create", "x", "--id", "-1"),
        ("store", "change", "nowhere", "--name", "x"),
        ("store", "change", "S1", "--name", ""),
        ("access-group", "set", "g", "--allow", "Nothing:read"),
        ("access-group", "set", "g", "--allow", "Customer:own"),
    ],
)
def test_what_cannot_be_set_up_is_told(url: str, arguments: tuple[str, ...]) -> None:
    run(url, "capillary", "store", "create", "S1", "--workspace", "acme")

    ended = run(url, "capillary", *arguments, "--workspace", "acme")

    assert ended.returncode in (1, 2)
    assert "Error" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_workspace_is_configured(url: str) -> None:
    before = asked(url, "workspace", "configure", "acme")
    chosen = asked(url, "workspace", "configure", "acme", "capillary.basic=false", "capillary.returns_count=0")

    assert before["capillary.basic"] is True
    assert (chosen["capillary.basic"], chosen["capillary.returns_count"]) == (False, False)
    assert asked(url, "workspace", "configure", "acme", "capillary.basic=")["capillary.basic"] is True
    assert asked(url, "workspace", "configure", "acme")["capillary.returns_count"] is False


@pytest.mark.parametrize(
    "change",
    [
        "nothing=1",
        "capillary.basic=perhaps",
        "capillary.basic",
        "capillary.server_timezone=Mars/Olympus",
        "capillary.server_timezone=../../etc/passwd",
    ],
)
def test_a_setting_that_makes_no_sense_changes_nothing(url: str, change: str) -> None:
    before = asked(url, "workspace", "configure", "acme")

    ended = run(url, "workspace", "configure", "acme", change)

    assert ended.returncode in (1, 2)
    assert asked(url, "workspace", "configure", "acme") == before
