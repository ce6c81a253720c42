"""The baseline of the export, the same on every engine: one statement, and JSON of the same members page by page."""

from collections.abc import Sequence
from typing import Any

import msgspec

PAGE = 5_000

SELECT = """SELECT e.occurred_at, e.properties, e.session, c.id, c.external_id, c.email, c.name, c.number, c.properties
 FROM events e LEFT JOIN customers c ON c.number = e.customer
 WHERE e.workspace = 1 AND e.type = (SELECT t.number FROM event_types t WHERE t.workspace = 1 AND t.name = {0})
 AND e.occurred_at >= {0} AND e.occurred_at < {0} ORDER BY e.occurred_at, e.sequence"""
"""To be filled with the driver's mark for a parameter; they are the event's name, since, until."""

_encode = msgspec.json.Encoder().encode


def encode_page(rows: Sequence[Sequence[Any]]) -> bytes:
    """One page, with the members that CleverTap's export has."""
    return _encode({"status": "success", "next_cursor": "", "records": [_record(row) for row in rows]})


def _record(row: Sequence[Any]) -> dict[str, object]:
    return {
        "profile": {
            "objectId": row[3].hex(),
            "identity": row[4],
            "id": row[7],
            "profileData": msgspec.Raw(row[8]),
        },
        "ts": row[0],
        "event_props": msgspec.Raw(row[1]),
        "session_props": msgspec.Raw(row[2] or b"{}"),
    }
