"""Questions about customers and accounts: records that change, unlike events, and have many fields."""

from typing import Literal

import msgspec

from footfall.model.query import Operator

RecordKind = Literal["customer", "account"]
ValueKind = Literal["text", "number", "truth", "any"]
"""How a field compares. ``any``: as a number where it is one, else as a text."""

Computed = Literal[
    "identity", "id", "email", "first_name", "user_type", "last_event_at", "created_at", "modified_at", "customers"
]
"""What no column holds as it is shown. Moments are whole milliseconds."""


class RecordField(msgspec.Struct, frozen=True):
    """A field: a column, something computed, or what stands in a JSON object (a column, too) at a path."""

    kind: ValueKind
    column: str | None = None
    computed: Computed | None = None
    path: tuple[str, ...] = ()


class RecordTerm(msgspec.Struct, frozen=True):
    """``field operator value``, compared as events' properties are: see ``model.query``."""

    field: RecordField
    operator: Operator
    value: str


class RecordSort(msgspec.Struct, frozen=True):
    """One key of an order. What is missing comes first, then texts, then numbers; descending, the other way round."""

    field: RecordField
    descending: bool = False


class RecordQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Living records of one workspace for which any of ``alternatives`` (each a conjunction) holds.

    ``after``: the sort keys' values of the last record seen, two for each, and what tells it from all others.
    ``known_until``: the highest customer number that counts.
    """

    kind: RecordKind
    workspace: int
    alternatives: tuple[tuple[RecordTerm, ...], ...] = ()
    order: tuple[RecordSort, ...] = ()
    after: tuple[float | int | str | None, ...] | None = None
    known_until: int | None = None
    limit: int = 25
