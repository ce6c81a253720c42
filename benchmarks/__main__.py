"""``make bench``: loads a seeded data set, measures, prints ratios. ``EVENTS=10_000_000`` for a larger one."""

import csv
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from benchmarks import raw_engine, servers
from benchmarks.dataset import NAMES, START, load, new_events
from benchmarks.load import Result, get, post, run_load
from benchmarks.report import Line, as_table, write_json
from footfall.capture.service import Capture
from footfall.demo.client import DemoClient
from footfall.model import identifiers, instant
from footfall.storage import workspaces
from footfall.storage.database import Database
from footfall.tenancy.creation import NewWorkspace, create

EVENTS = int(os.environ.get("EVENTS", "200_000"))
SECONDS = float(os.environ.get("SECONDS", "4"))
RESULTS = Path("bench-results.json")


class Bench:
    """One run: a store filled once, then measured from outside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "bench.db"
        self.url = f"sqlite:///{self.path}"
        self.lines: list[Line] = []
        self.workspace = self._fill()

    def _fill(self) -> NewWorkspace:
        database = Database(self.url)
        database.prepare()
        capture = Capture(database)
        made = capture.change_now(create, "bench", "UTC")
        found = database.read(workspaces.by_name, "bench")
        assert found is not None
        started = time.perf_counter()
        load(capture, found, EVENTS)
        taken = time.perf_counter() - started
        capture.close()
        database.close()
        raw = raw_engine.bulk_insert_rate(self.path, self.folder, min(EVENTS, 200_000))
        self.lines.append(
            Line("capture in process, batches of 5,000", EVENTS / taken, "events/s", raw, "raw bulk insert")
        )
        self.lines.append(Line("storage", self.path.stat().st_size / EVENTS, "bytes/event"))
        return made

    def run(self) -> None:
        """Every measurement."""
        with servers.footfall(self.url) as server, servers.bare() as baseline:
            self.lines.append(Line("start to first answer", server.seconds_to_first_answer, "s"))
            client = DemoClient(server.url, self.workspace)
            self._reads(client, baseline.url)
            self._export(client)
            self._captures(client, baseline.url)
            self.lines.append(Line("memory of the server after all this", server.resident_mb(), "MB"))
        self._import()

    def _reads(self, client: DemoClient, bare: str) -> None:
        ids = self._some_ids()
        rapidly = {"Authorization": f"Bearer {self.workspace.rapidly.token}"}
        capillary = {"Authorization": client.capillary_authorization}
        px = {"X-APTRINSIC-API-KEY": self.workspace.gainsight_px.api_key}
        window = f"dateRangeStart={START // 1000}&dateRangeEnd={(START + 90 * instant.DAY) // 1000}"
        name = NAMES[3].replace(" ", "%20")
        page = f"/v1/events/custom?filter=eventName=={name}&sort=-date&{window}"
        scroll = client.gainsight_px("GET", page)["scrollId"]
        reads: list[tuple[str, Callable[[int], bytes]]] = [
            ("event by id, Rapidly", lambda n: get(f"/api/events/{ids[n % len(ids)]}", rapidly)),
            ("event by id, Capillary", lambda n: get(f"/v2/events/event_data?id={ids[n % len(ids)]}", capillary)),
            ("page of 25 with a filter, Gainsight PX", lambda _: get(page, px)),
            ("the page after it, by scrollId", lambda _: get(f"/v1/events/custom?scrollId={scroll}", px)),
        ]
        tracked = self._tracked_path(client)
        reads.append(("tracked target events, page of 10", lambda _: get(tracked, capillary)))
        for operation, build in reads:
            size = _body_size(client.url, build(0))
            self._against(
                operation, run_load(client.url, build, seconds=SECONDS), self._bare(bare, size), f"bare, {size} bytes"
            )

    @staticmethod
    def _tracked_path(client: DemoClient) -> str:
        """A target with a customer who has 25 bills; the first page of what counted."""
        body = msgspec.json.decode(_TARGET)
        rule = client.capillary("POST", "/v3/targetGroups", body)["data"]["targets"][0]["id"]
        bill = {"name": "ADD_TRANSACTION", "customer": {"external_id": "buyer"}, "amount": 10}
        client.capture({**bill, "occurred_at": f"2026-01-{day + 1:02d}T10:00:00Z"} for day in range(25))
        query = "source=INSTORE&identifierName=externalId&identifierValue=buyer"
        user = client.capillary("GET", f"/v2/customers/lookup?{query}")["entity"]
        return f"/v3/users/{user}/trackedTargetEvents/{rule}?limit=10"

    def _bare(self, url: str, size: int) -> Result:
        return run_load(url, lambda _: get(f"/fixed/{size}", {}), seconds=SECONDS / 2)

    def _export(self, client: DemoClient) -> None:
        started = time.perf_counter()
        query = {"event_name": NAMES[5], "from": 20260101, "to": 20260401}
        cursor = client.clevertap("POST", "/1/events.json?batch_size=5000&profile=true", query)["cursor"]
        count = 0
        while records := (page := client.clevertap("GET", f"/1/events.json?cursor={cursor}")).get("records"):
            count += len(records)
            cursor = page["next_cursor"]
        rate = count / (time.perf_counter() - started)
        raw = raw_engine.select_and_encode_rate(self.path, NAMES[5])
        self.lines.append(Line("export walk, CleverTap, pages of 5,000", rate, "events/s", raw, "raw select and JSON"))

    def _captures(self, client: DemoClient, bare: str) -> None:
        own = {"Authorization": f"Bearer {self.workspace.footfall.token}"}
        one = {"name": "clicked", "customer": {"external_id": "u1"}, "properties": {"page": "/x", "position": 3}}
        body = msgspec.json.encode(one)
        captured = run_load(client.url, lambda _: post("/events", own, body), seconds=SECONDS)
        decoded = run_load(bare, lambda _: post("/decode", {}, body), seconds=SECONDS)
        self._against("capture one event per request, own API", captured, decoded, "bare, decodes the body")
        raw = next(line.baseline for line in self.lines if line.against == "raw bulk insert")
        account = self.workspace.clevertap
        ct = {"X-CleverTap-Account-Id": account.account_id, "X-CleverTap-Passcode": account.passcode}
        rapidly = {"Authorization": f"Bearer {self.workspace.rapidly.token}"}
        bodies: list[tuple[str, str, dict[str, str], bytes]] = [
            (
                "Rapidly",
                "/api/events/ingest",
                rapidly,
                msgspec.json.encode({"events": [_rapidly(n) for n in range(1000)]}),
            ),
            ("CleverTap", "/1/upload", ct, msgspec.json.encode({"d": [_clevertap(n) for n in range(1000)]})),
            (
                "own API",
                "/events",
                own,
                msgspec.json.encode([{**one, "customer": {"external_id": f"u{n}"}} for n in range(1000)]),
            ),
        ]
        for label, path, headers, thousand in bodies:
            request = post(path, headers, thousand)
            result = run_load(client.url, lambda _, request=request: request, seconds=SECONDS, clients=8)  # type: ignore[misc]
            self.lines.append(
                Line(
                    f"capture in bodies of 1,000, {label}", result.per_second * 1000, "events/s", raw, "raw bulk insert"
                )
            )

    def _import(self) -> None:
        table = self.folder / "bench.csv"
        rows = min(EVENTS, 200_000)
        with table.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "name", "time", "customer", "page"])
            for number, event in enumerate(new_events(rows, seed=2)):
                assert event.customer is not None
                moment = instant.to_datetime(event.occurred_at).isoformat()
                writer.writerow([f"i{number}", event.name, moment, event.customer.identities[0].value, "/x"])
        mapping = self.folder / "mapping.toml"
        mapping.write_text(_MAPPING)
        started = time.perf_counter()
        command = [sys.executable, "-m", "footfall", "import", str(table), "--workspace", "bench"]
        subprocess.run([*command, "--mapping", str(mapping), "--database", self.url], check=True)
        rate = rows / (time.perf_counter() - started)
        raw = next(line.baseline for line in self.lines if line.against == "raw bulk insert")
        self.lines.append(Line("import of a CSV, start-up included", rate, "events/s", raw, "raw bulk insert"))

    def _some_ids(self) -> list[str]:
        database = Database(self.url)
        driver = database.reader()._driver  # noqa: SLF001  (a baseline looks under the cover)
        rows = driver.execute("SELECT id FROM events WHERE sequence % ? = 0", (max(1, EVENTS // 5_000),)).fetchall()
        database.close()
        return [identifiers.to_text(row[0]) for row in rows]

    def _against(self, operation: str, measured: Result, baseline: Result, against: str) -> None:
        self.lines.append(
            Line(
                operation,
                measured.per_second,
                "requests/s",
                baseline.per_second,
                against,
                measured.p50_ms,
                measured.p99_ms,
            )
        )


_TARGET = b"""{"name": "bench", "trackingType": "DEFAULT", "targetEvaluationType": "FIXED_CALENDAR_WINDOW",
 "totalPeriods": 1, "frequencyType": "MONTHLY", "frequency": 1, "recurringCycles": 1,
 "periods": [{"startDate": "2026-01-01", "endDate": "2026-01-31", "refCode": "JAN"}],
 "targets": [{"name": "spend", "targetEntity": "TRANSACTION", "targetType": "SALES",
   "enrolmentMethod": "TRANSACTION", "defaultValues": [{"defaultValue": 100}]}]}"""
_MAPPING = """
external_id = ["id"]
[name]
column = "name"
[time]
column = "time"
format = "iso"
[customer]
external_id = "customer"
[properties.columns]
page = "string"
"""


def _rapidly(number: int) -> dict[str, object]:
    return {"name": "clicked", "external_customer_id": f"u{number}", "metadata": {"page": "/x", "position": 3}}


def _clevertap(number: int) -> dict[str, object]:
    return {"type": "event", "identity": f"u{number}", "evtName": "clicked", "evtData": {"page": "/x", "position": 3}}


def _body_size(url: str, request: bytes) -> int:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(request)
        received = connection.recv(1 << 20)
        head, _, _ = received.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"unexpected answer: {received[:300]!r}")
    return int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))[15:])


def main() -> None:
    """Runs everything in a folder of its own and prints the table."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"loading {EVENTS:,} events ...", flush=True)
        bench = Bench(Path(folder))
        bench.run()
    print(as_table(bench.lines))
    write_json(bench.lines, RESULTS)
    print(f"\nthe same as JSON: {RESULTS}; what each line means: docs/performance.md")


if __name__ == "__main__":
    main()
