"""The garbage collector's share of the work."""

import gc

_NEW_CONTAINERS = 10_000  # Python's own: 700


def collect_rarely() -> None:
    """From now on, cycles of garbage are looked for less often in this process.

    Capture and import hold events by the thousand, none of which is part of a cycle: to look through them every few
    hundred objects was a fifth of what they cost.
    """
    _, *older = gc.get_threshold()
    gc.set_threshold(_NEW_CONTAINERS, *older)
