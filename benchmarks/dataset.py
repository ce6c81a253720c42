"""The data set: seeded, so that two runs on one machine measure the same thing; made in constant memory.

Twenty event names over ninety days, arriving in the order of time, as they would in a shop's life; most happened a
moment before they arrived, one in twelve more than ten minutes before. One customer for twenty events, drawn at
random: the worst case for the customers' index. One event in twenty is a purchase of one of the regulars, who make
twenty-five each. Every second event is of one of five hundred accounts.
"""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec

from footfall.model import instant
from footfall.model.customer import Identity
from footfall.model.event import ADD_TRANSACTION, CustomerReference, NewEvent

VERSION = 2
"""Of what is made here: a store loaded by another version is not used again."""

NAMES = tuple(f"event {number:02d}" for number in range(19))
START = 1_767_225_600 * instant.SECOND  # 2026-01-01
DAYS = 90
SPAN = DAYS * instant.DAY
LEAST = 1_000
"""Fewer events than this make no purchases worth the name."""

TARGET = b"""{"name": "bench", "trackingType": "DEFAULT", "targetEvaluationType": "FIXED_CALENDAR_WINDOW",
 "totalPeriods": 3, "frequencyType": "MONTHLY", "frequency": 1, "recurringCycles": 3,
 "periods": [{"startDate": "2026-01-01", "endDate": "2026-01-31", "refCode": "JAN"},
             {"startDate": "2026-02-01", "endDate": "2026-02-28", "refCode": "FEB"},
             {"startDate": "2026-03-01", "endDate": "2026-03-31", "refCode": "MAR"}],
 "targets": [{"name": "spend", "targetEntity": "TRANSACTION", "targetType": "SALES", "enrolmentMethod": "TRANSACTION",
   "defaultValues": [{"defaultValue": 100}, {"defaultValue": 100}, {"defaultValue": 100}]}]}"""
"""A target group as Capillary's API takes it: every purchase of the data set counts towards it."""

MAPPING = """
external_id = ["id"]
[name]
column = "name"
[time]
column = "time"
format = "iso"
[customer]
external_id = "customer"
[properties.columns]
page = "string"
position = "integer"
referrer = "string"
"""
"""How ``footfall import`` reads what ``write_csv`` writes."""

_NEWCOMERS = 1.05  # of twenty-one customers of captured and imported events, one was never seen before
_UTC = "Z"


def customers_of(events: int) -> int:
    """How many customers a store of ``events`` has."""
    return events // 20


def new_events(count: int, seed: int = 1) -> Iterator[NewEvent]:
    """The ``count`` events of the data set, in the order in which they arrive."""
    random_ = random.Random(seed).random  # noqa: S311
    customers = customers_of(count)
    regulars = max(1, count // 500)
    for number in range(count):
        arrived = START + SPAN * number // count
        purchase = number % 20 == 0
        customer = int(random_() * (regulars if purchase else customers))
        draw = random_()
        yield NewEvent(
            name=ADD_TRANSACTION if purchase else NAMES[number % 19],
            occurred_at=max(START, arrived - int(draw**20 * instant.HOUR)),
            received_at=arrived,
            customer=CustomerReference(identities=(Identity("external_id", f"u{customer}"),)),
            account_id=f"a{customer % 500}" if number % 2 else None,
            amount=int(draw * 20_000) * 10_000 if purchase else None,
            properties=f'{{"page":"/products/{int(draw * 500)}","position":{number % 25},"referrer":"search"}}',
        )


class Visit(msgspec.Struct, frozen=True):
    """An event to capture or import after the data set: it stands behind it in time."""

    name: str
    customer: str
    occurred_at: int  # instant, whole seconds
    page: str
    position: int

    @property
    def time(self) -> str:
        """``occurred_at`` in ISO 8601."""
        return instant.to_datetime(self.occurred_at).isoformat().replace("+00:00", _UTC)

    @property
    def properties(self) -> dict[str, object]:
        """Its three properties."""
        return {"page": self.page, "position": self.position, "referrer": "search"}

    def as_own(self) -> dict[str, object]:
        """As Footfall's own API takes it."""
        customer = {"external_id": self.customer}
        return {"name": self.name, "occurred_at": self.time, "customer": customer, "properties": self.properties}

    def as_rapidly(self) -> dict[str, object]:
        """As Rapidly's API takes it."""
        about = {"name": self.name, "timestamp": self.time, "external_customer_id": self.customer}
        return {**about, "metadata": self.properties}

    def as_clevertap(self) -> dict[str, object]:
        """As CleverTap's API takes it."""
        about = {"type": "event", "identity": self.customer, "ts": self.occurred_at // instant.SECOND}
        return {**about, "evtName": self.name, "evtData": self.properties}


def visits(count: int, events: int, seed: int) -> Iterator[Visit]:
    """``count`` events to come to a store of ``events``."""
    random_ = random.Random(seed).random  # noqa: S311
    customers = customers_of(events) * _NEWCOMERS
    for number in range(count):
        draw = random_()
        yield Visit(
            name=NAMES[number % 19],
            customer=f"u{int(random_() * customers)}",
            occurred_at=START + SPAN + seed * instant.HOUR + number // 50 * instant.SECOND,
            page=f"/products/{int(draw * 500)}",
            position=number % 25,
        )


def write_csv(path: Path, count: int, events: int, seed: int) -> None:
    """Visits as a file to import, each with an id of its own."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "name", "time", "customer", "page", "position", "referrer"])
        for number, visit in enumerate(visits(count, events, seed)):
            about = (f"i{seed}-{number}", visit.name, visit.time, visit.customer)
            writer.writerow([*about, visit.page, visit.position, "search"])
