"""`ivr try` in a real terminal: what is seen, and that the terminal is given back as it was."""

import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from fcntl import ioctl
from pathlib import Path

import pytest

from tests.stage import ROOT

PATIENCE = 30.0  # seconds a screen may take to show what is waited for
ALTERNATE, BACK = "\x1b[?1049h", "\x1b[?1049l"


class Screen:
    """`ivr try` in a terminal of its own; `text` is all it has written."""

    def __init__(self, state: Path, *words: str, columns: int = 80, lines: int = 24) -> None:
        self.keys, self.desk = pty.openpty()
        ioctl(self.desk, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.before = termios.tcgetattr(self.desk)
        self.text = ""
        self._known = 0
        environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ivr", "try", *words],
            stdin=self.desk,
            stdout=self.desk,
            stderr=self.desk,
            env=environment
            | {"IVR_ROOT": str(ROOT), "IVR_STATE_DIR": str(state), "TERM": "xterm-256color"},
        )

    def shows(self, words: str) -> None:
        """Wait until something new on the screen holds these words."""
        while words not in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.text[self._known :]):
            ready, _, _ = select.select([self.keys], [], [], PATIENCE)
            assert ready, f"'{words}' did not come; there is {self.text[-2000:]}"
            self.text += os.read(self.keys, 65536).decode(errors="replace")
        self._known = len(self.text)

    def press(self, keys: str) -> None:
        """Type keys."""
        os.write(self.keys, keys.encode())

    def ends(self) -> int:
        """Wait for the end; return the exit status, with the terminal as it was."""
        while self.process.poll() is None:
            ready, _, _ = select.select([self.keys], [], [], 0.1)
            if ready:
                self.text += os.read(self.keys, 65536).decode(errors="replace")
        assert termios.tcgetattr(self.desk) == self.before
        assert self.text.rfind(BACK) > self.text.rfind(ALTERNATE)
        return int(self.process.returncode)

    def close(self) -> None:
        """Leave nothing behind."""
        self.process.kill()
        self.process.wait()
        os.close(self.keys)
        os.close(self.desk)


Open = Callable[..., Screen]


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Open]:
    opened: list[Screen] = []

    def open_(*words: str, **size: int) -> Screen:
        opened.append(Screen(tmp_path / "state", *words, **size))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


@pytest.mark.timeout(90)
def test_keys_typed_are_keys_pressed_and_q_hangs_up(screen: Open) -> None:
    call = screen("hotline")
    call.shows("欢迎致电")
    call.press("2")
    call.shows("查話費")
    call.shows("Cantonese")
    call.press("q")
    assert call.ends() == 0
    call.shows("= abandoned: the caller hung up in 'menu'")


@pytest.mark.timeout(90)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_gives_the_terminal_back(screen: Open, number: int) -> None:
    call = screen("hotline", columns=60)
    call.shows("欢迎致电")
    call.process.send_signal(number)
    assert call.ends() == 0


@pytest.mark.timeout(90)
def test_what_is_given_holds(screen: Open, tmp_path: Path) -> None:
    given = tmp_path / "given.yaml"
    given.write_text(
        'caller: "13900139000"\n'
        "agents: {front_desk: unanswered}\n"
        'billing.balance: {"13900139000": {balance: -5, expires: 2026-12-31}}\n'
    )
    call = screen("hotline", "--given", str(given), "--now", "2026-10-01T15:30+08:00")
    call.shows("2026-10-01")
    call.press("3")
    call.shows("balance")
    call.press("1")
    call.shows("-5.00")
    call.press("q")
    assert call.ends() == 0
