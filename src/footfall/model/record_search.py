"""A question for whole events by what is exactly known of them, as a value; its pages go by offset.

``model.query`` asks by comparisons, and goes by positions that stand still; this one is for whoever counts rows.
"""

from typing import Literal

import msgspec

HowMatched = Literal["same", "words", "present"]


class PropertyMatch(msgspec.Struct, frozen=True):
    """What one property has to be.

    ``same``: the value, letter by letter. ``words``: each of the value's words (``model.text.words``), of which there
    must be one, is among its own. In both, a number is the same number however it is written, a boolean is ``true``
    or ``false``, an array or object its JSON. ``present``: anything. A null or empty property answers nothing.
    """

    key: str
    value: str = ""
    how: HowMatched = "same"


class RecordSearch(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one workspace of which everything that is given holds, in the order of time.

    ``since <= occurred_at < before``. Of each of ``properties`` one match has to hold.
    """

    workspace: int
    id: bytes | None = None
    type: int | None = None  # the event type's number
    customer: int | None = None  # number
    since: int | None = None  # instant
    before: int | None = None
    is_duplicate: bool | None = None
    properties: tuple[tuple[PropertyMatch, ...], ...] = ()
    descending: bool = True
    limit: int = 10
    skip: int = 0
