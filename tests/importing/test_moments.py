"""Times of rows."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.importing.mapping import TimeMapping
from footfall.importing.moments import reader
from footfall.model import instant


def at(text: str, **mapping: str) -> str:
    moment, offset = reader(TimeMapping(column="t", **mapping))(text)
    return f"{instant.to_datetime(moment).isoformat()} {offset}"


@pytest.mark.parametrize(
    ("text", "mapping", "expected"),
    [
        ("12/1/2010 8:26", {"format": "%m/%d/%Y %H:%M", "zone": "Europe/London"}, "2010-12-01T08:26:00+00:00 0"),
        ("7/1/2011 8:26", {"format": "%m/%d/%Y %H:%M", "zone": "Europe/London"}, "2011-07-01T07:26:00+00:00 60"),
        # 2011-10-30 01:30 happened twice in London: the first was summer time.
        ("2011-10-30T01:30:00", {"zone": "Europe/London"}, "2011-10-30T00:30:00+00:00 60"),
        # 2011-03-27 01:30 never happened in London: it is 02:30 summer time.
        ("2011-03-27T01:30:00", {"zone": "Europe/London"}, "2011-03-27T01:30:00+00:00 60"),
        ("2024-05-01T10:00:00+02:00", {}, "2024-05-01T08:00:00+00:00 120"),
        ("2024-05-01T10:00:00.25Z", {"zone": "Asia/Tokyo"}, "2024-05-01T10:00:00.250000+00:00 0"),
        ("1700000000.5", {"format": "epoch_s"}, "2023-11-14T22:13:20.500000+00:00 None"),
        ("1700000000500", {"format": "epoch_ms"}, "2023-11-14T22:13:20.500000+00:00 None"),
        ("May 1 2024 3 PM", {"format": "%b %d %Y %I %p", "zone": "UTC"}, "2024-05-01T15:00:00+00:00 0"),
    ],
)
def test_times_become_instants(text: str, mapping: dict[str, str], expected: str) -> None:
    assert at(text, **mapping) == expected


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("13/1/2010 8:26", {"format": "%m/%d/%Y %H:%M", "zone": "UTC"}),
        ("12/1/2010", {"format": "%m/%d/%Y %H:%M", "zone": "UTC"}),
        ("2024-05-01T10:00:00", {}),
        ("yesterday", {}),
        ("0001-01-01T00:00:00+14:00", {}),
        ("1e30", {"format": "epoch_s"}),
        ("nan", {"format": "epoch_ms"}),
        ("٣", {"format": "%Y", "zone": "UTC"}),
    ],
)
def test_what_is_no_time_is_refused(text: str, mapping: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        at(text, **mapping)


@given(st.datetimes(min_value=datetime(1000, 1, 1)), st.sampled_from(["%Y-%m-%d %H:%M:%S.%f", "%d.%m.%Y %H:%M:%S"]))  # noqa: DTZ001
def test_the_fast_parser_reads_what_strptime_reads(moment: datetime, pattern: str) -> None:
    text = moment.strftime(pattern)

    read, _ = reader(TimeMapping(column="t", format=pattern, zone="UTC"))(text)

    assert read == instant.from_datetime(datetime.strptime(text, pattern).replace(tzinfo=UTC))
