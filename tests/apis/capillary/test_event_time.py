"""The 17 patterns of ``eventDateTime`` (contracts/capillary.md 2.6)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.apis.capillary import event_time
from footfall.model import instant

NOW = instant.from_datetime(datetime(2026, 1, 23, tzinfo=UTC))
NOON = datetime(2024, 4, 11, 12, 30, 5, tzinfo=UTC)
DAY = datetime(2024, 4, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment", "offset"),
    [
        ("2024-08-24T15:30:00+07:00", datetime(2024, 8, 24, 8, 30, tzinfo=UTC), 420),
        ("2024-08-24T15:30:00-03:30", datetime(2024, 8, 24, 19, 0, tzinfo=UTC), -210),
        ("2024-04-11T12:30:05Z", NOON, 0),
        ("2024-04-11T12:30:05.25", NOON + timedelta(milliseconds=250), None),
        ("2024-04-11T12:30:05.250Z", NOON + timedelta(milliseconds=250), 0),
        ("2024-04-11T12:30:05", NOON, None),
        ("2024-04-11 12:30:05", NOON, None),
        ("2024-04-11", DAY, None),
        ("11-04-2024 12:30:05", NOON, None),
        ("04/11/2024 12:30:05", NOON, None),
        ("2024/04/11 12:30:05", NOON, None),
        ("2024/04/11", DAY, None),
        ("11-04-2024", DAY, None),
        ("04/11/2024", DAY, None),
        ("20240411 12:30:05", NOON, None),
        ("11-Apr-24", DAY, None),
        ("11-Apr-99", datetime(1999, 4, 11, tzinfo=UTC), None),
        ("Thu Apr 11 12:30:05 GMT 2024", NOON, 0),
        ("Thu Apr 11 18:00:05 IST 2024", NOON, 330),
        ("April,11,2024", DAY, None),
        ("April,11", datetime(1970, 4, 11, tzinfo=UTC), None),
        ("2024-31-12 12:30:05", datetime(2024, 12, 31, 12, 30, 5, tzinfo=UTC), None),
    ],
)
def test_each_pattern_gives_its_instant_and_offset(text: str, moment: datetime, offset: int | None) -> None:
    assert event_time.parse(text, NOW) == event_time.EventTime(instant.from_datetime(moment), offset)


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "2024", "2024-13-32", "2024-02-30", "2023-02-29T00:00:00Z", "0000-01-01", "10000-01-01",
        "2024-04-11T25:00:00", "2024-04-11T12:30:60Z", "2024-04-11T12:30:05+19:00", "2024-04-11T12:30:05+07:99",
        "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "Thu Apr 11 12:30:05 XYZ 2024", "Foo,11,2024",
        "11-Foo-24", "\uff12024-04-11", "2024-04-11" * 10, "1724488200000",
    ],
)  # fmt: skip
def test_what_no_pattern_spells_is_no_instant(text: str) -> None:
    assert event_time.parse(text, NOW) is None


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),  # noqa: DTZ001
    st.integers(-18 * 60, 18 * 60),
)
def test_an_instant_with_an_offset_survives(wall: datetime, minutes: int) -> None:
    moment = wall.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))

    found = event_time.parse(moment.strftime("%Y-%m-%dT%H:%M:%S") + event_time.offset_text(minutes), NOW)

    assert found == event_time.EventTime(instant.from_datetime(moment), minutes)


@pytest.mark.parametrize(
    ("text", "moment", "offset"),
    [
        ("2024-04-11T12:30Z", datetime(2024, 4, 11, 12, 30, tzinfo=UTC), 0),  # Java leaves out seconds that are zero
        ("2024-04-11T12:30", datetime(2024, 4, 11, 12, 30, tzinfo=UTC), None),
        ("2024-04-11T12:30:05+0530", datetime(2024, 4, 11, 7, 0, 5, tzinfo=UTC), 330),  # Python's %z
        ("2024-04-11 12:30:05-05", datetime(2024, 4, 11, 17, 30, 5, tzinfo=UTC), -300),
        ("11-04-2024", datetime(2024, 4, 11, tzinfo=UTC), None),
    ],
)
def test_other_forms_of_iso_8601_are_understood_where_the_product_takes_iso_8601(
    text: str, moment: datetime, offset: int | None
) -> None:
    assert event_time.parse_iso8601(text, NOW) == event_time.EventTime(instant.from_datetime(moment), offset)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2024-04-11T12:30+2359", "0001-01-01T00:00+0500", "9999-12-31T23:59-0500", "1" * 65]
)
def test_what_is_no_iso_8601_is_no_instant(text: str) -> None:
    assert event_time.parse_iso8601(text, NOW) is None


@given(st.text(max_size=40))
def test_no_text_makes_parsing_fail(text: str) -> None:
    event_time.parse_iso8601(text, NOW)
    found = event_time.parse(text, NOW)

    assert found is None or instant.is_showable(found.occurred_at)
