"""One part of the hotline in the foreground: `ivr run switch|controller|backend`.

The same start-up serves `ivr up`, which runs the parts side by side, and containers, which run
one each.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal

from ivr.config import Settings
from ivr.logs.lines import JsonLines, TextLines
from ivr.logs.shared import SharedLog
from ivr.logs.sink import Beside
from ivr.running import planning
from ivr.switch import process
from ivr.switch.gatekeeper import guarding
from ivr.switch.softswitch import SwitchError

_log = logging.getLogger(__name__)


def log_to(settings: Settings, part: str) -> None:
    """Send this process's log to `state/log/PART.log`, kept to 5 files of 10 MB."""
    folder = settings.log
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = Beside(lambda: SharedLog(folder / f"{part}.log"))
    # `call` is the id of the call that a record belongs to.
    form = "%(asctime)s %(levelname)s %(name)s [%(call)s] %(message)s"
    plain = TextLines(form, defaults={"call": "-"})
    file.setFormatter(JsonLines() if settings.log_format == "json" else plain)
    logging.basicConfig(level=settings.log_level, handlers=[file])
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)  # it tells every statement


def end_with_parent(parent: int) -> None:
    """Be told to end (SIGTERM) when the process that started this one is gone, even killed."""
    pr_set_pdeathsig = 1  # prctl(2)
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(signal.SIGTERM))
    if os.getppid() != parent:  # it was gone before it could be asked for
        os.kill(os.getpid(), signal.SIGTERM)


def demo_backend(settings: Settings) -> None:
    """Run the demo back end until it is told to end."""
    from ivr.demo import backend  # a web server and a database, which the switch's part has not

    async def serve() -> None:
        work = asyncio.current_task()
        assert work is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
        await backend.serve("127.0.0.1", settings.backend_port, settings.state / "backend.db")

    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        asyncio.run(serve())
    except asyncio.CancelledError:
        return


def switch(settings: Settings) -> None:
    """Run the switch until it is told to end; raises `SwitchError` when it ends by itself."""
    asyncio.run(_switch(settings))


async def _switch(settings: Settings) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    plan = planning.write(settings, planning.softswitch(settings, print_line))
    await process.stop_left(plan)
    running = await process.start(plan)
    pid = settings.state / process.PID_FILE
    ends = [asyncio.ensure_future(told.wait()), asyncio.ensure_future(running.ended())]
    try:
        pid.write_text(str(running.pid))
        async with guarding(plan, running.pid):
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if not told.is_set():
            raise SwitchError(f"the switch ended by itself; its log is {settings.state / 'log'}")
    finally:
        ends[0].cancel()
        await running.stop()
        pid.unlink(missing_ok=True)


def print_line(line: str) -> None:
    """Say one line to whoever started this process."""
    os.write(1, f"{line}\n".encode())
