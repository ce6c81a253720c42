"""The names that CleverTap gives a user, as identities of the model."""

import re
from collections.abc import Iterable

from footfall.model.customer import Identity
from footfall.model.export import NOBODY, ExportedCustomer
from footfall.model.text import comparable_email
from footfall.storage import customers
from footfall.storage.connection import Connection

LONGEST = 1024

_SHOWN_ID = re.compile(r"__([0-9a-f]{32})")


def object_id_of(customer: ExportedCustomer) -> str:
    """CleverTap's own id of a user: what an SDK gave, else one made of the customer's id, so always the same."""
    return customer.object_id or made_object_id(customer.id)


def made_object_id(identifier: bytes) -> str:
    """An object id, in the form that CleverTap's SDKs use, made of a customer's or an event's id."""
    return f"__{identifier.hex()}"


def id_in_object_id(object_id: str) -> bytes | None:
    """The customer's id that an object id was made of, if it was."""
    made = _SHOWN_ID.fullmatch(object_id)
    return None if made is None else bytes.fromhex(made[1])


def external(value: str) -> Identity:
    """``identity``: the caller's own name for the user."""
    return Identity("external_id", value)


def device(value: str) -> Identity:
    """``objectId``."""
    return Identity("object_id", value)


def email(value: str) -> Identity:
    """``Email``."""
    return Identity("email", comparable_email(value))


def facebook(value: str) -> Identity:
    """``FBID``."""
    return Identity("other", f"FBID:{value}")


def google(value: str) -> Identity:
    """``GPID``."""
    return Identity("other", f"GPID:{value}")


def is_usable(name: str) -> bool:
    """Whether a user can go by ``name``."""
    return 0 < len(name) <= LONGEST and bool(name.strip()) and "\0" not in name


def customers_of_object_ids(connection: Connection, workspace: int, object_ids: Iterable[str]) -> dict[str, bytes]:
    """The ids of living customers behind those object ids that were made of a customer's id."""
    made = {object_id: identifier for object_id in object_ids if (identifier := id_in_object_id(object_id))}
    if not made:
        return {}
    known = customers.by_ids(connection, workspace, list(made.values()))
    return {
        object_id: identifier
        for object_id, identifier in made.items()
        if identifier in known and known[identifier].deleted_at is None
    }


def find(connection: Connection, workspace: int, names: Iterable[Identity]) -> int:
    """The number of the one customer who goes by all of ``names``; NOBODY when there is none."""
    wanted = set(names)
    held = {
        identity: customer.number for identity, customer in customers.holders(connection, workspace, wanted).items()
    }
    made = {identity.value: identity for identity in wanted - held.keys() if identity.kind == "object_id"}
    for object_id, identifier in customers_of_object_ids(connection, workspace, made).items():
        customer = customers.by_id(connection, workspace, identifier)
        if customer is not None:
            held[made[object_id]] = customer.number
    numbers = set(held.values())
    return numbers.pop() if len(held) == len(wanted) and len(numbers) == 1 else NOBODY
