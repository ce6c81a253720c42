"""Step 1: what an export is asked for (contracts/clevertap.md 2.1, 2.6, 2.7).

Lenient in form (flags in any case, days as texts, page sizes beyond the largest), strict in meaning: a day that is
no day, or a filter that cannot be applied, is refused.
"""

from collections.abc import Mapping
from datetime import date, timedelta, tzinfo
from typing import Any

import msgspec

from footfall.apis.clevertap import identities
from footfall.apis.clevertap.cursor import Flags
from footfall.apis.clevertap.errors import (
    CleverTapError,
    IncorrectUsage,
    InvalidCursor,
    InvalidDate,
    InvalidQuery,
    MalformedRequest,
)
from footfall.apis.clevertap.filters import profile_filters, property_filters, session_filters
from footfall.apis.http import AnyRequest, query_parameters
from footfall.model import instant
from footfall.model.customer import Identity
from footfall.model.export import PropertyFilter

LARGEST_PAGE = 5000
_ANY_EVENT = (None, -1, "-1")
"""How a question whose event's name may be left out asks for any."""
OF_EVENTS = Flags(app=False, profile=True, events=False)
"""What a record of Get Events shows unless asked otherwise; see docs/clevertap.md."""
_DAYS_BACK = 364  # and today
CHARGED = "Charged"

_REFUSED = (
    "advanced_query",
    "profile_fields",
    "demographics",
    "technographics",
    "geo_fields",
    "app_fields",
    "reachability",
    "did_all",
    "did_any",
    "did_none",
)
"""Filters that CleverTap knows and Footfall cannot apply. Keys that are no filters are passed over."""

_PROFILE = "common_profile_properties"
_PEOPLE = {
    "identity": identities.external,
    "objectId": identities.device,
    "email": identities.email,
    "FBID": identities.facebook,
    "GPID": identities.google,
}
_WORDS = {"true": True, "1": True, "false": False, "0": False}

_decode = msgspec.json.Decoder().decode


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What step 1 asks, before the store is looked into. Both days are inclusive, on the account's calendar."""

    event_name: str | None  # None: any
    first_day: date
    last_day: date
    limit: int
    flags: Flags
    filters: tuple[PropertyFilter, ...]
    people: tuple[Identity, ...]  # all must be names of the one customer who is asked for


def read(method: str, body: bytes, parameters: Mapping[str, str], flags: Flags = OF_EVENTS) -> Question | str:
    """The question that a request asks, or the cursor it carries, which wins. Raises CleverTapError.

    The order of contract 2.2 and 7: a cursor in the query string, a cursor in the body, a query in the body, a
    query in the query string.
    """
    in_url = parameters.get("cursor", "").strip()
    if in_url:
        return in_url
    query = query_of(method, body, parameters)
    cursor = query.get("cursor") if method == "POST" else None
    if cursor:
        if not isinstance(cursor, str):
            raise InvalidCursor
        return cursor
    return question(query, parameters, flags)


def query_of(method: str, body: bytes, parameters: Mapping[str, str]) -> dict[str, Any]:
    """The query's object: the body, or the parameter ``query``. Raises CleverTapError."""
    text = parameters.get("query", "").encode("utf-8", "surrogatepass")
    if method == "POST" and body.strip():
        text = body
    if not text.strip():
        raise IncorrectUsage if method == "GET" else MalformedRequest
    return _object(text)


def days_as_instants(first: date, last: date, zone: tzinfo) -> tuple[int, int]:
    """The first instant of ``first`` and the first one after ``last`` in ``zone``; days have 23 to 25 hours."""
    try:
        since = instant.start_of_day(first, zone)
    except OverflowError:
        since = instant.EARLIEST
    try:
        until = instant.start_of_day(last + timedelta(days=1), zone)
    except OverflowError:
        until = instant.LATEST + instant.SECOND
    return since, until


def parameters_of(request: AnyRequest) -> dict[str, str]:
    """The query string; of a repeated parameter the first counts."""
    return dict(reversed(query_parameters(request)))


def flag(text: str | None, *, default: bool) -> bool:
    """A flag in any spelling that clients use; what is no flag means the default."""
    return _WORDS.get((text or "").strip().lower(), default)


def _object(text: bytes) -> dict[str, Any]:
    """The query's object; other JSON comes from wrappers gone wrong and holds no field that counts."""
    try:
        text.decode()
        found = _decode(text)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
        raise MalformedRequest from error
    return found if isinstance(found, dict) else {}


def question(query: Mapping[str, Any], parameters: Mapping[str, str], flags: Flags = OF_EVENTS) -> Question:
    """What ``query`` asks; ``flags`` are those that hold where none are given. Raises CleverTapError."""
    event_name = query.get("event_name")
    if not isinstance(event_name, str) or not event_name.strip():
        raise CleverTapError("Event name is mandatory")
    return _question(event_name, query, parameters, flags)


def _question(
    event_name: str | None, query: Mapping[str, Any], parameters: Mapping[str, str], flags: Flags
) -> Question:
    if query.get("from") is None or query.get("to") is None:
        raise InvalidDate("Invalid date : from and to are mandatory")
    first, last = _day(query["from"], "from"), _day(query["to"], "to")
    if first > last:
        raise InvalidDate("Invalid date range : from greater than to")
    return Question(
        event_name=event_name,
        first_day=first,
        last_day=last,
        limit=_limit(parameters.get("batch_size", query.get("batch_size"))),
        flags=Flags(
            app=flag(parameters.get("app"), default=flags.app),
            profile=flag(parameters.get("profile"), default=flags.profile),
            events=flag(parameters.get("events"), default=flags.events),
        ),
        filters=_filters(query, in_items=event_name == CHARGED),
        people=tuple(_people(query)),
    )


def question_of_any(query: Mapping[str, Any], parameters: Mapping[str, str], today: date) -> Question:
    """As ``question``, where no event's name, or ``-1``, asks for any, and no days for the last 365."""
    asked = dict(query)
    if asked.get("from") is None and asked.get("to") is None:
        first = today - timedelta(days=_DAYS_BACK)
        asked |= {"from": _digits(first), "to": _digits(today)}
    if asked.get("event_name") in _ANY_EVENT:
        return _question(None, asked, parameters, OF_EVENTS)
    return question(asked, parameters)


def _digits(day: date) -> int:
    return (day.year * 100 + day.month) * 100 + day.day


def _day(given: object, key: str) -> date:
    digits = str(given) if isinstance(given, int) and not isinstance(given, bool) and 0 < given < 10**8 else given
    if isinstance(digits, str) and len(digits) == 8 and digits.isascii() and digits.isdecimal():
        try:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            pass
    raise InvalidDate(f"Invalid date : {key} should be in YYYYMMDD format")


def _limit(given: object) -> int:
    """``batch_size``: what is too large is cut to the largest page, as CleverTap does."""
    if given is None:
        return LARGEST_PAGE
    if isinstance(given, str):
        digits = given.strip()
        if digits.isascii() and digits.isdecimal() and digits.strip("0"):
            return LARGEST_PAGE if len(digits.lstrip("0")) > 4 else min(int(digits), LARGEST_PAGE)
    elif isinstance(given, int) and not isinstance(given, bool) and given >= 1:
        return min(given, LARGEST_PAGE)
    raise CleverTapError("Invalid batch_size")


def _filters(query: Mapping[str, Any], *, in_items: bool) -> tuple[PropertyFilter, ...]:
    for key in _REFUSED:
        if query.get(key):
            raise InvalidQuery(f"{key} is not supported")
    of_events = tuple(
        each
        for key in ("event_properties", "props")
        for each in property_filters(query.get(key), key, in_items=in_items)
    )
    of_sessions = session_filters(query.get("session_properties"), "session_properties")
    return of_events + of_sessions + profile_filters(query.get(_PROFILE), _PROFILE)


def _people(query: Mapping[str, Any]) -> list[Identity]:
    found = []
    for key, identity in _PEOPLE.items():
        given = query.get(key)
        if given is None or given == "":
            continue
        name = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
        if not isinstance(name, str) or not identities.is_usable(name):
            raise InvalidQuery(f"{key} should be one text")
        found.append(identity(name))
    return found
