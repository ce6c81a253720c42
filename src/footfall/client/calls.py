"""Every call of the server, built from what a program gives and read into values. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, TypedDict, TypeVar
from urllib.parse import quote
from uuid import uuid4

import msgspec

from footfall.client.call import Call, Paged
from footfall.client.records import (
    Captured,
    Counts,
    Customer,
    CustomerPage,
    Event,
    EventName,
    EventPage,
    NamePage,
    NewEvent,
    Refusal,
    Summary,
)

Interval = Literal["hour", "day", "week", "month"]
T = TypeVar("T")

PAGE = 500
_encode = msgspec.json.Encoder(decimal_format="string").encode
_read_captured = msgspec.json.Decoder(Captured).decode
_read_event = msgspec.json.Decoder(Event).decode
_read_events = msgspec.json.Decoder(EventPage).decode
_read_customer = msgspec.json.Decoder(Customer).decode
_read_customers = msgspec.json.Decoder(CustomerPage).decode
_read_names = msgspec.json.Decoder(NamePage).decode
_read_counts = msgspec.json.Decoder(Counts).decode


class Filters(TypedDict, total=False):
    """Which events; whatever is given must hold, and one of ``names``. See docs/footfall-api.md, Search."""

    names: Sequence[str]
    customer: str
    source: str
    account: str
    since: datetime
    until: datetime
    properties: Mapping[str, object]
    parent: str
    oldest_first: bool


class TailFilters(TypedDict, total=False):
    """Which events to follow."""

    names: Sequence[str]
    customer: str
    source: str
    after: str


class Prepared(msgspec.Struct, frozen=True):
    """An event as it is sent; ``is_keyed``: the caller has given its key."""

    event: NewEvent
    sent: NewEvent
    is_keyed: bool


class _LineError(msgspec.Struct):
    line: int
    message: str
    field: str | None = None


class _Summary(msgspec.Struct):
    accepted: int
    duplicates: int
    errors: list[_LineError]


_read_summary = msgspec.json.Decoder(_Summary).decode


def prepared(event: NewEvent | str, **members: Any) -> Prepared:
    """The event with a key and a time, whichever it lacks: what is sent again is the same event.

    Raises ValueError for a time without a zone.
    """
    given = NewEvent(name=event, **members) if isinstance(event, str) else msgspec.structs.replace(event, **members)
    if given.occurred_at is not None and given.occurred_at.tzinfo is None:
        raise ValueError("occurred_at has no zone; for example datetime.now(UTC)")
    sent = msgspec.structs.replace(
        given,
        external_id=given.external_id or str(uuid4()),
        occurred_at=given.occurred_at or datetime.now(UTC),
    )
    return Prepared(given, sent, given.external_id is not None)


def capture(one: Prepared) -> Call[Captured]:
    """POST /events, of one event. A key that the client made is known only if an earlier try has stored it."""

    def read(content: bytes) -> Captured:
        found = _read_captured(content)
        return found if one.is_keyed else Captured(found.id, duplicate=False)

    return Call(
        method="POST",
        path="/events",
        content=_encode(one.sent),
        headers={"Content-Type": "application/json"},
        read=read,
        good=frozenset({201}),
    )


def capture_many(many: Sequence[Prepared], *, atomic: bool = False) -> Call[Summary]:
    """POST /events, of some events, an event a line."""

    def read(content: bytes) -> Summary:
        told = _read_summary(content)
        refused = [Refusal(many[error.line - 1].event, error.message, error.field) for error in told.errors]
        if any(one.is_keyed for one in many):
            return Summary(told.accepted, told.duplicates, refused)
        return Summary(told.accepted + told.duplicates, 0, refused)

    return Call(
        method="POST",
        path="/events",
        query=[("atomic", "true")] if atomic else [],
        content=b"".join(_encode(one.sent) + b"\n" for one in many),
        headers={"Content-Type": "application/x-ndjson"},
        read=read,
        good=frozenset({200, 400}),  # 400: all of them were bad, told in the same way
    )


def added(summaries: Iterable[Summary]) -> Summary:
    """What became of several batches."""
    accepted, duplicates = 0, 0
    refused: list[Refusal] = []
    for one in summaries:
        accepted += one.accepted
        duplicates += one.duplicates
        refused += one.refused
    return Summary(accepted, duplicates, refused)


def event(event_id: str) -> Call[Event]:
    """GET /events/{id}."""
    return Call(path=f"/events/{quote(event_id, safe='')}", read=_read_event)


def event_by_key(external_id: str) -> Call[Event]:
    """GET /events?external_id=."""
    return Call(path="/events", query=[("external_id", external_id)], read=_read_event)


def search_page(filters: Filters, limit: int, cursor: str | None, path: str = "/events/search") -> Call[EventPage]:
    """GET /events/search, one page. A cursor carries the filters."""
    asked = query_of(filters) if cursor is None else [("cursor", cursor)]
    return Call(path=path, query=[*asked, ("limit", str(limit))], read=_read_events)


def search(filters: Filters) -> Paged[Event]:
    """GET /events/search, all pages."""
    return Paged(lambda cursor: _read_as(search_page(filters, PAGE, cursor), lambda page: (page.events, page.next)))


def customer_events(customer: str, filters: Filters) -> Paged[Event]:
    """GET /customers/{id}/events, all pages."""
    path = f"/customers/{quote(customer, safe='')}/events"
    return Paged(
        lambda cursor: _read_as(search_page(filters, PAGE, cursor, path), lambda page: (page.events, page.next))
    )


def counts(names: Sequence[str], interval: Interval, since: datetime | None, until: datetime | None) -> Call[Counts]:
    """GET /events/counts."""
    query = [("interval", interval), *(("name", name) for name in names)]
    query += [(name, _time(name, at)) for name, at in (("since", since), ("until", until)) if at is not None]
    return Call(path="/events/counts", query=query, read=_read_counts)


def names() -> Paged[EventName]:
    """GET /events/names, all pages."""
    return Paged(
        lambda cursor: _read_as(
            Call(path="/events/names", query=_at(cursor), read=_read_names), lambda page: (page.names, page.next)
        )
    )


def customers() -> Paged[Customer]:
    """GET /customers, all pages."""
    return Paged(
        lambda cursor: _read_as(
            Call(path="/customers", query=_at(cursor), read=_read_customers), lambda page: (page.customers, page.next)
        )
    )


def customer(customer_id: str) -> Call[Customer]:
    """GET /customers/{id}."""
    return Call(path=f"/customers/{quote(customer_id, safe='')}", read=_read_customer)


def customer_by_key(external_id: str) -> Call[Customer | None]:
    """GET /customers?external_id=."""
    return Call(
        path="/customers",
        query=[("external_id", external_id)],
        read=lambda content: next(iter(_read_customers(content).customers), None),
    )


def tail(filters: TailFilters, after: str | None) -> Call[None]:
    """GET /events/tail, behind the event ``after``; its answer is a stream, see ``client.following``."""
    query = [("name", name) for name in filters.get("names", ())]
    query += [(name, value) for name in ("customer", "source") if isinstance(value := filters.get(name), str)]
    headers = {} if after is None else {"Last-Event-ID": after}
    return Call(path="/events/tail", query=query, headers=headers, read=lambda _: None)


def query_of(filters: Filters) -> list[tuple[str, str]]:
    """The query of a search. Raises ValueError for a time without a zone, TypeError for a filter there is none of."""
    unknown = set(filters) - set(Filters.__annotations__)
    if unknown:
        raise TypeError(f"there is no filter {', '.join(sorted(unknown))}")
    query = [("name", name) for name in filters.get("names", ())]
    for name in ("customer", "source", "account", "parent"):
        value = filters.get(name)
        if isinstance(value, str):
            query.append((name, value))
    for name in ("since", "until"):
        at = filters.get(name)
        if isinstance(at, datetime):
            query.append((name, _time(name, at)))
    query += [("property", f"{key}={_value(value)}") for key, value in filters.get("properties", {}).items()]
    if filters.get("oldest_first"):
        query.append(("order", "oldest"))
    return query


def _value(value: object) -> str:
    return value if isinstance(value, str) else _encode(value).decode()


def _time(name: str, at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError(f"{name} has no zone; for example datetime.now(UTC)")
    return at.isoformat()


def _at(cursor: str | None) -> list[tuple[str, str]]:
    return [("limit", str(PAGE))] if cursor is None else [("limit", str(PAGE)), ("cursor", cursor)]


P = TypeVar("P")


def _read_as(call: Call[P], parts: Callable[[P], tuple[list[T], str | None]]) -> Call[tuple[list[T], str | None]]:
    return Call(path=call.path, query=call.query, read=lambda content: parts(call.read(content)))
