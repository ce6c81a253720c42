"""The properties of a return, completed with what it takes back of its bill. Pure."""

from collections.abc import Sequence

import msgspec

from footfall.apis.capillary.attributes import Posted
from footfall.apis.capillary.bill_returns import WHOLE, Bill, Piece, Taken, priced
from footfall.apis.capillary.mapping import json_object
from footfall.model import amount

_OF_THE_BILL = ("billAmount", "grossAmount", "discount", "lineItemsV2", "extendedFields")
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_lines = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])


def completed(properties: str, taken: Taken, bill: Bill, bill_properties: str) -> str:
    """The ``properties`` of a return that takes ``taken`` back of ``bill``, so that rules can count them.

    What was returned whole gets what the bill tells; lines get the quantity and amount that they stand for.
    """
    if taken.kind in WHOLE:
        return _with_the_bills(properties, bill_properties)
    if taken.kind == "LINE_ITEM":
        return _with_lines(properties, priced(taken.pieces, bill))
    return properties


def _with_the_bills(properties: str, bill_properties: str) -> str:
    own = _members.decode(properties)
    try:
        of_bill = _members.decode(bill_properties)
    except (msgspec.MsgspecError, RecursionError):
        return properties
    missing = {name: of_bill[name] for name in _OF_THE_BILL if name in of_bill and _is_absent(own, name)}
    return json_object(own | missing)


def _with_lines(properties: str, pieces: Sequence[Piece]) -> str:
    own = _members.decode(properties)
    lines = _lines.decode(own["lineItemsV2"])
    for line, piece in zip(lines, pieces, strict=True):
        if _is_absent(line, "qty"):
            line["qty"] = msgspec.Raw(amount.to_text(piece.quantity).encode())
        if _is_absent(line, "amount"):
            line["amount"] = msgspec.Raw(amount.to_text(piece.amount or 0).encode())
    whole = "[" + ",".join(json_object(line) for line in lines) + "]"
    return json_object(own | {"lineItemsV2": msgspec.Raw(whole.encode())})


def _is_absent(members: Posted, name: str) -> bool:
    return name not in members or bytes(members[name]) in {b"null", b'""'}
