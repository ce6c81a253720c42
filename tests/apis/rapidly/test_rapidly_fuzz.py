"""Whatever is sent, the answer is the product's own and never a 500."""

import json
from typing import Any
from urllib.parse import quote

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.apis.rapidly.conftest import Client

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("name", "timestamp", "workspace_id", "external_id", "parent_id", "customer_id", "member_id", "metadata")
EVENT = st.dictionaries(st.sampled_from([*FIELDS, "external_customer_id", "external_member_id", "_cost"]), JSON)
CUSTOMER_FIELDS = ("email", "name", "external_id", "billing_address", "type", "metadata", "workspace_id", "owner")
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def is_own(answer: httpx.Response, *good: int) -> bool:
    if answer.status_code in good:
        return True
    body = answer.json()
    return answer.status_code in {400, 404, 422} and set(body) <= {"error", "detail"}


@many
@given(events=st.lists(EVENT | JSON, max_size=3))
def test_any_batch_gets_a_proper_answer(client: Client, events: list[Any]) -> None:
    assert is_own(client.send({"events": events}), 201)


@many
@given(body=st.binary(max_size=40) | st.text(alphabet='{}[]":,events0n\\u', max_size=30).map(str.encode))
def test_any_bytes_get_a_proper_answer(client: Client, body: bytes) -> None:
    assert is_own(client.send(body), 201)


@many
@given(fields=st.dictionaries(st.sampled_from(CUSTOMER_FIELDS), JSON))
def test_any_customer_gets_a_proper_answer(client: Client, fields: dict[str, Any]) -> None:
    answer = client.http.post("/api/customers/", content=json.dumps(fields).encode(), headers=client.headers)
    assert is_own(answer, 201)


@many
@given(name=st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_any_name_in_a_path_gets_a_proper_answer(client: Client, name: str) -> None:
    for path in ("/api/events/", "/api/events/external/", "/api/customers/", "/api/customers/external/"):
        assert is_own(client.get(path + quote(name, safe="")), 200, 307, 405)
