"""The keyboard of a terminal: each key as it is typed, and a terminal given back as it was."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def keyboard(press: Callable[[str], None]) -> Iterator[None]:
    """Hand over the keys that are typed, one by one, while the block runs.

    Ctrl-C and being told to end are the key `q`, so that the terminal is always given back as it
    was; "" is the end of a keyboard that is a pipe.
    """
    stdin, loop = sys.stdin.fileno(), asyncio.get_running_loop()
    ends = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = termios.tcgetattr(stdin)
    tty.setcbreak(stdin)

    def typed() -> None:
        # Not by sys.stdin: it reads on into a buffer of its own, of which the loop knows nothing.
        for key in list(os.read(stdin, 256).decode("latin-1")) or [""]:
            press(key)

    loop.add_reader(stdin, typed)
    for number in ends:
        loop.add_signal_handler(number, press, "q")
    try:
        yield
    finally:
        for number in ends:
            loop.remove_signal_handler(number)
        loop.remove_reader(stdin)
        termios.tcsetattr(stdin, termios.TCSADRAIN, before)
