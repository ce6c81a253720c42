"""Instants."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.model import instant


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_datetime_survives_the_round_trip_to_the_microsecond(moment: datetime) -> None:
    assert instant.to_datetime(instant.from_datetime(moment)) == moment


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 29), "Europe/London", 23),
        (date(2026, 10, 25), "Europe/London", 25),
        (date(2026, 6, 1), "Asia/Kolkata", 24),
        (date(2018, 11, 4), "America/Sao_Paulo", 23),  # midnight does not exist
    ],
)
def test_a_day_is_as_long_as_its_zone_makes_it(day: date, zone: str, hours: int) -> None:
    start = instant.start_of_day(day, ZoneInfo(zone))
    end = instant.start_of_day(day + timedelta(days=1), ZoneInfo(zone))

    assert end - start == hours * instant.HOUR


def test_the_first_and_last_instant_can_be_shown() -> None:
    assert instant.to_datetime(instant.EARLIEST).year == 1
    assert instant.to_datetime(instant.LATEST).year == 9999
    assert not instant.is_showable(instant.LATEST + instant.DAY)
