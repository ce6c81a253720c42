"""One event as an API shows it, for whoever looks at it through all of them at once."""

from collections.abc import Callable

import msgspec

from footfall.model.customer import Customer
from footfall.model.event import Event
from footfall.model.workspace import Workspace
from footfall.storage.connection import Connection


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """``content``: the JSON of the event in this API's words; None where the API does not show it, ``note`` says why.

    ``curl``: the call that answers it, to paste into a shell where the API's secrets stand in variables.
    """

    title: str
    call: str  # method and path
    curl: str
    content: bytes | None
    note: str = ""


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """The event that is looked at, in a workspace of the server at the address ``base`` (no slash at its end)."""

    workspace: Workspace
    event: Event
    customer: Customer | None
    base: str


ShowEvent = Callable[[Connection, Looked], EventView]
