"""Staying on a channel: whispers and keys, and what ends them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.desk.call_files import CallFiles
from ivr.desk.faults import AmiRefused
from ivr.desk.keys import KeyReader
from ivr.flow.effects import Heard, Play, Queued
from ivr.flow.speech import Clip
from ivr.line.stay import Stay, Switch
from ivr.speech.compose import Timing
from tests.desk.test_call_files import hanging

CHANNEL = "PJSIP/callers-00000001"
# Two words of 0.2 s.
SAID = Play((Clip("你好", "cmn"), Clip("再见", "cmn")), 100)
TIMING = Timing(SAID.utterance, 100, (0, 1600), 3200)


class Waiting:
    """A caller in app_queue: the keys she pressed, who answered, whether she may leave."""

    def __init__(self, spool: Path) -> None:
        self.keys = self.answered = ""
        self.withdrawn: list[Mapping[str, str]] = []
        self.ended: asyncio.Future[Queued] = asyncio.get_running_loop().create_future()
        (spool / "outgoing").mkdir(parents=True)
        self.spool, self.files = spool, CallFiles(spool)

    async def ask(self, action: Mapping[str, str]) -> dict[str, str]:
        if action["Action"] == "Getvar":
            seen = int(action["Variable"].partition("):")[2].partition("}")[0])
            return {"Value": f"{self.keys[seen:]}/{len(self.answered)}"}
        self.withdrawn.append(action)
        if self.answered:
            raise AmiRefused("No such caller")
        self.ended.set_result(Queued("left"))
        return {}

    async def queued(self) -> Queued:
        return await self.ended

    async def whispers(self) -> list[str]:
        """Return what was asked of the switch, in its order, as it was called."""
        await self.files.do(int)  # what was asked before is done
        files = sorted(
            (self.spool / "outgoing").iterdir(), key=lambda file: file.stat().st_mtime_ns
        )
        return [file.read_text().splitlines()[0].removeprefix("Channel: ") for file in files]


@asynccontextmanager
async def staying(tmp_path: Path) -> AsyncIterator[tuple[Waiting, Stay]]:
    waiting = Waiting(tmp_path)
    keys = KeyReader(waiting.ask)
    switch = Switch(tmp_path, keys, waiting.ask)
    waiting.files = switch.spool
    stay = Stay(switch, keys.follow(CHANNEL, "KEYS"), "17.1", "desk+cmn", waiting.queued())
    try:
        yield waiting, stay
    finally:
        stay.close()


async def test_she_hears_it_to_its_end(tmp_path: Path) -> None:
    async with staying(tmp_path) as (waiting, stay):
        assert await stay.play(SAID, TIMING, "/sounds/hello") == Heard("", 2)
        assert await waiting.whispers() == ["Local/17.1*1@whisper/n"]
        assert not stay.is_over


async def test_a_key_ends_it_and_tells_what_she_was_hearing(tmp_path: Path) -> None:
    async with staying(tmp_path) as (waiting, stay):
        asyncio.get_running_loop().call_later(0.05, setattr, waiting, "keys", "8")
        heard = await stay.play(SAID, TIMING, "/sounds/hello")
        assert (heard.keys, heard.reached) == ("8", 0)
        assert await waiting.whispers() == ["Local/17.1*1@whisper/n", "Local/17.1*1@end-whisper/n"]


async def test_a_disk_that_hangs_holds_neither_her_key_nor_the_end_of_her_wait(
    tmp_path: Path,
) -> None:
    async with staying(tmp_path) as (waiting, stay):
        later = asyncio.get_running_loop().call_later
        async with hanging(tmp_path, waiting.files):
            later(0.05, setattr, waiting, "keys", "8")
            assert await stay.play(SAID, TIMING, "/sounds/hello") == Heard("8", 0)
            later(0.05, waiting.ended.set_result, Queued("unanswered"))
            assert await stay.play(SAID, TIMING, "/sounds/hello") == Heard("", 0)
        whispers = await waiting.whispers()
        assert not [each for each in whispers if each.endswith("@whisper/n")], "they came too late"


async def test_a_key_that_is_there_keeps_it_from_starting(tmp_path: Path) -> None:
    async with staying(tmp_path) as (waiting, stay):
        waiting.keys = "12"
        assert await stay.play(SAID, TIMING, "/sounds/hello") == Heard("12", 0)
        assert await stay.listen(0.01) == ""
        assert not await waiting.whispers()
        assert (stay.seen, stay.unread) == (2, 0)


async def test_an_agent_who_answers_ends_it_and_the_dialplan_has_ended_the_whisper(
    tmp_path: Path,
) -> None:
    async with staying(tmp_path) as (waiting, stay):
        asyncio.get_running_loop().call_later(0.05, setattr, waiting, "answered", "Li Na")
        assert (await stay.play(SAID, TIMING, "/sounds/hello")).keys == ""
        assert stay.is_over
        assert len(await waiting.whispers()) == 1
        assert await stay.play(SAID, TIMING, "/sounds/hello") == Heard("", 0)
        waiting.ended.set_result(Queued("answered", "Li Na"))
        assert await stay.end(leaves=True) == Queued("answered", "Li Na")
        assert not waiting.withdrawn


async def test_a_wait_in_vain_ends_what_is_whispered(tmp_path: Path) -> None:
    async with staying(tmp_path) as (waiting, stay):
        call = asyncio.get_running_loop().call_later
        call(0.05, waiting.ended.set_result, Queued("unanswered"))
        await stay.play(SAID, TIMING, "/sounds/hello")
        assert (await waiting.whispers())[-1] == "Local/17.1*1@end-whisper/n"
        assert await stay.listen(60) == ""
        assert await stay.end(leaves=False) == Queued("unanswered")


async def test_she_leaves_the_queue_she_is_in(tmp_path: Path) -> None:
    async with staying(tmp_path) as (waiting, stay):
        assert await stay.end(leaves=True) == Queued("left")
        (asked,) = waiting.withdrawn
        assert asked == {"Action": "QueueWithdrawCaller", "Queue": "desk+cmn", "Caller": CHANNEL}


async def test_an_agent_may_be_quicker_than_she_leaves(tmp_path: Path) -> None:
    async with staying(tmp_path) as (waiting, stay):
        waiting.answered = "Li Na"
        asyncio.get_running_loop().call_later(
            0.05, waiting.ended.set_result, Queued("answered", "Li Na")
        )
        assert await stay.end(leaves=True) == Queued("answered", "Li Na")


async def test_what_the_switch_loses_is_told_to_who_asks(tmp_path: Path) -> None:
    async with staying(tmp_path) as (waiting, stay):
        waiting.ended.set_exception(ConnectionError("gone"))
        assert await stay.listen(60) == ""
        with pytest.raises(ConnectionError):
            await stay.end(leaves=False)
