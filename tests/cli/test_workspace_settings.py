"""What may be chosen for a workspace."""

import msgspec
import pytest

from footfall.apis.capillary.transaction_settings import BillSettings, bill_settings
from footfall.cli.workspace_settings import InvalidSetting, changed
from footfall.model.workspace import Workspace


def workspace(settings: bytes) -> Workspace:
    return Workspace(
        number=1, id=b"", name="w", timezone="UTC", org_id=1, till_id=1, till_code="t", property_key="", account_id="",
        settings=msgspec.Raw(settings),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "chosen"),
    [
        ("furthest_back_days", "30", BillSettings(furthest_back_days=30)),
        ("furthest_ahead_days", "0.5", BillSettings(furthest_ahead_days=0.5)),
        ("furthest_ahead_days", "null", BillSettings(furthest_ahead_days=None)),
        ("returns_need_bill", "false", BillSettings(returns_need_bill=False)),
        ("default_customer_status", "Active", BillSettings(default_customer_status="Active")),
        ("furthest_back_days", None, BillSettings()),
    ],
)
def test_how_bills_are_checked_may_be_chosen(name: str, text: str | None, chosen: BillSettings) -> None:
    settings = changed(b"{}", f"capillary.{name}", text)

    assert bill_settings(workspace(settings)) == chosen


def test_what_cannot_be_chosen_is_refused() -> None:
    with pytest.raises(InvalidSetting):
        changed(b"{}", "capillary.furthest_back_days", "long ago")
