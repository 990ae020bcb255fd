"""What a world is made of, for whoever builds one: a line, back ends, and what is around them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ivr.desk.ledger import Fate
from ivr.flow.announcement import Announcement
from ivr.flow.effects import (
    Book,
    Booked,
    Dial,
    DialOutcome,
    Effect,
    EndWait,
    Enqueue,
    HangUp,
    Heard,
    Impossible,
    Listen,
    Offered,
    Play,
    PlayBack,
    Queued,
    Record,
    Recorded,
    Refused,
    Staying,
)
from ivr.flow.outlook import Outlook
from ivr.flow.services import Failed, Found, Missing

Answered = Found | Missing | Failed
Announcer = Callable[[str], tuple[Announcement, ...]]
"""Tells what is announced at a place just now."""


class Line(Protocol):
    """A line to one caller. Every method raises `LineLost` when she has gone, `gone` tells it.

    While she stays in a queue it plays and listens over the music; `is_over` tells that this wait
    is over, and `end_wait` how it ended.
    """

    @property
    def gone(self) -> asyncio.Event: ...
    @property
    def is_over(self) -> bool: ...
    async def play(self, play: Play) -> Heard: ...
    async def listen(self, listen: Listen) -> str: ...
    async def record(self, record: Record) -> Recorded: ...
    async def play_back(self, play_back: PlayBack) -> str: ...
    async def enqueue(self, enqueue: Enqueue) -> Queued | Staying: ...
    async def end_wait(self, end: EndWait) -> Queued: ...
    async def dial(self, dial: Dial) -> DialOutcome: ...
    async def hang_up(self, hang_up: HangUp) -> None: ...


class BackEnds(Protocol):
    """Where look-ups are answered and messages taken; never raises for what a back end does.

    What has a `key` that was asked before is not done again.
    """

    async def look_up(self, name: str, arguments: Mapping[str, str], key: str) -> Answered: ...
    async def send(self, to: str, text: str, language: str, key: str) -> Failed | None: ...


class Diary(Protocol):
    """Where the bookings of one call are kept; `Book` tells what comes of one."""

    async def book(self, book: Book) -> Offered | Booked | Refused | Impossible: ...


class Tally(Protocol):
    """Where one call's waits are counted (`ivr.desk.tally`); `begin` tells if it has a place."""

    def begin(self, queue: str) -> bool: ...
    def end(self, queued: Queued | None) -> None: ...
    def turn(self, fate: Fate) -> None: ...


async def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Around:
    """What a hotline has around the line of one call.

    Without a diary nobody calls back, without a tally nobody counts. `ahead` tells what lies ahead
    of her in a queue.
    """

    announced: Announcer = lambda place: ()
    diary: Diary | None = None
    tally: Tally | None = None
    ahead: Callable[[str], Outlook | None] = lambda queue: None


@dataclass(frozen=True)
class Handover:
    """How a call goes from one controller to the next.

    `keep` is awaited before a back end is asked or anything is booked. Of the first effect it is
    asked whether it is `done` already, and with what answer. At the desk `stays` she waits already.
    """

    keep: Callable[[], Awaitable[None]] = _nothing
    done: Callable[[Effect[Any]], Awaitable[Any]] | None = None
    stays: str = ""


class Walk(Protocol):
    """A session, or what stands before one, as `drive` uses it."""

    def begin(self, now: datetime) -> Effect[Any] | None: ...
    def answer(self, answer: Any, now: datetime) -> Effect[Any] | None: ...
    def hang_up(self, now: datetime, why: str = ...) -> None: ...
    def fail(self, now: datetime, fault: BaseException) -> None: ...
    def pass_on(
        self, now: datetime, to: str, by: str, agent: str = ..., talked: float = ...
    ) -> None: ...
