"""What an operator may choose: contracts/rapidly.md 8, rows 16, 17 and 18."""

import asyncio
import json
import socket
from typing import Any

import httpx
import pytest

from footfall.apis.rapidly import ingestion
from footfall.apis.rapidly.email_domains import refuse_unknown
from footfall.apis.rapidly.errors import RequestInvalid
from tests.apis.rapidly.conftest import Client
from tests.apis.rapidly.test_rapidly_validation import FAR, NOW, wire
from tests.conftest import Databases, new_workspace, start_server


def judged(metadata: dict[str, object]) -> list[dict[str, Any]]:
    body = {"events": [{"name": "n", "external_customer_id": "c", "metadata": metadata}]}
    text = json.dumps(body).encode()
    if ingestion.decode(text, now=NOW, latest=FAR, limited=True) is not None:
        return []
    try:
        ingestion.examine(text, body, now=NOW, latest=FAR, limited=True)
    except RequestInvalid as error:
        return wire(error)
    return []


@pytest.mark.parametrize("metadata", [{}, {"k" * 40: 1}, {f"k{n}": n for n in range(50)}], ids=len)
def test_what_is_within_the_limits_is_taken(metadata: dict[str, object]) -> None:
    assert judged(metadata) == []


@pytest.mark.parametrize(
    ("metadata", "kind", "last"),
    [
        ({"k" * 41: 1}, "string_too_long", "[key]"),
        ({"": 1}, "string_too_short", "[key]"),
        ({f"k{n}": n for n in range(51)}, "too_long", "metadata"),
    ],
)
def test_what_is_beyond_the_limits_is_told(metadata: dict[str, object], kind: str, last: str) -> None:
    faults = [(fault["type"], fault["loc"][-1]) for fault in judged(metadata)]

    assert faults.count((kind, last)) == 2, "once for each form of an event"


async def _answer(error: int | None) -> object:
    if error is not None:
        raise socket.gaierror(error, "told so")
    return []


@pytest.mark.parametrize("error", [None, socket.EAI_AGAIN])
def test_a_domain_that_may_exist_is_taken(error: int | None) -> None:
    asyncio.run(refuse_unknown("a@acme.test", lambda _: _answer(error)))


def test_a_domain_that_does_not_exist_is_told() -> None:
    with pytest.raises(RequestInvalid) as refused:
        asyncio.run(refuse_unknown("a@nowhere.test", lambda _: _answer(socket.EAI_NONAME)))

    reason = "The domain name nowhere.test does not exist."
    assert wire(refused.value) == [
        {
            "type": "value_error",
            "loc": ["email"],
            "msg": f"a@nowhere.test is not a valid email address: {reason}",
            "input": "a@nowhere.test",
            "ctx": {"email": "a@nowhere.test", "reason": reason},
        }
    ]


def test_a_token_asks_so_often_and_no_more(databases: Databases) -> None:
    server = start_server(databases.new_url(), FOOTFALL_RAPIDLY_REQUESTS_PER_MINUTE="3")
    try:
        with httpx.Client(base_url=server.url, timeout=30) as http:
            client, other = (Client(http, new_workspace(server.database_url), server.database_url) for _ in range(2))
            answers = [client.get(path) for path in ("/api/events/", "/v1/events/", "/api/nothing", "/api/events/") * 2]
            refused = [each for each in answers if each.status_code == 429]

            # A minute may begin meanwhile, which lets three more in.
            assert len(answers) - len(refused) in (3, 6)
            assert {each.text for each in refused} == {
                '{"error":"TooManyRequests","detail":"Too many requests, please try again later."}'
            }
            assert all(1 <= int(each.headers["retry-after"]) <= 60 for each in refused)
            assert other.get("/api/events/").status_code == 200
            assert http.get("/api/events/").status_code == 401
    finally:
        server.stop()
