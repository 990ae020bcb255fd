"""The machine's clock is stepped under calls: told, and put right in the switch where it can be.

Asterisk counts in that clock. Put back, app_queue offers nobody to an agent who has served a caller
before, until as much time has passed again (`lastcall` in is_member_available); QueueReset lets it
forget whom she has served (clear_queue). Who waits in a queue at that moment looks no more whether
it is her turn, for as long or until a key of hers (ast_waitfordigit), and nothing we may ask of the
switch wakes her. Put forward, waits are over at once; no call is (`timers` in pjsip.conf).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping

from ivr.desk.faults import AmiError
from ivr.meanwhile import again_and_again

_log = logging.getLogger(__name__)

SECONDS_PER_LOOK = 5.0
# Between two looks. What is slewed goes on by a few milliseconds.
LEAST = 2.0


class ClockSteps:
    """Looks whether the clock has gone another way than time has.

    `ask` sends one action to the switch; it raises AmiError where there is no answer.
    """

    def __init__(
        self,
        ask: Callable[[Mapping[str, str]], Awaitable[object]],
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._ticks = ticks
        self._ahead = clock() - ticks()

    async def follow(self) -> None:
        """Look again and again, until cancelled."""

        async def pause() -> None:
            await asyncio.sleep(SECONDS_PER_LOOK)

        said = "the clock was put back, and the switch is not told: %s"
        await again_and_again(self.look, pause, _log.error, said, AmiError)

    async def look(self) -> None:
        """Tell of a step since the last look. Raises AmiError where the switch is not told."""
        ahead = self._clock() - self._ticks()
        by = ahead - self._ahead
        if by <= -LEAST:
            await self._ask({"Action": "QueueReset"})
            words = (
                "the clock was put back by %.0f s: agents are rung as before, but for who waited"
            )
            _log.error(f"{words}, and who is behind her, only when she has pressed a key", -by)
        elif by >= LEAST:
            words = "the clock was put forward by %.0f s: waits that are over by it have ended"
            _log.error(f"{words}, and phones log in anew", by)
        self._ahead = ahead
