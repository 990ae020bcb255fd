"""One AMI connection: panoramisk's protocol, made safe against its peer and against loss.

What panoramisk 1.4 does and this does not: drop characters split across reads
(ami_protocol.py:41), guess lists from message texts (actions.py:67), put lost actions in a
queue to be sent again (ami_protocol.py:106), wait for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from ivr.desk.faults import AmiLost, AmiRefused, AmiTimeout, check
from ivr.desk.frames import Frames, NotAsterisk

log = logging.getLogger(__name__)

LIST_LIMIT = 50_000
UNANSWERED_LIMIT = 1_000
# Bytes of a flood; then whoever reads the events, and every call, has a turn before more is taken.
# uvloop would read thirty times as much at one go, a quarter of a second of work.
MUCH = 65_536


class Asked(Action):  # type: ignore[misc]  # panoramisk has no types
    """An action on its way; `future` gets the response, or a list of all that belongs to it.

    A list is what says so itself: EventList is "start" in the response and "Complete" (or
    "cancelled") in the last event (manager.c, astman_send_listack).
    """

    def __init__(self, headers: Mapping[str, Any], as_list: bool | None = None) -> None:
        super().__init__(headers, as_list=as_list)
        if self.action.lower() == "originate":
            self["Async"] = "true"

    def add_message(self, message: Message) -> bool:
        """Take what came with this action's id; return whether the answer is whole."""
        if self.future.done():
            return True
        if not self.responses and "event" in message:
            return False  # an event that overtook the response
        self.responses.append(message)
        mark = message.eventlist.lower()
        if len(self.responses) > LIST_LIMIT:
            self.future.set_exception(AmiLost(f"a list of more than {LIST_LIMIT} items"))
        elif len(self.responses) == 1 and (mark != "start" or self.as_list is False):
            self.future.set_result(self.responses if self.as_list else message)
        elif len(self.responses) > 1 and mark in ("complete", "cancelled"):
            self.future.set_result(self.responses)
        return bool(self.future.done())


class Listener(Protocol):
    """Who is told what a link says."""

    def dispatch(self, event: Message) -> None:
        """Take an event; must not wait."""

    def distrust(self, frames: int) -> None:
        """Learn that so many frames were dropped."""

    def change(self, up: bool, heard: datetime) -> None:
        """Learn that the link is up or lost, and when the switch was last heard."""


class AmiProtocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """One connection, for the listener it belongs to.

    `greeted` is set by the greeting or the end, `gone` by the end; `why` then tells the cause,
    and every action without an answer has failed with AmiLost. `heard` is when bytes last came.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin; nothing is sent before the peer has greeted as an Asterisk."""
        super().connection_made(transport)
        self.factory = self._listener
        self.closed = False
        self.frames = Frames()
        self.greeted = asyncio.Event()
        self.gone = asyncio.Event()
        self.why = ""
        self.heard = datetime.now(UTC)

    def data_received(self, received: bytes) -> None:
        """Hand on every frame that is whole; drop and count those that are not trusted."""
        self.heard = datetime.now(UTC)
        before = self.frames.distrusted
        try:
            frames = self.frames.receive(received)
        except NotAsterisk as stranger:
            self.close(str(stranger))
            return
        if self.frames.version:
            self.greeted.set()
        if dropped := self.frames.distrusted - before:
            self._listener.distrust(dropped)
        for frame in frames:
            self.handle_message(Message(frame))
        if len(received) >= MUCH and not self.closed:
            self.transport.pause_reading()
            asyncio.get_running_loop().call_soon(self._read_on)

    def _read_on(self) -> None:
        if not self.closed:
            self.transport.resume_reading()

    def handle_message(self, message: Message) -> None:
        """Give a message to the action it answers, and every event to the listeners as well."""
        asked = self.responses.get(message.action_id)
        if asked is not None:
            asked.add_message(message)
        if "event" in message:
            self._listener.dispatch(message)

    def ask(self, asked: Asked, limit: timedelta) -> asyncio.Future[Message | list[Message]]:
        """Send an action; its future fails with AmiTimeout after `limit`, AmiLost with the link.

        Raises AmiRefused, AmiLost.
        """
        check(asked)
        if self.closed or self.gone.is_set():
            raise AmiLost(self.why or "there is no link to the switch")
        if asked.id in self.responses or len(self.responses) >= UNANSWERED_LIMIT:
            raise AmiRefused("the ActionID is in use, or too many actions have no answer yet")
        future: asyncio.Future[Message | list[Message]] = asked.future

        def expire() -> None:
            if not future.done():
                seconds = limit.total_seconds()
                future.set_exception(AmiTimeout(f"no answer to {asked.action} in {seconds:g} s"))

        timer = asyncio.get_running_loop().call_later(limit.total_seconds(), expire)

        def forget(_: object) -> None:
            timer.cancel()
            self.responses.pop(asked.id, None)
            if not future.cancelled():
                future.exception()  # who does not await an action does not want a warning

        future.add_done_callback(forget)
        self.responses[asked.id] = asked
        self.transport.write(str(asked).encode("utf-8", "replace"))
        log.debug("> %s", asked.action)
        return future

    def close(self, why: str = "closed") -> None:
        """End at once; `gone` follows when the socket is closed. Safe more than once."""
        if not self.closed:
            self.closed = True
            self.why = why
            self.transport.abort()
        for asked in list(self.responses.values()):
            if not asked.future.done():
                asked.future.set_exception(AmiLost(f"no answer to {asked.action}: {self.why}"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed, by the peer or by us."""
        self.close(str(exc) if exc else "the switch closed the link")
        self.greeted.set()
        self.gone.set()
