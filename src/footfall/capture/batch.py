"""What is asked of capture at once, and what came of it."""

import msgspec

from footfall.model.event import NewEvent, Outcome, Refused
from footfall.model.workspace import Workspace
from footfall.targets.tally import Tally


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one request. With ``all_or_nothing``, one refused event keeps all of them out.

    ``tells_targets``: whether the result says what the events did to targets, which costs more.
    """

    workspace: Workspace
    events: list[NewEvent]
    all_or_nothing: bool = False
    tells_targets: bool = False


class BatchResult(msgspec.Struct, frozen=True):
    """One outcome per event, in their order; empty where nothing was stored because of ``refused``.

    ``refused`` holds the refusals by the event's index in the batch; ``tally``, where the batch ``tells_targets``, what
    the new events did to targets: ``tally.of(sequence)``. ``inserted``: how many events are new in the store;
    ``repeated``: how many were known already by their id.
    """

    outcomes: list[Outcome]
    refused: dict[int, Refused]
    tally: Tally = msgspec.field(default_factory=Tally)
    inserted: int = 0
    repeated: int = 0
