"""Pages of v3 lists: ``limit``, and ``offset`` as the number of the page (contracts/capillary.md 4.4)."""

from collections.abc import Mapping

import msgspec
from litestar.openapi.spec import OpenAPIType

from footfall.apis.capillary.target_failures import invalid
from footfall.apis.capillary.target_schemas import WarningAnswer
from footfall.apis.openapi import query

PAGING = (
    query("limit", "Items on a page (10)", OpenAPIType.INTEGER),
    query("offset", "Number of the page, from 0", OpenAPIType.INTEGER),
)

_DEFAULT_LIMIT = 10
_LARGEST = 2**31 - 1
_NEGATIVE_OFFSET = "Page offset can not be in negative, fetching the first page by default"


class Page(msgspec.Struct, frozen=True):
    """A page that is asked for, and what to tell of it."""

    limit: int
    offset: int
    warnings: list[WarningAnswer]


def page_of(asked: Mapping[str, str]) -> Page:
    """The page that the parameters name. A negative one is the first, with a warning. Raises CapillaryError."""
    limit = _integer(asked, "limit", _DEFAULT_LIMIT, least=1)
    offset = _integer(asked, "offset", 0, least=-_LARGEST)
    return Page(limit, max(0, offset), [WarningAnswer(_NEGATIVE_OFFSET)] if offset < 0 else [])


def _integer(asked: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = asked.get(name, "").strip()
    if not text:
        return default
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 10) or not least <= int(text) <= _LARGEST:
        raise invalid(f"{name} must be an integer from {max(least, 0)} to {_LARGEST}")
    return int(text)
