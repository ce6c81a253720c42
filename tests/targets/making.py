"""Target groups and events as the tests of the engine make them."""

from collections.abc import Sequence
from typing import Any

from footfall.model.counting import Counted, CountingRule, Cycle
from footfall.model.customer import Identity
from footfall.model.event import CustomerReference, NewEvent
from footfall.model.target import ALWAYS, NewPeriod, NewRule, NewStreakLevel, NewTargetGroup

ONE = 1_000_000
"""One, as an amount."""


def new_rule(name: str = "Sum", kind: Any = "SALES", method: Any = "TRANSACTION", **others: Any) -> NewRule:
    """A rule; ``others`` as ``NewRule`` has them."""
    return NewRule(name=name, type=kind, enrolment_method=method, **others)


def new_group(
    rules: Sequence[NewRule],
    spans: Sequence[tuple[str, int, int]] = (),
    *,
    name: str = "Group",
    levels: Sequence[tuple[str, int]] = (),
    **others: Any,
) -> NewTargetGroup:
    """A group whose periods have the reference codes and instants of ``spans``."""
    periods = tuple(
        NewPeriod(ref_code=code, first_day="1970-01-01", last_day="1970-01-01", starts_at=start, ends_at=end)
        for code, start, end in spans
    )
    made: dict[str, Any] = {
        "timezone": "UTC",
        "frequency_type": "CUSTOM",
        "frequency": 1,
        "recurring_cycles": 1,
        "periods": periods,
        "levels": tuple(NewStreakLevel(name=level, length=length) for level, length in levels),
    }
    return NewTargetGroup(name=name, rules=tuple(rules), **(made | others))


def counting_rule(identifier: int = 7, *, cycles: Sequence[Cycle] = (), group: int = 5, **others: Any) -> CountingRule:
    """A rule as counting sees it; ``others`` belong to it, or to what it counts."""
    counted: dict[str, Any] = {
        "entity": "TRANSACTION",
        "event_name": "TransactionAdd",
        "type": "SALES",
        "field_name": None,
        "aggregate": "SUM",
        "filters": (),
        "expression": ALWAYS,
        "timezone": "UTC",
    }
    made: dict[str, Any] = {
        "unified": False,
        "evaluation_type": "FIXED_CALENDAR_WINDOW",
        "frequency_type": "DAILY",
        "frequency": 1,
        "enrols_by_transaction": True,
        "created_after": 0,
    }
    for name, value in others.items():
        (counted if name in counted else made)[name] = value
    return CountingRule(id=identifier, group=group, counted=Counted(**counted), cycles=tuple(cycles), **made)


def new_event(person: str, moment: int, amount: int | None, name: str = "ADD_TRANSACTION", **others: Any) -> NewEvent:
    """An event of the person ``person`` (an external id); ``amount`` in millionths."""
    return NewEvent(
        name=name,
        occurred_at=moment,
        received_at=others.pop("received_at", 10**15),
        amount=amount,
        customer=CustomerReference(identities=(Identity("external_id", person),)),
        **others,
    )
