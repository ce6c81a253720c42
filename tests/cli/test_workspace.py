"""``footfall workspace`` and ``footfall credential``, run as a user runs them."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import FOOTFALL


def footfall(database: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(FOOTFALL), *arguments, "--database", f"sqlite:///{database}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "footfall.db"


def test_create_prints_the_credentials_of_every_product(store: Path) -> None:
    made = json.loads(footfall(store, "workspace", "create", "acme", "--timezone", "Asia/Kolkata", "--json").stdout)

    assert {product: list(names) for product, names in made.items()} == {
        "workspace": ["id", "name", "timezone"],
        "capillary": [
            "org_id",
            "till_id",
            "till_code",
            "till_username",
            "till_password",
            "client_key",
            "client_secret",
        ],
        "gainsight_px": ["property_key", "api_key"],
        "clevertap": ["account_id", "passcode"],
        "rapidly": ["workspace_id", "token"],
        "footfall": ["token"],
    }
    assert made["workspace"]["timezone"] == "Asia/Kolkata"
    assert made["rapidly"]["workspace_id"] == made["workspace"]["id"]


def test_secrets_are_shown_once(store: Path) -> None:
    made = json.loads(footfall(store, "workspace", "create", "acme", "--json").stdout)
    secrets = [
        made["capillary"]["till_password"],
        made["capillary"]["client_secret"],
        made["gainsight_px"]["api_key"],
        made["clevertap"]["passcode"],
        made["rapidly"]["token"],
        made["footfall"]["token"],
    ]

    later = footfall(store, "workspace", "show", "acme").stdout + footfall(store, "workspace", "list").stdout
    later += footfall(store, "credential", "list", "--workspace", "acme", "--json").stdout

    assert "acme" in later
    assert made["clevertap"]["account_id"] in later
    assert not any(secret in later for secret in secrets)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["acme"], "already"),
        (["new", "--timezone", "Mars/Olympus"], "IANA"),
        (["new", "--timezone", "../../etc/passwd"], "IANA"),
        (["  "], "1 to 200"),
        (["x" * 201], "1 to 200"),
        (["two\nlines"], "printable"),
        ([" acme"], "no blanks around"),
        ([os.fsdecode(b"\xff")], "printable"),
    ],
)
def test_a_workspace_that_cannot_be_made_is_told_plainly(store: Path, arguments: list[str], message: str) -> None:
    footfall(store, "workspace", "create", "acme")

    refused = footfall(store, "workspace", "create", *arguments)

    assert refused.returncode == 1
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_credential_is_made_listed_and_revoked(store: Path) -> None:
    footfall(store, "workspace", "create", "acme")
    made = json.loads(
        footfall(store, "credential", "create", "rapidly_token", "--workspace", "acme", "--name", "ci", "--json").stdout
    )

    revoked = footfall(store, "credential", "revoke", made["id"], "--workspace", "acme")
    again = footfall(store, "credential", "revoke", made["id"], "--workspace", "acme")

    assert revoked.returncode == 0
    assert again.returncode == 1
    listed = json.loads(footfall(store, "credential", "list", "--workspace", "acme", "--json").stdout)
    (mine,) = [one for one in listed if one["id"] == made["id"]]
    assert (mine["name"], mine["kind"]) == ("ci", "rapidly_token")
    assert mine["revoked_at"] is not None
    assert "secret" not in mine


def test_an_unknown_workspace_is_told_plainly(store: Path) -> None:
    refused = footfall(store, "workspace", "show", "nobody")

    assert refused.returncode == 1
    assert "there is no workspace 'nobody'" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gainsight_px_key", "--scope", "raed"], "has no scope 'raed'; there is only read, write"),
        (["footfall_token", "--scope", "read"], "there is none"),
        (["clevertap_passcode", "--name", "mine"], "cannot be given a name"),
        (["capillary_till", "--name", "a:b"], "colon"),
        (["rapidly_token", "--name", ""], "1 to 200"),
        (["rapidly_token", "--name", "two\nlines"], "printable"),
    ],
)
def test_a_credential_that_cannot_be_made_is_told_plainly(store: Path, arguments: list[str], message: str) -> None:
    footfall(store, "workspace", "create", "acme")

    refused = footfall(store, "credential", "create", "--workspace", "acme", *arguments)

    assert refused.returncode == 1
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr


def test_scopes_are_those_asked_for(store: Path) -> None:
    footfall(store, "workspace", "create", "acme")

    command = ("credential", "create", "gainsight_px_key", "--workspace", "acme", "--scope", "read", "--json")
    made = json.loads(footfall(store, *command).stdout)

    assert made["scopes"] == ["read"]


def test_a_database_that_cannot_be_opened_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a database, but long enough to be looked at as one" * 100)

    for path in (tmp_path / "file", tmp_path / "file" / "below.db", tmp_path, Path("/proc/none/x.db")):
        refused = footfall(path, "workspace", "list")

        assert refused.returncode == 1
        assert refused.stderr.startswith(f"Error: sqlite:///{path}: ")
        assert "Traceback" not in refused.stderr
