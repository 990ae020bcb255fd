"""Waiting for events."""

from __future__ import annotations

import asyncio

import pytest

from ivr.errors import IvrError

pytest.importorskip("pjsua2")

from ivr.phone.trail import Trail
from ivr.phone.wire import Event


async def test_what_has_happened_already_is_not_waited_for() -> None:
    trail = Trail("call 1")
    trail.add(Event("ringing", 0))
    trail.add(Event("answered", 1))
    assert (await trail.wait("answered", "ended", within=0)).at == 1


async def test_what_comes_later_wakes_who_waits() -> None:
    trail = Trail("call 1")
    waiting = asyncio.create_task(trail.wait("key", within=5, after=1))
    trail.add(Event("key", 0))
    await asyncio.sleep(0)
    assert not waiting.done()
    trail.add(Event("key", 1))
    assert (await waiting).at == 1


async def test_waiting_in_vain_tells_what_there_was() -> None:
    trail = Trail("call 1")
    trail.add(Event("ringing", 0))
    with pytest.raises(IvrError, match=r"call 1: no 'answered' within 0 s; there was ringing"):
        await trail.wait("answered", within=0)


async def test_nobody_waits_for_a_phone_that_has_gone() -> None:
    trail = Trail("call 1")
    waiting = asyncio.create_task(trail.wait("answered", within=5))
    await asyncio.sleep(0)
    trail.break_off("its SIP stack has ended")
    with pytest.raises(IvrError, match="its SIP stack has ended"):
        await waiting
