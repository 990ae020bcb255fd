"""`ivr up`: the parts side by side, ready before anything is printed, taken down in order."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine
from typing import Any

from ivr.config import Settings
from ivr.errors import IvrError
from ivr.running import asking, claim, notify
from ivr.running.claim import Running
from ivr.running.heartbeat import Watchdog
from ivr.running.parts import PARTS, STANDBY, Parts, end
from ivr.running.turn import somebody_stands_by

SECONDS_TO_BE_READY = 60.0
# Tells `ivr up` to start the controllers anew.
RENEW = signal.SIGUSR1


class Hotline:
    """One hotline, from its start to its end.

    With `watch` its calls are led by the drafts that this hands over while the hotline runs.
    """

    def __init__(
        self,
        settings: Settings,
        say: Callable[[str], None],
        watch: Callable[[], Coroutine[Any, Any, None]] | None = None,
    ) -> None:
        self._settings = settings
        self._say = say
        self._watch = watch
        self._parts = Parts(settings, say, of_drafts=watch is not None)
        self._watchdog = Watchdog(settings.state, "up")
        self._watching: list[asyncio.Task[None]] = []

    async def run(self, told: asyncio.Event, ready: Callable[[], None]) -> None:
        """Start every part, call `ready` when each is, and end them in order when told.

        Raises `IvrError`, with the last words of the part, when one does not come up.
        """
        try:
            for part in reversed(PARTS):
                await self._parts.start(part)
            if not await self._become_ready(told):
                return
            ready()
            notify.tell("READY=1")
            if self._settings.standby and not self._watch:
                await self._parts.start(STANDBY)
            slots = self._parts.children
            tasks = (*map(self._parts.keep_up, slots), self._watchdog.watch(), notify.alive())
            self._watching = [asyncio.create_task(task) for task in tasks]
            if self._watch:
                self._watching.append(asyncio.create_task(self._watch()))
            await told.wait()
        finally:
            await self._end()

    async def _become_ready(self, told: asyncio.Event) -> bool:
        deadline = time.monotonic() + SECONDS_TO_BE_READY
        while not told.is_set():
            self._parts.check()
            if await asking.is_well(self._settings):
                return True
            if time.monotonic() > deadline:
                state = await asking.health(self._settings)
                raise IvrError(f"the hotline was not ready in {SECONDS_TO_BE_READY:g} s: {state}")
            await asyncio.sleep(0.1)
        return False

    async def renew(self) -> None:
        """Start both controllers anew, one after the other; the first leads until the second can.

        One that does not come up changes nothing.
        """
        leads = self._watchdog.pid
        if STANDBY not in self._parts.children or not leads:
            self._say("the controller is not started anew: there is none to take over")
            return
        for child in self._parts.controllers():
            if child.pid != leads:
                await end(child)  # and another is started in its place
        deadline = time.monotonic() + SECONDS_TO_BE_READY
        while not somebody_stands_by(self._settings.state):
            if time.monotonic() > deadline:
                words = self._parts.last_words("controller")
                self._say(f"the new controller does not start:\n{words}")
                return
            await asyncio.sleep(0.1)
        for child in self._parts.controllers():
            if child.pid == leads:
                await end(child)
        self._say("the controller was started anew, and calls go on")

    async def _end(self) -> None:
        leads = self._watchdog.pid  # which it forgets when it is cancelled
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        await self._parts.end(leads)


def run(
    settings: Settings,
    say: Callable[[str], None],
    screen: Callable[[], None],
    watch: Callable[[], Coroutine[Any, Any, None]] | None = None,
) -> None:
    """Run the hotline in the foreground until SIGINT or SIGTERM; `watch` is that of `Hotline`."""

    def ready() -> None:
        note = Running(os.getpid(), settings.web_url, settings.backend_url)
        claim.tell(settings.state, note)
        screen()

    async def work() -> None:
        told = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        hotline, renewing = Hotline(settings, say, watch), set[asyncio.Task[None]]()

        def renew() -> None:
            if not renewing:
                renewing.add(task := asyncio.create_task(hotline.renew()))
                task.add_done_callback(renewing.discard)

        asyncio.get_running_loop().add_signal_handler(RENEW, renew)
        await hotline.run(told, ready)

    asyncio.run(work())
