"""Delete profiles: the users, and all that they did (contracts/clevertap.md 4.9)."""

from collections.abc import Mapping
from typing import Any

from footfall.apis.clevertap import identities
from footfall.apis.clevertap.errors import CleverTapError
from footfall.apis.clevertap.profile_records import names_in
from footfall.model.customer import Identity
from footfall.model.export import NOBODY
from footfall.storage.connection import Connection

MOST = 100

_BY = {"identity": identities.external, "guid": identities.device}


def whom(query: Mapping[str, Any]) -> list[Identity]:
    """The names of those who are to be deleted. Raises CleverTapError."""
    given = [key for key in _BY if query.get(key) not in (None, "", [])]
    if len(given) != 1:
        raise CleverTapError("Invalid query : exactly one of identity and guid is mandatory")
    (key,) = given
    try:
        names = list(names_in(query[key]))
    except ValueError as error:
        raise CleverTapError(f"Invalid query : {key} should be one text or an array of them") from error
    if len(names) > MOST:
        raise CleverTapError(f"Invalid query : {key} has more than {MOST} entries")
    return [_BY[key](name) for name in names if identities.is_usable(name)]


def numbers(connection: Connection, workspace: int, names: list[Identity]) -> list[int]:
    """The numbers of the customers who go by ``names``; of a name that nobody goes by there is nothing to delete."""
    found = {identities.find(connection, workspace, [name]) for name in names}
    return sorted(found - {NOBODY})
