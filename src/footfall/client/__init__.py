"""The Python client of a Footfall server's own API.

``Footfall("http://localhost:8000", token=...).events.search(names=["Bought"])``; ``AsyncFootfall`` is the same to be
awaited.
It stands alone: nothing of the server is imported.
"""

from footfall.client.asynchronous import AsyncFootfall
from footfall.client.errors import BufferFull, FootfallError, NotFound, RequestRefused, Unauthorized, Unreachable
from footfall.client.records import (
    Captured,
    Counts,
    Customer,
    CustomerRef,
    Event,
    EventCustomer,
    EventName,
    EventPage,
    NewEvent,
    Refusal,
    Series,
    Summary,
)
from footfall.client.retrying import Retry
from footfall.client.sender import Sender
from footfall.client.synchronous import Footfall

__all__ = [
    "AsyncFootfall",
    "BufferFull",
    "Captured",
    "Counts",
    "Customer",
    "CustomerRef",
    "Event",
    "EventCustomer",
    "EventName",
    "EventPage",
    "Footfall",
    "FootfallError",
    "NewEvent",
    "NotFound",
    "Refusal",
    "RequestRefused",
    "Retry",
    "Sender",
    "Series",
    "Summary",
    "Unauthorized",
    "Unreachable",
]
