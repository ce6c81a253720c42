"""From a row to an event, as the mapping says; prepared once per file, so that each row costs little."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeVar, get_args

import msgspec
from msgspec import Raw

from footfall.importing import moments, values
from footfall.importing.mapping import (
    AmountMapping,
    Constant,
    CustomerMapping,
    InvalidMapping,
    Mapping,
    NameMapping,
    NameRule,
    PropertiesMapping,
    PropertyColumn,
    PropertyType,
    TimeMapping,
)
from footfall.importing.rows import Cells, Row
from footfall.model.customer import CustomerProfile, Identity, IdentityKind
from footfall.model.event import CustomerReference, Family, NewEvent
from footfall.model.text import LONGEST_ACCOUNT, LONGEST_NAME, LONGEST_TEXT, fault_of, identity

KEY_SEPARATOR = "|"
"""Between the columns that together are the external id."""

_IDENTITY_KINDS: tuple[IdentityKind, ...] = ("external_id", "email", "mobile", "object_id")
_FAMILIES: dict[str, Family] = {family: family for family in get_args(Family)}
_DIGEST_BYTES = 16
_REMEMBERED = 8192
_LONGEST_REMEMBERED = 64  # characters; a cell may have a million

_encode = msgspec.json.encode
_decode_text = msgspec.json.Decoder(str).decode

T = TypeVar("T")
Text = Callable[[Any], str | None]
"""What a column says in a row's cells, which are a list in CSV and an object in NDJSON; None where it is empty or
missing."""


class BadRow(ValueError):  # noqa: N818
    """The row is no event; the message says why."""


class Translator:
    """Turns rows into events. ``columns``: the header's, None for NDJSON."""

    def __init__(self, mapping: Mapping, columns: Sequence[str] | None, fingerprint: bytes) -> None:
        """Raises InvalidMapping for a column that the header does not have."""
        self._columns = _Columns(columns)
        self._fingerprint = fingerprint
        text = self._columns.text
        self._name = self._name_of(mapping.name)
        self._occurred_at = self._occurred_at_of(mapping.time)
        self._customer = self._customer_of(mapping.customer)
        keys = [mapping.external_id] if isinstance(mapping.external_id, str) else mapping.external_id
        self._keys = [text(column) for column in keys]
        self._account_id = self._optional("account_id", mapping.account_id, LONGEST_ACCOUNT)
        self._family = self._family_of(mapping.family)
        self._source = self._optional("source", mapping.source)
        self._amount = _no_amount if mapping.amount is None else self._amount_of(mapping.amount)
        session = mapping.session
        self._session = None if session is None else self._object_of(session)
        self._properties = self._object_of(mapping.properties)

    def event(self, row: Row, received_at: int) -> NewEvent:
        """The event in ``row``. Raises BadRow."""
        if row.fault is not None:
            raise BadRow(row.fault)
        cells = row.cells
        name = self._name(cells)
        occurred_at, utc_offset = self._occurred_at(cells)
        return NewEvent(
            name=name,
            occurred_at=occurred_at,
            utc_offset=utc_offset,
            received_at=received_at,
            customer=self._customer(cells),
            external_id=self._external_id(row),
            account_id=self._account_id(cells),
            source=self._source(cells),
            amount=self._amount(cells, name),
            properties=self._properties(cells),
            session=None if self._session is None else self._session(cells),
            family=self._family(cells),
        )

    def _external_id(self, row: Row) -> str:
        parts = [column(row.cells) or "" for column in self._keys]
        if any(parts):
            return _checked("external_id", KEY_SEPARATOR.join(parts))
        # Files that only begin alike share their fingerprint; what tells their rows apart is what they say.
        own = blake2b(row.content, digest_size=_DIGEST_BYTES, key=self._fingerprint)
        own.update(row.number.to_bytes(8, "big"))
        return f"import:{own.hexdigest()}"

    def _occurred_at_of(self, mapping: TimeMapping) -> Callable[[Cells], moments.Moment]:
        given = [mapping.column] if isinstance(mapping.column, str) else mapping.column
        columns = [self._columns.text(column) for column in given]
        shown = " and ".join(given)
        moment = moments.reader(mapping)

        def occurred_at(cells: Cells) -> moments.Moment:
            parts = [part.strip() for column in columns if (part := column(cells)) is not None]
            if len(parts) < len(columns):
                raise BadRow(f"{shown}: the time is missing")
            text = " ".join(parts)
            try:
                return moment(text)
            except ValueError as error:
                raise BadRow(f"{shown}: {text[:60]!r} is not a time: {error}") from None

        return occurred_at

    def _name_of(self, mapping: NameMapping) -> Callable[[Cells], str]:
        if mapping.constant is not None:
            constant = _valid("name.constant", mapping.constant, LONGEST_NAME)
            return lambda _: constant
        assert mapping.column is not None
        column, shown, default = self._columns.text(mapping.column), mapping.column, mapping.default
        rules = [(_fits(rule), _valid("name.rules", rule.name, LONGEST_NAME)) for rule in mapping.rules]
        named = [default] if default is not None else []
        fallback = [_valid("name.default", name, LONGEST_NAME) for name in named]

        def name_for(text: str) -> str:
            for fits, chosen in rules:
                if fits(text):
                    return chosen
            if fallback:
                return fallback[0]
            if rules:
                raise BadRow(f"{shown}: no rule fits {text[:60]!r}, and there is no default")
            return _checked(shown, text, LONGEST_NAME)

        remembered = _remembering(name_for)
        return lambda cells: remembered((column(cells) or "").strip())

    def _customer_of(self, mapping: CustomerMapping) -> Callable[[Cells], CustomerReference | None]:
        named = [(kind, column) for kind in _IDENTITY_KINDS if (column := getattr(mapping, kind)) is not None]
        columns = [(self._columns.text(column), _remembering(_identity_of(kind, column))) for kind, column in named]
        full_name = None if mapping.name is None else self._columns.text(mapping.name)
        if full_name is not None and not columns:
            raise InvalidMapping(
                "customer: a name alone identifies nobody; map external_id, email, mobile or object_id"
            )

        def customer(cells: Cells) -> CustomerReference | None:
            identities: list[Identity] = []
            for column, identity_for in columns:
                text = (column(cells) or "").strip()
                if text:
                    identities.append(identity_for(text))
            if not identities:
                return None
            said = None if full_name is None else full_name(cells)
            profile = None if said is None else CustomerProfile(name=_checked(str(mapping.name), said))
            return CustomerReference(identities=tuple(identities), profile=profile)

        return customer

    def _optional(self, member: str, mapped: str | Constant | None, longest: int = LONGEST_TEXT) -> Text:
        if mapped is None:
            return lambda _: None
        if isinstance(mapped, Constant):
            constant = _valid(member, mapped.constant, longest)
            return lambda _: constant
        shown, column = mapped, self._columns.text(mapped)

        def optional(cells: Cells) -> str | None:
            text = column(cells)
            return None if text is None else _checked(shown, text, longest)

        return optional

    def _amount_of(self, mapping: AmountMapping) -> Callable[[Cells, str], int | None]:
        factors = [mapping.column] if mapping.column is not None else mapping.product
        columns = [self._columns.text(column) for column in factors]
        shown = " x ".join(factors)
        negative = frozenset(mapping.negative_for)

        def amount(cells: Cells, name: str) -> int | None:
            texts = [text for column in columns if (text := column(cells)) is not None]
            if not texts:
                return None
            if len(texts) < len(columns):
                raise BadRow(f"{shown}: a factor of the amount is missing")
            try:
                product = values.exact_product(texts)
            except ValueError as error:
                raise BadRow(f"{shown}: {error}") from None
            return -abs(product) if name in negative else product

        return amount

    def _family_of(self, mapped: str | Constant | None) -> Callable[[Cells], Family]:
        if isinstance(mapped, Constant) and mapped.constant not in _FAMILIES:
            raise InvalidMapping(f"family: {mapped.constant!r} is not one of {', '.join(_FAMILIES)}")
        named = self._optional("family", mapped)

        def family(cells: Cells) -> Family:
            text = named(cells) or "custom"
            if text not in _FAMILIES:
                raise BadRow(f"{mapped}: {text[:60]!r} is not one of {', '.join(_FAMILIES)}")
            return _FAMILIES[text]

        return family

    def _object_of(self, mapping: PropertiesMapping) -> Callable[[Cells], str]:
        fields: list[tuple[str, Text]] = []
        for key, mapped in mapping.columns.items():
            column, kind = (mapped.column, mapped.type) if isinstance(mapped, PropertyColumn) else (key, mapped)
            fields.append((column, self._columns.member(key, column, kind)))
        others = mapping.others
        rest = self._columns.rest() if others is not None else []
        for column in rest:
            assert others is not None
            fields.append((column, self._columns.member(column, column, others)))
        used = frozenset(self._columns.used)

        def properties(cells: Cells) -> str:
            members = []
            shown = ""
            try:
                for shown, member in fields:  # noqa: B007  (told when the next one fails)
                    text = member(cells)
                    if text is not None:
                        members.append(text)
                if others is not None and isinstance(cells, dict):
                    members += _members_beyond(cells, used, others)
            except ValueError as error:
                raise BadRow(f"{shown}: {error}") from None
            return "{" + ",".join(members) + "}"

        return properties


class _Columns:
    """How to get at columns: by their place in a CSV row, by their key (dots go deeper) in an NDJSON object."""

    def __init__(self, header: Sequence[str] | None) -> None:
        self._header = None if header is None else {column: index for index, column in enumerate(header)}
        self.used: set[str] = set()

    def text(self, column: str) -> Text:
        """The column's text. Raises InvalidMapping when the header does not have it."""
        self.used.add(column)
        if self._header is None:
            return lambda cells: _text_of(_member(cells, column), column)
        index = self._header.get(column)
        if index is None:
            raise InvalidMapping(f"the file has no column {column!r}; it has: {', '.join(self._header)}")
        return lambda cells: cells[index] or None

    def member(self, key: str, column: str, kind: PropertyType) -> Text:
        """The column as a member of a JSON object; ValueError where it is not of this type."""
        prefix = _encode(key).decode() + ":"
        if self._header is None and kind == "json":
            self.used.add(column)
            return lambda cells: _prefixed(prefix, _json_of(_member(cells, column)))
        encode = values.encoder(kind)
        member_of = _remembering(lambda text: prefix + encode(text))
        text = self.text(column)

        def member(cells: Cells) -> str | None:
            found = text(cells)
            return None if found is None else member_of(found)

        return member

    def rest(self) -> list[str]:
        """The header's columns that nothing has asked for; an NDJSON object's are known only row by row."""
        return [] if self._header is None else [column for column in self._header if column not in self.used]


def _remembering(function: Callable[[str], T]) -> Callable[[str], T]:
    """``function``, whose answer depends on the text alone, with its latest answers kept: columns repeat themselves."""
    remembered = lru_cache(maxsize=_REMEMBERED)(function)
    return lambda text: remembered(text) if len(text) <= _LONGEST_REMEMBERED else function(text)


def _identity_of(kind: IdentityKind, shown: str) -> Callable[[str], Identity]:
    def identity_for(text: str) -> Identity:
        found = identity(kind, _checked(shown, text))
        if found is None:
            raise BadRow(f"{shown}: {text[:60]!r} is not a {kind}")
        return found

    return identity_for


def _prefixed(prefix: str, text: str | None) -> str | None:
    return None if text is None else prefix + text


def _member(cells: dict[str, Raw], column: str) -> Raw | None:
    found = cells.get(column)
    if found is not None or "." not in column:
        return found
    outer, _, inner = column.partition(".")
    nested = cells.get(outer)
    if nested is None or not bytes(nested).startswith(b"{"):
        return None
    return _member(msgspec.json.decode(nested, type=dict[str, Raw]), inner)


def _text_of(raw: Raw | None, column: str) -> str | None:
    if raw is None:
        return None
    content = bytes(raw)
    if content == b"null":
        return None
    if content.startswith(b'"'):
        return _decode_text(content) or None
    if content.startswith((b"{", b"[")):
        raise BadRow(f"{column}: expected a text or a number")
    return content.decode()


def _json_of(raw: Raw | None) -> str | None:
    return None if raw is None else values.encoder("json")(bytes(raw).decode())


def _members_beyond(cells: dict[str, Raw], used: frozenset[str], kind: PropertyType) -> list[str]:
    encode = values.encoder(kind)
    members = []
    for key, raw in cells.items():
        if key not in used:
            text = _json_of(raw) if kind == "json" else _text_of(raw, key)
            if text is not None:
                members.append(f"{_encode(key).decode()}:{text if kind == 'json' else encode(text)}")
    return members


def _fits(rule: NameRule) -> Callable[[str], bool]:
    if rule.prefix is not None:
        prefix = rule.prefix
        return lambda text: text.startswith(prefix)
    return lambda text: text == rule.equals


def _no_amount(_cells: Cells, _name: str) -> int | None:
    return None


def _checked(column: str, text: str, longest: int = LONGEST_TEXT) -> str:
    fault = fault_of(text, longest)
    if fault is not None:
        raise BadRow(f"{column}: {fault}")
    return text


def _valid(member: str, text: str, longest: int) -> str:
    fault = fault_of(text, longest)
    if fault is not None:
        raise InvalidMapping(f"{member}: {fault}")
    return text
