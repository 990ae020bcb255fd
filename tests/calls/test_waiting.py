"""Waiting: she is told her place over the music, chooses, keeps her place, and no key is lost."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ivr.phone import Call
from tests import ears
from tests.calls.conftest import Dial
from tests.calls.hotline import Caller, Hotline, flows, nodes, until
from tests.calls.listening import ALIKE, hears, sound, words
from tests.calls.test_desk import on_duty

# 20 ms apart, a key of each caller comes at every step of the wait that all of them have.
CALLERS, STEP, BETWEEN = 12, 0.02, 0.24
LONG_ENOUGH = 4.0
# A key sounds for 0.1 s; so long after its begin the switch has had its end, and it was read.
SENT = 0.4
AGENTS = ("1004", "1006")
# They are no choices: whoever presses one goes on waiting.
KEYS = "4567"


@pytest.fixture(scope="module")
def hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """A hotline whose callers wait at the desk of roaming, which promises to call back."""
    with where_they_wait(tmp_path_factory.mktemp("waiting")).running() as running:
        yield running


def where_they_wait(home: Path) -> Hotline:
    """Return a hotline that leads whoever wants an agent to the desk of roaming."""
    changed = flows(
        home,
        ("queue: front_desk  ", "queue: roaming  "),
        ("while_waiting: your_wait", "every: 5s\n    while_waiting: your_wait"),
        ("answered: rate_us", "answered: bye"),
        ("  rate_us: {call: survey, go: bye}      # her mark, when the agent has hung up\n", ""),
        ("menu: waiting\n", "menu: waiting_or_call_back\n"),
        ("keys: {1: queue, 2: message}", "keys: {1: queue, 2: rather_book, 3: message}"),
        ("nodes:\n", "nodes:\n  rather_book:\n    callback: roaming\n    promised: bye\n"
         "    declined: queue\n    impossible: queue\n"),
    )  # fmt: skip
    return Hotline(home, flows=str(changed), remember_callers="0d")


@asynccontextmanager
async def busy(hotline: Hotline, dial: Dial, number: str) -> AsyncIterator[Call]:
    """The only agent on duty talks to another caller; her end of the talk is given."""
    async with on_duty(hotline, number) as agent, dial() as other:
        await other.press("10")
        taken = await agent.answer_next(within=25)
        yield taken
        await taken.hang_up()


async def comes_to(caller: Caller, node: str = "waiting") -> dict[str, Any]:
    """Let her choose Mandarin and an agent, and come to the menu of those who wait."""
    await caller.press("10")
    return await caller.comes_to(node)


def asked(record: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["what"], each["outcome"]) for each in record["asked"]]


def heard(record: dict[str, Any], prompt: str) -> list[dict[str, Any]]:
    return [each for each in record["heard"] if each["prompt"] == prompt]


async def hears_her_place_in_another_language(caller: Caller) -> None:
    record = await comes_to(caller)
    # Whether it is known how long she will wait depends on what was measured here before.
    (place,) = heard(record, "your_place") + heard(record, "wait_about")
    assert (place["finished"], place["language"]) == (True, "cmn")
    number = "零一二三".index(place["text"].removeprefix("您排在第")[0])
    for clip in words("your_place", "cmn", {"place": str(number)})[:2]:
        found = hears(sound(clip), caller.wav, place["from"] / 1000 - 0.3)
        assert found.score > ALIKE, clip
    await caller.press("8")

    async def goes_on() -> bool:
        said = heard(await caller.record() or {"heard": ()}, "waiting_or_call_back")
        return [each["language"] for each in said][:2] == ["cmn", "yue"]

    await until(goes_on)


async def is_told_her_place(caller: Caller) -> bool:
    record = await caller.record()
    return bool(record and nodes(record)[-1] in ("your_place", "about", "longer"))


async def is_called_back(caller: Caller) -> None:
    await comes_to(caller)
    await caller.press("2")
    await caller.comes_to("rather_book")
    await caller.press("1")

    async def is_booked() -> bool:
        done = [("callback", "offered"), ("queue", "left"), ("callback", "booked")]
        return asked(await caller.record() or {"asked": ()}) == done

    await until(is_booked)


async def leaves_a_message(caller: Caller) -> None:
    await comes_to(caller)
    await caller.press("3")

    async def has_left() -> bool:
        record = await caller.record()
        return bool(record and asked(record) == [("queue", "left")])

    await until(has_left, within=10)
    record = await caller.comes_to("message")
    assert heard(record, "after_the_tone")[0]["finished"]
    await caller.press("#")


async def waiting(hotline: Hotline) -> list[str]:
    queues = await hotline.get("/api/queues")
    return [caller["number"] for queue in queues for caller in queue["callers"]]


@pytest.mark.timeout(150)  # a whole menu passes before she is told again
async def test_who_waits_is_told_her_place_chooses_and_is_answered_in_mid_word(
    hotline: Hotline, dial: Dial, tmp_path: Path
) -> None:
    low = ears.tone(tmp_path / "low.wav", 440, 60)
    async with AsyncExitStack() as stack:
        callers = [await stack.enter_async_context(dial()) for _ in range(3)]
        async with busy(hotline, dial, "1004"):
            stays, books, leaves = callers
            await asyncio.gather(
                hears_her_place_in_another_language(stays),
                is_called_back(books),
                leaves_a_message(leaves),
            )
            assert await waiting(hotline) == [stays.number]
            await until(lambda: is_told_her_place(stays), within=40)
            async with on_duty(hotline, "1006") as agent:
                call = await agent.rings(within=25)
                await stays.comes_to("waiting")
                await call.answer(play=low)
                await call.answered(within=5)
                await asyncio.sleep(2)  # the agent speaks
                await call.hang_up()
                record = await stays.story()
    assert (record["outcome"], asked(record)) == ("answered", [("queue", "answered")])
    assert not record["heard"][-1]["finished"]
    assert nodes(record)[-2:] == ["queue", "bye"]
    ended = ears.duration(stays.wav)
    assert ears.tone_level(stays.wav, 440, ended - 2, ended - 0.7) > -20
    for clip in words("waiting_or_call_back", "yue", {}):
        assert hears(sound(clip), stays.wav, ended - 2).score < ALIKE, clip


class Presser:
    """A caller who presses keys every so many seconds; `pressed` tells when each was sent."""

    def __init__(self, caller: Caller, late: float) -> None:
        self.caller = caller
        self.late = late
        self.pressed: list[tuple[str, float]] = []
        self.stops = asyncio.Event()

    async def press(self) -> None:
        """Come to an agent's queue, and press until told to stop."""
        await self.caller.press("10")
        await self.caller.comes_to("connecting")
        loop = asyncio.get_running_loop()
        begun = loop.time() + self.late
        for number, key in enumerate(itertools.cycle(KEYS)):
            await asyncio.sleep(max(0.0, begun + number * BETWEEN - loop.time()))
            if self.stops.is_set():
                return
            self.pressed.append((key, loop.time()))
            await self.caller.call.press(key)

    async def lost(self, until: float) -> tuple[int, int]:
        """Return how many keys she pressed before a moment, and how many of these are nowhere."""
        record = await self.caller.story()
        there = [key["key"] for key in record["keys"]][len("10") :]
        every = [key for key, _ in self.pressed]
        # What answered no question is kept as a dot: it may have been a secret.
        assert all(a in (b, "•") for a, b in zip(there, every, strict=False)), (every, there)
        due = sum(at + SENT < until for _, at in self.pressed)
        return due, max(0, due - len(there))


async def sweep(hotline: Hotline, dial: Dial, shift: float = 0.0) -> list[tuple[int, int]]:
    """Let callers press while they join, wait and are answered; tell what came of their keys.

    That is how many there were until she was answered or hung up, and how many of them are lost.
    """
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        agents = [await stack.enter_async_context(on_duty(hotline, n)) for n in AGENTS]
        callers = [await stack.enter_async_context(dial()) for _ in range(CALLERS)]
        late = [(shift + number * STEP) % BETWEEN for number in range(CALLERS)]
        pressers = [Presser(*each) for each in zip(callers, late, strict=True)]
        work = [asyncio.create_task(presser.press()) for presser in pressers]
        rung = await asyncio.gather(*(agent.rings(within=25) for agent in agents))
        await asyncio.sleep(LONG_ENOUGH)  # while their phones ring, all of them press
        answered = {}
        for call in rung:
            answered[call.caller] = loop.time()
            await call.answer()
        await asyncio.sleep(0.5)  # and a little beyond the answers
        for presser in pressers:
            presser.stops.set()
        await asyncio.gather(*work)
        await asyncio.sleep(SENT)
        ended = loop.time()
        for caller in callers:
            await caller.call.hang_up()
        assert len(answered) == len(AGENTS)
        return [await each.lost(answered.get(each.caller.number, ended)) for each in pressers]


async def test_no_key_is_lost_from_joining_to_the_answer(hotline: Hotline, dial: Dial) -> None:
    found = await sweep(hotline, dial)
    assert sum(due for due, _ in found) > CALLERS * LONG_ENOUGH / BETWEEN
    assert sum(lost for _, lost in found) == 0, found
