"""The parts of a hotline: whatever ends is started again, as soon as that is possible."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from ivr.config import Settings
from ivr.running import parts
from ivr.running.parts import Parts
from tests.until import until


async def test_a_part_that_cannot_be_started_just_now_is_started_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "SECONDS_TO_RESTART", 0.05)
    said: list[str] = []
    home = tmp_path / "home"  # where a part runs: a process cannot begin in what is not there
    made = Parts(Settings(root=home, state_dir=tmp_path / "state"), said.append, of_drafts=False)
    ended = made.children["backend"] = await asyncio.create_subprocess_exec("true")
    keeping = asyncio.create_task(made.keep_up("backend"))
    try:
        await until(lambda: len(said) >= 3 or keeping.done())
        home.mkdir()
        await until(lambda: made.children["backend"] is not ended)
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        await made.end(leads=0)
    assert said[0] == "the backend ended by itself (status 0) and is started again"
    assert said[1].startswith("the backend cannot be started just now: ")
