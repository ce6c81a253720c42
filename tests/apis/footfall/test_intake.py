"""Streams into a store that fails."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from footfall.apis.footfall.errors import Interrupted
from footfall.apis.footfall.intake import BATCH_EVENTS, AtomicIntake, PartialIntake, receive
from footfall.apis.footfall.splitting import Element, LineSplitter
from footfall.apis.footfall.spool import Spool
from footfall.capture.service import Capture
from footfall.model.workspace import Workspace
from footfall.storage.failures import DatabaseUnavailable


def element(line: int) -> Element:
    return Element(line, json.dumps({"name": "x", "external_id": str(line)}).encode())


def test_a_store_that_fails_in_the_middle_is_told_with_the_counts_so_far(capture: Capture, tenant: Workspace) -> None:
    async def stream() -> None:
        intake = PartialIntake(capture, tenant)
        for line in range(3 * BATCH_EVENTS + 1):
            if line == 2 * BATCH_EVENTS:
                await intake.finish()
                capture.close()
            await intake.take(element(line))
        await intake.finish()

    with pytest.raises(Interrupted) as caught:
        asyncio.run(stream())

    assert isinstance(caught.value.cause, DatabaseUnavailable)
    assert caught.value.summary.accepted == 2 * BATCH_EVENTS


def test_a_body_without_end_is_answered_with_its_counts_when_the_server_stops(
    capture: Capture, tenant: Workspace
) -> None:
    async def endless(sent: asyncio.Event) -> AsyncIterator[bytes]:
        for line in range(BATCH_EVENTS):
            yield element(line).content + b"\n"
        sent.set()
        await asyncio.sleep(60)

    async def stop_in_the_middle() -> None:
        intake = PartialIntake(capture, tenant)
        sent = asyncio.Event()
        receiving = asyncio.create_task(receive(endless(sent), LineSplitter(1000), intake))
        await sent.wait()
        await intake.store_gathered()
        receiving.cancel()
        await receiving

    with pytest.raises(Interrupted) as caught:
        asyncio.run(stop_in_the_middle())

    assert isinstance(caught.value.cause, DatabaseUnavailable)
    assert caught.value.summary.accepted == BATCH_EVENTS


def test_others_get_their_turn_while_a_chunk_of_many_elements_is_taken(capture: Capture, tenant: Workspace) -> None:
    async def one_chunk() -> AsyncIterator[bytes]:
        yield b"x\n" * 2000

    async def count_turns() -> int:
        receiving = asyncio.create_task(receive(one_chunk(), LineSplitter(1000), PartialIntake(capture, tenant)))
        turns = 0
        while not receiving.done():
            await asyncio.sleep(0)
            turns += 1
        return turns

    assert asyncio.run(count_turns()) >= 10


def test_few_batches_are_under_way_at_a_time(capture: Capture, tenant: Workspace) -> None:
    most = 0

    async def stream() -> int:
        nonlocal most
        intake = PartialIntake(capture, tenant)
        for line in range(10 * BATCH_EVENTS):
            await intake.take(element(line))
            most = max(most, len(intake._under_way))
        await intake.finish()
        return intake.tally.summary().accepted

    assert asyncio.run(stream()) == 10 * BATCH_EVENTS
    assert most == 2


def test_an_atomic_stream_cut_off_stores_nothing(capture: Capture, tenant: Workspace) -> None:
    async def stream(spool: Spool) -> int:
        intake = AtomicIntake(capture, tenant, spool)
        for line in range(BATCH_EVENTS + 1):
            await intake.take(element(line))
        await intake.abandon()
        again = PartialIntake(capture, tenant)
        await again.take(element(1))
        await again.finish()
        return again.tally.summary().accepted

    with Spool() as spool:
        assert asyncio.run(stream(spool)) == 1
