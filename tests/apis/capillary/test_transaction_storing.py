"""What targets see of bills and returns, in the transaction that stores them (contracts/capillary.md 6.1, 5.7)."""

from typing import Any

import msgspec
import pytest

from footfall.apis.capillary.transaction_schemas import TransactionRequest
from footfall.apis.capillary.transaction_settings import BillSettings
from footfall.apis.capillary.transaction_storing import Stored, store
from footfall.apis.capillary.transactions import Circumstances, Transaction, Whose, transaction
from footfall.capture.service import Capture
from footfall.model import instant
from footfall.model.workspace import Workspace
from footfall.targets.definition import create
from tests.targets.making import new_group, new_rule

LINES = [{"itemCode": "a", "qty": 3, "amount": 30}, {"itemCode": "b", "qty": 1, "amount": 70}]
NOW = 1_709_547_330_000_000
AROUND = Circumstances(BillSettings(), 75, NOW)


def posted(**members: Any) -> Transaction:
    sent = msgspec.json.encode({"billNumber": "B1", "billAmount": 100, "lineItemsV2": LINES} | members)
    asked = msgspec.json.decode(sent, type=TransactionRequest)
    raw = msgspec.json.decode(sent, type=dict[str, msgspec.Raw])
    return transaction(asked, raw, Whose("externalId", "c1", None, None), AROUND)


@pytest.mark.parametrize(
    ("returned", "fed"),
    [
        ({"returnType": "FULL", "billAmount": None, "lineItemsV2": None}, [-100, -4, -100, -1]),
        ({"returnType": "LINE_ITEM", "billAmount": None, "lineItemsV2": [{"itemCode": "a"}]}, [-10, -1, -10, -1]),
        ({"returnType": "AMOUNT", "billAmount": 25, "lineItemsV2": None}, [-25, -1]),
    ],
)
def test_each_kind_of_return_takes_away_what_each_kind_of_rule_has_added(
    capture: Capture, tenant: Workspace, returned: dict[str, Any], fed: list[int]
) -> None:
    rules = (
        new_rule("Sales"),
        new_rule("Quantity", "QUANTITY"),
        new_rule("Lines", "SALES", entity="LINEITEM"),
        new_rule("Bills", "COUNT"),
    )
    span = ("NOW", NOW - instant.DAY, NOW + instant.DAY)
    for rule in rules:
        capture.change_now(create, tenant.number, new_group([rule], [span], name=rule.name))
    results = capture.change_now(store, tenant, [posted(), posted(type="RETURN", **returned)])

    told = []
    for result in results:
        assert isinstance(result, Stored)
        assert not result.warnings
        assert result.tally is not None
        told.append([one.after - one.before for one in result.tally.of(result.sequence)])
    assert told[0] == [value * 1_000_000 for value in (100, 4, 100, 1)]
    assert [value for value in told[1] if value] == [value * 1_000_000 for value in fed]
