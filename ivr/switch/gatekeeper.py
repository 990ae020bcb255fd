"""The gatekeeper: reads in the switch's log who cannot log in, and shuts the gate on them."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import os
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

from ivr.switch.files import put
from ivr.switch.gate import Instruction, attach, program
from ivr.switch.plan import Plan
from ivr.switch.softswitch import SwitchError
from ivr.switch.strangers import KEPT, Kept, Strangers, read

_log = logging.getLogger(__name__)

FILE = "gate.json"
SECONDS_PER_LOOK = 0.05
SECONDS_AFTER_A_FAULT = 1.0
# Bytes of a message over UDP. Of a longer one Asterisk may not see a header Replaces, which it
# refuses (pjsip.conf) if it fits into 4 KB; nor does pjsip, as it comes, take a longer one.
LONGEST = 4000
# More than this of a log at once is left for the next look.
_READ = 1_000_000


@contextlib.asynccontextmanager
async def guarding(plan: Plan, pid: int) -> AsyncIterator[None]:
    """Guard the SIP port of a switch that runs, while the block does."""
    keeper = Gatekeeper(plan, pid)
    keeper.shut()
    task = asyncio.create_task(_look_on(keeper), name="the gate")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _look_on(keeper: Gatekeeper) -> None:
    while True:
        await asyncio.sleep(SECONDS_PER_LOOK)
        try:
            keeper.look()
        except Exception:  # nobody would be shut out any more
            _log.exception("the gate has not looked")


def kept(state: Path) -> Kept:
    """Return who is banned and known. Raises SwitchError where that cannot be read."""
    try:
        return KEPT.validate_json((state / FILE).read_bytes())
    except FileNotFoundError:
        return Kept()
    except (OSError, ValueError) as fault:
        raise SwitchError(f"{state / FILE} cannot be read, and tells nobody banned") from fault


def keep(state: Path, kept: Kept) -> None:
    """Write who is banned and known; a gatekeeper at work goes by it. Raises OSError."""
    put(state / FILE, KEPT.dump_json(kept).decode())


def not_longer(steps: list[Instruction]) -> list[Instruction]:
    """Return the filter of a port for datagrams, which drops what is longer than `LONGEST`."""
    # linux/filter.h: load the length, of the head of UDP (8) as well; return nothing if greater.
    return [(0x80, 0, 0, 0), (0x25, 0, 1, LONGEST + 8), (0x06, 0, 0, 0), *steps]


class Gatekeeper:
    """Keeps the gate of one switch; who is banned and known is in `gate.json` of the state."""

    def __init__(self, plan: Plan, pid: int) -> None:
        self._plan = plan
        self._pid = pid
        self._file = plan.state / FILE
        self._written = 0
        # The kernel did not let us, which was told; when to ask it again.
        self._is_told, self._again = False, 0.0
        self._tail = Tail(plan.state / "log" / "security.log")
        self._free = [*map(ipaddress.IPv4Network, plan.callers_from), *_trunk(plan.trunk)]
        self._strangers = Strangers(self._free, self._kept(), time.time)
        self._ends = self._strangers.next_end()

    def look(self) -> None:
        """Take in what was logged since the last look."""
        if self._file_was_changed():
            self._strangers.kept = self._kept()
            self.shut()
        events = [event for line in self._tail.lines() if (event := read(line))]
        news = [event for event in events if self._strangers.hear(event)]
        for event in news:
            if event.kind != "proved":
                _log.warning("nothing more is heard of %s, which cannot log in", event.address)
        is_over = self._ends is not None and self._ends <= time.time()
        if news or is_over or (self._is_told and time.monotonic() >= self._again):
            self.shut()

    def shut(self) -> None:
        """Let the kernel know, and keep it for the next start."""
        known, banned = self._strangers.known(), self._strangers.banned()
        tls = self._plan.tls
        ports = (self._plan.sip_port, *(tls.ports.values() if tls else ()))
        self._ends = self._strangers.next_end()
        udp = program(self._free, known, banned, is_udp=True, takes_logins=tls is None)
        tcp = program(self._free, known, banned, is_udp=False)
        try:
            if not attach(self._pid, ports, not_longer(udp), tcp):
                raise OSError("the switch has no socket for SIP")
            self._is_told = False
        except OSError as fault:
            if not self._is_told:
                _log.error(
                    "strangers are answered, and who guesses passwords is not shut out: %s;"
                    " log/security.log tells them to fail2ban",
                    fault,
                )
            self._is_told = True
            self._again = time.monotonic() + SECONDS_AFTER_A_FAULT
        keep(self._plan.state, self._strangers.kept)
        self._written = self._file.stat().st_mtime_ns

    def _file_was_changed(self) -> bool:
        with contextlib.suppress(OSError):
            return self._file.stat().st_mtime_ns != self._written
        return True

    def _kept(self) -> Kept:
        try:
            return kept(self._plan.state)
        except SwitchError as fault:
            _log.error("%s", fault)
            return Kept()


class Tail:
    """What is appended to a file from now on, across its being moved away and made anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at, self._inode = 0, 0
        with contextlib.suppress(OSError):
            found = path.stat()
            self._at, self._inode = found.st_size, found.st_ino

    def lines(self) -> list[str]:
        """Return the lines that have been written since the last time this was asked."""
        try:
            there = self._path.stat()
            if (there.st_size, there.st_ino) == (self._at, self._inode):
                return []
            with self._path.open("rb") as file:
                found = os.fstat(file.fileno())
                if found.st_ino != self._inode or found.st_size < self._at:
                    self._at, self._inode = 0, found.st_ino
                file.seek(self._at)
                data = file.read(_READ)
        except OSError:
            return []
        whole, end, _ = data.rpartition(b"\n")
        # A line without an end is read when it has one, unless it never will.
        self._at += len(whole) + len(end) if end or len(data) < _READ else len(data)
        return whole.decode("utf-8", "replace").splitlines()


def _trunk(trunk: str | None) -> list[ipaddress.IPv4Network]:
    """Return the addresses of the trunk, which answers and hangs up calls."""
    host, _, port = (trunk or "").rpartition(":")
    if not host:
        return []
    try:
        found = socket.getaddrinfo(host, int(port), socket.AF_INET, socket.SOCK_DGRAM)
    except OSError as fault:
        _log.warning("the trunk %s has no address, and is not heard: %s", trunk, fault)
        return []
    return [ipaddress.IPv4Network(str(address[4][0])) for address in found]
