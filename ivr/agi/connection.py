"""One call's AGI over its socket: commands out, replies in, the news that the caller has gone."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import cast

from ivr.wire.agi import Agi, Command, Ended, HungUp, LineLost, Preamble, Reply, State

_log = logging.getLogger(__name__)

Answered = Callable[[Command, float], None]
"""Is told a command, and after how many seconds the switch answered it."""


class Connection(asyncio.Protocol):
    """One call, as its flow sees it. `met` is told of it as soon as somebody is there.

    `is_let_go` tells that another controller leads the call on, `clock` seconds.

    `preamble` is what the dialplan said, `name` the channel's unique id (log records carry it
    as `call`), and `lost` is set as soon as the caller or the switch has gone, whatever the
    flow is waiting for at that moment. `answered` is told each command that has its reply.
    """

    def __init__(
        self,
        met: Callable[[Connection], None],
        answered: Answered | None = None,
    ) -> None:
        self._met = met
        self._answered = answered
        self.preamble = Preamble({})
        self.lost = asyncio.Event()
        self.is_let_go = False
        self.clock = time.monotonic
        self._why_lost = ""
        self._over = False
        self._transport: asyncio.Transport
        self._opened, self._closed = asyncio.Event(), asyncio.Event()
        self._agi = Agi()
        self._reply: asyncio.Future[Reply] | None = None
        self._secret = self._dead = False
        self.name = ""
        self._log = logging.LoggerAdapter(_log, {"call": self.name})
        # Asked once: a call has a hundred lines that hardly ever anybody wants.
        self._tells = _log.isEnabledFor(logging.DEBUG)

    async def command(self, command: Command, *, secret: bool = False, dead: bool = False) -> Reply:
        """Send one command and return its reply; a secret one is kept out of the log.

        Raises LineLost when the caller or the switch has gone, also while waiting, a `dead` one
        only when the switch has; LocalError while another (even a cancelled one) has no reply.
        One that the caller's hang-up has crossed is given its reply before a `dead` one is sent.
        """
        if self._over or (self.lost.is_set() and not dead):
            raise LineLost(self._why_lost)
        if self._agi.state is State.DEAD_WAITING and self._reply and self._reply.done():
            self._dead = True
            self._reply = asyncio.get_running_loop().create_future()
            await self._reply
        before = self._agi.state
        self._agi.send(command)
        if self._transport.get_write_buffer_size():
            # It has answered what it has not read: without this our buffer would grow for ever.
            self._lose("the other side does not read what it answers")
            raise LineLost(self._why_lost)
        self._secret, self._dead = secret, dead
        if self._tells:
            self._log.debug("> %s", "(secret)" if secret else command.decode().rstrip("\n"))
            self._log_change(before)
        self._transport.writelines(self._agi.data_to_send())
        self._reply = asyncio.get_running_loop().create_future()
        began = self.clock()
        reply = await self._reply
        if self._answered:
            self._answered(command, self.clock() - began)
        return reply

    async def read_preamble(self) -> None:
        """Wait until the preamble is whole. Raises LineLost when it will never be."""
        await self._opened.wait()
        if self._over:
            raise LineLost(self._why_lost)

    def let_go(self) -> None:
        """Ask for nothing more: another controller leads the call on. What was asked is done."""
        self.is_let_go = True
        self._lose("another controller leads it on")

    @property
    def file(self) -> int:
        """The number of the file that the socket is."""
        return int(self._transport.get_extra_info("socket").fileno())

    def refuse(self) -> None:
        """Close the socket without a word."""
        self._transport.close()

    async def close(self) -> None:
        """Close the socket, at once if the other side does not read. Safe more than once."""
        self._lose("the call is over")
        if self._transport.get_write_buffer_size():
            self._transport.abort()
        self._transport.close()
        await self._closed.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        self.name = str(transport.get_extra_info("peername"))
        self._log.extra = {"call": self.name}
        self._met(self)

    def data_received(self, data: bytes) -> None:
        """Take in what the other side says."""
        before = self._agi.state
        self._agi.receive_data(data)
        self._happen(before)

    def eof_received(self) -> None:
        """Take in that the other side says no more: for a call that is its end."""
        before = self._agi.state
        self._agi.receive_eof()
        self._happen(before)

    def connection_lost(self, _: Exception | None) -> None:
        """The socket is closed, by either side; a reset is for a call the same as its end."""
        self.eof_received()
        self._lose("the switch has closed the connection")
        self._closed.set()

    def _happen(self, before: State) -> None:
        for event in self._agi.events_received():
            match event:
                case Preamble():
                    self.preamble = event
                    self._opened.set()
                    self.name = event.variables["uniqueid"]
                    self._log.extra = {"call": self.name}
                case Reply():
                    self._take_reply(event)
                case HungUp():
                    self._log.debug("< HANGUP")
                    self._lose("the caller has hung up", over=False)
                case Ended():
                    self._lose("the switch has closed the connection")
        if self._tells:
            self._log_change(before)
        if self._agi.error and before is not State.CLOSED:
            self._log.warning("closing %s: %s", self.name, self._agi.error)
            self._lose(str(self._agi.error))
            self._transport.abort()

    def _take_reply(self, reply: Reply) -> None:
        if self._tells:
            self._log.debug("< %s", f"{reply.code} (secret)" if self._secret else reply.text)
        if reply.code == 511:  # the only sign of a hang-up where AGISIGHUP=no is set
            self._lose("the caller has hung up", over=False)
        if self._reply and not self._reply.done():
            self._reply.set_result(reply)

    def _lose(self, why: str, *, over: bool = True) -> None:
        self._over |= over
        self._why_lost = self._why_lost or why
        self.lost.set()
        self._opened.set()
        if self._reply and not self._reply.done() and (over or not self._dead):
            self._reply.set_exception(LineLost(self._why_lost))

    def _log_change(self, before: State) -> None:
        if self._agi.state is not before:
            self._log.debug("= %s → %s", before.value, self._agi.state.value)
