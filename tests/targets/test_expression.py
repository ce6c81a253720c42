"""Expressions of rules: what they say of an event, and what is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.targets.expression import Subject, parsed
from footfall.targets.failure import TargetFailure


def literal(value: Any, kind: str = "number:primitive") -> dict[str, Any]:
    return {"arity": "literal", "value": value, "type": kind}


def name(*names: str) -> dict[str, Any]:
    parts = [{"arity": "name", "value": one} for one in names]
    return parts[0] if len(parts) == 1 else {"arity": "object_dereference", "operands": parts}


def operation(value: str, *operands: Any) -> dict[str, Any]:
    arity = "unary_operation" if len(operands) == 1 else "binary_operation"
    return {"arity": arity, "value": value, "operands": list(operands)}


def holds(tree: Any, facts: dict[str, Any], entity: Any = "EVENT") -> bool:
    predicate = parsed(json.dumps(tree), entity)

    def say(subject: Subject, path: tuple[str, ...]) -> object:
        return facts.get(".".join((subject, *path)))

    return True if predicate is None else predicate(say)


def test_the_products_own_tree_of_a_value_above_500() -> None:
    tree = {
        "arity": "binary_operation",
        "value": ">",
        "type": "boolean:primitive",
        "operands": [
            {
                "arity": "object_dereference",
                "type": "real:object:primitive",
                "operands": [
                    {"arity": "name", "value": "currentTxn", "type": "tx:object:primitive"},
                    {"arity": "name", "value": "value", "type": "real:object:primitive"},
                ],
            },
            {"arity": "literal", "value": "500", "type": "number:primitive"},
        ],
    }

    assert holds(tree, {"event.value": 500.01}, "TRANSACTION")
    assert not holds(tree, {"event.value": 500}, "TRANSACTION")


@pytest.mark.parametrize("tree", [True, literal("true", "boolean:primitive"), literal(value=True)])
def test_a_tree_that_is_always_true_is_no_predicate(tree: Any) -> None:
    assert parsed(json.dumps(tree), "TRANSACTION") is None


@pytest.mark.parametrize(
    ("operator", "left", "right", "expected"),
    [
        ("==", 1, literal("1.0"), True),
        ("==", "1.0", literal(1), True),
        ("!=", 1, literal(2), True),
        (">=", 2, literal(2), True),
        ("<", 1.5, literal(2), True),
        ("<=", "10", literal(9), False),
        ("==", "web", literal("web", "string:primitive"), True),
        ("==", "Web", literal("web", "string:primitive"), False),
        ("!=", "Web", literal("web", "string:primitive"), True),
        ("<", "a", literal("b", "string:primitive"), True),
        ("==", True, literal("true", "boolean:primitive"), True),
        ("==", "false", literal("true", "boolean:primitive"), False),
        ("==", "many", literal(3), False),
        ("!=", "many", literal(3), True),
        (">", [], literal(3), False),
        ("==", None, literal(3), False),
        ("!=", None, literal(3), False),
    ],
)
def test_comparisons(operator: str, left: Any, right: Any, expected: bool) -> None:
    assert holds(operation(operator, name("currentEvent", "x"), right), {"event.x": left}) is expected


@pytest.mark.parametrize(("both", "either"), [("&&", "||"), ("and", "or"), ("AND", "OR")])
def test_and_or_not(both: str, either: str) -> None:
    positive, small = operation(">", name("x"), literal(0)), operation("<", name("x"), literal(9))

    for value, inside in ((5, True), (-1, False), (10, False)):
        assert holds(operation(both, positive, small), {"event.x": value}) is inside
        assert holds(operation("!", operation(both, positive, small)), {"event.x": value}) is not inside
    assert holds(operation(either, positive, small, literal("false", "boolean:primitive")), {"event.x": -1})


def test_a_bare_name_means_the_line_of_a_rule_about_line_items() -> None:
    tree = operation("==", name("itemCode"), literal("A", "string:primitive"))

    assert holds(tree, {"line.itemCode": "A"}, "LINEITEM")
    assert holds(operation(">", name("currentTxn", "value"), literal(1)), {"event.value": 2}, "LINEITEM")
    assert holds(operation("==", name("customFields", "x"), literal(1)), {"line.customFields.x": 1}, "LINEITEM")


@pytest.mark.parametrize("entity", ["TRANSACTION", "LINEITEM", "EVENT"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "1",
        "[]",
        '"true"',
        "[" * 100_000,
        '{"arity":"binary"}',
        json.dumps(literal("yes", "string:primitive")),
        json.dumps(operation("+", name("x"), literal(1))),
        json.dumps(operation(">", name("x"))),
        json.dumps(operation("&&", literal(1), literal(2))),
        json.dumps(operation("in", name("x"), literal(1))),
        json.dumps(operation("==", name("currentCustomer", "age"), literal(1))),
        json.dumps(operation("==", {"arity": "function", "value": "now"}, literal(1))),
        json.dumps({"arity": "binary_operation", "value": ">", "operands": {}}),
        json.dumps({"arity": "binary_operation", "value": [], "operands": []}),
    ],
)
def test_what_is_not_known_is_refused(text: str, entity: Any) -> None:
    with pytest.raises(TargetFailure, match="expressionJson"):
        parsed(text, entity)


@pytest.mark.parametrize("path", [("currentTxn", "basketAmountSumNonDiscounted"), ("currentTxn", "value", "x"), ("x",)])
def test_attributes_that_bills_do_not_have_are_refused(path: tuple[str, ...]) -> None:
    with pytest.raises(TargetFailure, match="attribute"):
        parsed(json.dumps(operation("==", name(*path), literal(1))), "TRANSACTION")


def test_a_tree_nested_too_deeply_is_refused() -> None:
    tree: Any = literal("false", "boolean:primitive")
    for _ in range(60):
        tree = operation("!", tree)

    with pytest.raises(TargetFailure, match="too deeply"):
        parsed(json.dumps(tree), "EVENT")


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just(literal(1)) | st.just(name("x")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.builds(operation, st.sampled_from(["&&", "!", ">", "?"]), inner, inner)
        | st.fixed_dictionaries({"arity": st.sampled_from(["name", "literal", "unary_operation"]), "value": inner})
    ),
    max_leaves=12,
)


@given(trees, st.dictionaries(st.just("event.x"), st.none() | st.integers() | st.text() | st.lists(st.booleans())))
def test_any_tree_is_refused_or_says_yes_or_no(tree: Any, facts: dict[str, Any]) -> None:
    try:
        found = holds(tree, facts)
    except TargetFailure:
        return
    assert found in {True, False}
