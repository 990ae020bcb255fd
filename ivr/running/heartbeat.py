"""The heartbeat of the controller whose turn it is, and the watchdog that ends it without one.

The beat comes from the event loop that calls are led on, so that a loop that is blocked beats as
little as a process that is stopped. Each beat is a datagram to those who may be watching, and with
it the kernel tells the process that has sent it: nothing of it is on a disk that may be full, and
no clock is compared that may jump.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import signal
import socket
import struct
from contextlib import ExitStack, suppress
from pathlib import Path

_log = logging.getLogger(__name__)

# Seconds between two beats, and between two looks for them.
BEAT = 0.25
# Looks in a row without a beat, after which the controller is ended: 2 s. They are counted, not
# measured: a machine that stands still, or sleeps, stops the counting as well.
MOST_MISSED = 8
# Who watches: `ivr up`, and the controller that stands by.
WATCHERS = ("up", "standby")

_CREDENTIALS = struct.Struct("3i")  # struct ucred: process, user, group (unix(7))


def _address(state: Path, watcher: str) -> str:
    """Return a name that is no file (unix(7), abstract): a state directory's path is too long."""
    digest = hashlib.sha256(str(state.absolute()).encode()).hexdigest()[:24]
    return f"\0ivr-{digest}-{watcher}"


async def beat(state: Path) -> None:
    """Beat until cancelled."""
    addresses = [_address(state, watcher) for watcher in WATCHERS]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
        while True:
            for address in addresses:
                with suppress(OSError):  # nobody watches there, or has not looked for long
                    sender.sendto(b".", address)
            await asyncio.sleep(BEAT)


class Watchdog:
    """Ends a controller that beats no more, so that another takes its place.

    `pid` is the process that has beaten last, 0 before the first beat: until then nobody is ended,
    however long a start takes.
    """

    def __init__(self, state: Path, watcher: str) -> None:
        self._address = _address(state, watcher)
        self.pid = 0
        self._missed = 0

    async def watch(self) -> None:
        """Look until cancelled. A watcher whose place is taken says so, and watches nothing."""
        with ExitStack() as stack:
            ears = stack.enter_context(
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            )
            ears.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            try:
                ears.bind(self._address)
            except OSError as fault:
                _log.error("nobody is watched from here: %s", fault)
                return
            stack.callback(self._forget)
            while True:
                self._look(ears)
                await asyncio.sleep(BEAT)

    def _look(self, ears: socket.socket) -> None:
        heard = _senders(ears)
        if heard:
            self._missed = 0
            if heard[-1] != self.pid:
                self._follow(heard[-1])
        elif self.pid:
            self._missed += 1
            if self._missed >= MOST_MISSED:
                self._end()

    def _follow(self, pid: int) -> None:
        self._forget()
        with suppress(OSError):  # it has gone already
            # The process itself, whoever may get its number when it is gone.
            self._process = os.pidfd_open(pid)
            self.pid = pid

    def _forget(self) -> None:
        if self.pid:
            os.close(self._process)
        self.pid = self._missed = 0

    def _end(self) -> None:
        seconds = MOST_MISSED * BEAT
        try:
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
            _log.error("controller %d has not stirred for %g s and is ended", self.pid, seconds)
        except ProcessLookupError:
            pass  # it has ended by itself
        except OSError as fault:
            _log.error("controller %d does not stir and cannot be ended: %s", self.pid, fault)
        self._forget()


def _senders(ears: socket.socket) -> list[int]:
    """Return the processes of our own user that have beaten since the last look."""
    found = []
    with suppress(BlockingIOError):
        while True:
            _, told, _, _ = ears.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
            for level, kind, credentials in told:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                    pid, user, _ = _CREDENTIALS.unpack(credentials)
                    if user == os.getuid() and pid > 0:  # 0: of another container
                        found.append(pid)
    return found
