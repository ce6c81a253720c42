"""Rows as Structs of the model, where a table's columns and a Struct's fields are the same words."""

from typing import TypeVar

import msgspec

from footfall.storage.connection import Row

S = TypeVar("S", bound=msgspec.Struct)


def struct_of(kind: type[S], row: Row) -> S:
    """``row`` as a ``kind``; columns in the order of its fields, booleans as 0 and 1."""
    return msgspec.convert(dict(zip(kind.__struct_fields__, row, strict=True)), kind, strict=False)
