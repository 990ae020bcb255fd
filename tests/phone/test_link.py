"""The SIP stack's process: it ends with its phone, and its phone says when it is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

pytest.importorskip("pjsua2")

from ivr.errors import IvrError
from ivr.phone import Phone
from tests import ears


def children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(child) for child in listed.split()]


async def end_of(process: int) -> None:
    """Return when the process, which need not be ours, has ended."""
    ended = asyncio.Event()
    watched = os.pidfd_open(process)
    asyncio.get_running_loop().add_reader(watched, ended.set)
    try:
        await ended.wait()
    finally:
        asyncio.get_running_loop().remove_reader(watched)
        os.close(watched)


async def test_closing_the_phone_hangs_up_and_completes_the_recording(tmp_path: Path) -> None:
    async with Phone("2") as callee:
        async with Phone("1") as caller:
            await caller.call("2", at=callee.address, record=tmp_path / "heard.wav")
            taken = await callee.answer_next()
            await asyncio.sleep(0.3)
        assert (await taken.ended(within=2)).by_far_side
    assert ears.duration(tmp_path / "heard.wav") > 0.2


async def test_a_closed_phone_leaves_no_process() -> None:
    before = children(os.getpid())
    async with Phone("1"):
        assert len(children(os.getpid())) == len(before) + 1
    assert children(os.getpid()) == before


PARENT = """
import asyncio
from ivr.phone import Phone

async def main():
    async with Phone("1") as phone:
        call = await phone.call("2", at="{address}")
        await call.answered(within=5)
        print("joined", flush=True)
        await call.ended(within=60)

asyncio.run(main())
"""


async def test_no_phone_outlives_a_program_that_is_killed() -> None:
    async with Phone("2") as callee:
        parent = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            PARENT.format(address=callee.address),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        taken = await callee.answer_next()
        assert parent.stdout is not None
        assert await parent.stdout.readline() == b"joined\n"
        (stack,) = children(parent.pid)
        ending = asyncio.create_task(end_of(stack))
        await asyncio.sleep(0)
        parent.kill()
        await parent.wait()
        assert (await taken.ended(within=2)).by_far_side
        await asyncio.wait_for(ending, 2)


async def test_a_phone_whose_stack_dies_says_so() -> None:
    # This process may have other children: a hotline that the calls of this run go to.
    others = set(children(os.getpid()))
    async with Phone("1") as caller, Phone("2") as callee:
        placed = await caller.call("2", at=callee.address)
        await callee.answer_next()
        for stack in set(children(os.getpid())) - others:
            os.kill(stack, signal.SIGKILL)
        with pytest.raises(IvrError, match="its SIP stack has ended"):
            await placed.ended(within=5)
