"""Statistics over time: contracts/rapidly.md 2.5."""

from typing import Any

import pytest

from tests.apis.rapidly.conftest import Client

PATH = "/api/events/statistics/timeseries"


def cost(amount: str) -> dict[str, Any]:
    return {"_cost": {"amount": amount, "currency": "usd"}}


@pytest.fixture
def sold(client: Client) -> Client:
    client.ingest(
        {"name": "run", "external_customer_id": "a", "timestamp": "2026-01-01T10:00:00Z", "external_id": "r1"},
        {"name": "step", "external_customer_id": "a", "parent_id": "r1", "external_id": "s", "metadata": cost("1.5")},
        {"name": "step", "external_customer_id": "a", "parent_id": "s", "metadata": cost("0.25")},
        {
            "name": "run",
            "external_customer_id": "b",
            "timestamp": "2026-01-03T23:59:59.999999Z",
            "metadata": cost("0.25"),
        },
        {"name": "free", "external_customer_id": "b", "timestamp": "2026-01-03T00:00:00Z"},
    )
    client.customer(email="x@acme.test")
    return client


def statistics(client: Client, query: str = "", first: str = "2026-01-01", last: str = "2026-01-03") -> Any:
    answer = client.get(f"{PATH}?start_date={first}&end_date={last}&interval=day{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_root_events_are_counted_and_what_is_below_them_is_summed(sold: Client) -> None:
    body = statistics(sold)

    run, free = body["totals"]
    assert list(run) == [
        *("name", "label", "event_type_id", "occurrences", "customers", "totals", "averages", "p10", "p90", "p99")
    ]
    assert (run["name"], run["occurrences"], run["customers"], run["totals"]) == ("run", 2, 2, {"_cost_amount": "2.00"})
    assert run["averages"] == {"_cost_amount": "1.00"}
    assert float(run["p10"]["_cost_amount"]) == pytest.approx(0.4)
    assert float(run["p99"]["_cost_amount"]) == pytest.approx(1.735)
    assert (free["name"], free["totals"], free["p10"], free["p90"], free["p99"]) == (
        "free",
        {"_cost_amount": "0"},
        {},
        {},
        {"_cost_amount": "0"},
    )


def test_missing_combinations_are_zero(sold: Client) -> None:
    periods = statistics(sold)["periods"]

    assert [(each["period_start"], each["period_end"]) for each in periods] == [
        ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
        ("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"),
        ("2026-01-03T00:00:00Z", "2026-01-03T23:59:59.999999Z"),
    ]
    assert [{each["name"]: each["occurrences"] for each in period["stats"]} for period in periods] == [
        {"run": 1, "free": 0},
        {"run": 0, "free": 0},
        {"run": 1, "free": 1},
    ]
    assert periods[0]["timestamp"] == periods[0]["period_start"]


def test_another_zone_has_other_days(sold: Client) -> None:
    body = statistics(sold, "&timezone=Europe/Berlin")

    assert body["periods"][0]["timestamp"] == "2025-12-31T23:00:00Z"
    assert body["periods"][-1]["period_end"] == "2026-01-03T23:59:59.999999+01:00"
    assert [each["occurrences"] for each in body["totals"]] == [1, 1]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("&name=free", ["free"]),
        ("&external_customer_id=a", ["run"]),
        ("&source=system", []),
        ("&sorting=name", ["free", "run"]),
        ("&sorting=occurrences", ["free", "run"]),
        ("&sorting=-p99", ["run", "free"]),
        ("&metadata[_cost]=x", []),
        ("&workspace_id=749ec817-0bbf-4301-9ba8-555ca42b9737", []),
        ("&aggregate_fields=quantity", ["free", "run"]),
    ],
)
def test_statistics_are_filtered_and_sorted(sold: Client, query: str, names: list[str]) -> None:
    assert [each["name"] for each in statistics(sold, query)["totals"]] == names


@pytest.mark.parametrize(
    ("interval", "first", "last", "status"),
    [
        ("hour", "2026-01-01", "2026-01-08", 200),
        ("hour", "2026-01-01", "2026-01-09", 422),
        ("day", "2025-01-01", "2026-01-02", 200),
        ("day", "2025-01-01", "2026-01-03", 422),
        ("week", "2025-01-01", "2026-01-08", 422),
        ("month", "2022-01-01", "2026-01-01", 422),
        ("year", "2016-01-05", "2026-01-02", 200),
        ("year", "1016-01-05", "2026-01-02", 422),
        ("month", "2026-01-31", "2026-03-01", 200),
        ("week", "0001-01-01", "0001-01-02", 200),
    ],
)
def test_too_many_periods_are_refused(client: Client, interval: str, first: str, last: str, status: int) -> None:
    answer = client.get(f"{PATH}?start_date={first}&end_date={last}&interval={interval}")

    assert answer.status_code == status
    if status == 422:
        [fault] = answer.json()["detail"]
        assert (fault["type"], fault["loc"]) == ("value_error", ["query"])
        assert fault["msg"] == "The interval is too big. Try to change the interval or reduce the date range."


@pytest.mark.parametrize(
    ("query", "type_", "loc"),
    [
        ("end_date=2026-01-01&interval=day", "missing", "start_date"),
        ("start_date=2026-01-01&end_date=2026-01-01", "missing", "interval"),
        ("start_date=2026-13-01&end_date=2026-01-01&interval=day", "date_from_datetime_parsing", "start_date"),
        ("start_date=x&end_date=2026-01-01&interval=day", "date_from_datetime_parsing", "start_date"),
        ("start_date=2026-01-01&end_date=2026-01-01&interval=decade", "enum", "interval"),
        ("start_date=2026-01-01&end_date=2026-01-01&interval=day&timezone=Mars/X", "TimeZoneName", "timezone"),
        ("start_date=2026-01-01&end_date=2026-01-01&interval=day&timezone=../x", "TimeZoneName", "timezone"),
    ],
)
def test_a_bad_parameter_is_told(client: Client, query: str, type_: str, loc: str) -> None:
    answer = client.get(f"{PATH}?{query}")

    assert answer.status_code == 422
    assert [(fault["type"], fault["loc"]) for fault in answer.json()["detail"]] == [(type_, ["query", loc])]


def test_months_begin_with_their_first_day(client: Client) -> None:
    answer = client.get(f"{PATH}?start_date=2025-12-31&end_date=2026-02-01&interval=month").json()

    assert [each["timestamp"][:10] for each in answer["periods"]] == ["2025-12-01", "2026-01-01", "2026-02-01"]
