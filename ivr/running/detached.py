"""A hotline from outside its process: started in the background, renewed, ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from ivr.config import Settings
from ivr.errors import IvrError
from ivr.running.asking import HEALTH, fetch
from ivr.running.claim import Running, at, running
from ivr.running.parts import PARTS, SECONDS_TO_END
from ivr.running.up import RENEW, SECONDS_TO_BE_READY


def detach(settings: Settings, *options: str) -> Running:
    """Start `ivr up` in the background; return what it wrote of itself once it is ready.

    Raises `IvrError` with its last words when it does not come up.
    """
    log = settings.log / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "ivr", "up", *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, **settings.environment()},
        )
    while True:
        there = running(settings.state)
        if there is not None and there.pid == child.pid:
            return there
        if child.poll() is not None:
            raise IvrError(f"the hotline did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)


def restart(settings: Settings, prepare: Callable[[Settings], None]) -> None:
    """Have the controllers started anew, one after the other; calls go on.

    What they need is prepared before: one without its sounds could lead no call. Raises `IvrError`
    where none runs here, and where the new one does not come up.
    """
    there = running(settings.state)
    if there is None:
        raise IvrError(f"no hotline runs on {settings.state}")
    prepare(settings)
    at_its_port = at(settings, there)
    leads = asyncio.run(_leading(at_its_port))
    os.kill(there.pid, RENEW)
    deadline = time.monotonic() + SECONDS_TO_BE_READY + SECONDS_TO_END
    while time.monotonic() < deadline:
        with contextlib.suppress(IvrError):
            if asyncio.run(_leading(at_its_port)) != leads:
                return
        time.sleep(0.1)
    log = settings.log
    raise IvrError(f"the controller leads the calls as before; `ivr up` tells why, and {log}")


async def _leading(settings: Settings) -> int:
    """Return the process that leads the calls. Raises `IvrError` when none answers."""
    said: Any = await fetch(settings, HEALTH)
    return int(said["parts"]["controller"]["pid"])


def end(settings: Settings) -> bool:
    """End the hotline of this state directory; return whether there was one.

    Raises `IvrError` when it does not go.
    """
    there = running(settings.state)
    if there is None:
        return False
    os.kill(there.pid, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_END * len(PARTS)
    while time.monotonic() < deadline:
        if running(settings.state) is None:
            return True
        time.sleep(0.1)
    raise IvrError(
        f"process {there.pid} was told to end and did not; its log: {settings.state / 'log'}"
    )
