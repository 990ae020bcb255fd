"""A PostgreSQL of a test's own, which it may kill: the machine's programs, a folder that goes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

_DEBIAN = Path("/usr/lib/postgresql")
# It refuses to be anybody's who owns the machine; Debian's package brings this user.
_USER = "postgres" if os.geteuid() == 0 else None


def lacking() -> str:
    """Return why there can be none here; "" where there can."""
    if _programs() is None:
        return "no PostgreSQL here: apt-get install postgresql"
    return "" if find_spec("asyncpg") else "no driver of PostgreSQL here: pip install asyncpg"


def _programs() -> Path | None:
    found = shutil.which("postgres")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(_DEBIAN.glob("*/bin"), reverse=True)
    return next((each for each in folders if (each / "initdb").is_file()), None)


class Postgres:
    """A server on loopback, at `url`."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._programs = programs
        self._folder = folder / "db"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"postgresql+asyncpg://ivr@127.0.0.1:{self._port}/postgres"
        self._run("initdb", "-D", str(self._folder), "-A", "trust", "-U", "ivr", "--no-sync")

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        # Not synced: its processes die here, and the machine goes on.
        options = ["fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories="]
        port = ("-p", str(self._port))
        self._process = subprocess.Popen(
            [
                self._programs / "postgres",
                *("-D", self._folder, *port),
                *(word for option in options for word in ("-c", option)),
            ],
            user=_USER,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 30
        at = ("-q", "-h", "127.0.0.1", *port)
        while subprocess.run([self._programs / "pg_isready", *at], check=False).returncode:
            assert self._process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all its processes; each has a group of its own."""
        for process in _tree(self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def kill(self) -> None:
        """Kill all its processes at once. Safe more than once."""
        if self._process.poll() is None:
            self.signal(signal.SIGKILL)
            self._process.wait()

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [self._programs / program, *words], check=True, capture_output=True, user=_USER
        )


def _tree(process: int) -> list[int]:
    """Return a process and those it began, itself the first; nothing of what is gone meanwhile."""
    try:
        began = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):  # it serves a connection that has just ended
        return []
    return [process, *(each for child in began for each in _tree(int(child)))]


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run one while the block runs."""
    programs = _programs()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="ivr-postgres-"))
    if _USER:
        shutil.chown(folder, _USER)
    try:
        running = Postgres(folder, programs)
        running.start()
        try:
            yield running
        finally:
            running.kill()
    finally:
        shutil.rmtree(folder)
