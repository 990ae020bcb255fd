"""Calls between two phones over loopback, for the tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ivr.phone import Call, Phone
from tests import ears


@asynccontextmanager
async def joined(
    tmp_path: Path, *, caller_plays: float = 440, callee_plays: float = 1000
) -> AsyncIterator[tuple[Call, Call]]:
    """Two phones in a call, each recording the other's tone: (caller's side, callee's side)."""
    here = ears.tone(tmp_path / "caller-says.wav", caller_plays, 20)
    there = ears.tone(tmp_path / "callee-says.wav", callee_plays, 20)
    async with Phone("13800138000") as caller, Phone("10086") as callee:
        placed = await caller.call(
            "10086", at=callee.address, record=tmp_path / "caller-hears.wav", play=here
        )
        taken = await callee.answer_next(record=tmp_path / "callee-hears.wav", play=there)
        await placed.answered(within=5)
        yield placed, taken
