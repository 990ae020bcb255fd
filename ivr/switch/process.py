"""The life of the switch: started as a child, ready when it says so, stopped in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import time
from pathlib import Path

from ivr.switch import ports
from ivr.switch.configure import write
from ivr.switch.plan import Plan
from ivr.switch.softswitch import SwitchError

SECONDS_TO_BOOT = 30.0
# `core stop now` hangs up every call and takes well under a second; then harder words.
SECONDS_TO_STOP = 5.0
SECONDS_TO_TERMINATE = 3.0
SECONDS_PER_LOOK = 0.1
LOG_LINES_SHOWN = 8

PID_FILE = "switch.pid"
"""Where in the state directory the process id of the running switch is told."""


class Switch:
    """A running switch; `pid` is its process."""

    def __init__(self, plan: Plan, child: asyncio.subprocess.Process) -> None:
        self._plan = plan
        self._child = child

    @property
    def pid(self) -> int:
        """The process id of the switch."""
        return self._child.pid

    async def ended(self) -> int:
        """Wait until the switch is gone, for whatever reason; return its exit status."""
        return await self._child.wait()

    async def console(self, command: str) -> str:
        """Return the answer to a console command. Raises SwitchError without one in 10 s."""
        plan = self._plan
        return await asyncio.to_thread(plan.softswitch.console, plan.etc, command)

    async def stop(self) -> None:
        """Hang up every call and end the switch; it is gone when this returns. Never raises."""
        if self._child.returncode is None:
            with contextlib.suppress(SwitchError):
                await self.console("core stop now")
            if not await self._gone(SECONDS_TO_STOP):
                self._signal(signal.SIGTERM)
                if not await self._gone(SECONDS_TO_TERMINATE):
                    self._signal(signal.SIGKILL)
        await self._child.wait()
        _tidy(self._plan)

    async def _gone(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._child.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._child.send_signal(number)


async def start(plan: Plan) -> Switch:
    """Write the configuration, start the switch, and return it when it takes calls.

    It runs in a session of its own, so that Ctrl-C in a terminal reaches only whoever started
    it, who then stops it in order; it outlives a starter that is killed (see `stop_left`).
    Raises SwitchError, with the last lines of its log, when it does not come up, and for a port
    that is taken, with the option that chooses another.
    """
    sip = ports.trouble(plan.sip_host, plan.sip_port, ports.UDP, "--sip-port")
    ami = ports.trouble("127.0.0.1", plan.ami_port, ports.TCP, "--ami-port")
    encrypted = plan.tls.ports if plan.tls else {}
    tls = [ports.trouble(plan.sip_host, port, ports.TCP, name) for name, port in encrypted.items()]
    if taken := sip or ami or "".join(tls):
        raise SwitchError(taken)
    write(plan)
    argv = [*plan.softswitch.argv, "-f", "-C", str(plan.etc / "asterisk.conf")]
    with (plan.state / "log" / "console.log").open("ab") as output:
        child = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=plan.state,
            start_new_session=True,
            # Bounds the memory that a busy hour leaves behind (one arena a core is the default).
            # And memory that is taken begins with noughts (docs/decisions/0038).
            env={**os.environ, "MALLOC_ARENA_MAX": "4", "MALLOC_PERTURB_": "255"},
        )
    switch = Switch(plan, child)
    try:
        await _ready(plan, switch, child)
    except BaseException:
        await switch.stop()
        raise
    return switch


async def stop_left(plan: Plan) -> bool:
    """Stop a switch of this state directory that outlived its starter; tell whether there was one.

    Raises SwitchError when it does not go.
    """
    try:
        await asyncio.to_thread(plan.softswitch.console, plan.etc, "core stop now")
    except SwitchError:
        return False
    deadline = time.monotonic() + SECONDS_TO_STOP
    while time.monotonic() < deadline:
        if not (plan.run / "asterisk.ctl").exists():
            _tidy(plan)
            return True
        await asyncio.sleep(SECONDS_PER_LOOK)
    raise SwitchError(f"the switch of {plan.state} was told to stop and did not")


def _tidy(plan: Plan) -> None:
    """Remove the directory of the control socket where it is not under the state."""
    if not plan.run.is_relative_to(plan.state):
        shutil.rmtree(plan.run, ignore_errors=True)


async def _ready(plan: Plan, switch: Switch, child: asyncio.subprocess.Process) -> None:
    deadline = time.monotonic() + SECONDS_TO_BOOT
    while not (plan.run / "asterisk.ctl").exists():
        await _still_coming(plan, child, deadline)
    booted = ""
    while "fully booted" not in booted:
        with contextlib.suppress(SwitchError):
            booted = await switch.console("core waitfullybooted")
        await _still_coming(plan, child, deadline)
    transports = await switch.console("pjsip show transports")
    if "udp" not in transports or (plan.tls and " tls " not in transports):
        raise SwitchError(_told(plan, "the switch runs but cannot be called by SIP"))
    for name, port in (plan.tls.ports if plan.tls else {}).items():
        if not ports.trouble(plan.sip_host, port, ports.TCP, name):
            raise SwitchError(_told(plan, f"the switch runs but does not listen at {name}, {port}"))
    await _ami_answers(plan)


async def _still_coming(plan: Plan, child: asyncio.subprocess.Process, deadline: float) -> None:
    await asyncio.sleep(0.05)
    if child.returncode is not None:
        raise SwitchError(_told(plan, f"the switch ended at once (exit {child.returncode})"))
    if time.monotonic() > deadline:
        raise SwitchError(_told(plan, f"the switch was not ready in {SECONDS_TO_BOOT:g} s"))


async def _ami_answers(plan: Plan) -> None:
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection("127.0.0.1", plan.ami_port)
            banner = await reader.readline()
            writer.close()
            await writer.wait_closed()
    except (OSError, TimeoutError, ValueError):
        banner = b""
    if not banner.startswith(b"Asterisk Call Manager/"):
        raise SwitchError(_told(plan, f"the switch runs but AMI is not on port {plan.ami_port}"))


def _told(plan: Plan, what: str) -> str:
    lines: list[str] = []
    for name in ("console.log", "messages.log"):
        log = Path(plan.state / "log" / name)
        with contextlib.suppress(OSError):
            lines += log.read_text(encoding="utf-8", errors="replace").splitlines()[-200:]
    wrong = [line for line in lines if "ERROR" in line or "WARNING" in line] or lines
    last = "\n  ".join(wrong[-LOG_LINES_SHOWN:])
    return f"{what}; its log is {plan.state / 'log'}\n  {last}" if last else what
