"""The shop: customers who visit, look, buy and sometimes send back, over four months.

The same seed and the same day give the same events. Few customers do most of the buying, evenings and weekends are
busy, December is busier: enough of the shape of a real shop to make filters, totals and targets interesting.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import msgspec

MONTHS = 4
_FIRST_NAMES = ("Ada", "Ben", "Chidi", "Dana", "Eli", "Farah", "Goran", "Hana", "Ines", "Jon", "Kai", "Lea", "Mina")
_LAST_NAMES = ("Abara", "Berg", "Costa", "Diaz", "Eriksen", "Fuchs", "Garcia", "Hoang", "Ito", "Jansen", "Kaya", "Lund")
_PRODUCTS = (
    ("mug", "kitchen", 8.5),
    ("teapot", "kitchen", 24.0),
    ("lantern", "garden", 15.95),
    ("bunting", "party", 4.25),
    ("clock", "living", 32.0),
    ("cushion", "living", 18.75),
    ("notebook", "office", 6.2),
    ("desk lamp", "office", 41.0),
    ("bird feeder", "garden", 12.6),
    ("cake stand", "kitchen", 27.3),
)
_SOURCES = (("Direct", None), ("Search", "google"), ("Social", "instagram"), ("Email", "newsletter"))
_CITIES = ("London", "Leeds", "Bristol", "York", "Glasgow", "Cardiff")


class Shopper(msgspec.Struct, frozen=True):
    """One customer of the shop."""

    external_id: str
    name: str
    email: str
    city: str
    eagerness: float  # share of all visits, before normalising

    def as_customer(self) -> dict[str, str]:
        """As Footfall's own API names a customer."""
        return {"external_id": self.external_id, "name": self.name, "email": self.email}


def first_day(today: date) -> date:
    """The first of the month with which the shop's story begins: the current month is its last."""
    year, month = divmod(today.year * 12 + today.month - 1 - (MONTHS - 1), 12)
    return date(year, month + 1, 1)


def shoppers(seed: int, count: int) -> list[Shopper]:
    """The customers, the most eager first."""
    draw = random.Random(seed)  # noqa: S311  (a story, not a secret)
    people = []
    for index in range(count):
        first, last = draw.choice(_FIRST_NAMES), draw.choice(_LAST_NAMES)
        people.append(
            Shopper(
                external_id=f"C{10_000 + index}",
                name=f"{first} {last}",
                email=f"{first}.{last}.{index}@shop.example".lower(),
                city=draw.choice(_CITIES),
                eagerness=1 / (index + 10) ** 0.8,
            )
        )
    return people


def story(seed: int, people: list[Shopper], visits: int, today: date) -> Iterator[dict[str, object]]:
    """The events of ``visits`` visits, each as Footfall's own API takes it; a visit's events follow each other."""
    draw = random.Random(seed + 1)  # noqa: S311
    days = _days(first_day(today), today, draw)
    weights = [person.eagerness for person in people]
    for number in range(visits):
        shopper = draw.choices(people, weights)[0]
        yield from _visit(number, shopper, _moment(draw.choice(days), draw), draw)


def _days(first: date, today: date, draw: random.Random) -> list[date]:
    """The days to draw from: busy ones stand in the list more than once."""
    days = []
    for offset in range((today - first).days):
        day = first + timedelta(days=offset)
        busy = 3 + (2 if day.weekday() >= 5 else 0) + (2 if day.month == 12 else 0) + draw.randrange(2)
        days += [day] * busy
    return days or [first]


def _moment(day: date, draw: random.Random) -> datetime:
    hour = min(23, max(0, round(draw.gauss(16, 4))))
    seconds = hour * 3600 + draw.randrange(3600)
    return datetime.combine(day, time(), UTC) + timedelta(seconds=seconds, milliseconds=draw.randrange(1000))


def _visit(number: int, shopper: Shopper, start: datetime, draw: random.Random) -> Iterator[dict[str, object]]:
    source, medium = draw.choice(_SOURCES)
    session = {"session_source": source} | ({"utm_source": medium} if medium else {})
    key = f"visit-{number}"
    customer = shopper.as_customer()
    clock = start

    def event(name: str, properties: dict[str, object], **more: object) -> dict[str, object]:
        return {
            "name": name,
            "occurred_at": clock.isoformat(),
            "customer": customer,
            "account_id": f"region-{shopper.city.lower()}",
            "properties": properties,
            "session": session,
            **more,
        }

    yield event("Session Started", {"city": shopper.city, "device": draw.choice(("phone", "laptop"))}, external_id=key)
    basket = []
    for _ in range(draw.randint(1, 4)):
        clock += timedelta(seconds=draw.randint(5, 240))
        name, category, price = draw.choice(_PRODUCTS)
        yield event("Product Viewed", {"product": name, "category": category, "price": price}, parent_external_id=key)
        if draw.random() < 0.4:
            basket.append((name, price, draw.randint(1, 3)))
    if not basket or draw.random() < 0.35:
        return
    clock += timedelta(seconds=draw.randint(30, 600))
    cents = sum(round(price * 100) * quantity for _, price, quantity in basket)
    amount = f"{cents // 100}.{cents % 100:02d}"
    bill: dict[str, object] = {"bill_number": f"B{number}", "items": sum(q for _, _, q in basket), "currency": "GBP"}
    yield event("ADD_TRANSACTION", bill, amount=amount, external_id=f"bill-{number}", parent_external_id=key)
    if draw.random() < 0.06:
        clock += timedelta(days=draw.randint(1, 9))
        if clock < datetime.now(UTC):
            yield event("RETURN_BILL", bill, amount=f"-{amount}", external_id=f"return-{number}")
