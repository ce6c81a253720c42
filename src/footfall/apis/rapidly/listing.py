"""What a list of events is asked: query parameters to a question of the model's (contracts/rapidly.md 2.3, 9)."""

from typing import Any, cast

from footfall.apis.rapidly import scalars
from footfall.apis.rapidly.dialect import Dialect
from footfall.apis.rapidly.faults import Problem
from footfall.apis.rapidly.parameters import (
    Parameters,
    between,
    boolean,
    moment,
    one_of,
    sorting_of,
    text,
)
from footfall.model import identifiers
from footfall.model.event_listing import SOURCES, EventListing
from footfall.model.workspace import Workspace

AGGREGATES = (
    "_cost.amount",
    "cost.amount",
    "duration_ns",
    "tokens",
    "input_tokens",
    "output_tokens",
    "amount",
    "quantity",
    "count",
)
"""Numbers in metadata that may be summed over an event and all its descendants."""

_SHORTEST_POLAR_QUERY = 3
_DEEPEST = 5
_TOO_SHORT = Problem("string_too_short", "String should have at least 3 characters", {"min_length": 3})
_NOT_SUMMABLE = "{} cannot be aggregated. Allowed are: " + ", ".join(AGGREGATES) + "."


class ListRequest:
    """One list of events as it was asked for, found valid."""

    def __init__(self, parameters: Parameters, workspace: Workspace, dialect: Dialect) -> None:
        self.paging = parameters.paging()
        self.by_cursor = parameters.one("cursor_pagination", boolean, default=False)
        self.aggregates = aggregates_of(parameters)
        sorting = parameters.many("sorting", sorting_of(["timestamp"]))
        since = parameters.one("start_timestamp", moment, None)
        before = parameters.one("end_timestamp", moment, None)
        parent = parameters.one("parent_id", scalars.uuid4, None)
        depth = parameters.one("depth", between(0, _DEEPEST), None)
        common = common_terms(parameters, workspace, dialect)
        parameters.faults.raise_if_any()
        self.is_elsewhere = common is None
        self.type_id: bytes | None = parameters.one("event_type_id", scalars.uuid4, None)
        parameters.faults.raise_if_any()
        self.listing = EventListing(
            workspace=workspace.number,
            since=None if since is None else since + 1,
            before=before,
            parent=parent,
            depth=depth,
            descending=not sorting or sorting[0].startswith("-"),
            limit=self.paging.limit,
            offset=self.paging.offset,
            **cast("Any", common or {}),
        )


def common_terms(parameters: Parameters, workspace: Workspace, dialect: Dialect) -> dict[str, object] | None:
    """The terms that lists, names and statistics have in common; None where another workspace is asked about."""
    tenants = parameters.many(dialect.tenant_id, scalars.uuid4)
    terms: dict[str, object] = {
        "customers": parameters.many("customer_id", scalars.uuid4),
        "external_customers": parameters.many("external_customer_id", text),
        "names": parameters.many("name", text),
        "sources": parameters.many("source", one_of(SOURCES)),
        "properties": parameters.members("metadata"),
    }
    query = parameters.last("query") or ""
    if query and not tenants and not dialect.is_polar:
        message = f"Query is only supported when {dialect.tenant_id} is provided."
        parameters.faults.add(("query", "query"), Problem("query", message), query)
    if query and dialect.is_polar and len(query) < _SHORTEST_POLAR_QUERY:
        parameters.faults.add(("query", "query"), _TOO_SHORT, query)
    terms["text"] = query
    return terms if not tenants or workspace.id in tenants else None


def aggregates_of(parameters: Parameters) -> tuple[str, ...]:
    """The numbers to be summed."""
    asked = tuple(dict.fromkeys(parameters.every("aggregate_fields")))
    strange = [each for each in asked if each not in AGGREGATES]
    if strange:
        problem = Problem("value_error", _NOT_SUMMABLE.format(", ".join(strange)))
        parameters.faults.add(("query", "aggregate_fields"), problem, list(asked))
    return asked


def event_type_id(workspace: Workspace, name: str) -> bytes:
    """The id of an event type: it follows from its name, in its workspace."""
    return identifiers.derived_id(workspace.id, f"event type\0{name}")
