"""Whose turn it is: one of several, and the next at once when it dies."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

from ivr.running.turn import Turn, somebody_stands_by
from tests.calls.hotline import until

HOLDS = """
import asyncio, sys
from pathlib import Path
from ivr.running.turn import Turn
async def hold():
    async with Turn(Path(sys.argv[1])):
        print("ours", flush=True)
        await asyncio.sleep(60)
asyncio.run(hold())
"""


async def held(state: Path) -> asyncio.subprocess.Process:
    words = (sys.executable, "-c", HOLDS, str(state))
    return await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE)


async def is_ours(child: asyncio.subprocess.Process) -> bool:
    assert child.stdout
    return await child.stdout.readline() == b"ours\n"


async def stands_by(state: Path) -> None:
    async def there() -> bool:
        return somebody_stands_by(state)

    await until(there)


async def test_the_turn_passes_at_a_death_and_to_one_alone(tmp_path: Path) -> None:
    children = [await held(tmp_path)]
    try:
        assert await is_ours(children[0])
        assert not somebody_stands_by(tmp_path)
        children += [await held(tmp_path), await held(tmp_path)]
        await stands_by(tmp_path)
        for _ in range(2):
            children.pop(0).kill()
            ours = [asyncio.create_task(is_ours(child)) for child in children]
            done, others = await asyncio.wait(ours, timeout=20, return_when=asyncio.FIRST_COMPLETED)
            assert len(done) == 1
            for other in others:
                other.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            if ours.index(done.pop()):
                children.reverse()
    finally:
        for child in children:
            child.kill()
            await child.wait()


async def test_who_is_stopped_while_standing_by_is_passed_over(tmp_path: Path) -> None:
    first = await held(tmp_path)
    assert await is_ours(first)
    stopped = await held(tmp_path)
    await stands_by(tmp_path)
    stopped.send_signal(signal.SIGSTOP)
    third = await held(tmp_path)
    try:
        await asyncio.sleep(0.5)
        first.kill()
        assert await asyncio.wait_for(is_ours(third), 5)
    finally:
        for child in (stopped, third):
            child.kill()
            await child.wait()


async def test_who_is_told_to_end_while_standing_by_leaves_no_trace(tmp_path: Path) -> None:
    async with Turn(tmp_path) as turn:
        assert turn.is_ours
        other = Turn(tmp_path)
        waiting = asyncio.create_task(other.__aenter__())
        await stands_by(tmp_path)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert not other.is_ours and not somebody_stands_by(tmp_path)
    async with Turn(tmp_path) as turn:
        assert turn.is_ours
