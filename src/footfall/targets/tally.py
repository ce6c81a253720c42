"""What captured events did to targets, for whoever has to tell: worked out only when somebody asks."""

from collections.abc import Mapping, Sequence

from footfall.model.counting import Tracked
from footfall.model.target import Contribution
from footfall.storage.target_progress import PlaceInTime


class Tally:
    """The contributions of the events that were captured together, of one workspace."""

    __slots__ = ("_after", "_tracked")

    def __init__(self) -> None:
        self._tracked: Sequence[Tracked] = ()
        self._after: Mapping[PlaceInTime, int] = {}

    def note(self, tracked: Sequence[Tracked], after: Mapping[PlaceInTime, int]) -> None:
        """Takes in what has been counted, and how far each progress has come by all of it."""
        self._tracked = tracked
        self._after = after

    def of(self, sequence: int) -> list[Contribution]:
        """What the event with this sequence did, by rule: empty where it counts towards nothing."""
        own = [one for one in self._tracked if one.occurrence.sequence == sequence]
        return sorted((self._contribution(one) for one in own), key=lambda one: one.rule)

    def _contribution(self, tracked: Tracked) -> Contribution:
        place = tracked.place
        later = (
            one.counted
            for one in self._tracked
            if one.place == place and one.occurrence.sequence > tracked.occurrence.sequence
        )
        after = self._after[place] - sum(later)
        return Contribution(
            customer=place[0],
            sequence=tracked.occurrence.sequence,
            group=tracked.rule.group,
            rule=place[1],
            period=place[2],
            goal=tracked.cycle.goal,
            before=after - tracked.counted,
            after=after,
            value=tracked.shown,
        )
