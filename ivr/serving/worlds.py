"""The world of each call: her line, and around it all that the hotline has for her."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from ivr.agi.connection import Connection
from ivr.announcements.noticeboard import Noticeboard
from ivr.callbacks.diary import Diary, Promises, rules
from ivr.desk.faults import AmiError
from ivr.desk.ledger import Ledger
from ivr.desk.tally import Tally
from ivr.flow.effects import Effect
from ivr.flow.outlook import Ahead
from ivr.line import keeping, passed
from ivr.line.led import LedCall
from ivr.line.ports import Around, Handover
from ivr.line.stay import Switch
from ivr.line.world import World
from ivr.switch.desks import Desks

CameAt = Callable[[], Awaitable[int | None]]
"""Tells when a caller came, as `ivr.line.passed.arrived` does."""


@dataclass(frozen=True)
class Worlds:
    """Makes them; `desks` are those that calls go by."""

    noticeboard: Noticeboard
    promises: Promises
    desks: Callable[[], Desks]
    ledger: Ledger
    switch: Switch
    ahead: Ahead

    def led(self, call: LedCall, connection: Connection, doing: str) -> World:
        """Return that of a caller who is led on her channel.

        `doing` is what a controller before us had asked of the switch for her.
        """
        came_at = partial(passed.arrived, connection)
        tally = Tally(self.ledger, call.channel, call.now, self._capacity)
        done = None if doing == keeping.NOTHING else partial(call.line.came_of, doing=doing)
        return self._of(call, came_at, tally, done)

    def waiting(self, call: LedCall, channel: str) -> World:
        """Return that of a caller whom app_queue has, on the channel of this name."""
        return self._of(call, partial(self._arrived, channel))

    def _of(
        self,
        call: LedCall,
        came_at: CameAt,
        tally: Tally | None = None,
        done: Callable[[Effect[Any]], Awaitable[Any]] | None = None,
    ) -> World:
        session, channel = call.session, call.channel
        known = rules(self.desks(), session.talk.project.hours)
        around = Around(
            self.noticeboard.at,
            Diary(self.promises, known, session.id, call.now, came_at),
            tally,
            lambda queue: self.ahead(queue, channel),
        )
        stays = session.wait.queue if session.wait else ""
        handover = Handover(call.line.settle, done, stays)
        return World(call.line, call.back_ends, call.log, around=around, handover=handover)

    async def _arrived(self, channel: str) -> int | None:
        """Return when she called whom app_queue has, as `passed.arrived` does."""
        asked = {"Action": "Getvar", "Channel": channel, "Variable": passed.SINCE}
        with suppress(AmiError):
            return passed.moment((await self.switch.act(asked)).get("Value", ""))
        return None

    def _capacity(self, name: str) -> int:
        desk = self.desks().desk(name)
        return desk.capacity if desk else 0
