"""How a caller is spoken to: in the language she turns to, slowly if she asks, as last time."""

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ivr.flow.places import onward
from ivr.flow.speech import Clip
from ivr.phone import Phone
from tests.calls.conftest import Dial
from tests.calls.hotline import Caller, Hotline, until
from tests.calls.listening import hears_all
from tests.stage import shipped

AMOUNT, UNTIL = "123.45", "2026-12-31"
VALUES = {"amount": AMOUNT, "until": UNTIL}
KEY_SECONDS = 0.1


async def test_another_language_goes_on_at_the_same_place_of_the_sentence(
    hotline: Hotline, dial: Dial
) -> None:
    async def presses(listened: float) -> tuple[dict[str, Any], float, Path]:
        """Let a caller choose another language behind so many seconds of her balance."""
        async with dial(await hotline.customer(AMOUNT, UNTIL)) as caller:
            await caller.press("11")
            await caller.comes_to("tell_balance")
            await asyncio.sleep(listened)
            pressed = await caller.press("8")
            record = await until(partial(caller.has_heard, "your_balance", 1))
        return record, pressed, caller.wav

    catalogue = shipped().catalogue
    before = catalogue.places("your_balance", "cmn", VALUES)
    after = catalogue.places("your_balance", "yue", VALUES)
    clips = [index for index, place in enumerate(before) if isinstance(place.item, Clip)]
    for record, pressed, wav in await asyncio.gather(*map(presses, (0.6, 2.2, 5.0))):
        first, second = (heard for heard in record["heard"] if heard["prompt"] == "your_balance")
        assert [first["language"], second["language"]] == ["cmn", "yue"]
        assert (first["finished"], second["finished"]) == (False, True)
        begin = onward(before, after, clips[first["cut_at"]])
        rest = tuple(place.item for place in after[begin:])
        resumed, *_ = hears_all(rest, 100, wav, pressed, second["to"] / 1000 + 0.5)
        assert 0 < resumed - pressed < KEY_SECONDS + 0.15


async def test_who_asks_again_twice_hears_it_slowly_and_then_digit_by_digit(
    hotline: Hotline, dial: Dial
) -> None:
    async with dial(await hotline.customer(AMOUNT, UNTIL)) as caller:
        await caller.press("11")
        await caller.comes_to("tell_balance")
        for _ in range(3):
            await asyncio.sleep(1.0)
            await caller.press("9")
        record = await until(partial(caller.has_heard, "your_balance", 1), 30)
    told = [heard for heard in record["heard"] if heard["prompt"] == "your_balance"]
    assert [heard["speed"] for heard in told] == ["100%", "100%", "90%", "90%"]
    assert "一二三点四五元" in told[-1]["text"].replace(" ", "")
    spoken = shipped().catalogue.utterance("your_balance", "cmn", VALUES, careful=True)
    slow = tuple(i if isinstance(i, Clip) else type(i)(i.seconds * 1.5, i.mark) for i in spoken)
    hears_all(slow, 90, caller.wav, told[-1]["from"] / 1000, told[-1]["to"] / 1000 + 0.5)


@pytest.fixture(scope="module")
def remembering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """A hotline that remembers its callers."""
    with Hotline(tmp_path_factory.mktemp("remembering")).running() as running:
        yield running


@pytest.mark.timeout(120)
async def test_her_language_and_her_speed_are_those_of_her_last_call(
    remembering: Hotline, tmp_path: Path
) -> None:
    number = await remembering.customer(AMOUNT, UNTIL)

    async def call(choice: str) -> list[str]:
        wav = tmp_path / "heard.wav"
        async with Phone(number) as phone:
            placed = await phone.call("10086", remembering.sip, record=wav)
            await placed.answered(within=10)
            caller = Caller(remembering, number, phone, placed, wav)
            if choice:
                await caller.press(choice)
            await caller.comes_to("menu")
            await caller.press("1")
            record = await until(partial(caller.has_heard, "your_balance", 1), 40)
            await placed.hang_up()
            await caller.story()
        (said,) = (heard for heard in record["heard"] if heard["prompt"] == "your_balance")
        return [record["heard"][0]["prompt"], said["language"], said["speed"]]

    assert await call("2**") == ["welcome", "yue", "75%"]
    assert await call("") == ["main_menu", "yue", "75%"]
