"""A real switch whose queues are called directly: what is dialled names the line and the moment."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ivr.phone import Call, Phone
from ivr.switch import apply
from ivr.switch.desk_files import parse
from ivr.switch.plan import HOME, Plan
from ivr.switch.process import Switch, start
from ivr.switch.queues import lines
from tests.calls.hotline import until
from tests.stage import load
from tests.switch.plans import to_run

# Seconds.
TALKS, APART = 0.3, 0.13

# 7, the line by its place in the list, the moment: the lower, the earlier she came. 8 and the line
# is one who comes now, as any caller does.
_ENTRY = """
[callers](+)
{lines}

"""
_LINE = """
exten => _7{place}X!,1,Set(QUEUE_PRIO=-${{EXTEN:2}})
 same => n,Set(CALLERID(name)=${{EXTEN}})
 same => n,Goto(waits{place},1)
exten => 8{place},1,Gosub(arrived,s,1)
 same => n,Set(CALLERID(name)=${{EXTEN}})
 same => n,Goto(waits{place},1)
exten => waits{place},1,Answer()
 same => n,Set(QUEUE_MAX_PENALTY=4)
 same => n,Queue({line},b(agent-headers^s^1),,,600)
 same => n,Set(CALLERID(name)=${{QUEUESTATUS}})
 same => n,Hangup()
"""


@dataclass
class Floor:
    """A switch with desks, agents' phones by number, and a phone that places calls."""

    plan: Plan
    switch: Switch
    agents: dict[str, Phone]
    callers: Iterator[Phone]

    async def calls(self, line: str, moment: int) -> Call:
        """A caller who came at a moment waits in a line."""
        place = [each.queue for each in self.plan.lines].index(line)
        called = f"7{place}{moment}"
        return await next(self.callers).call(called, f"127.0.0.1:{self.plan.sip_port}")

    async def comes(self, line: str) -> Call:
        """A caller comes now, to a line."""
        place = [each.queue for each in self.plan.lines].index(line)
        return await next(self.callers).call(f"8{place}", f"127.0.0.1:{self.plan.sip_port}")

    async def waiting(self, count: int) -> None:
        """Wait until so many callers wait, in whatever lines."""

        async def all_there() -> bool:
            return sum((await asyncio.to_thread(apply.callers, self.plan)).values()) == count

        await until(all_there)

    async def serve(self, agent: str, within: float = 10) -> str:
        """Let an agent take her next caller and hang up; return what that one had dialled.

        They talk for longer than a caller who was refused a moment ago counts as one for whom a
        phone rings, and is passed over: up to 50 ms (`pending` of app_queue.c stays until
        ast_autoservice_stop has had its turn).
        """
        taken = await self.agents[agent].answer_next(within=within)
        await asyncio.sleep(TALKS)
        await taken.hang_up()
        return taken.caller_name


def made(home: Path, desks: str, agents: str) -> Plan:
    """Return a plan of these desks and agents, with free ports, under `home`."""
    found, problems = parse(("desks.yaml", desks), ("agents.yaml", agents))
    assert found is not None, problems
    planned = lines(found, load())
    dialplans = home / "dialplans"
    shutil.copytree(HOME / "dialplans", dialplans, dirs_exist_ok=True)
    entries = [_LINE.format(place=n, line=each.queue) for n, each in enumerate(planned)]
    (dialplans / "lines.conf").write_text(_ENTRY.format(lines="".join(entries)))
    return to_run(
        home,
        streams=100,
        desks=found,
        lines=planned,
        front_desk=str(next(iter(found.desks))),
        dialplans=dialplans,
    )


@asynccontextmanager
async def opened(plan: Plan, *agents: str) -> AsyncIterator[Floor]:
    """Run the switch of a plan with phones of these agents while the block runs."""
    async with AsyncExitStack() as stack:
        switch = await start(plan)
        stack.push_async_callback(switch.stop)
        at = f"127.0.0.1:{plan.sip_port}"
        phones = {
            number: await stack.enter_async_context(
                Phone(number, registrar=at, password=plan.agent_secrets[number])
            )
            for number in agents
        }
        # One phone holds four calls.
        callers = [await stack.enter_async_context(Phone(f"1380013800{n}")) for n in range(2)]
        for phone in phones.values():
            await phone.registered(within=10)
        yield Floor(plan, switch, phones, itertools.cycle(callers))
