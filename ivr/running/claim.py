"""What a hotline has to itself: its state directory and its ports; who has it tells of itself."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ivr.config import Settings
from ivr.errors import IvrError
from ivr.switch import ports
from ivr.switch.files import put

RUNNING = "up.json"


@contextmanager
def held(state: Path) -> Iterator[None]:
    """Hold the state directory while the block runs; `IvrError` when another hotline does.

    A lock of the kernel, so that a hotline that was killed holds nothing.
    """
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            there = running(state)
            who = f" (process {there.pid}, pages at {there.web})" if there else ""
            raise IvrError(
                f"a hotline already runs on {state}{who}; `ivr down` ends it, "
                "--state-dir and other ports put a second one beside it"
            ) from None
        try:
            yield
        finally:
            (state / RUNNING).unlink(missing_ok=True)


@dataclass(frozen=True)
class Running:
    """What a hotline that is ready says of itself."""

    pid: int
    web: str
    backend: str


def running(state: Path) -> Running | None:
    """Return what the hotline of this state directory wrote of itself, if one is ready.

    The lock tells whether one runs: a process id may have been given to somebody else.
    """
    try:
        written = Running(**json.loads((state / RUNNING).read_text()))
        with (state / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return written
    except (OSError, ValueError, TypeError):
        return None
    return None


def tell(state: Path, there: Running) -> None:
    """Let others know of the hotline that has claimed the directory and is ready."""
    put(state / RUNNING, json.dumps(asdict(there)))


def at(settings: Settings, there: Running | None) -> Settings:
    """Return the settings with the port the running hotline really has its pages on."""
    if there is None:
        return settings
    return settings.model_copy(update={"http_port": int(there.web.rsplit(":", 1)[1])})


def check_ports(settings: Settings) -> None:
    """Raise `IvrError` naming every port that is taken and the option that chooses another."""
    wanted = [
        (settings.sip_host, settings.sip_port, ports.UDP, "--sip-port"),
        (settings.http_host, settings.http_port, ports.TCP, "--http-port"),
        ("127.0.0.1", settings.agi_port, ports.TCP, "--agi-port"),
        ("127.0.0.1", settings.ami_port, ports.TCP, "--ami-port"),
        ("127.0.0.1", settings.backend_port, ports.TCP, "--backend-port"),
    ]
    if settings.tls:
        wanted.append((settings.sip_host, settings.tls_port, ports.TCP, "tls_port"))
    if settings.wss_port:
        wanted.append((settings.sip_host, settings.wss_port, ports.TCP, "wss_port"))
    troubles = [trouble for port in wanted if (trouble := ports.trouble(*port))]
    if troubles:
        raise IvrError("\n".join(troubles))
