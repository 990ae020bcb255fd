"""The world of each call: her line, and around it all that the hotline has for her."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
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
from ivr.flow.session import Session
from ivr.line import keeping, passed
from ivr.line.channel import ChannelLine
from ivr.line.stay import Switch
from ivr.line.world import World
from ivr.switch.desks import Desks
from ivr.versions.edition import Edition

CameAt = Callable[[], Awaitable[int | None]]
"""Tells when a caller came, as `ivr.line.passed.arrived` does."""


@dataclass(frozen=True)
class Worlds:
    """Makes them; `desks` are those that calls go by, what they do is told to `log`."""

    noticeboard: Noticeboard
    promises: Promises
    desks: Callable[[], Desks]
    ledger: Ledger
    switch: Switch | None
    ahead: Ahead
    log: logging.Logger

    def led(
        self,
        line: ChannelLine,
        id: str,
        edition: Edition,
        session: Session,
        now: Callable[[], datetime],
        connection: Connection,
        doing: str,
    ) -> World:
        """Return that of a caller who is led, on the channel with this unique id.

        `doing` is what a controller before us had asked of the switch for her.
        """
        came_at = partial(passed.arrived, connection)
        tally = Tally(self.ledger, id, now, self._capacity)
        done = None if doing == keeping.NOTHING else partial(line.came_of, doing=doing)
        return self._of(line, id, edition, session, now, came_at, tally, done)

    def waiting(
        self,
        line: ChannelLine,
        id: str,
        edition: Edition,
        session: Session,
        now: Callable[[], datetime],
        channel: str,
    ) -> World:
        """Return that of a caller whom app_queue has, on the channel of this id and this name."""
        return self._of(line, id, edition, session, now, partial(self._arrived, channel))

    def _of(
        self,
        line: ChannelLine,
        id: str,
        edition: Edition,
        session: Session,
        now: Callable[[], datetime],
        came_at: CameAt,
        tally: Tally | None = None,
        done: Callable[[Effect[Any]], Awaitable[Any]] | None = None,
    ) -> World:
        known = rules(self.desks(), edition.project.hours)
        return World(
            line,
            edition.services,
            logging.LoggerAdapter(self.log, {"call": id}),
            announced=self.noticeboard.at,
            diary=Diary(self.promises, known, session.id, now, came_at),
            tally=tally,
            ahead=lambda queue: self.ahead(queue, id),
            keep=line.settle,
            done=done,
            stays=session.wait.queue if session.wait else "",
        )

    async def _arrived(self, channel: str) -> int | None:
        """Return when she called whom app_queue has, as `passed.arrived` does."""
        asked = {"Action": "Getvar", "Channel": channel, "Variable": passed.SINCE}
        with suppress(AmiError):
            if self.switch:
                return passed.moment((await self.switch.act(asked)).get("Value", ""))
        return None

    def _capacity(self, name: str) -> int:
        desk = next((desk for each, desk in self.desks().desks.items() if each == name), None)
        return desk.capacity if desk else 0
