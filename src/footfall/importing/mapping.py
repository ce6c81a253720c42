"""The mapping file: which column of a file means what. TOML, described in docs/import.md."""

import codecs
import tomllib
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

Format = Literal["csv", "ndjson"]
PropertyType = Literal["string", "integer", "decimal", "boolean", "json"]

_MOMENTS = frozenset({"iso", "epoch_s", "epoch_ms"})
_FORMAT_OF_SUFFIX: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
}


class InvalidMapping(ValueError):  # noqa: N818
    """The mapping does not make sense, or does not fit the file; the message says where."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a member that is not known is a mistake and not a comment."""


class Constant(_Part, frozen=True):
    """The same value for every row."""

    constant: str


class NameRule(_Part, frozen=True):
    """The event's name where the column's value equals, or begins with, a text."""

    name: str
    equals: str | None = None
    prefix: str | None = None


class NameMapping(_Part, frozen=True):
    """The event's name: constant; or a column's value; or what the first rule that fits, or ``default``, says."""

    constant: str | None = None
    column: str | None = None
    rules: list[NameRule] = []
    default: str | None = None


class TimeMapping(_Part, frozen=True):
    """When it happened. Several columns are joined by a blank before ``format`` reads them.

    ``format``: ``iso``, ``epoch_s``, ``epoch_ms``, or as Python's strptime has it. ``zone``: of local times.
    """

    column: str | list[str]
    format: str = "iso"
    zone: str | None = None


class CustomerMapping(_Part, frozen=True):
    """Columns that name the customer. A row in which all are empty is an event without a customer."""

    external_id: str | None = None
    email: str | None = None
    mobile: str | None = None
    object_id: str | None = None
    name: str | None = None


class AmountMapping(_Part, frozen=True):
    """A column, or the product of columns, exactly. For the events named in ``negative_for`` it is made negative."""

    column: str | None = None
    product: list[str] = []
    negative_for: list[str] = []


class PropertyColumn(_Part, frozen=True):
    """A property taken from a column of another name."""

    column: str
    type: PropertyType = "string"


class PropertiesMapping(_Part, frozen=True):
    """Properties by their names, each with its type; ``others``: the type of all columns used nowhere else."""

    columns: dict[str, PropertyType | PropertyColumn] = {}
    others: PropertyType | None = None


class Mapping(_Part, frozen=True):
    """The whole file."""

    name: NameMapping
    time: TimeMapping
    customer: CustomerMapping = CustomerMapping()
    external_id: str | list[str] = []
    family: str | Constant | None = None
    account_id: str | Constant | None = None
    source: str | Constant | None = None
    amount: AmountMapping | None = None
    properties: PropertiesMapping = PropertiesMapping()
    session: PropertiesMapping | None = None
    format: Format | None = None
    delimiter: str | None = None
    encoding: str = "utf-8"


def load(path: Path) -> Mapping:
    """The mapping in the file. Raises InvalidMapping."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidMapping(str(error)) from error


def parse(text: str) -> Mapping:
    """The mapping that ``text`` spells. Raises InvalidMapping."""
    try:
        mapping = msgspec.convert(tomllib.loads(text), Mapping)
    except tomllib.TOMLDecodeError as error:
        raise InvalidMapping(f"not valid TOML: {error}") from error
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidMapping(str(error).replace("`$.", "`")) from error
    _check_name(mapping.name)
    _check_time(mapping.time)
    _check_amount(mapping.amount)
    _check_form(mapping)
    return mapping


def format_of(path: Path, mapping: Mapping) -> Format:
    """CSV or NDJSON: what the mapping says, else what the file's name says."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    found = mapping.format or _FORMAT_OF_SUFFIX.get(suffixes[-1] if suffixes else "")
    if found is None:
        raise InvalidMapping(f'{path.name}: cannot tell its format by its name; set format = "csv" or "ndjson"')
    return found


def _check_name(name: NameMapping) -> None:
    if (name.constant is None) == (name.column is None):
        raise InvalidMapping("name: give either constant or column")
    if name.constant is not None and (name.rules or name.default is not None):
        raise InvalidMapping("name: rules and default need a column")
    for number, rule in enumerate(name.rules):
        if (rule.equals is None) == (rule.prefix is None):
            raise InvalidMapping(f"name.rules[{number}]: give either equals or prefix")


def _check_time(time: TimeMapping) -> None:
    if not time.column:
        raise InvalidMapping("time.column: name a column")
    if time.format not in _MOMENTS and "%" not in time.format:
        raise InvalidMapping(
            f"time.format: {time.format!r} is neither iso, epoch_s, epoch_ms nor a format such as %Y-%m-%d %H:%M:%S"
        )
    if time.zone is None:
        if time.format not in _MOMENTS and "%z" not in time.format:
            raise InvalidMapping("time.zone: a format without %z needs the IANA zone of the times, such as UTC")
        return
    try:
        ZoneInfo(time.zone)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidMapping(f"time.zone: {time.zone!r} is not an IANA time zone, such as Europe/London") from error


def _check_amount(amount: AmountMapping | None) -> None:
    if amount is not None and (amount.column is None) != bool(amount.product):
        raise InvalidMapping("amount: give either column or product")


def _check_form(mapping: Mapping) -> None:
    if mapping.delimiter is not None and len(mapping.delimiter) != 1:
        raise InvalidMapping("delimiter: expected one character")
    try:
        plain = "\n,".encode(codecs.lookup(mapping.encoding).name) == b"\n,"
    except (LookupError, UnicodeError):
        plain = False
    if not plain:
        raise InvalidMapping(f"encoding: {mapping.encoding!r} is not an encoding that continues ASCII, such as utf-8")
