"""``footfall export`` as a user runs it."""

import csv
import json
import signal
import subprocess
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.customer import CustomerProfile, Identity
from footfall.model.event import CustomerReference, NewEvent
from footfall.storage import workspaces
from footfall.storage.database import Database, url_of
from footfall.tenancy.creation import create
from tests.conftest import FOOTFALL

MANY = 120_000


@pytest.fixture
def url(tmp_path: Path) -> str:
    return url_of(tmp_path / "footfall.db")


def fill(url: str, events: list[NewEvent]) -> None:
    database = Database(url)
    database.prepare()
    capture = Capture(database)
    if database.read(workspaces.by_name, "acme") is None:
        capture.change_now(create, "acme", "Europe/London")
    workspace = database.read(workspaces.by_name, "acme")
    assert workspace is not None
    capture.submit(Batch(workspace=workspace, events=events)).result()
    capture.close()
    database.close()


def some_events() -> list[NewEvent]:
    ada = CustomerReference(identities=(Identity("external_id", "ada"),), profile=CustomerProfile(name="Ada, née X"))
    return [
        NewEvent(
            name="Bought",
            occurred_at=1_700_000_000_123_456,
            received_at=0,
            customer=ada,
            external_id="o-1",
            source="shop",
            amount=139_120_000,
            utc_offset=120,
            properties='{"note": "two\\nlines", "n": 1.50}',
            session='{"s":1}',
        ),
        NewEvent(name="Seen", occurred_at=1_600_000_000_000_000, received_at=0),
    ]


def command(url: str, file: Path | str, *options: str) -> list[str]:
    return [str(FOOTFALL), "export", str(file), "--workspace", "acme", "--database", url, *options]


def export(url: str, file: Path | str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(url, file, *options), capture_output=True, text=True, check=False)


def test_ndjson_shows_events_as_the_own_api_does(url: str, tmp_path: Path) -> None:
    fill(url, some_events())

    ended = export(url, tmp_path / "events.ndjson")

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("2 events")
    first, second = (json.loads(line) for line in (tmp_path / "events.ndjson").read_text().splitlines())
    assert (first["name"], first["customer"]) == ("Seen", None)
    assert (second["occurred_at"], second["amount"]) == ("2023-11-14T22:13:20.123456Z", "139.12")
    assert second["customer"]["name"] == "Ada, née X"
    assert '"properties":{"note": "two\\nlines", "n": 1.50}' in (tmp_path / "events.ndjson").read_text()


def test_csv_has_a_cell_for_every_field(url: str, tmp_path: Path) -> None:
    fill(url, some_events())

    assert export(url, tmp_path / "events.csv").returncode == 0

    with (tmp_path / "events.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["Seen", "Bought"]
    assert rows[0]["customer_external_id"] == ""
    assert rows[1]["customer_external_id"] == "ada"
    assert json.loads(rows[1]["properties"]) == {"note": "two\nlines", "n": 1.5}


def test_parquet_has_typed_columns(url: str, tmp_path: Path) -> None:
    fill(url, some_events())

    assert export(url, tmp_path / "events.parquet").returncode == 0

    table = pq.read_table(tmp_path / "events.parquet")
    assert str(table.schema.field("occurred_at").type) == "timestamp[us, tz=UTC]"
    bought = table.to_pylist()[1]
    assert (str(bought["amount"]), bought["utc_offset"]) == ("139.120000", 120)
    assert bought["occurred_at"].microsecond == 123_456
    assert not (tmp_path / "events.parquet.partial").exists()


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--name", "Seen"), ["Seen"]),
        (("--name", "Seen", "--name", "Bought"), ["Seen", "Bought"]),
        (("--name", "nothing"), []),
        (("--customer", "ada"), ["Bought"]),
        (("--customer", "nobody"), []),
        (("--source", "shop"), ["Bought"]),
        (("--since", "2023-11-14"), ["Bought"]),
        (("--until", "2023-11-14T22:13:20.123456Z"), ["Seen"]),
        (("--since", "2020-09-13T13:26:40", "--until", "2020-09-13T13:26:41"), ["Seen"]),  # London's summer time
    ],
)
def test_filters(url: str, options: tuple[str, ...], names: list[str]) -> None:
    fill(url, some_events())

    ended = export(url, "-", *options)

    assert ended.returncode == 0, ended.stderr
    assert [json.loads(line)["name"] for line in ended.stdout.splitlines()] == names


@pytest.mark.parametrize("options", [("--since", "soon"), ("--format", "parquet")])
def test_what_makes_no_sense_is_told(url: str, options: tuple[str, ...]) -> None:
    fill(url, [])

    ended = export(url, "-", *options)

    assert ended.returncode == 2
    assert options[0] in ended.stderr


def test_an_empty_workspace_makes_a_file_of_no_events(url: str, tmp_path: Path) -> None:
    fill(url, [])

    for name in ("events.ndjson", "events.csv", "events.parquet"):
        assert export(url, tmp_path / name).returncode == 0

    assert (tmp_path / "events.ndjson").read_bytes() == b""
    assert (tmp_path / "events.csv").read_text().startswith("id,name,")
    assert pq.read_table(tmp_path / "events.parquet").num_rows == 0


@pytest.mark.parametrize("suffix", ["ndjson", "csv", "parquet"])
def test_an_export_that_was_killed_goes_on_where_it_was(url: str, tmp_path: Path, suffix: str) -> None:
    fill(url, [NewEvent(name="e", occurred_at=index // 3, received_at=0) for index in range(MANY)])
    file = tmp_path / f"events.{suffix}"
    killed = subprocess.Popen(command(url, file))
    note = tmp_path / f"events.{suffix}.progress"
    while not note.exists() and killed.poll() is None:
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert not file.exists()
    fill(url, [NewEvent(name="later", occurred_at=0, received_at=0)])

    ended = export(url, file, "--json")

    summary = json.loads(ended.stdout)
    assert summary["rows"] == MANY
    assert summary["resumed_after"] >= 50_000
    whole = tmp_path / f"whole.{suffix}"
    assert export(url, whole).returncode == 0
    if suffix == "parquet":
        read = pq.read_table(file)
        assert pq.read_table(whole, filters=[("name", "=", "e")]).equals(read)
        assert read.num_rows == MANY
    else:
        assert len(file.read_bytes().splitlines()) == MANY + (suffix == "csv")
        lines = whole.read_bytes().splitlines()
        assert file.read_bytes().splitlines() == [line for line in lines if b"later" not in line]
    assert not note.exists()
