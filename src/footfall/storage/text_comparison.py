"""How texts compare in the database: case-folded, code point by code point; see ``model.query.Operator``."""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam, func

from footfall.model.query import Operator

Clause = ColumnElement[bool]
TextColumn = ColumnElement[Any]

NEGATED = {Operator.NOT_EQUAL: Operator.EQUAL, Operator.NOT_LIKE: Operator.LIKE}
"""Negations, and what they are the negation of."""


def text_value(operator: Operator, value: str) -> str:
    """What to bind for a comparison of folded texts: the folded value, or the pattern of a SQL ``LIKE``."""
    folded = value.casefold()
    if operator not in (Operator.LIKE, Operator.NOT_LIKE):
        return folded
    escaped = re.sub(r"([\\%_])", r"\\\1", folded)
    return re.sub(r"\*+", "%", escaped).replace("?", "_")


def prefix_range(pattern: str) -> tuple[str | None, str | None]:
    """Between which texts all stand that answer a pattern: from the first on, and before the other; None: unknown."""
    prefix = re.split(r"[*?]", pattern, maxsplit=1)[0]
    if not prefix or "\0" in prefix or not prefix[-1] < "\ud7ff":
        return None, None
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)


def compare_text(text: TextColumn, folded: TextColumn, operator: Operator, parameter: str) -> Clause:
    """``text`` (and ``folded``, the same case-folded) against ``text_value`` in ``parameter``."""
    if operator in NEGATED:
        return negation(compare_text(text, folded, NEGATED[operator], parameter))
    return sa.and_(text != sa.literal_column("''"), compare(folded, operator, bindparam(parameter, type_=sa.Text)))


def compare(left: TextColumn, operator: Operator, right: ColumnElement[Any]) -> Clause:
    """``left operator right``; for all but the negations."""
    match operator:
        case Operator.EQUAL:
            return left == right
        case Operator.LESS:
            return left < right
        case Operator.LESS_OR_EQUAL:
            return left <= right
        case Operator.GREATER:
            return left > right
        case Operator.GREATER_OR_EQUAL:
            return left >= right
        case _:
            return left.like(right, escape="\\")


def negation(clause: Clause) -> Clause:
    """The negation, true also where the clause is unknown because something is missing."""
    return sa.not_(func.coalesce(clause, sa.false()))
