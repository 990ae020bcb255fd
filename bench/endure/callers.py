"""Callers who know what must have become of their calls, however often a controller died.

Each kind makes one call after the other, from a number of her own, and looks at its record in the
end: the nodes she came through, the keys she pressed, her language and her speed.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bench.endure.light import LightPhone
from bench.endure.records import Record, Records, keys, nodes
from bench.endure.strikes import Strikes, lasts
from ivr.phone import Phone
from tests.calls.hotline import Hotline

_numbers = itertools.count(1)
HELLO = ["welcome", "notices", "menu"]
BALANCE = ["balance", "own_balance", "tell_balance", "menu"]


@dataclass
class Seen:
    """What came of the calls: how many of each kind, what was wrong, and how quick all was."""

    calls: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    # Keys whose effect came later than a strike may be noticed: a busy machine is late as well.
    late: list[str] = field(default_factory=list)
    # Seconds from a key to the node it leads to, and what was done to a controller meanwhile.
    steps: list[tuple[float, str]] = field(default_factory=list)
    # Packets of sound that came late while she talked to an agent.
    gaps: list[float] = field(default_factory=list)


class Callers:
    """Makes calls of all kinds to a hotline."""

    def __init__(
        self, hotline: Hotline, records: Records, seen: Seen, strikes: Strikes, seed: int
    ) -> None:
        self._hotline = hotline
        self._records = records
        self._seen = seen
        self._strikes = strikes
        self._random = random.Random(seed)

    async def go_on(self, kind: str, until: asyncio.Event) -> None:
        """Call again and again until told to stop."""
        call: Callable[[str], Awaitable[None]] = getattr(self, kind)
        while not until.is_set():
            number = f"137{next(_numbers):08d}"
            try:
                await call(number)
            except Exception as fault:  # told at the end; the other callers go on
                self._seen.wrong.append(f"{kind} {number}: {type(fault).__name__}: {fault}")
            self._seen.calls[kind] = self._seen.calls.get(kind, 0) + 1

    @asynccontextmanager
    async def _calling(self, number: str, came: str = "") -> Any:
        async with LightPhone(self._hotline.ports["sip"], came or number) as phone:
            yield phone

    def _pause(self, longest: float) -> Awaitable[None]:
        return asyncio.sleep(self._random.uniform(0, longest))

    async def _step(self, phone: LightPhone, pressed: str, node: str, times: int = 1) -> None:
        """Press keys, and come to a node by them soon.

        That is when the node was entered, as her record says. A node is kept by the command with
        which the switch begins to say something there, so that is about when she hears it; her
        record shows it to us when a controller leads her again.
        """

        def there(record: Record) -> bool:
            return nodes(record).count(node) >= times

        at, what = await phone.press(pressed), f"'{pressed}' leads to {node}"
        record = await self._records.when(phone.number, there, what)
        entered = [step["entered"] for step in record["path"] if step["node"] == node][times - 1]
        took = _seconds(entered) - at
        struck = self._strikes.between(at, at + took)
        self._seen.steps.append((took, struck))
        if took > lasts(struck):
            late = f"{phone.number}: {what} after {took:.1f} s, {struck or 'nothing done'}"
            self._seen.late.append(late)

    async def _ended(self, number: str, way: list[str], typed: str, **also: str) -> Record:
        """Wait for her record; raise AssertionError where it is not that of this call."""
        found = await self._records.over(number)
        assert len(found) == 1, f"{len(found)} records"
        (record,) = found
        known = {name: record[name] for name in also}
        assert nodes(record) == way, f"she came {nodes(record)}, not {way}: {record['why']}"
        assert keys(record) == typed, f"she pressed {typed}, there is {keys(record)}"
        assert known == also, f"{known}, not {also}"
        return record

    async def reads(self, number: str) -> None:
        """Chooses language and speed, and hears her balance twice."""
        person = {"name": "Ada", "language": "en", "plan": "Visitor"}
        account = {"balance": "88.50", "expires": "2030-01-31", **person}
        await self._hotline._tell_backend(f"customers/{number}", account)
        language, key = self._random.choice([("cmn", "1"), ("yue", "2"), ("en", "3")])
        async with self._calling(number) as phone:
            await self._pause(2)
            await self._step(phone, key, "menu")
            await self._pause(3)
            await self._step(phone, "*1", "tell_balance")
            await self._pause(3)
            await self._records.when(
                number, lambda record: nodes(record).count("menu") == 2, "back in the menu"
            )
            await self._pause(3)
            await self._step(phone, "1", "tell_balance", 2)
            await self._pause(2)
        way = HELLO + BALANCE + BALANCE
        record = await self._ended_somewhere(number, [way[:-1], way], f"{key}*11")
        assert (record["language"], record["speed"]) == (language, "90%"), record["speed"]

    async def _ended_somewhere(self, number: str, ways: list[list[str]], typed: str) -> Record:
        (record, *_) = await self._records.over(number)
        way = next((way for way in ways if way == nodes(record)), ways[0])
        return await self._ended(number, way, typed)

    async def types(self, number: str) -> None:
        """Types a number slowly, confirms it, and is told that nobody has it."""
        digits = f"138{self._random.randrange(10**8):08d}"
        async with self._calling(number) as phone:
            await self._step(phone, "3", "menu")
            await self._step(phone, "1", "which_number")
            await self._pause(1)
            for digit in digits:
                await phone.press(digit)
                await self._pause(0.6)
            await self._pause(2)
            await self._step(phone, "1", "unknown")
            await self._pause(2)
        way = [*HELLO, "balance", "own_balance", "which_number", "other_balance", "unknown"]
        await self._ended_somewhere(number, [way, [*way, "menu"]], f"31{digits}1")

    async def waits(self, number: str) -> None:
        """Waits for an agent who does not come, and gives up."""
        async with self._calling(number) as phone:
            await self._step(phone, "30", "connecting")
            # Where nobody leads her any more, no record tells when she has come to the queue.
            await asyncio.sleep(self._random.uniform(8, 16))
            assert not phone.ended.is_set(), "she was put out of the queue"
            gone = time.time()
        (record,) = await self._records.over(number)
        waits = [one for one in record["asked"] if one["what"] == "queue"]
        assert len(waits) == 1 and waits[0]["left"], f"her waits are {waits}: {record['why']}"
        came = [step["entered"] for step in record["path"] if step["node"] == "queue"]
        lasted = gone - _seconds(came[0])
        told = (waits[0]["to"] - waits[0]["from"]) / 1000
        # Where nobody leads her, her record ends when somebody looks what has become of her.
        late = lasts(self._strikes.between(gone - 1, gone + 1))
        waited = f"she waited {lasted:.1f} s, {told:.1f} s are told"
        assert -1.5 < told - lasted < 1.5 + late, waited

    async def records(self, number: str) -> None:
        """Leaves a complaint, and hears the number it has."""
        async with self._calling(number) as phone:
            await self._step(phone, "36", "complaint/about")
            await self._pause(1)
            await self._step(phone, "1", "complaint/tell")
            await asyncio.sleep(9 + self._random.uniform(0, 1))
            phone.speak(True)
            await asyncio.sleep(self._random.uniform(2, 6))
            phone.speak(False)
            await phone.press("#")
            await asyncio.sleep(1 + self._random.uniform(0, 1))
            await self._step(phone, "1", "complaint/filed")
            await self._pause(2)
        (record,) = await self._records.over(number)
        done = [(each["what"], each["outcome"]) for each in record["asked"]]
        assert done == [("record", "recorded"), ("lookup", "found")], done

    async def talks(self, number: str) -> None:
        """Talks to an agent, and hears every packet of it."""
        async with self._calling(number) as phone:
            await self._step(phone, "30", "connecting")
            # Who waits for nobody rings, too, until she gives up.
            while (taken := await self._agent.rings(within=60)).caller != number:
                pass
            await taken.answer()
            await taken.answered(within=10)
            await asyncio.sleep(2.5)
            began = time.monotonic()
            await asyncio.sleep(self._random.uniform(3, 10))
            now = time.monotonic()
            assert not phone.ended.is_set(), "the talk was cut"
            self._seen.gaps += [lasted for at, lasted in phone.gaps if began < at < now]
            await taken.hang_up()
            await asyncio.wait_for(phone.ended.wait(), 10)
        found = await self._records.over(number)
        assert [record["outcome"] for record in found] == ["answered"], found

    async def with_agent(self, agent: Phone, until: asyncio.Event) -> None:
        """Talk to this agent again and again until told to stop."""
        self._agent = agent
        await self.go_on("talks", until)


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
