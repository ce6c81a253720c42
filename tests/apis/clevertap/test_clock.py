"""The account's clock, read once a day, shows what reading it every time shows."""

from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones
from zoneinfo._zoneinfo import ZoneInfo as ReadableZone  # type: ignore[import-not-found]  # in Python, transitions and all

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from footfall.apis.clevertap.clock import Clock, local_digits
from footfall.model import instant

ZONES = sorted(available_timezones())
_WITHIN_DAYS = st.integers(-200_000, 200_000)
_MOMENTS = st.one_of(
    st.integers(instant.EARLIEST, instant.LATEST),
    # Around the turns of a clock that has many: two a year, and once half an hour.
    st.builds(
        lambda turn, off: (turn + off) * instant.SECOND, st.integers(0, 60).map(lambda n: n * 15_724_800), _WITHIN_DAYS
    ),
    st.sampled_from([instant.EARLIEST, instant.LATEST, 0, -1, 1603587600_000000, 1301151600_000000]),
)


@pytest.mark.parametrize(
    ("moment", "zone", "digits"),
    [
        (0, "UTC", 19700101000000),
        (-1, "UTC", 19691231235959),
        (1603587600_000000, "Europe/London", 20201025010000),  # the hour that comes twice: first pass
        (1603584000_000000, "Europe/London", 20201025010000),  # and second
        (instant.LATEST, "UTC", 99991231235959),
        (instant.LATEST, "Pacific/Kiritimati", 99991231235959),
        (instant.EARLIEST, "America/New_York", 10101000000),
    ],
)
def test_ts_is_an_integer_of_local_digits(moment: int, zone: str, digits: int) -> None:
    assert local_digits(moment, ZoneInfo(zone)) == digits


@given(zone=st.sampled_from(ZONES), moments=st.lists(_MOMENTS, min_size=1, max_size=30))
@example(zone="Europe/London", moments=[1603584000_000000 + hour * instant.HOUR for hour in range(-30, 30)])
@example(zone="Australia/Lord_Howe", moments=[1617458400_000000 + hour * instant.HOUR for hour in range(-30, 30)])
@example(zone="Pacific/Apia", moments=[1325239200_000000 + hour * instant.HOUR for hour in range(-30, 30)])
@example(zone="Africa/Monrovia", moments=[63593070_000000 + hour * instant.HOUR for hour in range(-30, 30)])
def test_a_clock_shows_what_it_shows_when_read_every_time(zone: str, moments: list[int]) -> None:
    found = ZoneInfo(zone)
    clock = Clock(found)

    for order in (moments, sorted(moments)):
        assert [clock.digits(moment) for moment in order] == [local_digits(moment, found) for moment in order]


def test_no_zone_changes_its_clock_twice_within_a_day() -> None:
    for name in ZONES:
        zone = ReadableZone.no_cache(name)
        offsets = [zone._tti_before.utcoff, *(kind.utcoff for kind in zone._ttinfos)]
        changes = [
            at for at, (before, after) in zip(zone._trans_utc, pairwise(offsets), strict=True) if before != after
        ]
        assert all(later - earlier > 86_400 for earlier, later in pairwise(changes)), name
