"""The caller's finger: acts come in their order, at their times, and are typed out."""

from __future__ import annotations

import asyncio
import time
from typing import Any, cast

from ivr.phone import Call
from ivr.testcalls.presser import Presser
from ivr.trial.acts import Act, acts


class Handset:
    """A call that takes keys; each takes as long to type as `typing` says."""

    def __init__(self, typing: float = 0.0) -> None:
        self.did: list[str] = []
        self._typing = typing
        self._moved = asyncio.Event()

    async def press(self, keys: str, gap: float = 0.1) -> list[Any]:
        for key in keys:
            await asyncio.sleep(self._typing)
            self._do(key)
        return []

    async def hang_up(self) -> None:
        self._do("hangup")

    async def has_done(self, count: int) -> None:
        """Wait until so many things are done."""
        async with asyncio.timeout(5):
            while len(self.did) < count:
                self._moved.clear()
                await self._moved.wait()

    def _do(self, what: str) -> None:
        self.did.append(what)
        self._moved.set()


def finger(handset: Handset, *texts: str) -> Presser:
    return Presser(cast(Call, handset), acts(texts))


def now(act: Act) -> float | None:
    return 0.0


def never(act: Act) -> float | None:
    return None


async def waits(presser: Presser, handset: Handset, did: list[str], moment: Any = now) -> None:
    """Let acts come until these are done."""
    async with presser.acting(moment):
        await handset.has_done(len(did))
    assert handset.did == did


async def test_one_act_comes_in_one_wait() -> None:
    handset = Handset()
    presser = finger(handset, "1", "2")
    await waits(presser, handset, ["1"])
    assert [str(act) for act in presser.left] == ["2"]
    await waits(presser, handset, ["1", "2"])
    assert not presser.left


async def test_keys_that_are_being_typed_are_typed_out_before_the_next_act() -> None:
    handset = Handset(typing=0.01)
    presser = finger(handset, "13800", "2")
    async with presser.acting(now):
        await handset.has_done(1)
    assert len(handset.did) < 5  # the first key has ended what was said; she types on
    await waits(presser, handset, list("138002"))


async def test_what_does_not_come_here_waits_for_its_place() -> None:
    handset = Handset()
    presser = finger(handset, "1 during the words")
    async with presser.acting(never):
        await asyncio.sleep(0)
    assert handset.did == []
    await waits(presser, handset, ["1"])


async def test_a_clock_lets_acts_come_wherever_she_is() -> None:
    handset = Handset()
    began = time.monotonic()
    presser = finger(handset, "1 at 0.05s", "2 after 0.05s", "hangup after 0.05s")
    await waits(presser, handset, ["1", "2", "hangup"], never)
    assert time.monotonic() - began >= 0.15


async def test_silence_is_skipped_only_when_it_is_next_and_nothing_is_typed() -> None:
    handset = Handset(typing=0.01)
    presser = finger(handset, "12", "-", "3")
    assert not presser.skip("-")
    async with presser.acting(now):
        await handset.has_done(1)
    assert not presser.skip("-")
    await handset.has_done(2)
    async with presser.acting(never):
        pass
    assert presser.skip("-")
    assert [str(act) for act in presser.left] == ["3"]
