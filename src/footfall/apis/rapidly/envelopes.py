"""Pages as they are answered (contracts/rapidly.md 0, 2.3, 9)."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from footfall.apis.rapidly.dialect import Dialect
from footfall.apis.rapidly.parameters import Paging

T = TypeVar("T")


class PageMeta(msgspec.Struct, frozen=True):
    """Which page this is, of how many."""

    total: int
    page: int
    per_page: int
    pages: int


class CursorMeta(msgspec.Struct, frozen=True):
    """Whether another page follows."""

    has_next_page: bool


class Page(msgspec.Struct, frozen=True):
    """A page in Rapidly's envelope."""

    data: Sequence[object]
    meta: PageMeta


class PageByCursor(msgspec.Struct, frozen=True):
    """A page in Rapidly's envelope, of which only whether another follows is told."""

    data: Sequence[object]
    meta: CursorMeta


class PolarPageMeta(msgspec.Struct, frozen=True):
    """How many there are, on how many pages."""

    total_count: int
    max_page: int


class PolarPage(msgspec.Struct, frozen=True):
    """A page in Polar's envelope."""

    items: Sequence[object]
    pagination: PolarPageMeta


class PolarPageByCursor(msgspec.Struct, frozen=True):
    """As ``PageByCursor``, in Polar's envelope."""

    items: Sequence[object]
    pagination: CursorMeta


def page(items: Sequence[object], total: int, paging: Paging, dialect: Dialect) -> Page | PolarPage:
    """A page with the number of all; that stays what it is behind the last page."""
    pages = -(-total // paging.limit)
    if dialect.is_polar:
        return PolarPage(items, PolarPageMeta(total, pages))
    return Page(items, PageMeta(total, paging.page, paging.limit, pages))


def page_by_cursor(items: Sequence[object], dialect: Dialect, *, has_more: bool) -> PageByCursor | PolarPageByCursor:
    """A page that tells only whether another follows."""
    meta = CursorMeta(has_more)
    return PolarPageByCursor(items, meta) if dialect.is_polar else PageByCursor(items, meta)


def cut(items: Sequence[T], paging: Paging) -> Sequence[T]:
    """The page of a short list."""
    return items[paging.offset : paging.offset + paging.limit]
