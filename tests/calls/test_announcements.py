"""Announcements: heard by the next call, in each language, once, and not after their end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ivr.flow.speech import Clip
from ivr.speech import announced
from ivr.speech.takes import Takes
from tests import ears
from tests.calls.conftest import Dial
from tests.calls.hotline import Caller, Hotline, flows, nodes, until
from tests.calls.listening import ALIKE, hears
from tests.calls.test_desk import on_duty, state_of
from tests.speech.sound import decoded
from tests.stage import ROOT

# Where processors are shared, to come up and to speak three languages takes half a minute.
pytestmark = pytest.mark.timeout(120)

KEYS = {"cmn": "1", "yue": "2", "en": "3"}
WORDS = {
    "cmn": "东城区网络故障，正在抢修。",
    "yue": "東城區網絡故障，正在搶修。",
    "en": "The network is down in the eastern district, we are working on it.",
}


@pytest.fixture(scope="module")
def hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """A hotline that announces things before its menu, and again at the menu's 6."""
    home = tmp_path_factory.mktemp("announcing")
    again = "{announcements: hotline, go: menu}"
    shipped = (ROOT / "flows/hotline.yaml").read_text()
    # Who is led nowhere while she waits: others hear it between two walks.
    stays = re.findall(r"    while_waiting: .*\n", shipped) + re.findall(
        r"  # While she waits .*?\n(?=  nobody_free:)", shipped, re.S
    )
    assert len(stays) == 2
    flow = flows(
        home, ("{call: complaint, go: menu, agent: agent}", again), *((each, "") for each in stays)
    )
    with Hotline(home, flows=str(flow), remember_callers="0d").running() as running:
        yield running


async def announce(hotline: Hotline, *words: str, lasting: str = "1h") -> int:
    """Announce something at the hotline; return its number."""
    given = ("announce", *words, "--where", "hotline", "--for", lasting)
    done = await asyncio.to_thread(hotline.ivr, *given)
    assert done.returncode == 0, done.stderr
    found = re.search(r"announcement (\d+) is said at hotline", done.stdout)
    assert found, done.stdout
    return int(found[1])


async def seen(hotline: Hotline, number: int, times: int = 1) -> None:
    """Wait, a second at the most, until the controller knows what was just announced or ended."""

    async def known() -> bool:
        log = (hotline.state / "log/controller.log").read_text()
        return log.count(f"= announcement {number} is said at") == times

    await until(known, within=1)


async def withdraw(hotline: Hotline, number: int) -> None:
    done = await asyncio.to_thread(hotline.ivr, "announcements", "withdraw", str(number))
    assert done.returncode == 0, done.stderr
    await seen(hotline, number, times=2)


def sounds(hotline: Hotline, language: str) -> list[tuple[Clip, Any]]:
    """Return what the newest announcement says in a language, as it is played."""
    folders = (hotline.state / "announcements").iterdir()
    folder = max(folders, key=lambda folder: folder.stat().st_mtime)
    clips = [take.clip for take in Takes.load(folder) if take.clip.language == language]
    clips.sort(key=lambda clip: WORDS[language].find(clip.text))
    return [(clip, decoded(announced.heard(folder).load(clip, 100, "alaw"))) for clip in clips]


async def heard(dial: Dial, key: str, again: bool = False) -> tuple[dict[str, Any], Path]:
    """Call, choose a language, come to the menu, perhaps a second time; return what was heard."""
    async with dial() as caller:
        await caller.press(key)
        record = await caller.comes_to("menu")
        if again:
            await caller.press("6")

            async def came_again() -> dict[str, Any] | None:
                record = await caller.record()
                return record if record and nodes(record).count("menu") == 2 else None

            record = await until(came_again)
    return record, caller.wav


def told(record: dict[str, Any], number: int) -> list[dict[str, Any]]:
    return [h for h in record["heard"] if h["prompt"] == f"announcement {number}"]


async def test_the_next_call_hears_it_in_her_language_and_none_after_it_is_withdrawn(
    dial: Dial, hotline: Hotline
) -> None:
    other = [word for code in ("yue", "en") for word in ("--language", f"{code}={WORDS[code]}")]
    number = await announce(hotline, WORDS["cmn"], *other)
    await seen(hotline, number)
    calls = await asyncio.gather(*(heard(dial, key) for key in KEYS.values()))
    for language, (record, wav) in zip(KEYS, calls, strict=True):
        (said,) = told(record, number)
        assert (said["text"], said["language"], said["finished"]) == (
            WORDS[language], language, True,
        )  # fmt: skip
        at = max(0.0, said["from"] / 1000 - 0.2)
        for clip, sound in sounds(hotline, language):
            found = hears(sound, wav, at)
            assert found.score > ALIKE, clip
            at = found.at
        assert at < said["to"] / 1000
    await withdraw(hotline, number)
    record, _ = await heard(dial, "1")
    assert "notices" in nodes(record) and not told(record, number)

    async def counted() -> bool:
        listed = await asyncio.to_thread(hotline.ivr, "announcements")
        return bool(re.search(rf"│ {number} +│ {WORDS['cmn']}.*│ 3 +│", listed.stdout))

    await until(counted, within=10)


async def test_two_calls_at_once_hear_a_sound_file_once_each(dial: Dial, hotline: Hotline) -> None:
    file = next((ROOT / "prompts/takes/cmn").glob("thank_you.1.opus"))
    number = await announce(hotline, "--sound", f"cmn={file}")
    await seen(hotline, number)
    calls = await asyncio.gather(heard(dial, "1", again=True), heard(dial, "2", again=True))
    ((_, sound),) = sounds(hotline, "cmn")
    for record, wav in calls:
        assert {"notices", "complaint"} <= set(nodes(record))
        (said,) = told(record, number)
        assert said["language"] == "cmn"  # also for her who chose Cantonese: there is no other
        assert hears(sound, wav, 0, said["to"] / 1000 + 0.5).score > ALIKE
    await withdraw(hotline, number)


async def test_who_waits_hears_it_and_keeps_her_place_and_the_agent_who_is_rung(
    dial: Dial, hotline: Hotline
) -> None:
    async def places() -> list[str]:
        queues = await hotline.get("/api/queues")
        return [caller["number"] for queue in queues for caller in queue["callers"]]

    async with on_duty(hotline, "1001") as agent, dial() as first, dial() as second:
        await first.press("10")
        await first.comes_to("connecting")
        await second.press("10")
        await until(partial(is_long, places, 2))
        before = await places()
        number = await announce(hotline, WORDS["cmn"])
        assert await state_of(hotline, "1001") == "ringing"
        for caller in (first, second):
            await until(partial(has_heard, caller, number), within=1)
        await asyncio.sleep(5)  # the announcement is four seconds long
        assert await places() == before == [first.number, second.number]
        taken = await agent.answer_next(within=5)
        assert taken.caller == first.number
        await asyncio.sleep(1)  # a look of the controller: neither of them hears it a second time
        await taken.hang_up()
    for caller in (first, second):
        record = await caller.story()
        (said,) = told(record, number)
        at = said["from"] / 1000 - 0.5
        for clip, sound in sounds(hotline, "cmn"):
            found = hears(sound, caller.wav, at, at + 6)
            assert found.score > ALIKE, clip
            at = found.at
    await withdraw(hotline, number)


async def test_an_agent_who_answers_ends_what_is_announced(
    dial: Dial, hotline: Hotline, tmp_path: Path
) -> None:
    low = ears.tone(tmp_path / "low.wav", 440, 60)
    async with on_duty(hotline, "1002") as agent, dial() as caller:
        await caller.press("10")
        await caller.comes_to("queue")
        number = await announce(hotline, WORDS["cmn"] * 3)
        await until(partial(has_heard, caller, number), within=2)
        await asyncio.sleep(2.5)  # she hears the first words of ten seconds
        taken = await agent.answer_next(play=low, within=5)
        await asyncio.sleep(3)  # the agent speaks
        await caller.call.hang_up()
        await taken.ended(within=5)
        await caller.story()
    ((_, first), (_, last)) = sounds(hotline, "cmn")
    ended = ears.duration(caller.wav)
    assert hears(first, caller.wav).score > ALIKE
    assert ears.tone_level(caller.wav, 440, ended - 3, ended - 0.7) > -20
    assert max(hears(x, caller.wav, ended - 3.2).score for x in (first, last)) < 0.3
    await withdraw(hotline, number)


async def is_long(places: Callable[[], Awaitable[list[str]]], long: int) -> bool:
    """Whether so many wait."""
    return len(await places()) == long


async def has_heard(caller: Caller, number: int) -> bool:
    return bool(told(await caller.record() or {"heard": ()}, number))


async def test_it_ends_by_itself(dial: Dial, hotline: Hotline) -> None:
    number = await announce(hotline, WORDS["cmn"], lasting="4s")
    await seen(hotline, number)
    record, _ = await heard(dial, "1")
    assert told(record, number)

    async def over() -> bool:
        listed = await asyncio.to_thread(hotline.ivr, "announcements")
        return bool(re.search(rf"│ {number} .*over", listed.stdout))

    await until(over)
    record, _ = await heard(dial, "1")
    assert "notices" in nodes(record) and not told(record, number)
