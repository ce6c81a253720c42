"""Validation says word for word what pydantic says; the quick way and the careful way agree."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.apis.rapidly import bodies, email_address, ingestion, moments
from footfall.apis.rapidly.customer_creation import parse as parse_customer
from footfall.apis.rapidly.dialect import RAPIDLY
from footfall.apis.rapidly.errors import RequestInvalid
from footfall.apis.rapidly.faults import Problem
from footfall.model import instant
from tests.apis.rapidly import reference

NOW = instant.now()
FAR = 253_402_300_800 * instant.SECOND * 2  # nothing is the future here: pydantic knows no such rule
ID = "749ec817-5f0b-4f6e-9d3c-0d8a3a1b2c4d"


def ours(value: object) -> list[dict[str, Any]]:
    """Our faults for a body, in wire form without ``loc[0]``."""
    try:
        ingestion.examine(json.dumps(value).encode(), value, now=NOW, latest=FAR)
    except RequestInvalid as error:
        return wire(error)
    return []


def wire(error: RequestInvalid) -> list[dict[str, Any]]:
    return [{**item, "loc": list(item["loc"][1:])} for item in msgspec.to_builtins(error.detail)]


def theirs(value: object) -> list[dict[str, Any]]:
    return reference.faults(reference.EventsIngest, value)


UUIDS: list[Any] = [
    ID,
    ID.upper(),
    ID.replace("-", ""),
    "{" + ID + "}",
    "urn:uuid:" + ID,
    "URN:UUID:" + ID,
    "{" + ID.replace("-", "") + "}",
    ID.replace("-4", "-1"),
    ID[:19] + "c" + ID[20:],
    "",
    "x",
    "é",
    "12",
    "{12}",
    "0" * 45 + "g",
    "0" * 44 + "g",
    "{}",
    "{",
    "1-2-3",
    ID + "0",
    ID[1:],
    ID + " ",
    5,
    1.5,
    True,
    None,
    [],
    {},
]
TIMES: list[Any] = [
    "2024-01-01T00:00:00Z",
    "2024-01-01t00:00z",
    "2024-01-01 00:00:00.123456789+0200",
    "2024-01-01_00:00:00,5-05:30",
    "2024-01-01T00:00:00\u221205:00",
    "2024-02-29T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "2024-01-01",
    "2024-01-01T00:00:00",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:00:60Z",
    "2024-01-01T00:00:00+24:00",
    "2024-01-01T00:00:00+02",
    "2024-01-01T0:00:00Z",
    "2024-01-01T00:00:00.Z",
    "2024-01-01T00:00:00Zx",
    "2024-13-01T00:00:00Z",
    "2024-00-01",
    "2024-01-00",
    "2024-04-31",
    "2024/01/01",
    "20é4-01-01",
    "0000-01-01T00:00:00Z",
    "0000-01-01",
    "abcdefghij",
    "2024-1a-01",
    "2024-01-1a",
    "1700000000",
    "1700000000.5",
    "+5",
    "-5.",
    ".5",
    "-",
    "1e9",
    "1.e3",
    "1.5E400",
    "-1.5e400",
    "1.5.2",
    "12345678901234567890",
    "253402300800000",
    "253402300800000.5",
    "-62160000000000",
    "-1000000000000000",
    "20000000001",
    " 1700000000",
    "",
    "x",
    1700000000,
    1700000000.123456,
    1700000000123,
    -5,
    10**15,
    10**30,
    -(10**14),
    1e300,
    -1e300,
    float("inf"),
    True,
    None,
    [],
    {},
]
NUMBERS: list[Any] = [
    *("5", " 5 ", "+5", "-5", "1_000", "_1", "1__0", "5.0", "5.5", "1e3", "", "x", ".0", "5.", "0x1", "--1", "00"),
    *(5, -5, 10**30, 5.0, 5.5, 1e300, True, None, [], {}, float("inf"), float("nan")),
]
AMOUNTS: list[Any] = [
    *("1.5", " 1.5 ", "x", "", "nan", "inf", "1_0", "1e3", "1e5", "1e-12", "1e-13", "100000", "99999.999999999999"),
    *("0.1234567890123", "1.50000000000000", "100000.0", "0.00000000000000", "1234567890.123456789012", "-5", "sNaN"),
    *(0, -0.0, 123456, 1.5, 1e-12, 1e300, 10**400, True, None, [], {}, float("inf"), "1E400000000000000000000"),
]
VALUES: list[Any] = [*("", "x", "y" * 500, "y" * 501, "true"), *NUMBERS[-12:], *[["a"], {"a": 1}]]
TEXTS: list[Any] = ["", "x", "é", "y" * 128, "y" * 129, 5, 1.5, True, None, [], {}]


OBJECTS: list[Any] = [None, 5, "x", [], {}]
CURRENCIES: list[Any] = ["usd", "usdx", "eur", 5, None]
BATCHES: list[Any] = [None, 5, "x", {}, [5], [None, {}, []]]


def with_event(**fields: object) -> dict[str, object]:
    return {"events": [{"name": "n", "external_customer_id": "c", **fields}]}


SINGLE_CASES: list[Any] = [
    *[with_event(timestamp=given) for given in TIMES],
    *[{"events": [{"name": "n", "customer_id": given}]} for given in UUIDS],
    *[{"events": [{"name": "n", "customer_id": ID, "member_id": given}]} for given in UUIDS],
    *[with_event(workspace_id=given) for given in UUIDS],
    *[with_event(metadata={"_cost": {"amount": given, "currency": "usd"}}) for given in AMOUNTS],
    *[with_event(metadata={"_cost": {"amount": 1, "currency": given}}) for given in CURRENCIES],
    *[with_event(metadata={"_cost": given, "_llm": given}) for given in OBJECTS],
    *[with_event(metadata={"k": given}) for given in VALUES],
    *[with_event(metadata=given) for given in OBJECTS],
    *[
        with_event(metadata={"_llm": {"vendor": "v", "model": 5, "input_tokens": given, "prompt": 5, "response": None}})
        for given in NUMBERS
    ],
    *[{"events": [{"name": given}]} for given in [*TEXTS, "\ud800"]],
    *[{"events": [{"name": "n", "external_customer_id": given}]} for given in TEXTS],
    *[with_event(external_id=given, parent_id=given, external_member_id=given) for given in TEXTS],
    *[{"events": given} for given in BATCHES],
    {},
]


@pytest.mark.parametrize("body", SINGLE_CASES, ids=lambda body: repr(body)[:80])
def test_each_kind_of_fault_is_told_as_pydantic_tells_it(body: dict[str, object]) -> None:
    assert repr(ours(body)) == repr(theirs(body))


EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(TEXTS),
        "timestamp": st.sampled_from(TIMES),
        "workspace_id": st.sampled_from(UUIDS),
        "external_id": st.sampled_from(TEXTS),
        "parent_id": st.sampled_from(TEXTS),
        "metadata": st.dictionaries(st.sampled_from(["a", "b", "é"]), st.sampled_from(VALUES)),
        "customer_id": st.sampled_from(UUIDS),
        "member_id": st.sampled_from(UUIDS),
        "external_customer_id": st.sampled_from(TEXTS),
        "external_member_id": st.sampled_from(TEXTS),
    },
)


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENTS, max_size=3))
def test_any_mixture_of_faults_is_told_as_pydantic_tells_it(events: list[dict[str, object]]) -> None:
    assert repr(ours({"events": events})) == repr(theirs({"events": events}))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789-:.+TZ tz_e", max_size=24))
def test_a_text_is_a_time_exactly_when_pydantic_takes_it_for_one(text: str) -> None:
    assert ours(with_event(timestamp=text)) == theirs(with_event(timestamp=text))


@settings(max_examples=200, deadline=None)
@given(st.lists(EVENTS, max_size=3))
def test_what_the_quick_way_takes_the_careful_way_takes_likewise(events: list[dict[str, object]]) -> None:
    body = json.dumps({"events": events}).encode()
    quickly = ingestion.decode(body, now=NOW, latest=FAR)
    if quickly is not None:
        assert quickly == ingestion.examine(body, json.loads(body), now=NOW, latest=FAR)


def test_a_usual_batch_goes_the_quick_way() -> None:
    sent = with_event(timestamp="2024-01-01T00:00:00Z", metadata={"a": 1, "_cost": {"amount": "1", "currency": "usd"}})

    assert ingestion.decode(json.dumps(sent).encode(), now=NOW, latest=FAR) is not None


EMAILS = [
    *("x", "", "@b.co", "a@", "a@b", "a b@c.de", "a@b..c", "a@-b.com", "a@b.com-", ".a@b.com", "a.@b.com", "a..b@c.de"),
    *("Name <a@b.co>", "<a@b.co>", " a@b.co ", '"a b"@c.de', "a@[1.2.3.4]", "é@b.co", "a@éb.co", "A@B.Co", "a@b.c"),
    *("a@b@c.de", "a@b.123", "a@b_c.de", "a@" + "b" * 64 + ".com", "a@" + "b." * 130 + "com", "a" * 3000, "a(c)@b.co"),
    *("a@b c.de", "a@b.c,d", "a@.b.de", "a@b.de.", "a@b.c\u00a0o", "a+tag@b-c.example.org", "o'hara@b.co"),
]


@pytest.mark.parametrize("given_email", EMAILS)
def test_an_email_is_judged_as_pydantic_judges_it(given_email: str) -> None:
    outcome = email_address.parse(given_email)

    found = reference.faults(reference.EmailHolder, {"email": given_email})
    if isinstance(outcome, Problem):
        assert [(item["type"], item["msg"], item["ctx"]) for item in found] == [
            (outcome.type, outcome.msg, outcome.ctx)
        ]
    else:
        assert found == []
        assert reference.EmailHolder(email=given_email).email == outcome


CUSTOMER_METADATA: list[dict[str, object]] = [
    {"": 1},
    {"k" * 40: 1},
    {"k" * 41: None},
    {"a": "", "b": [], "c": "y" * 501, "d": True},
]


@pytest.mark.parametrize("sent", CUSTOMER_METADATA, ids=lambda sent: repr(sent)[:60])
def test_a_customers_metadata_is_judged_as_pydantic_judges_it(sent: dict[str, object]) -> None:
    body = {"email": "a@b.co", "metadata": sent}
    try:
        parse_customer(body, json.dumps(body).encode(), RAPIDLY)
        found = []
    except RequestInvalid as error:
        found = wire(error)

    assert found == reference.faults(reference.CustomerMetadata, {"metadata": sent})


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (None, True),
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/vnd.api+json", True),
        ("text/plain", False),
        ("text/json", False),
        ("application/jsonx", False),
        ("nonsense", False),
    ],
)
def test_a_body_is_json_by_its_content_type(content_type: str | None, *, expected: bool) -> None:
    assert bodies.is_json(content_type) is expected


@pytest.mark.parametrize(("ahead", "refused"), [(0, False), (5, False), (6, True)])
def test_clocks_may_be_ahead_by_the_tolerance_and_no_more(ahead: int, *, refused: bool) -> None:
    timestamp = moments.show(NOW + ahead * instant.SECOND)
    sent = with_event(timestamp=timestamp)
    body, latest = json.dumps(sent).encode(), NOW + 5 * instant.SECOND

    assert (ingestion.decode(body, now=NOW, latest=latest) is None) is refused
    try:
        ingestion.examine(body, sent, now=NOW, latest=latest)
        told = []
    except RequestInvalid as error:
        told = [item["msg"] for item in wire(error)]
    assert ("Value error, Timestamp must be in the past." in told) is refused


@given(st.integers(instant.EARLIEST, instant.LATEST))
def test_a_time_reads_back_as_it_is_shown(moment: int) -> None:
    assert moments.parse(moments.show(moment)) == moment
