"""What a call leaves behind: nothing that would have to be searched for."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_asterisk import FakeAsterisk
from tests.leading import a_controller
from tests.line.switch import Channel
from tests.until import until


@pytest.fixture
def rubbish() -> Iterator[list[object]]:
    """What was found to be rubbish, once `gc.collect` is called in the test."""
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield gc.garbage
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


@pytest.mark.parametrize("hangs_up", [True, False])
async def test_a_call_that_is_over_leaves_nothing_to_be_searched_for(
    hangs_up: bool, rubbish: list[object], tmp_path: Path
) -> None:
    async with a_controller(tmp_path) as (port, book):
        said = {"uniqueid": "1795000000.7"}
        switch = FakeAsterisk(port, script="f", variables=said, answer=Channel("1"))
        async with switch:
            await switch.asked("EXEC ExecIf")
            if hangs_up:
                await switch.hang_up()
            await switch.finished()
        await until(lambda: not book.in_progress)
        gc.collect()
    ours = {type(each) for each in rubbish if type(each).__module__.startswith("ivr.")}
    assert not ours
