"""Sums of numbers in metadata over an event and its descendants (contracts/rapidly.md 2.2)."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from footfall.apis.rapidly import metadata, scalars
from footfall.apis.rapidly.schemas import UserEvent
from footfall.model import identifiers
from footfall.storage import event_family
from footfall.storage.connection import Connection

_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode
_LONGEST_NUMBER = 400

_WITHOUT_NUMBER = {metadata.COST: {"amount": "0", "currency": "usd"}}


def number_at(properties: dict[str, Any], path: str) -> Decimal | None:
    """The number at a dotted ``path``; text that spells one counts, too."""
    found: Any = properties
    for key in path.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(key)
    if isinstance(found, bool) or not isinstance(found, int | Decimal | str):
        return None
    if isinstance(found, str) and len(found) > _LONGEST_NUMBER:
        return None
    try:
        exact = Decimal(found)
    except (InvalidOperation, ValueError):
        return None
    return exact if exact.is_finite() and abs(exact.adjusted()) < _LONGEST_NUMBER else None


def numbers_of(properties: str, paths: Iterable[str]) -> dict[str, Decimal]:
    """The numbers at those of ``paths`` that have one."""
    try:
        decoded = _decode(properties)
    except (msgspec.MsgspecError, RecursionError):
        return {}
    return {path: number for path in paths if (number := number_at(decoded, path)) is not None}


def summed(connection: Connection, workspace: int, event: UserEvent, paths: tuple[str, ...]) -> UserEvent:
    """``event`` with the sums in place of its own numbers."""
    ancestor = identifiers.from_text(event.id)
    assert ancestor is not None
    own = bytes(event.metadata).decode()
    sums = numbers_of(own, paths)
    for properties in event_family.descendants(connection, workspace, ancestor):
        for path, number in numbers_of(properties, paths).items():
            sums[path] = sums.get(path, Decimal(0)) + number
    return event if not sums else msgspec.structs.replace(event, metadata=_with_sums(own, sums))


def _with_sums(own: str, sums: dict[str, Decimal]) -> msgspec.Raw:
    members: dict[str, Any] = dict(_members(own))
    for path, total in sums.items():
        key, _, inner = path.partition(".")
        if not inner:
            members[key] = msgspec.Raw(scalars.plain(total).encode())
            continue
        held = _decode(members[key]) if key in members else _WITHOUT_NUMBER.get(key, {})
        if isinstance(held, dict):
            shown = scalars.plain(total)
            amount = shown if key == metadata.COST else msgspec.Raw(shown.encode())
            members[key] = msgspec.Raw(_encode({**_plain(held), inner: amount}))
    return msgspec.Raw(_encode(members))


def _plain(held: dict[str, Any]) -> dict[str, Any]:
    return {
        key: msgspec.Raw(str(value).encode()) if isinstance(value, Decimal) else value for key, value in held.items()
    }
