"""A caller who wants to be forgotten: what a real hotline wrote of her, before and afterwards."""

import asyncio
from pathlib import Path

import pytest

from tests import ears
from tests.calls.conftest import Dial
from tests.calls.hotline import Hotline, new_number, nodes, until
from tests.calls.test_balance import newest

pytestmark = pytest.mark.timeout(120)


async def test_no_log_of_ours_has_her_number_and_once_forgotten_nothing_has(
    dial: Dial, hotline: Hotline
) -> None:
    voice = ears.tone(hotline.home / "said.wav", 440, 30)
    async with dial(number=new_number(), play=voice) as caller:
        await caller.press("161")
        await caller.comes_to("complaint/tell")
        message = await until(lambda: asyncio.to_thread(newest, hotline.state / "recordings"))
        await asyncio.sleep(2.0)  # she speaks for two seconds
        await caller.press("#")
        record = await caller.comes_to("menu")
        await caller.press("0")
        await caller.comes_to("connecting")
        number = caller.number
        await caller.call.hang_up()
        await caller.story()
    # Her complaint is recorded, and filed.
    assert nodes(record)[-3:] == ["complaint/file", "complaint/filed", "menu"]
    assert 1.5 < ears.duration(message) < 5
    assert ears.tone_level(message, 440, 0.3, 1.3) > -20
    before = await asyncio.to_thread(holding, hotline.state, number)
    assert "calls.db" in {name.removesuffix("-wal") for name in before}
    ours = {"log/controller.log", "log/backend.log", "log/switch.log", "log/controller.out"}
    assert not ours & before
    done = await asyncio.to_thread(hotline.ivr, "forget", number)
    assert done.stdout.startswith("deleted: 1 calls, 1 messages, 0 talks"), done.stderr
    left = await asyncio.to_thread(holding, hotline.state, number)
    # What a back end was told is the back end's, and here it keeps the complaint.
    assert {name for name in left if not name.startswith("backend.db")} == set()
    assert not message.exists()


def holding(folder: Path, number: str) -> set[str]:
    """Return the files under a folder that hold a number."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and number.encode() in path.read_bytes()
    }
