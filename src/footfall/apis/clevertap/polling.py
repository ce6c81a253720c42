"""``req_id``: an answer that is asked for twice (contracts/clevertap.md 4.1).

The id stands for the question, which is kept in the store: any process answers it, also after a restart. It is a text
of digits, because clients join it to an address.
"""

import json
import secrets
from typing import Any

import msgspec

from footfall.apis.clevertap.errors import InvalidRequestId
from footfall.apis.services import Services
from footfall.model.workspace import Workspace
from footfall.storage import pending_answers

_DIGITS = 18


class _Kept(msgspec.Struct, array_like=True):
    endpoint: str
    query: dict[str, Any]


_unpack = msgspec.json.Decoder(_Kept).decode


async def keep(services: Services, workspace: Workspace, endpoint: str, query: dict[str, Any]) -> str:
    """The id under which ``query`` can be asked for again at ``endpoint``."""
    name = str(10 ** (_DIGITS - 1) + secrets.randbelow(9 * 10 ** (_DIGITS - 1)))
    content = json.dumps([endpoint, query]).encode()  # any number that JSON may hold, however large
    await services.capture.change(pending_answers.put, workspace.number, _key(name), content)
    return name


async def recall(services: Services, workspace: Workspace, endpoint: str, name: str) -> dict[str, Any]:
    """The query that was given this id. Raises InvalidRequestId."""
    content = await services.database.ask(pending_answers.get, workspace.number, _key(name))
    kept = None if content is None else _unpack(content)
    if kept is None or kept.endpoint != endpoint:
        raise InvalidRequestId
    return kept.query


def _key(name: str) -> bytes:
    return pending_answers.key_of(f"req_id {name}")
