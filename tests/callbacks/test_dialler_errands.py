"""What the dialplan asks while somebody is called back, and what it and the agent are told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.callbacks.dialler_errands import GREETING, SORRY, TOLD, DiallerErrands
from ivr.desk.agenda import Booking, Outcome
from ivr.store.database import StoreError
from ivr.wire.agi import Command, Preamble, Reply

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BOOKING = Booking("c1", "13800138000", "desk", "yue", NOON, NOON + timedelta(hours=1), 1)


class Line:
    def __init__(self, query: str, presses_at: int = 0) -> None:
        self.presses_at = presses_at
        self.preamble = Preamble({"network_script": f"agent/x?{query}"})
        self.lost = asyncio.Event()
        self.sent: list[str] = []

    async def command(self, command: Command, *, secret: bool = False, dead: bool = False) -> Reply:
        self.sent.append(command.decode().strip())
        result = "49" if self.presses_at == len(self.sent) else "0"
        return Reply(200, result, "", None, f"200 result={result}")


class Dials:
    """A dialler as far as the dialplan meets it."""

    def __init__(self, fault: bool = False) -> None:
        self.fault = fault
        self.told: list[tuple[str, ...]] = []

    async def _told(self, *what: str) -> None:
        self.told.append(what)
        if self.fault:
            raise StoreError("locked")

    async def ring(self, token: str) -> str:
        await self._told("ring", token)
        return BOOKING.number if token == "abc" else ""

    async def over(self, token: str, mark: str) -> Booking | None:
        await self._told("over", token, mark)
        return BOOKING

    async def whose(self, token: str) -> Booking | None:
        await self._told("whose", token)
        return BOOKING

    async def unanswered(self, token: str) -> None:
        await self._told("unanswered", token)


def errands(dials: Any) -> Any:
    def sound(prompt: str, language: str) -> str:
        return f"/sounds/{language}/{prompt}"

    return DiallerErrands(dials, sound, lambda: "/sounds/silence").errands()


async def test_the_number_is_told_where_one_may_be_dialled() -> None:
    line, other = Line("token=abc"), Line("")
    await errands(Dials())["call-back"](line)
    await errands(Dials())["call-back"](other)
    assert line.sent == ["SET VARIABLE IVR_TO 13800138000"]
    assert other.sent == []


async def test_the_agent_hears_in_the_callers_language_why_nobody_is_there() -> None:
    dials, line = Dials(), Line("token=abc&mark=BUSY-17")
    await errands(dials)["called-back"](line)
    assert dials.told == [("over", "abc", "BUSY-17")]
    assert line.sent == ["SET VARIABLE IVR_TOLD 1", "EXEC Playback /sounds/yue/called_back_busy"]


async def test_after_a_talk_and_when_she_has_gone_nothing_is_said() -> None:
    for mark, has_gone in (("ANSWER-16", False), ("BUSY-17", True)):
        line = Line(f"token=abc&mark={mark}")
        if has_gone:
            line.lost.set()
        await errands(Dials())["called-back"](line)
        assert line.sent == ["SET VARIABLE IVR_TOLD 1"]


async def test_she_who_is_rung_first_presses_a_key_and_a_machine_does_not() -> None:
    greeting = "STREAM FILE /sounds/yue/called_back_greeting 1 0"
    silence = "STREAM FILE /sounds/silence 1 0"
    she, machine = Line("token=abc", presses_at=2), Line("token=abc")
    await errands(Dials())["greet"](she)
    await errands(Dials())["greet"](machine)
    assert she.sent == [greeting, silence, "SET VARIABLE IVR_WANTED 1"]
    assert machine.sent == [greeting, silence] * 2


async def test_she_is_told_that_nobody_is_free_after_all() -> None:
    line = Line("token=abc")
    await errands(Dials())["sorry"](line)
    assert line.sent == ["EXEC Playback /sounds/yue/called_back_sorry"]


async def test_what_is_not_written_down_is_not_told_as_done() -> None:
    for name in ("call-back", "called-back", "called-first", "stood-in", "greet", "sorry"):
        line, dials = Line("token=abc&mark=BUSY-17"), Dials(fault=True)
        await errands(dials)[name](line)
        assert line.sent == [] and len(dials.told) == 1


@pytest.mark.parametrize("prompt", sorted({*TOLD.values(), GREETING, SORRY}))
def test_every_word_is_there_in_every_language(prompt: str) -> None:
    from ivr.flow import prompt_files

    file = Path(__file__).resolve().parents[2] / "prompts" / "switch.yaml"
    catalogue, problems = prompt_files.load({"switch.yaml": file.read_text(encoding="utf-8")})
    assert not problems and set(catalogue.texts[prompt]) == {"cmn", "yue", "en"}
    assert Outcome.TALKED not in TOLD
