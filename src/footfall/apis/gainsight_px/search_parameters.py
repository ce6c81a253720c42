"""From the parameters of a search to an ``EventQuery`` (contracts/gainsight_px.md 2.1-2.4)."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from footfall.apis.gainsight_px.errors import BadRequest
from footfall.apis.gainsight_px.families import ATTRIBUTES, CUSTOM, EventList, FilterField
from footfall.apis.gainsight_px.filter_grammar import FilterTerm, parse_filter, parse_sort
from footfall.apis.gainsight_px.window import Window, parse_date
from footfall.apis.http import AnyRequest, query_parameters
from footfall.model import instant
from footfall.model.query import Comparison, EventQuery, Operator, PropertyPath, SortKey

DEFAULT_PAGE_SIZE = 25
LARGEST_PAGE_SIZE = 1000
MOST_TERMS = 100
MOST_PIECES = 3
"""Into one more than so many pieces a window is cut by dates that are left out of it."""
LONGEST_FILTER = 8000
"""Of all filters of a request together, in characters; ours, so that no query is too large for the database."""

_MOST_KEPT = 1_024  # query strings
_LONGEST_KEPT = 1_000
_PAGE_SIZE = re.compile(r"\+?[0-9]{1,10}")
_PATTERNS = (Operator.LIKE, Operator.NOT_LIKE)


class SearchParameters:
    """The query's parameters: empty ones are absent, unknown ones ignored, the first of a single one counts.

    What they say is worked out when it is first asked for, and kept: the same query string comes again and again.
    """

    def __init__(self, parameters: Iterable[tuple[str, str]], listed: EventList = CUSTOM) -> None:
        self._listed = listed
        self._given: dict[str, list[str]] = {}
        for name, value in parameters:
            if value:
                self._given.setdefault(name, []).append(value)

    @property
    def scroll_id(self) -> str | None:
        """Where to go on."""
        return self._single("scrollId")

    def page_size(self, default: int = DEFAULT_PAGE_SIZE) -> int:
        """Rows of a page. Raises BadRequest outside 1 to 1000: nothing is clamped."""
        return page_size_of(self._single("pageSize"), default)

    def query(self, workspace: int, *, now: int, most_days: int) -> EventQuery:
        """The question asked, its windows resolved. Raises BadRequest."""
        return EventQuery(
            workspace=workspace,
            alternatives=tuple(
                [terms for alternative in self._alternatives for terms in alternative.conjunctions(now, most_days)]
            ),
            order=self._order,
            limit=self.page_size(),
            family=self._listed.family,
            slides=all(alternative.slides for alternative in self._alternatives),
        )

    @cached_property
    def _alternatives(self) -> "list[_Alternative]":
        filters = self._given.get("filter", [])
        if sum(map(len, filters)) > LONGEST_FILTER:
            raise BadRequest(f"Invalid filter: more than {LONGEST_FILTER} characters")
        if any("\0" in text for text in filters):
            raise BadRequest("Invalid filter: NUL character")
        parsed = [terms for terms in map(parse_filter, filters) if terms]
        if sum(map(len, parsed)) > MOST_TERMS:
            raise BadRequest(f"Invalid filter: more than {MOST_TERMS} terms")
        ranges = self._date_range()
        return [_Alternative(terms, ranges, self._listed) for terms in parsed or [()]]

    def _date_range(self) -> Window:
        if not self._listed.has_date_range:
            return Window()
        start, end = self._single("dateRangeStart"), self._single("dateRangeEnd")
        window = Window(
            start=None if start is None else parse_date(start, "dateRangeStart"),
            end=None if end is None else parse_date(end, "dateRangeEnd"),
        )
        window.check_order()
        return window

    @cached_property
    def _order(self) -> tuple[SortKey, ...]:
        order: dict[str, SortKey] = {}
        for term in parse_sort(self._single("sort") or ""):
            if term.field not in self._listed.sort:
                raise BadRequest(f"Invalid sort field '{term.field}': expected {' or '.join(self._listed.sort)}")
            key = SortKey("occurred_at" if term.field == "date" else "account_id", term.descending)
            order.setdefault(term.field, key)  # a field named again decides nothing any more
        if list(order) == ["accountId"]:
            order["date"] = SortKey("occurred_at", order["accountId"].descending)  # as the index of accounts has them
        return tuple(order.values()) or (SortKey("occurred_at"),)

    def _single(self, name: str) -> str | None:
        given = self._given.get(name)
        return None if given is None else given[0]


def page_size_of(text: str | None, default: int = DEFAULT_PAGE_SIZE) -> int:
    """Rows of a page. Raises BadRequest outside 1 to 1000: nothing is clamped."""
    if text is None:
        return default
    size = int(text) if _PAGE_SIZE.fullmatch(text.strip()) else 0
    if not 1 <= size <= LARGEST_PAGE_SIZE:
        raise BadRequest(f"Invalid pageSize '{text}': expected 1 to {LARGEST_PAGE_SIZE}")
    return size


class RecentParameters:
    """Parameters by the query string that said them: clients that poll ask the same again and again."""

    def __init__(self, listed: EventList) -> None:
        self._listed = listed
        self._known: dict[bytes, SearchParameters] = {}

    def of(self, request: AnyRequest) -> SearchParameters:
        """What a request asks. A scroll id, which comes once, is not kept."""
        query: bytes = request.scope["query_string"]
        known = self._known.get(query)
        if known is None:
            known = SearchParameters(query_parameters(request), self._listed)
            if known.scroll_id is None and len(query) <= _LONGEST_KEPT:
                if len(self._known) >= _MOST_KEPT:
                    self._known.clear()
                self._known[query] = known
        return known


class _Alternative:
    """One filter parameter, with the window that bounds it."""

    def __init__(self, terms: Sequence[FilterTerm], ranges: Window, listed: EventList) -> None:
        self._listed = listed
        self._terms = terms
        self._ranges = ranges

    def conjunctions(self, now: int, most_days: int) -> list[tuple[Comparison, ...]]:
        """What must hold of an event: of several one, where dates are left out of the window. Raises BadRequest."""
        window, comparisons, left_out = self._parsed
        resolved = window.resolved(now)
        resolved.check_span(most_days)
        if len(left_out) > MOST_PIECES:
            comparisons = [*comparisons, *map(_other_than, left_out)]
            left_out = []
        return [(*piece, *comparisons) for piece in resolved.pieces(left_out)]

    @property
    def slides(self) -> bool:
        """Whether its window ends at whatever is now."""
        window, _, left_out = self._parsed
        return window.end is None and not left_out

    @cached_property
    def _parsed(self) -> tuple[Window, list[Comparison], list[int]]:
        window = Window()
        comparisons: list[Comparison] = []
        left_out: list[int] = []
        for term in self._terms:
            field = _field(term, self._listed)
            if field != "occurred_at" or term.operator in _PATTERNS:
                comparisons.append(Comparison(field, term.operator, _value(term, self._listed)))
            elif term.operator is Operator.NOT_EQUAL:
                left_out.append(parse_date(term.value, "date"))
            else:
                window = window.narrowed(term.operator, parse_date(term.value, "date"))
        window.check_order()
        return window.within(self._ranges), comparisons, left_out


def _other_than(at: int) -> Comparison:
    """``date != at``: as a pattern without wildcards, because dates are compared as shown, in milliseconds."""
    milliseconds, finer = divmod(at, 1000)
    return Comparison("occurred_at", Operator.NOT_LIKE, "" if finer else str(milliseconds))


def _field(term: FilterTerm, listed: EventList) -> FilterField:
    name = term.field
    if listed.has_attributes and name.startswith(ATTRIBUTES) and len(name) > len(ATTRIBUTES):
        return PropertyPath("properties", name.removeprefix(ATTRIBUTES))
    fields = listed.filter_fields()
    field = fields.get(name)
    if field is None:
        known = ", ".join(fields) + (f" or {ATTRIBUTES}<name>" if listed.has_attributes else "")
        raise BadRequest(f"Invalid filter field '{name}': expected {known}")
    if name in listed.only_equal and term.operator is not Operator.EQUAL:
        raise BadRequest(f"Invalid filter operator '{term.operator.value}': {name} takes == only")
    return field


def _value(term: FilterTerm, listed: EventList) -> str:
    """What to compare with: a date of an event's own as the milliseconds that are stored."""
    if term.operator in _PATTERNS or not listed.is_date(term.field):
        return term.value
    return str(parse_date(term.value, "date") // instant.MILLISECOND)
