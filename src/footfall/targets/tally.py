"""What captured events did to targets, for whoever has to tell: worked out only when somebody asks."""

from collections.abc import Iterable, Mapping

from footfall.model.counting import Tracked
from footfall.model.target import Contribution
from footfall.storage.target_progress import PlaceInTime


class Tally:
    """The contributions of the events that were captured together, of one workspace.

    ``by_place``: what counted for a customer by a rule in a period, in the order of arrival.
    """

    __slots__ = ("_after", "by_place")

    def __init__(self) -> None:
        self.by_place: dict[PlaceInTime, list[Tracked]] = {}
        self._after: dict[PlaceInTime, int] = {}

    def note(self, tracked: Iterable[Tracked], after: Mapping[PlaceInTime, int]) -> None:
        """Takes in what has been counted, and how far each progress has come by it."""
        for one in tracked:
            place = one.occurrence.customer, one.rule.id, one.cycle.period
            self.by_place.setdefault(place, []).append(one)
        for own in self.by_place.values():
            if len(own) > 1:
                own.sort(key=lambda one: one.occurrence.sequence)
        self._after.update(after)

    def of(self, sequence: int) -> list[Contribution]:
        """What the event with this sequence did, by rule: empty where it counts towards nothing."""
        found = []
        for place, own in self.by_place.items():
            value = self._after[place] - sum(one.counted for one in own)
            for one in own:
                if one.occurrence.sequence == sequence:
                    found.append(_contribution(place, one, value))
                value += one.counted
        return sorted(found, key=lambda one: one.rule)


def _contribution(place: PlaceInTime, tracked: Tracked, before: int) -> Contribution:
    return Contribution(
        customer=place[0],
        sequence=tracked.occurrence.sequence,
        group=tracked.rule.group,
        rule=place[1],
        period=place[2],
        goal=tracked.cycle.goal,
        before=before,
        after=before + tracked.counted,
        value=tracked.shown,
    )
