"""The ledger of a bill's returns, whatever is returned in whichever order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.apis.capillary.bill_returns import Bill, Piece, ReturnType, Taken, amount_of, amount_without_bill
from footfall.apis.capillary.errors import CapillaryError

ITEMS = st.sampled_from(["a", "b", "c"])
QUANTITIES = st.integers(0, 5_000_000)
AMOUNTS = st.integers(0, 100_000_000)
PIECES = st.lists(st.builds(Piece, ITEMS, QUANTITIES, st.none() | AMOUNTS), max_size=4).map(tuple)
RETURNS = st.builds(
    Taken, st.sampled_from([None, "AMOUNT", "FULL", "LINE_ITEM", "CANCELLED"]), st.none() | AMOUNTS, PIECES
)


@given(AMOUNTS, PIECES, st.lists(RETURNS, max_size=8))
def test_never_more_is_returned_than_was_bought(amount: int, pieces: tuple[Piece, ...], wanted: list[Taken]) -> None:
    bought = {name: sum(piece.quantity for piece in pieces if piece.item == name) for name in "abc"}
    returned: list[Taken] = []

    for one in wanted:
        try:
            found = amount_of(one, Bill(amount, pieces, tuple(returned)))
        except CapillaryError:
            continue
        assert found >= 0
        returned.append(Taken(one.kind, found, one.pieces))

    assert sum(one.amount or 0 for one in returned) <= amount
    assert sum(one.kind in {"FULL", "CANCELLED"} for one in returned) <= 1
    for name, quantity in bought.items():
        gone = [piece for one in returned if one.kind == "LINE_ITEM" for piece in one.pieces if piece.item == name]
        assert sum(piece.quantity for piece in gone) <= quantity


@given(AMOUNTS, PIECES, RETURNS.filter(lambda one: one.kind in {"FULL", "CANCELLED"}))
def test_what_was_returned_whole_is_gone(amount: int, pieces: tuple[Piece, ...], whole: Taken) -> None:
    returned = Taken(whole.kind, amount)

    kinds: list[ReturnType | None] = ["AMOUNT", "FULL", "LINE_ITEM", "CANCELLED", None]
    for kind in kinds:
        with pytest.raises(CapillaryError) as refused:
            amount_of(Taken(kind, 1, pieces), Bill(amount, pieces, (returned,)))
        assert refused.value.code == 633


@given(AMOUNTS.filter(bool), st.lists(AMOUNTS.filter(bool), max_size=6))
def test_amounts_come_back_as_asked_while_they_are_left(amount: int, asked: list[int]) -> None:
    left = amount
    returned: list[Taken] = []

    for one in asked:
        bill = Bill(amount, (), tuple(returned))
        if one <= left:
            assert amount_of(Taken("AMOUNT", one), bill) == one
            returned.append(Taken("AMOUNT", one))
            left -= one
        else:
            with pytest.raises(CapillaryError) as refused:
                amount_of(Taken("AMOUNT", one), bill)
            assert refused.value.code == (633 if left == 0 else 630)


def test_what_another_product_returned_is_gone_as_well() -> None:
    bill = Bill(10, (Piece("a", 2, 10),), (Taken(None, 4),))

    assert amount_of(Taken("AMOUNT", 6), bill) == 6
    assert amount_of(Taken("LINE_ITEM", None, (Piece("a", 1),)), bill) == 5
    with pytest.raises(CapillaryError) as refused:
        amount_of(Taken("LINE_ITEM", None, (Piece("a", 2),)), bill)
    assert refused.value.code == 630


@pytest.mark.parametrize(
    ("wanted", "amount"),
    [
        (Taken("AMOUNT", 5), 5),
        (Taken("FULL", None), 0),
        (Taken("LINE_ITEM", None, (Piece("a", 1, 3), Piece("b", 1))), 3),
        (Taken("LINE_ITEM", 2, (Piece("a", 1, 3),)), 2),
    ],
)
def test_without_a_bill_the_return_itself_tells_the_amount(wanted: Taken, amount: int) -> None:
    assert amount_without_bill(wanted) == amount
