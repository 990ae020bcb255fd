"""A caller's leg of the call: her channel of the switch, as its controller has it in its hands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ivr.line.keeping import Keeping, Place
from ivr.line.keypad import Keypad
from ivr.line.variables import Variables, Wire


@dataclass(frozen=True, slots=True)
class Leg:
    """Whoever plays, waits or dials for her does it on this: one part of a call, on one channel.

    `wire` takes commands to the channel; on it are `variables`, the `keys` she presses, and what
    `keeping` writes for a controller that may have to go on.
    """

    wire: Wire
    variables: Variables
    keys: Keypad
    keeping: Keeping

    @property
    def form(self) -> str:
        """What the channel spoke when something was read last."""
        return self.variables.form

    @classmethod
    def of(cls, wire: Wire, part: int, now: Callable[[], Place]) -> Leg:
        """Return that of a part of a call, by its number; `now` tells where its line is."""
        variables = Variables(wire)
        return cls(wire, variables, Keypad(wire, variables, part), Keeping(wire, now))
