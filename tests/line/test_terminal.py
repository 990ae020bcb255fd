"""The line in a terminal: words as they are spoken, keys as they are typed."""

import asyncio
import io
import os
import pty
import sys
import termios
from collections.abc import Iterator

import pytest

from ivr.flow.effects import Dial, Enqueue, HangUp, Heard, Listen, Play, PlayBack, Queued, Record
from ivr.flow.speech import Clip, Pause
from ivr.line.keyboard import keyboard
from ivr.line.terminal import TerminalLine
from ivr.wire.agi import LineLost

# So fast that a clip of two letters lasts 0.4 ms, and so slow that it lasts for ever.
AT_ONCE, FOR_EVER = 100_000, 1
GREETING = (Clip("您好", "cmn"), Pause(0.3, "，"), Clip("再见", "cmn"))


class Screen(io.StringIO):
    """What is written, and an event for those who wait for some of it."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = asyncio.Event()

    def write(self, text: str) -> int:
        self._changed.set()
        return super().write(text)

    async def shows(self, text: str) -> None:
        while text not in self.getvalue():
            self._changed.clear()
            await self._changed.wait()


def terminal() -> tuple[TerminalLine, Screen]:
    screen = Screen()
    return TerminalLine(lambda text: void(screen.write(text))), screen


def void(_: object) -> None:
    """Take an answer nobody wants."""


async def test_words_appear_as_they_are_spoken() -> None:
    line, screen = terminal()
    assert await line.play(Play(GREETING, AT_ONCE)) == Heard("", 3)
    assert await line.play(Play(GREETING, AT_ONCE, 2)) == Heard("", 3)
    assert await line.play(Play((Clip("Good day", "en"), Clip("sir", "en")), AT_ONCE)) == Heard(
        "", 2
    )
    assert screen.getvalue().split("\n")[1:] == [
        "♪ 100000% 您好，再见",
        "♪ 100000% 再见",
        "♪ 100000% Good day sir",
    ]


async def test_what_is_said_faster_is_over_sooner() -> None:
    line, _ = terminal()
    sermon = (Clip("好" * 400, "cmn"), Pause(100.0, "。"), Clip("good " * 200, "en"))
    async with asyncio.timeout(20):  # at 100% it lasts four minutes
        assert await line.play(Play(sermon, AT_ONCE)) == Heard("", 3)


async def test_a_key_stops_at_the_clip_being_spoken() -> None:
    line, screen = terminal()
    playing = asyncio.create_task(line.play(Play(GREETING, FOR_EVER)))
    await screen.shows("您")
    line.press("*")
    assert await playing == Heard("*", 0)
    assert "再见" not in screen.getvalue()
    assert "⌨ *" in screen.getvalue()


async def test_a_key_typed_ahead_ends_the_next_words_and_none_is_lost() -> None:
    line, _ = terminal()
    for key in "12":
        line.press(key)
    assert await line.play(Play(GREETING, FOR_EVER)) == Heard("12", 0)
    assert await line.listen(Listen(0)) == ""


async def test_a_key_is_waited_for_as_long_as_asked() -> None:
    line, _ = terminal()
    assert await line.listen(Listen(0.001)) == ""
    listening = asyncio.create_task(line.listen(Listen(1000)))
    await asyncio.sleep(0)
    line.press("x")
    line.press("A")
    assert not listening.done()
    line.press("#")
    assert await listening == "#"


@pytest.mark.parametrize("key", ["q", "Q", "\x04", ""])
async def test_q_hangs_up_whatever_is_going_on(key: str) -> None:
    line, screen = terminal()
    playing = asyncio.create_task(line.play(Play(GREETING, FOR_EVER)))
    await screen.shows("您")
    line.press(key)
    with pytest.raises(LineLost):
        await playing
    assert line.gone.is_set()
    with pytest.raises(LineLost):
        await line.listen(Listen(1000))


async def test_a_message_ends_with_a_key_or_is_silent() -> None:
    line, _ = terminal()
    assert (await line.record(Record(60, 0.001))).silent
    line.press("#")
    assert not (await line.record(Record(60, 1000))).silent


async def test_a_key_ends_the_message_that_is_played_back() -> None:
    line, screen = terminal()
    line.press("1")
    assert await line.play_back(PlayBack("terminal.wav")) == "1"
    assert "● the message is played" in screen.getvalue()


async def test_the_rest_is_told() -> None:
    line, screen = terminal()
    assert await line.enqueue(Enqueue("desk", 60, "en", ())) == Queued("answered", "1001")
    assert await line.dial(Dial("1001", 20)) == "answered"
    await line.hang_up(HangUp("bye"))
    for words in ("queue desk", "dial 1001", "■ bye"):
        assert words in screen.getvalue()


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A keyboard: what is written into it is typed."""
    keys, screen = pty.openpty()
    with open(screen, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield keys
    os.close(keys)


async def test_keys_typed_in_one_go_all_come_at_once(desk: int) -> None:
    line, _ = terminal()
    with keyboard(line.press):
        os.write(desk, "21é0".encode())
        typed = ""
        while len(typed) < 3:
            got = await line.listen(Listen(5))
            assert got, f"only {typed!r} came"
            typed += got
    assert typed == "210"


async def test_the_terminal_is_as_it_was_afterwards(desk: int) -> None:
    line, _ = terminal()
    before = termios.tcgetattr(sys.stdin.fileno())
    with pytest.raises(LineLost), keyboard(line.press):
        assert termios.tcgetattr(sys.stdin.fileno()) != before
        os.write(desk, b"q")
        await line.listen(Listen(1000))
    assert termios.tcgetattr(sys.stdin.fileno()) == before
