"""A visitor of the console over plain HTTP."""

import html
import re
from typing import Any

import httpx

from footfall.tenancy.creation import NewWorkspace

PAGES = ("", "/events", "/tail", "/customers", "/targets", "/definitions", "/credentials")


class Visitor:
    """A browser without JavaScript."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=f"{url}/console", timeout=30)

    def get(self, path: str, **parameters: str) -> httpx.Response:
        return self.http.get(path, params=parameters or None)

    def text(self, path: str, **parameters: str) -> str:
        answer = self.get(path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, form_on: str, **fields: str) -> httpx.Response:
        """Sends a form as the page ``form_on`` gave it out."""
        return self.http.post(path, data={"csrf": csrf(self.get(form_on).text), **fields})

    def sign_in(self, token: str) -> httpx.Response:
        return self.post("/login", "/login", token=token)

    def close(self) -> None:
        self.http.close()


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]*)"', page)
    assert found is not None, page
    return found[1]


def names_in(page: str) -> list[str]:
    """The events that a page's table lists."""
    return [html.unescape(name) for name in re.findall(r'<td><a href="/console/events/[^"]*">([^<]*)</a></td>', page)]


def ids_in(page: str) -> list[str]:
    return re.findall(r'<td><a href="/console/events/([0-9a-f-]{36})">', page)


def views_in(page: str) -> dict[str, list[str]]:
    """What stands below each API's heading: the command and the JSON, or less."""
    found = {}
    for title, content in re.findall(r"<summary>(.*?) <span.*?</summary>(.*?)</details>", page, re.DOTALL):
        blocks = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", content, re.DOTALL)
        found[title] = [html.unescape(block) for block in blocks]
    return found


def capture(http: httpx.Client, workspace: NewWorkspace, **event: Any) -> str:
    headers = {"Authorization": f"Bearer {workspace.footfall.token}"}
    answer = http.post("/events", json={"name": "visit", **event}, headers=headers)
    assert answer.status_code == 201, answer.text
    identifier: str = answer.json()["id"]
    return identifier
