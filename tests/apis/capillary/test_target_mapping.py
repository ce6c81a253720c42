"""Targets as the product shows them."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.apis.capillary.target_mapping import exact, sql_clock
from footfall.model import amount, instant

ZONES = ("UTC", "Asia/Kolkata", "America/New_York", "Europe/Amsterdam", "Etc/GMT+5", "Africa/Monrovia")


@pytest.mark.parametrize("zone", [ZoneInfo(name) for name in ZONES])
@given(moment=st.integers(instant.EARLIEST + instant.DAY, instant.LATEST - instant.DAY))
def test_a_timestamp_is_cut_to_the_second_on_the_clock_of_the_zone(zone: ZoneInfo, moment: int) -> None:
    shown = instant.to_datetime(moment, zone).replace(microsecond=0, tzinfo=None)

    assert sql_clock(zone)(moment) == f"{shown.isoformat(' ')}.0"


@given(st.integers(-(2**63), 2**63))
def test_an_amount_is_a_number_without_trailing_zeros(value: int) -> None:
    assert str(exact(value)) == str(Decimal(amount.to_text(value)))
    assert exact(value) == Decimal(value) / amount.MILLIONTHS
