"""Keep the board true: a full list at every link, then events; stale, and said so, without one.

A list is asked for again in between, for events can be lost with a frame that was not trusted,
or forged with one that was. Only lists that carry our own, unguessable ActionID are believed.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Self

from ivr.desk.ami import Ami, AmiError, Pace
from ivr.desk.board import Board
from ivr.desk.ledger import Ledger
from ivr.desk.link import Login
from ivr.desk.snapshot import Post, Snapshot
from ivr.desk.tempo import Tempo
from ivr.meanwhile import again_and_again

log = logging.getLogger(__name__)

# The classes app_queue and FullyBooted belong to. Class "call" carries every caller's id, set
# by the caller, and is not wanted here.
EVENTS = "agent,system,user"
LIST_ITEMS = frozenset({"QueueParams", "QueueMember", "QueueEntry", "QueueStatusComplete"})
# A refused list (app_queue is not loaded yet) is asked for again so soon, no sooner.
RETRY = timedelta(seconds=1)
# A switch that has been silent for so long, though it is asked every second (Pace), may be gone
# behind a line that does not say so. Until that is sure, its last words are not shown as of now.
SILENCE = timedelta(seconds=2)


def _utc() -> datetime:
    return datetime.now(UTC)


class Watch:
    """A board that follows the switch, and the AMI link it uses, free for other actions.

    What the switch tells of callers is told to `ledger` and `tempo`, too.
    """

    def __init__(
        self,
        login: Login,
        *,
        ledger: Ledger | None = None,
        tempo: Tempo | None = None,
        clock: Callable[[], datetime] = _utc,
        pace: Pace | None = None,
        resync: timedelta = timedelta(seconds=30),
    ) -> None:
        self.ami = Ami(
            login,
            on_event=self._on_event,
            on_link=self._on_link,
            events=EVENTS,
            pace=pace,
        )
        self._clock = clock
        self._resync = resync
        self._board = Board(clock())
        self._ledger = Ledger() if ledger is None else ledger
        self.listed: Callable[[list[dict[str, str]]], Awaitable[None]] | None = None
        """Is given each list of queues, members and callers that the switch has sent."""
        self._tempo = Tempo() if tempo is None else tempo
        self._list_id = ""
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start; raises AmiDenied, and is closed then."""
        try:
            await self.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.close()

    async def start(self) -> None:
        """Begin to watch; a switch that is not there yet leaves the board stale.

        Raises AmiDenied when the login is refused; the attempts go on until `close`.
        """
        work = again_and_again(self._list, self._pause, log.error, "no list of queues: %s")
        self._task = asyncio.create_task(work, name="queue board")
        await self.ami.start()

    async def close(self) -> None:
        """End the link and the watching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.ami.close()

    @property
    def alive(self) -> bool:
        """Whether the switch answers: logged in, and no ping without its answer."""
        return self.ami.connected

    @property
    def trouble(self) -> str:
        """Why the switch is not alive; empty while it is."""
        return self.ami.trouble

    def board(self) -> Snapshot:
        """Return the queues and agents now; `stale_since` is set when they may be old."""
        now = self._clock()
        shown, heard = self._board.snapshot(now), self.ami.heard
        if shown.stale_since is None and now - heard > SILENCE:
            return replace(shown, stale_since=heard)
        return shown

    def posts(self) -> tuple[Post, ...]:
        """Return every agent in each queue, as it is now."""
        return tuple(self._board.posts(self._clock()))

    def waiting(self) -> tuple[str, ...]:
        """Return the unique ids of those who wait; of nobody while the board is stale."""
        return self._board.waiting()

    def look(self) -> None:
        """Ask for the list again: the switch has read other queues, and tells nobody of them."""
        self._wanted.set()

    def _on_event(self, event: dict[str, str]) -> None:
        kind = event.get("Event", "")
        if kind in LIST_ITEMS and event.get("ActionID") != self._list_id:
            return
        now = self._clock()
        self._board.apply(event, now)
        self._ledger.apply(event, now)
        self._tempo.apply(event, now)
        if kind == "FullyBooted":
            self._wanted.set()

    def _on_link(self, up: bool, heard: datetime) -> None:
        if up:
            self._wanted.set()
        else:
            self._board.lose(heard)
            self._ledger.lose()

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._resync.total_seconds()):
                await self._wanted.wait()

    async def _list(self) -> None:
        self._wanted.clear()
        if not self.ami.connected:
            return  # the next link asks again
        self._list_id = f"board-{uuid.uuid4()}"
        try:
            listed = await self.ami.actions({"Action": "QueueStatus", "ActionID": self._list_id})
            if self.listed is not None:
                await self.listed(listed)
        except AmiError as failure:
            log.info("no list of queues: %s", failure)
            self._wanted.set()
        await asyncio.sleep(RETRY.total_seconds())
