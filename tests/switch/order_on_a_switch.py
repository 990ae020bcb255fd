"""A real switch at whose desk some wait on the phone, and some are called back: who is served when.

All of them have come at moments of their own, one after the other: the lower, the earlier.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.agi.connection import Connection
from ivr.agi.server import Server
from ivr.callbacks.dialler import Dialler
from ivr.callbacks.dialler_errands import DiallerErrands
from ivr.desk.agenda import Booking, Rule, State
from ivr.desk.ami import Ami
from ivr.desk.link import Login
from ivr.desk.order import TENTHS_UNTIL_THEN
from ivr.desk.spool import Spool
from ivr.desk.witness import Witness
from ivr.flow.hours import Hours
from ivr.phone import Call, Phone
from ivr.store.attempts import Attempts
from ivr.store.bookings import Bookings
from ivr.store.database import Database
from ivr.switch.plan import Plan
from tests.calls.hotline import until
from tests.switch.lines_on_a_switch import made, opened

DESK = "d"
AGENTS = ("2001", "2002", "2003", "2004")
OWN_NUMBER = "10086"
# A number of a customer ends in her moment.
FIRST_NUMBER = 13800000000
CALLS_OF_A_PHONE = 4
# Of a hundred who are there at once.
PORTS = 800
# Who waits looks once a second whether it is her turn (RECHECK in app_queue.c); then a phone has to
# be rung.
SECONDS_TO_SEE = 1.2
# The switch knows that a call is over before the agent's phone has said so here.
SECONDS_AHEAD = 0.05


@dataclass(frozen=True)
class Served:
    """Somebody for whom an agent's phone rang at `at`; `booked` was called back.

    `free` is since when that agent had been free.
    """

    moment: int
    booked: bool
    agent: str
    free: float
    at: float


@dataclass(frozen=True)
class Inversion:
    """Somebody who was served before one who had come earlier.

    `free` is how many other agents were free then.
    """

    first: Served
    then: Served
    free: int

    @property
    def is_side_by_side(self) -> bool:
        """Whether there was an agent for the earlier one, too, who was rung for her at once.

        app_queue lets as many look for an agent as agents are free, and each looks once a second
        by a clock of her own (is_our_turn, wait_our_turn).
        """
        return self.free > 0 and self.then.at - self.first.at < SECONDS_TO_SEE


async def served(
    home: Path, live: int, booked: int, agents: int = 1, seed: int = 1, talk: float = 0
) -> list[Served]:
    """Let so many wait and so many be called back, and serve them all; return them in that order.

    They are mixed by `seed`; all are there, or booked, before the first is served. Each talks for
    so many seconds on average, from half as long to half as long again.
    """
    moments = list(range(10, 10 + live + booked))
    chance = random.Random(seed)
    chance.shuffle(moments)
    talks = (talk * chance.uniform(0.5, 1.5) for _ in itertools.count())
    working = AGENTS[:agents]
    async with AsyncExitStack() as stack:
        trunk = await stack.enter_async_context(Phone("trunk"))
        plan = replace(_plan(home, working), trunk=trunk.address)
        floor = await stack.enter_async_context(opened(plan, *working))
        busy = [await floor.calls(DESK, 1) for _ in working]
        talking = [await floor.agents[agent].answer_next(within=10) for agent in working]
        phones = [
            await stack.enter_async_context(Phone("13900000000"))
            for _ in range(-(-live // CALLS_OF_A_PHONE))
        ]
        for phone, moment in zip(itertools.cycle(phones), moments[:live], strict=False):
            await phone.call(f"70{moment}", f"127.0.0.1:{plan.sip_port}")
        room = 2 * agents
        dialler = await stack.enter_async_context(_dialling(plan, moments[live:], room))
        await floor.waiting(live + min(booked, room))
        for file in (plan.state / "spool" / "outgoing").iterdir():
            assert (await dialler.switch.see(file.stem)).is_going_on
        found: list[Served] = []
        async with asyncio.TaskGroup() as group:
            serving = [
                group.create_task(_serving(agent, floor.agents[agent], call, talks, found))
                for agent, call in zip(working, talking, strict=True)
            ]
            for _ in range(booked):
                group.create_task(_answering(await trunk.answer_next(within=60), talks))
            await until(lambda: _all(found, live + booked), within=600)
            for task in serving:
                task.cancel()
        for each in busy:
            await each.ended(within=5)
    return sorted(found, key=lambda each: each.at)


def inversions(order: list[Served]) -> list[Inversion]:
    """Return who was served before somebody who had come earlier, each with that one."""
    pairs = itertools.combinations(order, 2)
    return [
        Inversion(first, then, _free(order, first))
        for first, then in pairs
        if then.moment < first.moment
    ]


def _free(order: list[Served], served: Served) -> int:
    """Return how many other agents were free when somebody was served."""
    others = (each for each in order if each.agent != served.agent)
    return sum(each.free - SECONDS_AHEAD <= served.at < each.at for each in others)


def _plan(home: Path, agents: tuple[str, ...]) -> Plan:
    known = ", ".join(f"{agent}: {{name: Ann}}" for agent in agents)
    desks = f"desks: {{{DESK}: {{members: [{', '.join(agents)}]}}}}"
    plan = made(home, desks, f"agents: {{{known}}}")
    first, _ = plan.rtp_ports
    ports = (min(first, 64_000), min(first, 64_000) + PORTS - 1)
    return replace(plan, numbers={OWN_NUMBER: "hotline"}, rtp_ports=ports)


async def _all(found: list[Served], count: int) -> bool:
    return len(found) == count


async def _serving(
    agent: str, phone: Phone, talking: Call, talks: Iterator[float], found: list[Served]
) -> None:
    """Take one call after the other, for as long as anybody's phone rings."""
    await talking.hang_up()
    while True:
        free = time.monotonic()
        call = await phone.rings(within=600)
        is_booked = call.caller.startswith("138")
        moment = int(call.caller) - FIRST_NUMBER if is_booked else int(call.caller_name[2:])
        one = Served(moment, is_booked, agent, free, time.monotonic())
        await call.answer()
        await call.answered(within=10)
        if not is_booked:
            await asyncio.sleep(next(talks))
            await call.hang_up()
        await call.ended(within=60)
        found.append(one)


async def _answering(call: Call, talks: Iterator[float]) -> None:
    """Whoever is called back talks, and hangs up."""
    await asyncio.sleep(next(talks))
    await call.hang_up()


@asynccontextmanager
async def _dialling(plan: Plan, moments: list[int], room: int) -> AsyncIterator[Dialler]:
    """Book for who came at these moments, and run a dialler and what the dialplan asks of it."""
    now = datetime.now(UTC)
    async with AsyncExitStack() as stack:
        database = await Database.open(f"sqlite+aiosqlite:///{plan.state / 'calls.db'}")
        stack.push_async_callback(database.close)
        book = Bookings(database)
        for moment in moments:
            number, came = str(FIRST_NUMBER + moment), TENTHS_UNTIL_THEN + moment
            until = now + timedelta(hours=1)
            await book.keep(Booking(f"c{moment}", number, DESK, "cmn", now, until, came))
        ami = Ami(Login("127.0.0.1", plan.ami_port, "controller", plan.ami_secret))
        await stack.enter_async_context(ami)
        rule = Rule(Hours.model_validate({"open": "24/7"}))
        dialler = Dialler(
            book,
            Attempts(database),
            Spool(plan.state / "spool"),
            Witness(ami),
            lambda: {DESK: rule},
            lambda: {DESK: room},
            "0123abcd",
        )
        errands = DiallerErrands(dialler, lambda prompt, language: None).errands()

        async def serve(connection: Connection) -> None:
            await errands[connection.preamble.script.removeprefix("agent/")](connection)

        server = Server(serve, secret=plan.agi_secret)
        await server.start("127.0.0.1", plan.agi_port)
        stack.push_async_callback(server.close)
        await stack.enter_async_context(dialler.dialling())
        yield dialler
        states = {booking.state for booking in await book.listed(list(State))}
        assert states <= {State.KEPT}, states
