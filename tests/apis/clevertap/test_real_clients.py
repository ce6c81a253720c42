"""The official Node client, and a client in Python as CleverTap's documentation writes it, against a real port."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.apis.clevertap.account import NOON, Account, event
from tests.clients import installed
from tests.conftest import Server

NODE = """
const CleverTap = require("clevertap");
const [url, account, passcode, job] = process.argv.slice(1);
const client = CleverTap.init(account, passcode, CleverTap.REGIONS ? CleverTap.REGIONS.EUROPE : "eu1");
client.api.apiEndpoint = `${url}/1`;
const ask = (method, ...args) => client[method](...args);
const query = { event_name: "Viewed", from: 20160711, to: 20160714 };
const groups = { g: { trend_type: "daily", property_type: "event_properties", name: "color" } };
const jobs = {
  upload: async (records) => ask("upload", JSON.parse(records), {}),
  events: async (size) => ask("events", query, { batchSize: Number(size) }),
  rest: async () => ({
    profile: await ask("profile", { identity: "u1" }),
    profiles: await ask("profiles", query, { batchSize: 2 }),
    profileCounts: await ask("getProfilesCount", query, {}),
    eventsCount: await ask("getEventsCount", query, {}),
    trends: await ask("trends", { ...query, groups }, {}),
    top: await ask("topPropertyCounts", { ...query, groups }, {}),
    deleted: await ask("delete", { identity: "u1" }, {}),
    left: await ask("getEventsCount", query, {}),
  }),
};
let input = "";
process.stdin.on("data", (chunk) => (input += chunk)).on("end", async () => {
  console.log(JSON.stringify(await jobs[job](input)));
});
"""

# Word for word what the documentation shows, but for the address, and with the loop that it describes.
PYTHON = """
import json
import sys

import requests

BASE, ACCOUNT_ID, PASSCODE = sys.argv[1:]
headers = {
    'X-CleverTap-Account-Id': ACCOUNT_ID,
    'X-CleverTap-Passcode': PASSCODE,
    'Content-Type': 'application/json',
}

params = (
    ('batch_size', '50'),
)

data = '{"event_name":"Viewed","from":20160711,"to":20160714}'

response = requests.post(BASE + '/1/events.json', headers=headers, params=params, data=data)
cursor = response.json()['cursor']
pages = []
while cursor:
    response = requests.get(BASE + '/1/events.json?cursor=' + cursor, headers=headers)
    page = response.json()
    pages.append(page.get('records', []))
    cursor = page.get('next_cursor')
print(json.dumps(pages))
"""


@pytest.fixture(scope="session")
def node() -> Path:
    return installed.node("clevertap_node")


def run_node(node: Path, server: Server, account: Account, job: str, given: object = "") -> Any:
    made = account.made.clevertap
    command = [str(installed.node_program()), "-e", NODE, server.url, made.account_id, made.passcode, job]
    text = given if isinstance(given, str) else json.dumps(given)
    ended = subprocess.run(command, check=False, cwd=node, input=text, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_the_official_node_client_uploads_and_exports_everything(node: Path, server: Server, account: Account) -> None:
    records = [event(at=NOON + n % 90, user=f"u{n % 5}", n=n, color="red") for n in range(230)]

    answers = run_node(node, server, account, "upload", [*records, event("no.dots", NOON)])
    exported = run_node(node, server, account, "events", "50")

    assert [(each["status"], each["processed"]) for each in answers] == [
        ("success", 100),
        ("success", 100),
        ("partial", 30),
    ]
    assert [each["event_props"]["n"] for each in exported] == [
        each["evtData"]["n"] for each in sorted(records, key=lambda each: each["ts"])
    ]
    assert exported == account.records(parameters="batch_size=5000")


def test_the_official_node_client_finds_the_neighbours(node: Path, server: Server, account: Account) -> None:
    account.stored(*(event(at=NOON + n, user=f"u{n % 3}", color="red") for n in range(7)))

    found = run_node(node, server, account, "rest")

    assert found["profile"]["record"]["events"]["Viewed"]["count"] == 2
    assert sorted(each["identity"] for each in found["profiles"]) == ["u0", "u1", "u2"]
    assert (found["profileCounts"]["count"], found["eventsCount"]["count"]) == (3, 7)
    assert found["trends"]["status"] == found["top"]["status"] == "partial"
    assert found["deleted"] == {"status": "success"}
    assert found["left"]["count"] == 5


def test_a_client_as_the_documentation_writes_it_reads_everything(server: Server, account: Account) -> None:
    account.stored(*(event(at=NOON + n, n=n) for n in range(120)))
    made = account.made.clevertap
    python = installed.python("tap_gainsightpx") / "python"  # an environment that has requests

    ended = subprocess.run(
        [str(python), "-c", PYTHON, server.url, made.account_id, made.passcode],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ended.returncode == 0, ended.stderr
    pages = json.loads(ended.stdout)
    assert [len(page) for page in pages] == [50, 50, 20, 0]
    assert [record["event_props"]["n"] for page in pages for record in page] == list(range(120))
