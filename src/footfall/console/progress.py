"""How far customers have come in a target group: a picture of a bounded sample, labelled as one."""

from collections import Counter

import msgspec

from footfall.model.target import Progress, TargetDefinition, TargetPeriod, TargetRule
from footfall.storage import target_reads
from footfall.storage.connection import Connection
from footfall.targets.definition import definition

SAMPLE = 5_000
"""Records of progress that are looked at, of all the workspace's."""

STEPS = ("none", "below 25 %", "25 to 50 %", "50 to 75 %", "75 to 100 %", "reached")
_QUARTERS = 4


class Distribution(msgspec.Struct, frozen=True):
    """Of one rule in one period: how many of the sample stand at each of ``STEPS``. ``goal`` is an amount."""

    rule: TargetRule
    period: TargetPeriod
    goal: int
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Of the sample."""
        return sum(self.counts)


class GroupPage(msgspec.Struct, frozen=True):
    """A group with the distributions that the sample has; ``is_all``: the sample holds every record there is."""

    definition: TargetDefinition
    distributions: list[Distribution]
    looked_at: int
    is_all: bool


def group_page(connection: Connection, workspace: int, group: int) -> GroupPage:
    """The group with this id. Raises TargetFailure ``unknown_group``."""
    found = definition(connection, workspace, group)
    sample = target_reads.sample_of_progress(connection, workspace, SAMPLE)
    goals = {(goal.rule, goal.period): goal.value for goal in found.goals}
    counted: dict[tuple[int, int], Counter[int]] = {}
    for one in sample:
        place = one.rule, one.period
        counted.setdefault(place, Counter())[_step(one, goals.get(place, 0))] += 1
    distributions = [
        Distribution(
            rule,
            period,
            goals.get((rule.id, period.id), 0),
            tuple(counted[rule.id, period.id][step] for step in range(len(STEPS))),
        )
        for rule in found.rules
        for period in found.periods
        if (rule.id, period.id) in counted
    ]
    return GroupPage(found, distributions, len(sample), is_all=len(sample) < SAMPLE)


def _step(progress: Progress, goal: int) -> int:
    if 0 < goal <= progress.value:
        return len(STEPS) - 1
    if goal <= 0 or progress.value <= 0:
        return 0
    return 1 + progress.value * _QUARTERS // goal
