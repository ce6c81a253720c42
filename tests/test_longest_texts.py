"""The longest names that the APIs let in, of characters that take four bytes and that nothing compresses."""

import random
from typing import Any

import httpx
import pytest

from footfall.tenancy.creation import NewWorkspace
from tests.products import Products


def a_text(characters: int) -> str:
    draw = random.Random(7)
    return "".join(chr(draw.randrange(0x10000, 0x1FFFF)) for _ in range(characters))


LONGEST = a_text(1024)
PX = {"userType": "USER", "date": 1700000000000, "propertyKey": "p"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/events", {"name": a_text(512), "customer": {"external_id": LONGEST}, "external_id": LONGEST}),
        ("/events", {"name": "a", "account_id": LONGEST}),
        ("/v1/events/custom", {**PX, "eventName": a_text(512), "identifyId": LONGEST, "accountId": LONGEST}),
        ("/v1/events/custom", {**PX, "eventName": "a", "identifyId": "u", "eventId": LONGEST}),
        ("/api/events/ingest", {"events": [{"name": "e", "external_customer_id": LONGEST, "external_id": LONGEST}]}),
        ("/api/customers/", {"email": "a@example.com", "external_id": LONGEST}),
        ("/1/upload", {"d": [{"type": "event", "identity": LONGEST, "ts": 1, "evtName": a_text(512)}]}),
        ("/1/upload", {"d": [{"type": "profile", "objectId": LONGEST, "profileData": {"Age": 3}}]}),
    ],
)
def test_the_longest_names_are_stored_or_refused_and_found_again(
    http: httpx.Client, workspace: NewWorkspace, path: str, body: dict[str, Any]
) -> None:
    products = Products(http, workspace)
    headers = products.own | products.px | products.clevertap
    if path.startswith("/api"):
        headers |= products.rapidly

    first, again = (http.post(path, json=body, headers=headers) for _ in range(2))

    assert first.status_code < 300 or first.status_code in (400, 422), first.text
    assert again.status_code < 300 or again.status_code in (400, 422), again.text
