"""What the demo needs of HTTP: a few JSON requests to the server just started, with the standard library alone."""

import base64
import json
from collections.abc import Iterable
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from footfall.model.secret import md5_hex
from footfall.tenancy.creation import NewWorkspace

_SECONDS = 60

open_directly = build_opener(ProxyHandler({})).open
"""As ``urlopen``; a proxy that the environment names knows nothing of this machine's own address."""


class DemoClient:
    """Speaks to one workspace through each product's API, as that product's clients do."""

    def __init__(self, url: str, workspace: NewWorkspace) -> None:
        self.url = url
        self.workspace = workspace

    @property
    def capillary_authorization(self) -> str:
        """The till's Basic credential: user name and the MD5 of the password."""
        part = self.workspace.capillary
        pair = f"{part.till_username}:{md5_hex(part.till_password)}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def capture(self, events: Iterable[dict[str, object]]) -> dict[str, Any]:
        """Footfall's own API: NDJSON."""
        body = b"\n".join(json.dumps(event).encode() for event in events)
        headers = {
            "Authorization": f"Bearer {self.workspace.footfall.token}",
            "Content-Type": "application/x-ndjson",
        }
        return self._send("POST", "/events", body, headers)

    def capillary(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Capillary, as the workspace's till."""
        return self._json(method, path, body, {"Authorization": self.capillary_authorization})

    def gainsight_px(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Gainsight PX."""
        return self._json(method, path, body, {"X-APTRINSIC-API-KEY": self.workspace.gainsight_px.api_key})

    def clevertap(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """CleverTap."""
        part = self.workspace.clevertap
        headers = {"X-CleverTap-Account-Id": part.account_id, "X-CleverTap-Passcode": part.passcode}
        return self._json(method, path, body, headers)

    def _json(self, method: str, path: str, body: object, headers: dict[str, str]) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        return self._send(method, path, data, {**headers, "Content-Type": "application/json"})

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
        request = Request(self.url + path, data=body, headers=headers, method=method)  # noqa: S310  (http on loopback)
        with open_directly(request, timeout=_SECONDS) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
