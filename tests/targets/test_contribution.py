"""What events add by rules of every kind, a table row each (contracts/capillary.md 4.3, 5.2)."""

import json
from typing import Any

import pytest

from footfall.model import amount
from footfall.model.counting import Occurrence
from footfall.targets.contribution import Document, adder, event_names
from tests.targets.making import ONE, counting_rule

LINES = [
    {"itemCode": "A", "qty": 2, "rate": 10, "amount": 18, "discount": 2, "extendedFields": {"points": 3}},
    {"itemCode": "B", "qty": "1.5", "value": 7.25, "amount": "7.25"},
    {"itemCode": "C"},
    "no line",
]
BILL = {
    "grossAmount": "30.5",
    "discount": 2,
    "lineItemsV2": LINES,
    "extendedFields": {"weight": 1.25, "gift": "yes"},
    "customFields": [{"name": "channel", "value": "web"}],
}


def added(
    name: str,
    value: str | None,
    properties: Any,
    *,
    returns: bool = True,
    **of_rule: Any,
) -> tuple[str, str, bool] | None:
    """(shown, counted, whether a visit is opened) as text; None where nothing counts."""
    occurrence = Occurrence(
        customer=1,
        sequence=1,
        id=bytes(16),
        occurred_at=0,
        processed_at=0,
        name=name,
        amount=None if value is None else amount.parse(value),
        outlet="7",
        properties=json.dumps(properties),
    )
    add = adder(counting_rule(**of_rule).counted, returns_count=returns)
    found = add(occurrence, Document(occurrence))
    return None if found is None else (amount.to_text(found[0]), amount.to_text(found[1]), found[2])


@pytest.mark.parametrize(
    ("kind", "bill", "returned"),
    [
        ("SALES", ("25.25", "25.25", False), ("-25.25", "-25.25", False)),
        ("GROSS_SALES", ("25.25", "30.5", False), ("-25.25", "-30.5", False)),
        ("COUNT", ("25.25", "1", False), ("-25.25", "-1", False)),
        ("VISIT", ("25.25", "0", True), ("-25.25", "0", False)),
        ("QUANTITY", ("25.25", "3.5", False), ("-25.25", "-3.5", False)),
    ],
)
def test_bills_count_and_returns_take_away(kind: str, bill: Any, returned: Any) -> None:
    assert added("ADD_TRANSACTION", "25.25", BILL, type=kind) == bill
    for sign in ("", "-"):
        assert added("RETURN_BILL", f"{sign}25.25", BILL, type=kind) == returned
    assert added("RETURN_BILL", "25.25", BILL, type=kind, returns=False) is None


@pytest.mark.parametrize(
    ("kind", "counted"), [("SALES", "25.25"), ("GROSS_SALES", "27.25"), ("COUNT", "4"), ("QUANTITY", "3.5")]
)
def test_line_items_are_added_up(kind: str, counted: str) -> None:
    bill = BILL | {"lineItemsV2": [*LINES[:3], {"itemCode": "D", "amount": None, "qty": 0}]}

    assert added("ADD_TRANSACTION", "25.25", bill, entity="LINEITEM", type=kind) == ("25.25", counted, False)
    assert added("RETURN_BILL", "25.25", bill, entity="LINEITEM", type=kind) == ("-25.25", f"-{counted}", False)


def test_only_lines_for_which_the_expression_holds_are_added_up() -> None:
    is_a = {
        "arity": "binary_operation",
        "value": "==",
        "operands": [
            {
                "arity": "object_dereference",
                "operands": [{"arity": "name", "value": "currentLineItem"}, {"arity": "name", "value": "itemCode"}],
            },
            {"arity": "literal", "value": "A", "type": "string:primitive"},
        ],
    }
    of_a: Any = {"entity": "LINEITEM", "expression": json.dumps(is_a)}

    assert added("ADD_TRANSACTION", "9", BILL, type="SALES", **of_a) == ("9", "18", False)
    assert added("ADD_TRANSACTION", "9", BILL, type="VISIT", **of_a) == ("9", "0", True)
    assert added("ADD_TRANSACTION", "9", BILL | {"lineItemsV2": LINES[1:]}, type="VISIT", **of_a) is None
    assert added("ADD_TRANSACTION", "9", {}, type="SALES", **of_a) is None


@pytest.mark.parametrize(
    ("entity", "name", "aggregate", "counted"),
    [
        ("TRANSACTION", "weight", "SUM", "1.25"),
        ("TRANSACTION", "weight", "COUNT", "1"),
        ("TRANSACTION", "gift", "SUM", None),
        ("TRANSACTION", "gift", "COUNT", "1"),
        ("TRANSACTION", "size", "COUNT", None),
        ("LINEITEM", "points", "SUM", "3"),
    ],
)
def test_extended_fields_are_summed_or_counted(entity: Any, name: str, aggregate: str, counted: str | None) -> None:
    found = added(
        "ADD_TRANSACTION", "5", BILL, entity=entity, type="EXTENDED_FIELD", field_name=name, aggregate=aggregate
    )

    assert found == (None if counted is None else ("5", counted, False))


@pytest.mark.parametrize(
    ("of_rule", "properties", "expected"),
    [
        ({"type": "COUNT"}, {}, ("1", "1", False)),
        ({"type": "VISIT"}, {}, ("1", "0", True)),
        ({"type": "EVENT_ATTRIBUTE", "field_name": "nights"}, {"nights": 2.5}, ("1", "2.5", False)),
        ({"type": "EVENT_ATTRIBUTE", "field_name": "nights"}, {"nights": "2"}, ("1", "2", False)),
        ({"type": "EVENT_ATTRIBUTE", "field_name": "nights"}, {"nights": "-0.000001"}, ("1", "-0.000001", False)),
        ({"type": "EVENT_ATTRIBUTE", "field_name": "nights"}, {"nights": "many"}, None),
        ({"type": "EVENT_ATTRIBUTE", "field_name": "nights"}, {"nights": True}, None),
        ({"type": "EVENT_ATTRIBUTE", "field_name": "nights"}, {"nights": "1e400"}, None),
        ({"type": "EVENT_ATTRIBUTE", "field_name": "nights"}, {}, None),
        ({"type": "EVENT_ATTRIBUTE", "field_name": "nights", "aggregate": "COUNT"}, {"nights": "x"}, ("1", "1", False)),
        ({"type": "EVENT_ATTRIBUTE", "field_name": "nights", "aggregate": "COUNT"}, {"nights": None}, None),
    ],
)
def test_behavioural_events_show_one_and_add_what_the_rule_asks_for(
    of_rule: Any, properties: dict[str, Any], expected: Any
) -> None:
    assert added("stay", None, properties, entity="EVENT", event_name="stay", **of_rule) == expected
    assert added("Stay", None, properties, entity="EVENT", event_name="stay", **of_rule) is None


def test_a_rule_about_returns_alone_adds_them_up() -> None:
    of_returns: Any = {"event_name": "ReturnBill", "type": "SALES"}

    assert added("RETURN_BILL", "-4", {}, **of_returns) == ("-4", "4", False)
    assert added("RETURN_BILL", "4", {}, returns=False, **of_returns) == ("-4", "4", False)
    assert added("ADD_TRANSACTION", "4", {}, **of_returns) is None


@pytest.mark.parametrize("kind", ["SALES", "GROSS_SALES", "COUNT", "VISIT", "QUANTITY"])
def test_what_has_no_amount_is_no_bill(kind: str) -> None:
    assert added("ADD_TRANSACTION", None, BILL, type=kind) is None


def test_properties_nested_too_deeply_say_nothing() -> None:
    occurrence = Occurrence(
        customer=1,
        sequence=1,
        id=bytes(16),
        occurred_at=0,
        processed_at=0,
        name="ADD_TRANSACTION",
        amount=ONE,
        outlet=None,
        properties='{"a":' * 100_000 + "1" + "}" * 100_000,
    )

    add = adder(counting_rule(type="GROSS_SALES").counted, returns_count=True)
    assert add(occurrence, Document(occurrence)) == (ONE, ONE, False)


def test_rules_ask_for_the_events_that_they_may_count() -> None:
    rules = [
        counting_rule(),
        counting_rule(event_name="ReturnBill"),
        counting_rule(entity="EVENT", event_name="stay", type="COUNT"),
    ]

    assert event_names(rules[:1]) == {"ADD_TRANSACTION", "RETURN_BILL"}
    assert event_names(rules[1:2]) == {"RETURN_BILL"}
    assert event_names(rules) == {"ADD_TRANSACTION", "RETURN_BILL", "stay"}
