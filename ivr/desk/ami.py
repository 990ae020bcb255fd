"""The AMI client: panoramisk's Manager, with a link that heals and answers that come.

It shares nothing with the AGI line, so a link that is lost, slow or refused never touches a
call. What may be raised:

    IvrError
    └── AmiError            the switch did not do, or may not have done, what it was asked
        ├── AmiLost         no link, or it broke before the answer came
        ├── AmiTimeout      no answer in time
        └── AmiRefused      Asterisk said no, or the action must not be sent; nothing was done
            └── AmiDenied   the login was refused

No action is ever sent twice: after AmiLost and AmiTimeout the caller finds out what is true and
decides. Events reach their listeners in the order of the wire, those that belong to the answer
of an action as well.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Self

from panoramisk.manager import Manager
from panoramisk.message import Message

from ivr.desk.faults import AmiDenied, AmiError, AmiLost, AmiRefused, AmiTimeout
from ivr.desk.inbox import Inbox
from ivr.desk.link import Link, Login, Pace

__all__ = ["Ami", "AmiDenied", "AmiError", "AmiLost", "AmiRefused", "AmiTimeout", "Pace"]

log = logging.getLogger(__name__)

# 30 MB of events at the most; listeners that fall behind further see a lost link instead.
ROOM = 10_000
WARNING_EVERY_SECONDS = 60


class _LinkChange(NamedTuple):
    up: bool
    heard: datetime


class Ami(Manager):  # type: ignore[misc]  # panoramisk has no types
    """A link to the Asterisk Manager Interface that comes back by itself until closed.

    `on_event` is given each event as a dict; `on_link` is given True when a link is up (events
    follow) or False when it is lost, and when the switch was last heard. They, and what
    `register_event` registered, may be coroutine functions; each runs to its end before the
    next; what they raise is logged. `events` names AMI event classes, as "agent,system".
    Raises AmiRefused for a user or secret that cannot be sent.
    """

    def __init__(
        self,
        login: Login,
        *,
        on_event: Callable[[dict[str, str]], object] | None = None,
        on_link: Callable[[bool, datetime], object] | None = None,
        events: str = "on",
        pace: Pace | None = None,
    ) -> None:
        super().__init__(host=login.host, port=login.port)
        self.dropped_frames = 0
        self._link = Link(self, login, events, pace or Pace())
        self._on_link = on_link
        self._inbox: Inbox[Message | _LinkChange] = Inbox(ROOM)
        self._tasks: list[asyncio.Task[None]] = []
        self._next_warning = 0.0
        if on_event is not None:
            self.register_event("*", lambda _, event: on_event(plain(event)))

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

    @property
    def connected(self) -> bool:
        """Whether there is a link, logged in and not known to be lost."""
        return self._link.connected

    @property
    def heard(self) -> datetime:
        """When the switch was last heard: while there is a link, a ping ago at the most."""
        return self._link.heard

    @property
    def trouble(self) -> str:
        """Why there is no link; empty while there is one."""
        return self._link.trouble

    async def start(self) -> None:
        """Begin to keep a link, and return when the first attempt has ended.

        A switch that is not there yet is no error: see `connected` and `trouble`. Raises
        AmiDenied when the login is refused; the attempts go on, minutes apart, until `close`.
        """
        if self._tasks:
            raise AmiError("an Ami starts once")
        self.loop = asyncio.get_running_loop()
        self._tasks = [
            self.loop.create_task(self._link.keep(), name="AMI link"),
            self.loop.create_task(self._inbox.deliver(self._read), name="AMI events"),
        ]
        for task in self._tasks:
            task.add_done_callback(_report)
        await self._link.tried.wait()
        if self._link.denied is not None:
            raise self._link.denied

    connect = start

    async def close(self) -> None:
        """End the link, its tasks and every unanswered action (AmiLost); nothing comes after."""
        ending = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    def send_action(
        self, action: Mapping[str, Any], as_list: bool | None = None, **headers: Any
    ) -> asyncio.Future[Any]:
        """Send an action; the future's result is panoramisk's Message, or a list of them.

        It is a list when Asterisk's answer says so, or as `as_list` says. Raises AmiLost or
        AmiRefused at once, AmiLost or AmiTimeout from the future. An Originate is always sent
        with Async, else it would hold up every other answer until the phone is picked up.
        """
        return self._link.send({**action, **headers}, as_list)

    async def action(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the response to one action. Raises AmiLost, AmiTimeout, AmiRefused."""
        return plain(_granted(await self.send_action(headers, as_list=False)))

    async def actions(self, headers: Mapping[str, str]) -> list[dict[str, str]]:
        """Return the items of a list action, without its response and closing event.

        Raises AmiLost, AmiTimeout, and AmiRefused also when the answer is no list.
        """
        answer = await self.send_action(headers)
        if not isinstance(answer, list):
            _granted(answer)
            raise AmiRefused(f"{headers.get('Action')} does not answer with a list")
        return [plain(item) for item in answer[1:-1]]

    def dispatch(self, event: Message) -> None:
        """Put an event into the inbox; listeners that let it overflow lose the link."""
        if self.connected and not self._inbox.put(event):
            self._link.drop("events came faster than they were read")

    def distrust(self, frames: int) -> None:
        """Count frames that were dropped, and say so once in a while."""
        self.dropped_frames += frames
        if self.loop.time() >= self._next_warning:
            self._next_warning = self.loop.time() + WARNING_EVERY_SECONDS
            log.warning("AMI frames dropped as not from Asterisk: %d so far", self.dropped_frames)

    def change(self, up: bool, heard: datetime) -> None:
        """Put the news of the link in its place among the events."""
        news = _LinkChange(up, heard)
        if not self._inbox.put(news):
            self._inbox.replace(news)

    async def send_awaiting_actions(self, *_: object) -> None:
        """Nothing waits to be sent again."""

    async def _read(self, letter: Message | _LinkChange) -> None:
        if isinstance(letter, _LinkChange):
            if self._on_link is not None:
                await _guarded(self._on_link, letter.up, letter.heard)
            return
        for pattern, expression in self.patterns:
            if expression.match(letter.event):
                for callback in self.callbacks[pattern]:
                    await _guarded(callback, self, letter)


async def _guarded(listener: Callable[..., object], *given: object) -> None:
    # A listener's mistake must neither cost the link nor the other listeners their event.
    try:
        result = listener(*given)
        if inspect.isawaitable(result):
            await result
    except Exception:
        log.exception("a listener to AMI events failed")


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (bug := task.exception()) is not None:
        log.critical("%s has ended, AMI is gone until a restart", task.get_name(), exc_info=bug)


def _granted(answer: Message) -> Message:
    if not answer.success:
        raise AmiRefused(answer.message or f"the switch answers {answer.response!r}")
    return answer


def plain(message: Message) -> dict[str, str]:
    """Return the headers of a message, without the body panoramisk adds to each."""
    return {key: value for key, value in message.items() if key != "content"}
