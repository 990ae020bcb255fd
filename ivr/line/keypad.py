"""The keys of a caller on a channel, as `StoreDTMF` keeps them: in order, in one variable."""

from __future__ import annotations

import logging

from ivr.line.due import Due, without
from ivr.line.variables import Variables, Wire
from ivr.wire import agi
from ivr.wire.agi import Command, Expression

_log = logging.getLogger(__name__)

KEYS = "0123456789*#"

# StoreDTMF reads its variable into 512 bytes and overwrites the last digit from then on
# (app_dtmfstore.c); long before that the keys already taken are cut off.
MOST_KEYS = 400

# Beyond what anybody is connected in one part of a call.
KEPT_IN_A_PART = 1000


class Keypad:
    """The keys of one part of a call; `seen` of those that are kept were returned already."""

    def __init__(self, wire: Wire, variables: Variables, part: int) -> None:
        self._wire = wire
        self._variables = variables
        # The parts of a call are on one channel: none may read the keys of another.
        self._store = (part - 1) * KEPT_IN_A_PART
        self._due = Due(wire.clock)
        self.seen = 0

    @property
    def store(self) -> int:
        """The number of the variable in which the keys are."""
        return self._store

    def take_up(self, store: int, seen: int) -> None:
        """Go on with what another controller has kept, and read so far."""
        self._store, self.seen = store, seen

    @property
    def variable(self) -> str:
        """The variable in which the keys are."""
        return f"IVR_KEYS_{self._store}"

    @property
    def is_silent(self) -> str:
        """What the switch works out to 1 where no key has come that was not returned."""
        return f"$[${{LEN(${{{self.variable}}})}} = {self.seen}]"

    async def keep(self) -> None:
        """Keep keys from now on, in a variable of their own. Raises LineLost, as all of these."""
        self._store += 1
        self._due = Due(self._wire.clock)
        self.seen = 0
        reply = await self._wire.command(agi.gosub("keys-kept", self.variable))
        if reply.result != "0":
            _log.error("no keys are kept: the switch knows no keys-kept; ivr down, then ivr up")

    def unread(self, keys: str) -> None:
        """Have the last keys that were returned returned again."""
        self.seen = max(0, self.seen - len(keys))

    async def drop(self) -> None:
        """Keep no more keys; none may be kept already, where a controller died between the two."""
        await self._wire.command(agi.execute("TryExec", Expression("StoreDTMF(remove)")))

    def forget(self) -> str:
        """Return what takes all keys away where it goes along with a command; none is kept now.

        Secrets of hers may be among them, and who waits or talks may do so for an hour.
        """
        self.seen = 0
        return f"${{SET({self.variable}=):9999}}"

    async def take(self) -> str:
        """Return the keys that were pressed until now and not returned."""
        (typed,) = await self._variables.read(self.variable, secret=True)
        return await self.fresh(typed)

    async def giving(self, command: Command) -> None:
        """Have a command done: unless a key is there it begins what is given her keys."""
        self._due.begins()
        await self._wire.command(command)
        self._due.ends()

    async def fresh(self, typed: str, given: str | None = None) -> str:
        """Return the keys of what is `typed` that were not returned; A to D are no keys of ours.

        Those are `given` that an application took that has ended; None where none was begun.
        """
        if len(typed) < self.seen:  # its controller died between cutting off and writing that down
            self.seen = 0
        before, new = typed[: self.seen], typed[self.seen :]
        again = self._due.between(new) if given is None else self._due.again(before, new, given)
        if again:
            typed = await self._once(typed, [self.seen + place for place in again])
            new = typed[self.seen :]
        self.seen = len(typed)
        if self.seen > MOST_KEYS:
            await self._keep_only(f"${{{self.variable}:{self.seen}}}")
            self.seen = 0
        return "".join(key for key in new if key in KEYS)

    async def _once(self, typed: str, again: list[int]) -> str:
        """Take away the keys in these places, and return what is left."""
        begins = [0, *(place + 1 for place in again)]
        parts = [
            f"${{{self.variable}:{a}:{b - a}}}"
            for a, b in zip(begins, again, strict=False)
            if b > a
        ]
        await self._keep_only("".join(parts) + f"${{{self.variable}:{begins[-1]}}}")
        _log.info("%d keys were kept twice and count once", len(again))
        return without(typed, again)

    async def _keep_only(self, rest: str) -> None:
        # One command, in which no frame is read: no key can come between taking and keeping. And no
        # word of what was typed.
        await self._wire.command(agi.execute("Set", Expression(f"{self.variable}={rest}")))
