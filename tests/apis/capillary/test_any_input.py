"""Every route, with everything that could be wrong with a request: no failure of ours, and the envelope of the path."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.apis.capillary.conftest import Organisation, basic
from tests.apis.capillary.target_calls import buy, make, user_id
from tests.apis.capillary.test_callers import every_route

LONG = "x" * 2_000_000
IDS = ["1", "0", "-1", "x", "1.5", "9" * 19, "9" * 400, "%00", "%F0%9F%98%80", "%FF", "..%2f..", "1%27%20OR%201=1", " "]
VALUES = [
    "",
    " ",
    "-1",
    "0",
    "9" * 30,
    "1e400",
    "NaN",
    "\0",
    "\U0001f600",
    "2024-13-45",
    "true",
    "[]",
    "'",
    "%",
    "\u0661",
]
PARAMETERS = [
    *("id", "eventId", "event_name", "eventName", "from_date", "to_date", "fromDate", "tillDate", "limit", "offset"),
    *("sortOrder", "isDuplicate", "identifierName", "identifierValue", "source", "accountId", "periodId", "billDate"),
    *("targetRuleId", "targetRuleIds", "trackingDate", "enrollmentType", "includeInactive", "includePeriods"),
    *("start-date", "end-date", "status", "type", "target-on", "name", "rawSideEffects", "use_async", "entityIds"),
]
MEMBERS = [
    *("eventName", "fields", "actions", "tillCode", "webHookId", "profiles", "billNumber", "billAmount", "key"),
    *(
        "secret",
        "event_name",
        "name",
        "periods",
        "targets",
        "customerId",
        "periodName",
        "type",
        "value",
        "totalPeriods",
    ),
]
BODIES = [
    b"",
    b" ",
    b"{",
    b"null",
    b"[]",
    b"[[]]",
    b"[{}]",
    b"{}",
    b"1",
    b'"text"',
    b"\xff\xfe",
    b"\x00",
    b"not json",
    b"a=b&c=d",
    b"[" * 50_000,
    b'{"a":' * 20_000,
    b"9" * 10_000,
    json.dumps(dict.fromkeys(MEMBERS, LONG)).encode(),
    *(
        json.dumps(shape).encode()
        for value in (None, True, -1, 10**30, 1.5, "", "\0", "\U0001f600", [], {}, [None], {"a": 1}, "2024-13-45")
        for shape in (dict.fromkeys(MEMBERS, value), [dict.fromkeys(MEMBERS, value)])
    ),
]
HEADERS: list[dict[str, Any]] = [
    {"Authorization": ""},
    {"Authorization": "Basic"},
    {"Authorization": "Basic " + "A" * 20_000},
    {"Authorization": "Bearer x"},
    {"Authorization": b"\xff\xfe"},
    {"X-CAP-API-OAUTH-TOKEN": "a.b.c"},
    {"X-CAP-API-OAUTH-TOKEN": b"\xff"},
    {"X-CAP-API-OAUTH-TOKEN": "x" * 20_000},
    {"X-CAP-API-ATTRIBUTION-ENTITY-TYPE": "PLANET", "X-CAP-API-ATTRIBUTION-ENTITY-CODE": b"\xff"},
    {"X-CAP-API-ATTRIBUTION-LOOKUP": "x"},
    {"Content-Type": "text/plain"},
    {"Content-Type": "application/x-www-form-urlencoded"},
    {"Content-Type": "\u00e9".encode("latin-1")},
    {"Content-Type": "application/json; charset=klingon"},
    {"Accept": "application/xml"},
    {"Accept-Encoding": "zstd"},
    {"Content-Encoding": "gzip"},
    {"Host": "elsewhere:1"},
]


class LivedIn:
    """An organisation that has something of everything, so that no request stops at the first look-up."""

    def __init__(self, client: httpx.Client, **ids: object) -> None:
        self.client = client
        self._ids = ids

    def routes(self) -> Iterator[tuple[str, str, str]]:
        """Of all of the product's: method, template, and the path with ids that there are."""
        for method, template in every_route(self.client):
            yield method, template, re.sub(r"\{([a-z_]+)[^}]*\}", lambda name: str(self._ids[name[1]]), template)


@pytest.fixture
def lived_in(organisation: Organisation) -> LivedIn:
    """A fresh one."""
    organisation.define("seen")
    organisation.post("seen")
    made = make(organisation)
    buy(organisation, "2025-01-05", 1)
    return LivedIn(
        organisation.client,
        user_id=user_id(organisation),
        group_id=made["id"],
        target_id=made["targets"][0]["id"],
        target_rule_id=made["targets"][0]["id"],
        webhook_id=organisation.make_webhook().rpartition("/")[2],
    )


def assert_answered(answer: httpx.Response) -> None:
    """In the envelope of its version, with a request id; 500 only where the product itself says so."""
    assert answer.headers["X-Cap-Requestid"], answer.request
    path = answer.request.url.path
    if answer.status_code == 401 and path.startswith("/v2/"):
        assert answer.text.startswith("<response><status><success>false</success>")
        return
    if path.startswith("/v2/customers/") and answer.status_code == 400 and not answer.content:
        return
    told = answer.json()
    if answer.status_code >= 500:
        own = path.endswith("/unEnroll") or path == "/v2/transactions/bulk"
        assert own, (answer.request, answer.text)
        assert "errors" not in told or told["errors"][0]["code"] == 310126
        return
    if path.startswith("/eucrm/"):
        assert next(iter(told)) == "status"
        assert list(told["status"]) == ["code", "message"]
    elif path.startswith("/v3/"):
        if answer.is_error:
            assert list(told) == ["data", "errors", "warnings"]
            assert (told["data"], told["warnings"]) == (None, None)
            assert [list(error) for error in told["errors"]] == [["code", "message"]]
        else:
            assert list(told)[-2:] == ["errors", "warnings"] or list(told) == ["data", "errors"]
    elif answer.is_error:
        assert list(told)[-2:] == ["warnings", "errors"]
        assert [list(error) for error in told["errors"]] == [["status", "code", "message"]]
    else:
        assert "warnings" in told


def test_ids_that_are_none(lived_in: LivedIn) -> None:
    for method, template, _path in lived_in.routes():
        for identifier in IDS:
            if "{" in template:
                wrong = re.sub(r"\{[^}]*\}", identifier, template)
                assert_answered(lived_in.client.request(method, wrong, content=b"{}" if method != "GET" else None))


def test_parameters_that_cannot_be(lived_in: LivedIn) -> None:
    for method, _template, path in lived_in.routes():
        if method == "GET":
            for value in VALUES:
                query = dict.fromkeys(PARAMETERS, value)
                assert_answered(lived_in.client.get(path, params=query))
            for name in PARAMETERS:
                assert_answered(lived_in.client.get(path, params=[(name, "x"), (name, "")]))
            assert_answered(lived_in.client.get(path + "?%ff=%ff&a&=&%00=%00&;;"))


def test_bodies_that_cannot_be(lived_in: LivedIn) -> None:
    for method, _template, path in lived_in.routes():
        if method in {"POST", "PUT"}:
            for body in BODIES:
                assert_answered(lived_in.client.request(method, path, content=body))


def test_headers_that_cannot_be(lived_in: LivedIn) -> None:
    for method, _template, path in lived_in.routes():
        for headers in HEADERS:
            body = None if method in {"GET", "DELETE"} else b"{}"
            if method != "DELETE":
                assert_answered(lived_in.client.request(method, path, headers=headers, content=body))


def test_a_body_on_a_get_is_passed_over(lived_in: LivedIn) -> None:
    for method, _template, path in lived_in.routes():
        if method == "GET":
            assert_answered(lived_in.client.request("GET", path, content=b"{" * 100))


def test_what_was_sent_in_vain_has_stored_nothing(lived_in: LivedIn) -> None:
    """No half-done write: of all bodies that were refused nothing is there."""
    client = lived_in.client
    before = [client.get(path).json() for path in ("/v2/events", "/v2/events/webhooks", "/v3/targetGroups")]

    for method, template, path in lived_in.routes():
        if method in {"POST", "PUT"} and not template.startswith("/eucrm/"):
            for body in BODIES:
                client.request(method, path, content=body)

    after = [client.get(path).json() for path in ("/v2/events", "/v2/events/webhooks", "/v3/targetGroups")]
    for one in (*before, *after):
        _forget_times(one)
    assert after == before


def _forget_times(tree: Any) -> None:
    if isinstance(tree, dict):
        for name in ("lastUpdatedOn",):
            tree.pop(name, None)
        for value in tree.values():
            _forget_times(value)
    elif isinstance(tree, list):
        for value in tree:
            _forget_times(value)


def test_nobody_is_shown_what_is_anothers(lived_in: LivedIn, other_organisation: Organisation) -> None:
    """Every read with the ids of an organisation, by the credentials of another."""
    headers = {"Authorization": basic(other_organisation.workspace)}
    for method, template, path in lived_in.routes():
        if method == "GET" and "{" in template:
            answer = httpx.get(f"{lived_in.client.base_url}{path}", headers=headers)
            assert answer.is_error or answer.json()["data"] == [], (template, answer.text)
