"""A CleverTap client, as small as a test needs it."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from footfall.tenancy.creation import NewWorkspace

NOON = 1468324800  # 2016-07-12T12:00:00Z
DAY = {"from": 20160712, "to": 20160712}
Days = tuple[object, object]
THAT_DAY: Days = (20160712, 20160712)


@dataclass(frozen=True)
class Account:
    http: httpx.Client
    made: NewWorkspace

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-CleverTap-Account-Id": self.made.clevertap.account_id,
            "X-CleverTap-Passcode": self.made.clevertap.passcode,
        }

    def get(self, path: str = "/1/events.json", **parameters: Any) -> httpx.Response:
        return self.http.get(path, params=parameters, headers=self.headers)

    def post(self, path: str, json: Any = None, *, content: bytes | str | None = None) -> httpx.Response:
        if content is None:
            return self.http.post(path, json=json, headers=self.headers)
        return self.http.post(path, content=content, headers=self.headers)

    def upload(self, *records: Any, dry_run: str = "0") -> httpx.Response:
        return self.post(f"/1/upload?dryRun={dry_run}", {"d": list(records)})

    def stored(self, *records: Any) -> None:
        """Uploads records that must all be good."""
        answer = self.upload(*records)
        assert answer.json() == {"status": "success", "processed": len(records), "unprocessed": []}, answer.text

    def open(self, name: str = "Viewed", *, parameters: str = "", days: Days = THAT_DAY, **body: Any) -> httpx.Response:
        return self.post(f"/1/events.json?{parameters}", {"event_name": name, "from": days[0], "to": days[1], **body})

    def pages(
        self, name: str = "Viewed", *, parameters: str = "", days: Days = THAT_DAY, **body: Any
    ) -> Iterator[dict[str, Any]]:
        """Every page with records, as a client walks them."""
        opened = self.open(name, parameters=parameters, days=days, **body)
        assert opened.status_code == 200, opened.text
        cursor = opened.json()["cursor"]
        while cursor:
            answer = self.get(cursor=cursor)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            assert page["status"] == "success"
            if "records" in page:
                yield page
            cursor = page.get("next_cursor")

    def records(
        self, name: str = "Viewed", *, parameters: str = "", days: Days = THAT_DAY, **body: Any
    ) -> list[dict[str, Any]]:
        return [
            record for page in self.pages(name, parameters=parameters, days=days, **body) for record in page["records"]
        ]


class HeldRequest:
    """A request that has been let in, and whose body never comes to its end until ``finish``."""

    def __init__(self, account: Account, path: str) -> None:
        url = account.http.base_url
        self._socket = socket.create_connection((url.host, url.port or 80), timeout=10)
        headers = "".join(f"{name}: {value}\r\n" for name, value in account.headers.items())
        headers += "Content-Length: 2\r\nExpect: 100-continue\r\n"
        self._socket.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
        told = self._socket.recv(4096)  # sent once somebody reads the body
        assert told.startswith(b"HTTP/1.1 100"), told
        self._socket.sendall(b"{")

    def finish(self) -> bytes:
        with self._socket as connection:
            connection.sendall(b"}")
            return connection.recv(4096)

    def close(self) -> None:
        self._socket.close()


def event(name: str = "Viewed", at: int = NOON, user: object = "u1", **properties: Any) -> dict[str, Any]:
    return {"type": "event", "identity": user, "ts": at, "evtName": name, "evtData": properties}


def profile(user: object = "u1", **data: Any) -> dict[str, Any]:
    return {"type": "profile", "identity": user, "profileData": data}


def numbers(records: list[dict[str, Any]]) -> list[int]:
    """The numbers that stand in the records' properties, in order."""
    return [record["event_props"]["n"] for record in records]
