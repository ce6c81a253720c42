"""Query parameters: read as leniently as the product reads them, with its words for what is wrong (contract 0, 2.3).

Of a repeated single parameter the last one counts; unknown ones do not.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from footfall.apis.http import AnyRequest, query_parameters
from footfall.apis.rapidly import moments, scalars
from footfall.apis.rapidly.faults import Faults, Problem

T = TypeVar("T")

_LARGEST = 2**63 - 1
_MOST_PER_PAGE = 100
_BOOL_PARSING = Problem("bool_parsing", "Input should be a valid boolean, unable to interpret input")
_TRUE, _FALSE = frozenset({"true", "1", "yes", "on", "t", "y"}), frozenset({"false", "0", "no", "off", "f", "n"})


class Paging:
    """Which page, of how many items."""

    def __init__(self, page: int, limit: int) -> None:
        self.page = page
        self.limit = min(limit, _MOST_PER_PAGE)

    @property
    def offset(self) -> int:
        """How many items come before; a page that no store could fill begins behind everything."""
        return min((self.page - 1) * self.limit, _LARGEST - 2 * _MOST_PER_PAGE)


class Parameters:
    """The parameters of a request and the faults found in them."""

    def __init__(self, request: AnyRequest) -> None:
        self._given: dict[str, list[str]] = {}
        for name, value in query_parameters(request):
            self._given.setdefault(name, []).append(value)
        self.faults = Faults()

    def last(self, name: str) -> str | None:
        """The last value given."""
        values = self._given.get(name)
        return values[-1] if values else None

    def every(self, name: str) -> list[str]:
        """All values given."""
        return self._given.get(name, [])

    def one(self, name: str, rule: Callable[[str], T | Problem], default: T, *, required: bool = False) -> T:
        """The last value, as ``rule`` reads it."""
        value = self.last(name)
        if value is None:
            if required:
                self.faults.add(("query", name), Problem("missing", "Field required"), None)
            return default
        read = rule(value)
        if isinstance(read, Problem):
            self.faults.add(("query", name), read, value)
            return default
        return read

    def many(self, name: str, rule: Callable[[str], T | Problem]) -> tuple[T, ...]:
        """All values, as ``rule`` reads them."""
        found = []
        for index, value in enumerate(self.every(name)):
            read = rule(value)
            if isinstance(read, Problem):
                self.faults.add(("query", name, index), read, value)
            else:
                found.append(read)
        return tuple(found)

    def members(self, name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """``name[key]=value``, by key; ``name[]`` says nothing."""
        start = f"{name}["
        keys = [key for key in self._given if key.startswith(start) and key.endswith("]") and len(key) > len(start) + 1]
        return tuple((key[len(start) : -1], tuple(self._given[key])) for key in keys)

    def paging(self) -> Paging:
        """``page`` and ``limit``."""
        return Paging(self.one("page", positive, 1), self.one("limit", positive, 10))


def text(value: str) -> str | Problem:
    """Any text that a database can hold."""
    return scalars.text(value)


def positive(value: str) -> int | Problem:
    """A whole number above zero."""
    return _whole(value, least=1)


def between(least: int, most: int) -> Callable[[str], int | Problem]:
    """A whole number between two others, which are allowed as well."""
    return lambda value: _whole(value, least=least, most=most, is_inclusive=True)


def boolean(value: str) -> bool | Problem:
    """A boolean in any of its spellings."""
    word = value.lower()
    if word in _TRUE:
        return True
    return False if word in _FALSE else _BOOL_PARSING


def moment(value: str) -> int | Problem:
    """An instant."""
    return moments.parse(value)


def one_of(words: Sequence[str]) -> Callable[[str], str | Problem]:
    """One of a few words."""
    quoted = [f"'{word}'" for word in words]
    expected = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
    problem = Problem("enum", f"Input should be {expected}", {"expected": expected})
    return lambda value: value if value in words else problem


def sorting_of(fields: Sequence[str]) -> Callable[[str], str | Problem]:
    """A field to sort by, falling where ``-`` stands before it."""
    return one_of([word for field in fields for word in (field, f"-{field}")])


def _whole(value: str, *, least: int, most: int = _LARGEST, is_inclusive: bool = False) -> int | Problem:
    read = scalars.integer(value)
    if isinstance(read, Problem):
        return read
    if read < least:
        if is_inclusive:
            return Problem("greater_than_equal", f"Input should be greater than or equal to {least}", {"ge": least})
        return Problem("greater_than", f"Input should be greater than {least - 1}", {"gt": least - 1})
    if read > most:
        return Problem("less_than_equal", f"Input should be less than or equal to {most}", {"le": most})
    return read
