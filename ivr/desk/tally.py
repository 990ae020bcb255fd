"""The waits of one call, told to the ledger of all: when one begins, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ivr.desk.ledger import Fate, Ledger
from ivr.flow.effects import Queued


class Tally:
    """One caller's line in the ledger; `caller` is the unique id of her channel.

    `capacity` tells how many may wait at a desk, 0 for any number.
    """

    def __init__(
        self,
        ledger: Ledger,
        caller: str,
        clock: Callable[[], datetime],
        capacity: Callable[[str], int] = lambda desk: 0,
    ) -> None:
        self._ledger = ledger
        self._caller = caller
        self._clock = clock
        self._capacity = capacity
        self._queue = ""

    def begin(self, queue: str) -> bool:
        """She is about to wait at a desk. False: in its lines together no place is left."""
        self._queue = queue
        self._ledger.enter(self._caller, queue, self._clock())
        most = self._capacity(queue)
        return not most or self._ledger.there(queue) <= most

    def end(self, queued: Queued | None) -> None:
        """The wait is over; None: it may be, but how it ended was not seen."""
        fate = None
        if queued is not None:
            fate = Fate.GAVE_UP if queued.left else Fate.OVERFLOWED
            if queued.outcome == "answered":
                fate = Fate.ANSWERED
        self._ledger.settle(self._caller, fate, self._clock())

    def turn(self, fate: Fate) -> None:
        """What she did after a wait that overflowed is what became of it."""
        self._ledger.turn(self._caller, self._queue, fate)
