"""The switch watched: its queues and agents as they are, counted, and its clock put right."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from ivr.desk.clock_steps import ClockSteps
from ivr.desk.ledger import Ledger
from ivr.desk.link import Login
from ivr.desk.tempo import Tempo
from ivr.desk.watch import Watch
from ivr.meanwhile import meanwhile
from ivr.store.waits import Waits
from ivr.waits.numbers import Numbers


@dataclass(frozen=True)
class Watched:
    """What is known of the switch from what it tells."""

    watch: Watch
    ledger: Ledger
    tempo: Tempo
    numbers: Numbers


@asynccontextmanager
async def watching(login: Login, desks: Iterable[str], waits: Waits) -> AsyncIterator[Watched]:
    """Follow the switch by its AMI while the block runs; count for `desks` from now."""
    async with AsyncExitStack() as stack:
        ledger, tempo = Ledger(desks), Tempo()
        watch = await stack.enter_async_context(Watch(login, ledger=ledger, tempo=tempo))
        steps = ClockSteps(watch.ami.action)
        await stack.enter_async_context(meanwhile(steps.follow(), "steps of the clock"))
        numbers = Numbers(watch.board, ledger, waits)
        await stack.enter_async_context(numbers.counting())
        yield Watched(watch, ledger, tempo, numbers)
