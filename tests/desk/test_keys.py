"""Keys of those who wait: many read in one question, in order, each once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

import pytest

from ivr.desk.faults import AmiLost
from ivr.desk.keys import KeyReader


class Switch:
    """Channels with their variables, and Getvar as the switch answers it."""

    def __init__(self) -> None:
        self.channels: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.is_lost = False

    async def ask(self, action: Mapping[str, str]) -> dict[str, str]:
        if self.is_lost:
            raise AmiLost("no link")
        self.asked.append(action["Variable"])
        assert not re.search("SHELL|EVAL", action["Variable"])  # refused to our account
        assert len("Variable: ") + len(action["Variable"]) < 1024
        (said,) = re.findall(r"CUT\(NOTHING\}(.*)\$\{NOTHING,\^,1-\)", action["Variable"])
        said = re.sub(r"\$\{IMPORT\(([^,]+),(\w+)\)(?::(\d+))?\}", self._imported, said)
        said = re.sub(r"\$\{LEN\(([^)]*)\)\}", lambda found: str(len(found[1])), said)
        return {"Response": "Success", "Value": said}

    def _imported(self, found: re.Match[str]) -> str:
        return self.channels.get(found[1], {}).get(found[2], "")[int(found[3] or 0) :]


def channel(number: int) -> str:
    return f"PJSIP/callers-{number:08x}"


async def test_each_key_is_read_once_and_in_order() -> None:
    switch = Switch()
    reader = KeyReader(switch.ask)
    switch.channels[channel(1)] = {"KEYS": "10"}
    reading = reader.follow(channel(1), "KEYS", seen=2)
    await reader.look()
    assert (reading.take(), reading.news.is_set()) == ("", False)
    for keys in ("102", "10234"):
        switch.channels[channel(1)]["KEYS"] = keys
        await reader.look()
    assert reading.news.is_set()
    assert (reading.take(), reading.take(), reading.seen) == ("234", "", 5)
    assert not reading.is_answered
    reader.forget(reading)


async def test_an_agent_who_answered_is_seen_with_the_last_keys() -> None:
    switch = Switch()
    reader = KeyReader(switch.ask)
    switch.channels[channel(1)] = {"KEYS": "1*#", "MEMBERNAME": "Li Na"}
    reading = reader.follow(channel(1), "KEYS")
    async with asyncio.timeout(10):
        await reading.news.wait()
    assert (reading.take(), reading.is_answered) == ("1*#", True)
    reader.forget(reading)


async def test_many_are_read_in_a_few_questions_and_no_channel_that_is_gone_disturbs_them() -> None:
    switch = Switch()
    reader = KeyReader(switch.ask)
    readings = [reader.follow(channel(number), f"IVR_KEYS_{number}") for number in range(40)]
    switch.channels |= {channel(n): {f"IVR_KEYS_{n}": str(n % 10)} for n in range(40) if n != 7}
    await reader.look()
    keys = [reading.take() for reading in readings]
    assert keys == [str(n % 10) if n != 7 else "" for n in range(40)]
    assert len(switch.asked) <= 6
    for reading in readings:
        reader.forget(reading)


async def test_what_is_pressed_while_the_link_is_down_is_read_afterwards() -> None:
    switch = Switch()
    switch.is_lost = True
    reader = KeyReader(switch.ask)
    reading = reader.follow(channel(1), "KEYS")
    switch.channels[channel(1)] = {"KEYS": "5"}
    await asyncio.sleep(0)
    assert not reading.looked.is_set()
    switch.is_lost = False
    async with asyncio.timeout(10):
        await reading.news.wait()
    assert reading.take() == "5"
    reader.forget(reading)


async def test_a_fault_of_ours_is_told_once_and_takes_the_keys_from_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    switch, faults = Switch(), [KeyError("Value"), ValueError("rubbish")]

    async def ask(action: Mapping[str, str]) -> dict[str, str]:
        if faults:
            raise faults.pop()
        return await switch.ask(action)

    reader = KeyReader(ask)
    reading = reader.follow(channel(1), "KEYS")
    switch.channels[channel(1)] = {"KEYS": "5"}
    async with asyncio.timeout(10):
        await reading.news.wait()
    assert reading.take() == "5"
    assert caplog.text.count("ERROR") == 1
    reader.forget(reading)


@pytest.mark.parametrize("name", ["", "PJSIP/callers", "Local/1@x-00000001;1", "a,b-00000001"])
async def test_what_is_no_channel_of_a_caller_is_not_asked_for(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a channel"):
        KeyReader(Switch().ask).follow(name, "KEYS")
