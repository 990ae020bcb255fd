"""The FastAGI server: one socket for each call, and one flow that talks through it.

It accepts, bounds what a stranger may cost, hands a `Connection` to whoever serves the call,
and makes sure that nothing is left when the call is over.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from ivr.agi.connection import Answered, Connection
from ivr.wire.agi import LineLost

_log = logging.getLogger(__name__)

# A burst of calls finds the loop busy for a moment: they wait here, not in TCP's 1 s retry.
_BACKLOG = 1024
# Connections that have not said yet which call they are; they take no call's place.
MOST_STRANGERS = 500


class Server:
    """Lets `serve` have each call, `most_calls` at a time; a preamble may take `patience`.

    A call is who says `secret` as the first argument of AGI(); `stranger` is told of each
    connection that is none. `answered` is told each command that the switch has answered.
    `has_place` tells, by the number of its file, whether one more connection may be served.
    """

    def __init__(
        self,
        serve: Callable[[Connection], Awaitable[None]],
        *,
        secret: str = "",
        most_calls: int = 1000,
        patience: timedelta = timedelta(seconds=5),
        answered: Answered | None = None,
        stranger: Callable[[], None] = lambda: None,
        has_place: Callable[[int], bool] = lambda file: True,
    ) -> None:
        self._secret = secret.encode()
        self._stranger = stranger
        self._answered = answered
        self._serve = serve
        self._most_calls = most_calls
        self._patience = patience
        self._calls: set[asyncio.Task[None]] = set()
        self._led = 0
        self._led_now: set[Connection] = set()
        self._listening: asyncio.Server | None = None
        self._has_place = has_place

    @property
    def calls(self) -> int:
        """How many connections are being served now."""
        return len(self._calls)

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port: a free one when `port` is 0. Raises OSError."""
        self._listening = await asyncio.get_running_loop().create_server(
            lambda: Connection(self._accept, self._answered), host, port, backlog=_BACKLOG
        )
        return int(self._listening.sockets[0].getsockname()[1])

    async def let_go(self, within: timedelta) -> None:
        """Accept no more, and let go of all calls, which takes that long at the most.

        What the switch is doing for them goes on; then the dialplan goes to another controller.
        """
        if self._listening:
            self._listening.close()
        for connection in self._led_now:
            connection.let_go()
        await self.drain(within)

    async def drain(self, within: timedelta) -> None:
        """Accept no more, let the calls end, and cancel those which last longer than `within`."""
        if self._listening:
            self._listening.close()
        if self._calls:
            await asyncio.wait(self._calls, timeout=within.total_seconds())
        if self._calls:
            _log.warning("cancelling %d calls, still there after %s", len(self._calls), within)
            for call in self._calls:
                call.cancel()
            await asyncio.wait(self._calls)

    async def close(self) -> None:
        """Stop at once: every call is cancelled and waited for. Safe more than once."""
        await self.drain(timedelta(0))

    def _accept(self, connection: Connection) -> None:
        draining = self._listening and not self._listening.is_serving()
        if draining or len(self._calls) - self._led >= MOST_STRANGERS:
            _log.warning("refusing a connection: there are %d already", len(self._calls))
            connection.refuse()
        elif not self._has_place(connection.file):
            connection.refuse()
        else:
            call = asyncio.create_task(self._take(connection))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def _take(self, connection: Connection) -> None:
        try:
            if await self._is_a_call(connection):
                await self._lead(connection)
            else:
                self._stranger()
        finally:
            await connection.close()

    async def _lead(self, connection: Connection) -> None:
        if self._led >= self._most_calls:
            _log.warning("refusing a call: there are %d already", self._led)
            return
        self._led += 1
        self._led_now.add(connection)
        try:
            await self._converse(connection)
        finally:
            self._led_now.discard(connection)
            self._led -= 1

    async def _is_a_call(self, connection: Connection) -> bool:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                await connection.read_preamble()
            said = connection.preamble.variables.get("arg_1", "")
            if hmac.compare_digest(said.encode(), self._secret):
                return True
            _log.warning("closing %s: it is not our switch", connection.name)
        except TimeoutError:
            _log.warning("closing %s: no preamble within %s", connection.name, self._patience)
        except LineLost as lost:
            _log.debug("no call from %s: %s", connection.name, lost)
        return False

    async def _converse(self, connection: Connection) -> None:
        try:
            await self._serve(connection)
        except LineLost as lost:
            _log.debug("call %s is over: %s", connection.name, lost)
        except Exception:  # one call's fault must not reach the others
            _log.exception("call %s failed", connection.name)
