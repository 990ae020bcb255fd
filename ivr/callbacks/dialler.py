"""The dialler: promised calls back are made, each attempt once.

Whatever it does it writes down first, so that another controller, or the same one started again,
knows what it has to ask the switch (docs/decisions/0018). An attempt

1. is claimed in the database (`claim`): one controller has it, with a token of its own;
2. is a call file of that name in the switch's spool: a stand-in waits in the desk's queue;
3. when an agent has answered, the dialplan asks for the number: the database says yes once
   (`ring`), and the dialplan marks the attempt in the switch's own database before it dials, and
   again with what came of it;
4. is ended in the database (`ended`), by what the dialplan tells, or by what is found of it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from ivr.desk import agenda
from ivr.desk.agenda import Booking, Outcome, Rule
from ivr.desk.faults import AmiError
from ivr.desk.spool import Spool
from ivr.desk.standin import may_be_dialled
from ivr.desk.witness import Seen, came_of, outcome
from ivr.errors import IvrError
from ivr.flow.hours import Hours
from ivr.meanwhile import again_and_again, meanwhile
from ivr.store.attempts import Attempt, Attempts
from ivr.store.bookings import LIVE, Bookings

_log = logging.getLogger(__name__)

# Seconds between two looks.
LOOK = 1.0
# A stand-in waits so long at most, then another one does: what is wrong with one is not for ever.
LONGEST_WAIT = timedelta(minutes=30)
# The switch takes a call file in a moment; one that stands there longer, it may make no call of. So
# it is asked then, and from time to time for as long as somebody stands in.
ASKED_AGAIN = timedelta(seconds=15)
# An attempt of a controller on another switch, which cannot be asked: it is certainly over.
OVER = timedelta(hours=3)
# Nobody is asked to take a call while the trunk does not.
NO_LINE = timedelta(minutes=1)


class Sees(Protocol):
    """A `Witness`."""

    async def see(self, token: str) -> Seen: ...


async def _unhindered(step: str) -> None:
    """Between two steps nothing happens; tests end a controller there."""


@dataclass
class Dialler:
    """Dials for whom `book` has.

    `ours`, hexadecimal, begins the tokens of the switch whose `spool` and `switch` these are;
    `rules` and `room` are the agenda's, by desk, and so is `is_talking`, of the id of a call.
    `between` is told each step that is done.
    """

    book: Bookings
    attempts: Attempts
    spool: Spool
    switch: Sees
    rules: Callable[[], Mapping[str, Rule]]
    room: Callable[[], Mapping[str, int]]
    ours: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    between: Callable[[str], Awaitable[None]] = _unhindered
    is_talking: Callable[[str], bool] = lambda call: False
    _no_line_until: datetime | None = None
    # When the switch was asked last of an attempt that went on.
    _seen: dict[str, datetime] = field(default_factory=dict)
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)

    async def look(self) -> None:
        """End what is over, and begin what is due. Raises StoreError."""
        for attempt in await self.attempts.under_way():
            await self._resolve(attempt)
        now = self.clock()
        if self._no_line_until and now < self._no_line_until <= now + NO_LINE:
            return
        bookings = await self.book.listed(LIVE, limit=None)
        plan = agenda.plan(bookings, self.rules(), self.room(), now, self.is_talking)
        for booking in plan.broken:
            await self.book.give_up(booking, now)
        for booking in plan.dial:
            await self._begin(booking)

    async def ring(self, token: str) -> str:
        """Return the number that an attempt may dial now, "" for none; never twice for one attempt.

        Raises StoreError.
        """
        now = self.clock()
        booking = await self.whose(token)
        rule = self.rules().get(booking.desk) if booking else None
        if booking is None or rule is None or rule.hours.state(now) != "open":
            return ""
        if not may_be_dialled(booking.number) or not await self.attempts.ring(token, now):
            return ""
        await self.between("rung")
        _log.info("= call back %d is dialled, attempt %d", booking.id, booking.attempts)
        return booking.number

    async def over(self, token: str, mark: str) -> Booking | None:
        """An attempt has ended, as the dialplan marked it. Returns its booking as it was.

        None where it had ended already. Raises StoreError.
        """
        attempt = await self._attempt(token)
        return await self._end(attempt, outcome(mark)) if attempt else None

    async def whose(self, token: str) -> Booking | None:
        """Return the booking of an attempt under way. Raises StoreError."""
        attempt = await self._attempt(token)
        return await self.book.find(attempt.booking) if attempt else None

    async def unanswered(self, token: str) -> None:
        """Whoever stands in has got no agent; another will. Raises StoreError."""
        attempt = await self._attempt(token)
        if attempt and attempt.rung is None:
            await self._end(attempt, Outcome.NOBODY)

    def wake(self) -> None:
        """Look at once."""
        self._wanted.set()

    @asynccontextmanager
    async def dialling(self) -> AsyncIterator[None]:
        """Look again and again while the block runs; what goes wrong is told in the log."""
        said, known = "nobody is called back: %s", (IvrError, OSError)
        work = again_and_again(self.look, self._until_wanted, _log.error, said, *known)
        async with meanwhile(work, "the dialler"):
            yield

    async def _until_wanted(self) -> None:
        self._wanted.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK):
                await self._wanted.wait()

    async def _begin(self, booking: Booking) -> None:
        now, token = self.clock(), self.ours + secrets.token_hex(8)
        if not await self.attempts.claim(booking, booking.attempts + 1, token, now):
            return
        await self.between("claimed")
        rule = self.rules()[booking.desk]
        try:
            await self.spool.send(token, booking, rule.first, _open_for(rule.hours, now))
        except (OSError, ValueError) as fault:
            _log.error("call back %d is not made: %s", booking.id, fault)
            if attempt := await self._attempt(token):
                await self._end(attempt, Outcome.FAULT)
            return
        await self.between("sent")
        _log.info("= call back %d: its turn at %s, %s first", booking.id, booking.desk, rule.first)

    async def _resolve(self, attempt: Attempt) -> None:
        """End an attempt of which nothing goes on, by what is known of it."""
        now = self.clock()
        if not attempt.token.startswith(self.ours):
            if abs(now - attempt.begun) > OVER:
                await self._end(attempt, Outcome.UNKNOWN if attempt.rung else Outcome.NOBODY)
            return
        lately = abs(now - self._seen.get(attempt.token, attempt.begun)) < ASKED_AGAIN
        if lately and attempt.rung is None:
            return
        is_in_spool = await self.spool.has(attempt.token)
        if lately and is_in_spool:
            return
        try:
            seen = await self.switch.see(attempt.token)
            if is_in_spool and not seen.is_going_on:
                # The switch was started again: it would make the call anew, minutes later.
                await self.spool.take_away(attempt.token)
                seen = await self.switch.see(attempt.token)
        except (AmiError, OSError):
            return  # it is asked again
        if seen.is_going_on:
            self._seen[attempt.token] = now
        else:
            await self._end(attempt, came_of(attempt.rung, seen))

    async def _attempt(self, token: str) -> Attempt | None:
        return next((x for x in await self.attempts.under_way() if x.token == token), None)

    async def _end(self, attempt: Attempt, came: Outcome) -> Booking | None:
        now = self.clock()
        booking = await self.book.find(attempt.booking)
        if booking is None:
            return None
        await self.between("told")
        # She was called when it rang there, however long they talked.
        at = attempt.rung if attempt.rung and came is Outcome.TALKED else now
        after = agenda.ended(booking, came, self.rules().get(booking.desk), at)
        if not await self.attempts.ended(attempt.token, came, after, now):
            return None
        self._seen.pop(attempt.token, None)
        await self.between("ended")
        if came is Outcome.FAULT:
            self._no_line_until = now + NO_LINE
        said = "= call back %d, attempt %d: %s; it is %s"
        _log.info(said, booking.id, attempt.number, came, after.state)
        self.wake()
        return booking


def _open_for(hours: Hours, now: datetime) -> int:
    """Return for how many seconds somebody may stand in: not beyond the hours of the desk."""
    minutes = range(1, round(LONGEST_WAIT / timedelta(minutes=1)) + 1)
    closes = (n for n in minutes if hours.state(now + timedelta(minutes=n)) != "open")
    return 60 * next(closes, minutes[-1])
