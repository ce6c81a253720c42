"""What one event adds to one rule: pure functions from the event's own words to an amount (contracts/capillary.md 4.3).

An event is looked at once for each rule about its name; its JSON is read only where a rule asks for more than bills
say, and once for all of them. A return takes away, whichever sign it came with; a rule about returns alone adds up.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from footfall.model import amount
from footfall.model.amount import MILLIONTHS
from footfall.model.counting import Counted, CountingRule, Occurrence
from footfall.model.event import ADD_TRANSACTION, RETURN_BILL
from footfall.model.target import RETURN_OF_BILL, TRANSACTION_ADD
from footfall.targets import expression
from footfall.targets.expression import Predicate, Subject

ONE = MILLIONTHS
_NAMES = {ADD_TRANSACTION: (TRANSACTION_ADD,), RETURN_BILL: (TRANSACTION_ADD, RETURN_OF_BILL)}
_OF_BILLS = frozenset({"TRANSACTION", "LINEITEM"})
_LARGEST = 2**63 - 1


Addition = tuple[int, int, bool]
"""What is shown as the tracked event's value, what is added to progress, and whether it may open a day's visit, which
adds one by itself."""


class Document:
    """The properties of an event, read when somebody first asks for them."""

    __slots__ = ("_occurrence", "_properties", "line")

    def __init__(self, occurrence: Occurrence) -> None:
        self._occurrence = occurrence
        self._properties: dict[str, Any] | None = None
        self.line: dict[str, Any] = {}

    @property
    def properties(self) -> dict[str, Any]:
        """The event's JSON object; empty where it is nested too deeply to be read."""
        if self._properties is None:
            try:
                found = _decode(self._occurrence.properties)
            except (msgspec.MsgspecError, RecursionError):
                found = {}
            self._properties = found if isinstance(found, dict) else {}
        return self._properties

    @property
    def lines(self) -> Iterator[dict[str, Any]]:
        """The bill's line items."""
        found = self.properties.get("lineItemsV2") or self.properties.get("lineItems")
        return (line for line in found if isinstance(line, dict)) if isinstance(found, list) else iter(())

    def __call__(self, subject: Subject, path: tuple[str, ...]) -> object:
        """See ``expression.Facts``."""
        if subject == "event" and path in {("value",), ("amount",), ("billAmount",)} and _is_bill(self._occurrence):
            return amount.to_decimal(abs(self._occurrence.amount or 0))
        found: object = self.line if subject == "line" else self.properties
        for name in path:
            if isinstance(found, list):
                found = _named(found, name)
            else:
                found = found.get(name) if isinstance(found, dict) else None
        return found


def event_names(rules: Iterable[CountingRule]) -> set[str]:
    """The names of the events that the rules may count."""
    asked = {(rule.counted.entity, rule.counted.event_name) for rule in rules}
    found = {name for entity, name in asked if entity not in _OF_BILLS}
    for entity, asked_name in asked:
        if entity in _OF_BILLS:
            found.update(name for name, known in _NAMES.items() if asked_name in known)
    return found


Adder = Callable[[Occurrence, Document], Addition | None]


def names_of(name: str) -> tuple[str, ...]:
    """Names by which rules may ask for an event called ``name``."""
    return (name, *_NAMES.get(name, ()))


@lru_cache(maxsize=4096)
def adder(counted: Counted, *, returns_count: bool) -> Adder:
    """What events add by a rule, wherever they happened; None for those that it does not count."""
    is_about_bills = counted.entity in _OF_BILLS
    accepted = expression.parsed(counted.expression, counted.entity)
    measure = _MEASURES[counted.entity, counted.type]
    counts_lines = counted.entity == "LINEITEM"
    returns_alone = counted.event_name == RETURN_OF_BILL
    is_visit = counted.type == "VISIT"

    if counted.event_name == TRANSACTION_ADD and accepted is None and (counted.entity, counted.type) in _PLAIN:
        return _plain_adder(counted.type, returns_count=returns_count)

    def add(occurrence: Occurrence, document: Document) -> Addition | None:
        names = _NAMES.get(occurrence.name, ()) if is_about_bills else (occurrence.name,)
        if counted.event_name not in names:
            return None
        is_return = is_about_bills and occurrence.name == RETURN_BILL
        if is_about_bills and (occurrence.amount is None or (is_return and not (returns_count or returns_alone))):
            return None
        if accepted is not None and not counts_lines and not accepted(document):
            return None
        found = measure(occurrence, document, counted, accepted)
        if found is None or abs(found) > _LARGEST:
            return None
        shown = ONE if not is_about_bills else occurrence.amount or 0
        if is_return:
            shown = -abs(shown)
            found = abs(found) if returns_alone else 0 if is_visit else -abs(found)
        return shown, 0 if is_visit else found, is_visit and found > 0

    return add


_PLAIN = {("TRANSACTION", "SALES"), ("TRANSACTION", "COUNT"), ("TRANSACTION", "VISIT")}


def _plain_adder(kind: str, *, returns_count: bool) -> Adder:
    """As ``adder``, for what bills say themselves: most rules are such, and each event meets all of them."""
    is_sum, is_visit = kind == "SALES", kind == "VISIT"

    def add(occurrence: Occurrence, _: Document) -> Addition | None:
        value = occurrence.amount
        if value is None:
            return None
        if occurrence.name == ADD_TRANSACTION:
            return value, value if is_sum else 0 if is_visit else ONE, is_visit
        if occurrence.name != RETURN_BILL or not returns_count:
            return None
        value = -abs(value)
        return value, value if is_sum else 0 if is_visit else -ONE, False

    return add


_Measure = Callable[[Occurrence, Document, Counted, Predicate | None], int | None]


def _sales(occurrence: Occurrence, _: Document, __: Counted, ___: Predicate | None) -> int | None:
    return occurrence.amount


def _gross_sales(occurrence: Occurrence, document: Document, _: Counted, __: Predicate | None) -> int | None:
    gross = _amount(document.properties.get("grossAmount"))
    return occurrence.amount if gross is None else gross


def _one(_: Occurrence, __: Document, ___: Counted, ____: Predicate | None) -> int | None:
    return ONE


def _quantity(_: Occurrence, document: Document, __: Counted, ___: Predicate | None) -> int | None:
    return _sum(_amount(line.get("qty")) for line in document.lines)


def _extended_field(_: Occurrence, document: Document, counted: Counted, __: Predicate | None) -> int | None:
    return _field(document.properties, counted)


def _event_attribute(_: Occurrence, document: Document, counted: Counted, __: Predicate | None) -> int | None:
    assert counted.field_name is not None
    value = document.properties.get(counted.field_name)
    if counted.aggregate == "COUNT":
        return None if value is None else ONE
    return _amount(value)


def _of_lines(measure_line: Callable[[dict[str, Any], Counted], int | None]) -> _Measure:
    def measure(_: Occurrence, document: Document, counted: Counted, accepted: Predicate | None) -> int | None:
        return _sum(measure_line(line, counted) for line in _accepted(document, accepted))

    return measure


def _accepted(document: Document, accepted: Predicate | None) -> Iterator[dict[str, Any]]:
    for line in document.lines:
        document.line = line
        if accepted is None or accepted(document):
            yield line


def _line_visit(_: Occurrence, document: Document, __: Counted, accepted: Predicate | None) -> int | None:
    return ONE if any(True for _ in _accepted(document, accepted)) else None


def _line_amount(line: dict[str, Any], _: Counted) -> int | None:
    return _amount(line.get("amount"))


def _line_gross(line: dict[str, Any], counted: Counted) -> int | None:
    """Before the line's discount: its value, or what rate and quantity make."""
    value = _amount(line.get("value"))
    if value is not None:
        return value
    rate, quantity = expression.number(line.get("rate")), expression.number(line.get("qty"))
    if rate is None or quantity is None:
        return _line_amount(line, counted)
    return amount.parse(rate * quantity)


def _field(holder: dict[str, Any], counted: Counted) -> int | None:
    assert counted.field_name is not None
    fields = holder.get("extendedFields")
    if isinstance(fields, list):
        value = _named(fields, counted.field_name)
    else:
        value = fields.get(counted.field_name) if isinstance(fields, dict) else None
    if counted.aggregate == "COUNT":
        return None if value is None else ONE
    return _amount(value)


_MEASURES: dict[tuple[str, str], _Measure] = {
    ("TRANSACTION", "SALES"): _sales,
    ("TRANSACTION", "GROSS_SALES"): _gross_sales,
    ("TRANSACTION", "COUNT"): _one,
    ("TRANSACTION", "VISIT"): _one,
    ("TRANSACTION", "QUANTITY"): _quantity,
    ("TRANSACTION", "EXTENDED_FIELD"): _extended_field,
    ("LINEITEM", "SALES"): _of_lines(_line_amount),
    ("LINEITEM", "GROSS_SALES"): _of_lines(_line_gross),
    ("LINEITEM", "COUNT"): _of_lines(lambda _, __: ONE),
    ("LINEITEM", "VISIT"): _line_visit,
    ("LINEITEM", "QUANTITY"): _of_lines(lambda line, _: _amount(line.get("qty"))),
    ("LINEITEM", "EXTENDED_FIELD"): _of_lines(_field),
    ("EVENT", "COUNT"): _one,
    ("EVENT", "VISIT"): _one,
    ("EVENT", "EVENT_ATTRIBUTE"): _event_attribute,
}


def _named(members: list[Any], name: str) -> object:
    """The value of ``name`` where fields came as a list of ``{"name": ..., "value": ...}``."""
    return next((one.get("value") for one in members if isinstance(one, dict) and one.get("name") == name), None)


def _sum(values: Iterator[int | None]) -> int | None:
    """None where there is nothing to add up."""
    found = [value for value in values if value is not None]
    return sum(found) if found else None


def _amount(value: object) -> int | None:
    as_number = expression.number(value)
    return None if as_number is None else amount.parse(as_number)


def _is_bill(occurrence: Occurrence) -> bool:
    return occurrence.name in _NAMES


_decode = msgspec.json.Decoder(float_hook=Decimal).decode
