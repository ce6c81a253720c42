"""From the parameters of a list of users or accounts to a ``RecordQuery`` (contracts/gainsight_px.md 5)."""

import msgspec

from footfall.apis.gainsight_px.errors import BadRequest
from footfall.apis.gainsight_px.filter_grammar import FilterTerm, parse_filter, parse_sort
from footfall.apis.gainsight_px.record_fields import Record
from footfall.apis.gainsight_px.search_parameters import LONGEST_FILTER, MOST_TERMS, page_size_of
from footfall.apis.gainsight_px.window import parse_date
from footfall.apis.http import AnyRequest, query_parameters
from footfall.model import instant, signed_token
from footfall.model.people import RecordField, RecordQuery, RecordSort, RecordTerm
from footfall.model.query import Operator

_PURPOSE = "px-records-1"
_MOST_SORTS = 8
_PATTERNS = (Operator.LIKE, Operator.NOT_LIKE)


class RecordScroll(msgspec.Struct, frozen=True, array_like=True):
    """A list under way: what comes next, and how many records it had when it began."""

    query: RecordQuery
    total: int


_decode = msgspec.msgpack.Decoder(RecordScroll).decode


class RecordParameters:
    """The query's parameters: empty ones are absent, unknown ones ignored."""

    def __init__(self, request: AnyRequest, record: Record) -> None:
        self._record = record
        self._given: dict[str, list[str]] = {}
        for name, value in query_parameters(request):
            if value:
                self._given.setdefault(name, []).append(value)

    @property
    def scroll_id(self) -> str | None:
        """Where to go on."""
        return self._single("scrollId")

    def page_size(self, default: int | None = None) -> int:
        """Records of a page. Raises BadRequest outside 1 to 1000."""
        text = self._single("pageSize")
        return page_size_of(text) if default is None or text is not None else default

    def query(self, workspace: int) -> RecordQuery:
        """The question asked. Raises BadRequest."""
        filters = self._given.get("filter", [])
        if sum(map(len, filters)) > LONGEST_FILTER or any("\0" in text for text in filters):
            raise BadRequest(f"Invalid filter: more than {LONGEST_FILTER} characters, or NUL among them")
        parsed = [terms for terms in map(parse_filter, filters) if terms]
        if sum(map(len, parsed)) > MOST_TERMS:
            raise BadRequest(f"Invalid filter: more than {MOST_TERMS} terms")
        return RecordQuery(
            kind=self._record.kind,
            workspace=workspace,
            alternatives=tuple(tuple(self._term(term) for term in terms) for terms in parsed),
            order=self._order(),
            limit=self.page_size(),
        )

    def _term(self, term: FilterTerm) -> RecordTerm:
        field = self._field(term.field, "filter")
        value = term.value
        if self._record.is_date(term.field) and term.operator not in _PATTERNS:
            value = str(parse_date(value, "date") // instant.MILLISECOND)
        return RecordTerm(field, term.operator, value)

    def _order(self) -> tuple[RecordSort, ...]:
        terms = parse_sort(self._single("sort") or "")
        if len(terms) > _MOST_SORTS or any("\0" in term.field for term in terms):
            raise BadRequest(f"Invalid sort: more than {_MOST_SORTS} fields")
        order: dict[str, RecordSort] = {}
        for term in terms:
            order.setdefault(term.field, RecordSort(self._field(term.field, "sort"), term.descending))
        return tuple(order.values())

    def _field(self, name: str, purpose: str) -> RecordField:
        found = self._record.named(name)
        if found is None:
            raise BadRequest(f"Invalid {purpose} field '{name}'")
        return found

    def _single(self, name: str) -> str | None:
        given = self._given.get(name)
        return None if given is None else given[0]


def to_token(scroll: RecordScroll, key: bytes) -> str:
    """The scroll id of ``scroll``."""
    return signed_token.sign(msgspec.msgpack.encode(scroll), key, _PURPOSE)


def from_token(token: str, key: bytes, workspace: int, record: Record) -> RecordScroll:
    """The list of a scroll id. Raises BadRequest for one that is not ours, another workspace's or another list's."""
    content = signed_token.verify(token, key, _PURPOSE)
    try:
        scroll = None if content is None else _decode(content)
    except msgspec.DecodeError as error:
        raise BadRequest("Invalid scrollId") from error
    if scroll is None or (scroll.query.workspace, scroll.query.kind) != (workspace, record.kind):
        raise BadRequest("Invalid scrollId")
    return scroll
