"""The query parameters of reads, and cursors, which carry the whole question of the pages to come. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, TypeVar, get_args

import msgspec

from footfall.apis.footfall.errors import InvalidEvent, OwnError
from footfall.apis.footfall.mapping import moment
from footfall.model import identifiers, instant, signed_token
from footfall.model.event_filter import EventFilter
from footfall.model.text import LONGEST_NAME, LONGEST_TEXT
from footfall.storage.event_walk import WalkPosition

MOST_ON_A_PAGE = 1_000
ON_A_PAGE = 100
MOST_NAMES = 50
MOST_PROPERTIES = 10
MOST_BUCKETS = 1_000

Interval = Literal["hour", "day", "week", "month"]
INTERVALS: tuple[Interval, ...] = get_args(Interval)

T = TypeVar("T")
C = TypeVar("C", bound=str)
Given = Sequence[tuple[str, str]]

_PURPOSE = "footfall search"
_PURPOSE_OF_LIST = "footfall list"
_EARLIEST_DAY = instant.from_datetime(datetime(1, 1, 8, tzinfo=UTC))
_LATEST_DAY = instant.from_datetime(datetime(9999, 1, 1, tzinfo=UTC))
_MONDAY = 4 * instant.DAY  # 1970-01-05


class SearchCursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a search goes on."""

    workspace: int
    snapshot: int
    position: WalkPosition
    asked: EventFilter


class ListCursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a list (``what``) goes on: behind this number or name."""

    workspace: int
    what: str
    after: int | str


class Search(msgspec.Struct, frozen=True):
    """One page of a search: the first where there is no cursor."""

    asked: EventFilter
    limit: int
    cursor: SearchCursor | None = None


class Listing(msgspec.Struct, frozen=True):
    """One page of a list."""

    limit: int
    after: int | str | None = None
    external_id: str | None = None  # only who has it


class Counting(msgspec.Struct, frozen=True):
    """Which counts: ``since`` and ``until`` are instants at which an interval begins."""

    names: tuple[str, ...]
    interval: Interval
    starts: tuple[int, ...]  # of the intervals; the last one ends the span


def search_of(given: Given, key: bytes, workspace: int, customer: str | None = None) -> Search:
    """The search in a query. ``customer``: whom the path names. Raises OwnError."""
    _check_known(given, _SEARCH if customer is None else _SEARCH - {"customer"})
    limit = _limit(given)
    token = _one(given, "cursor")
    if token is not None:
        if any(name not in ("cursor", "limit") for name, _ in given):
            raise OwnError("A cursor carries the whole question: besides it only limit may be given", "cursor")
        cursor = _decoded(token, key, _PURPOSE, SearchCursor)
        if cursor.workspace != workspace or (customer is not None and cursor.asked.customer != customer):
            raise _not_a_cursor()
        return Search(cursor.asked, limit, cursor)
    parent = _one(given, "parent")
    asked = EventFilter(
        names=_names(given),
        customer=_text(given, "customer") if customer is None else customer,
        source=_text(given, "source"),
        account=_text(given, "account"),
        since=_instant(given, "since"),
        until=_instant(given, "until"),
        properties=tuple(_property(value) for name, value in given if name == "property"),
        parent=None if parent is None else _uuid(parent, "parent"),
        descending=_choice(given, "order", ("newest", "oldest")) != "oldest",
    )
    if len(asked.properties) > MOST_PROPERTIES:
        raise OwnError(f"At most {MOST_PROPERTIES} properties may be asked for", "property")
    return Search(asked, limit)


_SEARCH = frozenset(
    {"name", "customer", "source", "account", "since", "until", "property", "parent", "order", "limit", "cursor"}
)


def search_cursor(cursor: SearchCursor, key: bytes) -> str:
    """As the answer tells it."""
    return signed_token.sign(msgspec.msgpack.encode(cursor), key, _PURPOSE)


def listing_of(given: Given, key: bytes, workspace: int, what: str) -> Listing:
    """The page of a list in a query. Raises OwnError."""
    _check_known(given, frozenset({"limit", "cursor", "external_id"} if what == "customers" else {"limit", "cursor"}))
    token = _one(given, "cursor")
    external_id = _text(given, "external_id")
    if token is None:
        return Listing(_limit(given), external_id=external_id)
    if external_id is not None:
        raise OwnError("A cursor carries the whole question: besides it only limit may be given", "cursor")
    cursor = _decoded(token, key, _PURPOSE_OF_LIST, ListCursor)
    if (cursor.workspace, cursor.what) != (workspace, what):
        raise _not_a_cursor()
    return Listing(_limit(given), cursor.after)


def list_cursor(cursor: ListCursor, key: bytes) -> str:
    """As the answer tells it."""
    return signed_token.sign(msgspec.msgpack.encode(cursor), key, _PURPOSE_OF_LIST)


def counting_of(given: Given, now: int) -> Counting:
    """The counts that a query asks for; by default of the last 30 days. Raises OwnError."""
    _check_known(given, frozenset({"name", "interval", "since", "until"}))
    names = _names(given)
    interval: Interval = _choice(given, "interval", INTERVALS) or "day"
    if interval == "hour" and names:
        raise OwnError("Hours are counted for all names together: leave out name, or ask for days", "interval")
    until = _instant(given, "until")
    until = now + 1 if until is None else until
    since = _instant(given, "since")
    since = until - 30 * instant.DAY if since is None else since
    if since >= until:
        raise OwnError("since must be before until", "since")
    if since < _EARLIEST_DAY or until > _LATEST_DAY:
        raise OwnError("Counts reach from the year 1 to the year 9998", "since" if since < _EARLIEST_DAY else "until")
    starts = [_floor(since, interval)]
    while starts[-1] < until:
        if len(starts) > MOST_BUCKETS:
            raise OwnError(f"At most {MOST_BUCKETS} intervals are counted at a time", "interval")
        starts.append(_next(starts[-1], interval))
    return Counting(names, interval, tuple(starts))


def check_none(given: Given) -> None:
    """Refuses whatever is asked of a read that has no parameters. Raises OwnError."""
    _check_known(given, frozenset())


def _floor(moment_: int, interval: Interval) -> int:
    match interval:
        case "hour":
            return moment_ // instant.HOUR * instant.HOUR
        case "day":
            return moment_ // instant.DAY * instant.DAY
        case "week":
            return (moment_ - _MONDAY) // (7 * instant.DAY) * (7 * instant.DAY) + _MONDAY
        case "month":
            day = instant.to_datetime(moment_)
            return instant.from_datetime(datetime(day.year, day.month, 1, tzinfo=UTC))


def _next(start: int, interval: Interval) -> int:
    match interval:
        case "hour":
            return start + instant.HOUR
        case "day":
            return start + instant.DAY
        case "week":
            return start + 7 * instant.DAY
        case "month":
            return _floor(start + 31 * instant.DAY, "month")


def _check_known(given: Given, known: frozenset[str]) -> None:
    for name, _ in given:
        if name not in known:
            raise OwnError(f"There is no parameter {name!r} here", name)


def _one(given: Given, name: str) -> str | None:
    values = [value for key, value in given if key == name]
    if len(values) > 1:
        raise OwnError(f"{name} may be given once", name)
    return values[0] if values else None


def _text(given: Given, name: str) -> str | None:
    value = _one(given, name)
    if value is not None:
        _check_text(value, name, LONGEST_TEXT)
    return value


def _check_text(value: str, name: str, longest: int) -> None:
    if not 0 < len(value) <= longest or "\0" in value:
        raise OwnError(f"Expected 1 to {longest} characters, none of them NUL", name)


def _names(given: Given) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(value for name, value in given if name == "name"))
    if len(names) > MOST_NAMES:
        raise OwnError(f"At most {MOST_NAMES} names may be asked for", "name")
    for name in names:
        _check_text(name, "name", LONGEST_NAME)
    return names


def _property(value: str) -> tuple[str, str]:
    name, equals, sought = value.partition("=")
    if not name or not equals:
        raise OwnError("Expected property=NAME=VALUE, such as property=basket=3", "property")
    return name, sought


def _instant(given: Given, name: str) -> int | None:
    value = _one(given, name)
    if value is None:
        return None
    try:
        found, _ = moment(value)
    except InvalidEvent:
        raise OwnError(
            "Expected RFC 3339 with an offset, such as 2024-05-01T12:30:00Z (in a URL + is written %2B)", name
        ) from None
    return found


def _choice(given: Given, name: str, choices: Sequence[C]) -> C | None:
    value = _one(given, name)
    if value is None:
        return None
    for choice in choices:
        if choice == value:
            return choice
    raise OwnError(f"Expected {', '.join(choices[:-1])} or {choices[-1]}", name)


def _limit(given: Given) -> int:
    value = _one(given, "limit")
    if value is None:
        return ON_A_PAGE
    if not (value.isascii() and value.isdecimal() and len(value) <= 4 and 1 <= int(value) <= MOST_ON_A_PAGE):
        raise OwnError(f"Expected a number from 1 to {MOST_ON_A_PAGE}", "limit")
    return int(value)


def _uuid(value: str, name: str) -> bytes:
    found = identifiers.from_text(value)
    if found is None:
        raise OwnError("Expected a UUID", name)
    return found


def _decoded(token: str, key: bytes, purpose: str, kind: type[T]) -> T:
    content = signed_token.verify(token, key, purpose)
    if content is None:
        raise _not_a_cursor()
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except msgspec.DecodeError:  # of another version of Footfall
        raise _not_a_cursor() from None


def _not_a_cursor() -> OwnError:
    return OwnError("This cursor is not of this workspace and this read; begin anew without it", "cursor")
