"""What an operator may choose: contracts/rapidly.md 8, rows 16 and 18."""

import asyncio
import json
import socket
from typing import Any

import pytest

from footfall.apis.rapidly import ingestion
from footfall.apis.rapidly.email_domains import refuse_unknown
from footfall.apis.rapidly.errors import RequestInvalid
from tests.apis.rapidly.test_rapidly_validation import FAR, NOW, wire


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
