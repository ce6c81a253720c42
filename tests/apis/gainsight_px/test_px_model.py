"""Whatever is asked over HTTP, while others capture: the rows, the order and the total of a model.

The model is written from contracts/gainsight_px.md 2 and knows nothing of the server: lists of what was sent, loops.
"""

import itertools
import re
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any, Self

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.apis.gainsight_px.conftest import HEADER, PATH, PxClient
from tests.conftest import Server, new_workspace

AT = 1704067200000
NAMES = ["Clicked", "click", "Viewed", "VIEW", "Ünit", "50%_off", "a?b"]
PEOPLE = ["u1", "U1", "u2", "t2700-x", "ünit"]
ACCOUNTS = [None, "Acme", "ACME", "t2700-x", "t2700-y", "é"]
FIELDS = ["identifyId", "eventName", "date", "accountId", "eventId", "userType", "attributes.q", "attributes.t"]
FIELDS += ["url", "sessionId"]
VALUES = [*NAMES, *PEOPLE, "acme", "é", "5", "5.0", "12", "true", "USER", "LEAD", "e1", "E3", "", "none", "S1", "/p"]
PATTERNS = ["*", "?", "u*", "*i*", "t2700-?", "*%*", "v???*", "zz*", "*1", "e?", "5*", "??", "*.ex*", "s?"]
MOST_BATCHES = 40  # captured beside the searches
OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "~", "!~"]

events = st.fixed_dictionaries(
    {
        "eventName": st.sampled_from(NAMES),
        "identifyId": st.sampled_from(PEOPLE),
        "accountId": st.sampled_from(ACCOUNTS),
        "date": st.integers(AT, AT + 6),
        "userType": st.sampled_from(["USER", "LEAD", "VISITOR"]),
        "url": st.sampled_from(["", "https://x.example/a?b=c", "/p"]),
        "sessionId": st.sampled_from(["", "S1", "s2"]),
        "attributes": st.fixed_dictionaries(
            {}, optional={"q": st.sampled_from([5, 12, -1.5, "5", "x", None]), "t": st.sampled_from(["é*", "", True])}
        ),
    }
)
dates = st.integers(AT - 1, AT + 7)
# One at most in each filter: a window whose start is after its end is a bad request.
date_terms = st.lists(st.builds("date{}{}".format, st.sampled_from(["==", "<", "<=", ">", ">="]), dates), max_size=1)
other_terms = st.one_of(
    st.builds("{}{}{}".format, st.sampled_from(FIELDS), st.sampled_from(OPERATORS[:6]), st.sampled_from(VALUES)),
    st.builds("{}{}{}".format, st.sampled_from(FIELDS), st.sampled_from(OPERATORS[6:]), st.sampled_from(PATTERNS)),
).filter(lambda term: not re.match(r"date(==|!=|<|>)", term))
others = st.lists(other_terms | st.builds("date!={}".format, dates), min_size=1, max_size=3)
filters = st.lists(st.builds(lambda first, then: ";".join([*first, *then]), date_terms, others), max_size=3)
sorts = st.sampled_from(
    [
        "",
        "date",
        "-date",
        "accountId",
        "-accountId",
        "accountId;-date",
        "-accountId;date",
        "date;accountId",
        "-date;-accountId",
    ]
)


class Model:
    """What was sent, in the order of its storing."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def answer(self, asked: list[str], sort: str) -> list[str]:
        """The ids of all that answer, in order."""
        found = [row for row in self.rows if any(holds(row, text) for text in asked or [""])]
        keys = [key for key in sort.split(";") if key] or ["date"]
        if keys in (["accountId"], ["-accountId"]):
            keys.append(keys[0].replace("accountId", "date"))
        found = sorted(found, key=lambda row: row["place"], reverse=keys[-1].startswith("-"))
        for key in reversed(keys):
            found.sort(key=partial(rank, key.lstrip("-")), reverse=key.startswith("-"))
        return [row["eventId"] for row in found]


def rank(name: str, row: dict[str, Any]) -> tuple[bool, Any]:
    """What is missing comes first."""
    value = row[name]
    return (value is not None, value if value is not None else "")


def holds(row: dict[str, Any], text: str) -> bool:
    """Whether all terms hold. A filter without dates means the window that the test asks in."""
    return all(term_holds(row, term) for term in text.split(";") if term)


def term_holds(row: dict[str, Any], term: str) -> bool:
    """One comparison."""
    matched = re.fullmatch(r"([\w.]+?)(==|!=|<=|>=|!~|<|>|~)(.*)", term, re.DOTALL)
    assert matched is not None, term
    field, operator, value = matched.groups()
    if operator in ("!=", "!~"):
        return not term_holds(row, f"{field}{'==' if operator == '!=' else '~'}{value}")
    stored = row["attributes"].get(field.removeprefix("attributes.")) if field.startswith("attributes.") else row[field]
    if stored is None or stored == "":
        return False
    if isinstance(stored, bool):
        stored = str(stored).lower()
    if operator == "~":
        return like(str(stored), value)
    if isinstance(stored, str):
        return compare(stored.casefold(), operator, value.casefold())
    return re.fullmatch(r"-?[0-9.]+", value) is not None and compare(stored, operator, float(value))


def like(text: str, pattern: str) -> bool:
    """Wildcards."""
    signs = {"*": ".*", "?": "."}
    expression = "".join(signs.get(sign) or re.escape(sign) for sign in pattern.casefold())
    return re.fullmatch(expression, text.casefold(), re.DOTALL) is not None


def compare(left: Any, operator: str, right: Any) -> bool:
    """By size."""
    return bool(
        {"==": left == right, "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]
    )


class Sender:
    """Somebody who captures all the time."""

    def __init__(self, server: Server, px: PxClient) -> None:
        self._url = f"{server.url}{PATH}/batch"
        self._px = px
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(headers={HEADER: self._px.key}) as http:
            for _ in range(MOST_BATCHES):
                if self._stop.is_set():
                    break
                batch = [
                    {
                        "eventName": NAMES[number % 7],
                        "identifyId": PEOPLE[number % 5],
                        "propertyKey": "p",
                        "userType": "USER",
                        "date": AT + number % 7,
                        "accountId": ACCOUNTS[number % 6],
                        "attributes": {"late": True},
                    }
                    for number in range(5)
                ]
                assert http.post(self._url, json=batch).json() == []


@pytest.fixture(scope="module")
def session(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink what failed takes minutes
)
@given(
    stored=st.lists(events, min_size=1, max_size=25),
    asked=st.lists(st.tuples(filters, sorts, st.integers(1, 7)), min_size=8, max_size=8),
)
def test_every_filter_sort_and_scroll_is_what_the_model_says_with_captures_going_on(
    server: Server, session: httpx.Client, stored: list[dict[str, Any]], asked: list[tuple[list[str], str, int]]
) -> None:
    px = PxClient(session, new_workspace(server.database_url))
    rows = [{"eventId": f"e{place}", "place": place, **event} for place, event in enumerate(stored)]
    batch = [{k: v for k, v in row.items() if k != "place"} | {"propertyKey": "p"} for row in rows]
    assert session.post(f"{PATH}/batch", json=batch, headers={HEADER: px.key}).json() == []
    model = Model(rows)

    def pages(texts: list[str], sort: str, size: int, *, not_late: bool) -> tuple[list[str], list[int]]:
        # Whatever comes meanwhile is told apart by an attribute of its own.
        own = [f"{text};attributes.late!=true" if not_late else text for text in texts or ["date>0"]]
        window = {"dateRangeStart": str(AT - 10), "dateRangeEnd": str(AT + 10)}
        page = px.search(*own, **window, sort=sort, pageSize=str(size))
        found, totals = [], [page["totalHits"]]
        while True:
            found += [event["eventId"] for event in page["customEvents"]]
            if page["scrollId"] is None:
                return found, totals
            page = px.search(scrollId=page["scrollId"])
            totals.append(page["totalHits"])

    for texts, sort, size in asked:
        answer = model.answer(texts, sort)
        assert pages(texts, sort, size, not_late=False) == (answer, [len(answer)] * (len(answer) // size + 1))
    with Sender(server, px):
        for texts, sort, size in asked:
            answer = model.answer(texts, sort)
            for _ in range(2):  # asked again, what is remembered is brought up to date
                assert pages(texts, sort, size, not_late=True) == (answer, [len(answer)] * (len(answer) // size + 1))
            found, totals = pages(texts, sort, 100, not_late=False)
            assert len(found) == len(set(found)) == totals[0]
            assert set(totals) == {totals[0]}
            kept = set(answer)
            assert [each for each in found if each in kept] == answer


def test_the_model_knows_the_contracts_test_vectors() -> None:
    """So that both cannot be wrong in the same way."""
    place = itertools.count()

    def row(**fields: Any) -> dict[str, Any]:
        number = next(place)
        return {"eventId": f"e{number + 1}", "place": number, "attributes": {}, "userType": "USER", **fields}

    model = Model(
        [
            row(identifyId="u1", accountId="Acme", eventName="Clicked", date=AT),
            row(identifyId="u1", accountId=None, eventName="click", date=AT + 1000),
            row(identifyId="U1", accountId="t2700-x", eventName="Viewed", date=AT + 2000),
        ]
    )

    assert model.answer(["identifyId==u1"], "") == ["e1", "e2", "e3"]
    assert model.answer(["eventName~cl?ck"], "") == ["e2"]
    assert model.answer(["eventName!~cl*"], "") == ["e3"]
    assert model.answer(["eventName==Clicked", "eventName==Viewed"], "-date") == ["e3", "e1"]
    assert model.answer([f"accountId~t2700*;date>{AT + 1000};date<{AT + 3000};"], "") == ["e3"]
    assert model.answer(["accountId!=Acme"], "") == ["e2", "e3"]
    assert model.answer([], "accountId;-date") == ["e2", "e1", "e3"]
