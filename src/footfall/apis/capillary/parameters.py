"""Query parameters that several reads of events have; what cannot be read is 1850."""

from footfall.apis.capillary import event_time
from footfall.apis.capillary.errors import CapillaryError
from footfall.model import instant

INVALID_SEARCH = 1850

_DEFAULT_LIMIT = 10
_MOST = 1_000
_MILLISECOND_DIGITS = 13
_LONGEST_NUMBER = 18


def invalid(name: str) -> CapillaryError:
    """The parameter ``name`` cannot be read."""
    return CapillaryError(400, INVALID_SEARCH, f"Invalid search request parameters {name}")


def limit_of(asked: dict[str, str]) -> int:
    """How many are wanted: 10 unless ``limit`` says so, at most 1000. Raises CapillaryError."""
    return min(whole_number(asked, "limit", _DEFAULT_LIMIT, least=1), _MOST)


def whole_number(asked: dict[str, str], name: str, default: int, *, least: int) -> int:
    """A parameter that is a whole number from ``least`` on. Raises CapillaryError."""
    text = asked.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER and int(text) >= least):
        raise invalid(name)
    return int(text)


def boolean(asked: dict[str, str], name: str) -> bool | None:
    """A parameter that is true or false; None where it is absent. Raises CapillaryError."""
    text = asked.get(name, "").strip().casefold()
    if not text:
        return None
    if text not in {"true", "false"}:
        raise invalid(name)
    return text == "true"


def moment(asked: dict[str, str], name: str, default: int) -> int:
    """An instant: epoch milliseconds, or any pattern of ``eventDateTime``. Raises CapillaryError."""
    text = asked.get(name, "").strip()
    if not text:
        return default
    found = moment_in(text)
    if found is None:
        raise invalid(name)
    return found


def moment_in(text: str) -> int | None:
    """The instant that ``text`` names: epoch milliseconds, or any pattern of ``eventDateTime``; None for neither."""
    milliseconds = epoch_milliseconds(text)
    if milliseconds is not None:
        return milliseconds * instant.MILLISECOND
    found = event_time.parse(text, instant.now())
    return None if found is None else found.occurred_at


def epoch_milliseconds(text: str) -> int | None:
    """The number that ``text`` spells, where it can be epoch milliseconds of a year with four digits."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MILLISECOND_DIGITS
    return int(text) if is_number else None
