"""The waits of a call, out of its record: where, how long, what became of it, who answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.desk.ledger import Fate
from ivr.desk.lines import desk_of
from ivr.flow.record import Asked, CallRecord

# What she did behind a wait that ended without an agent, and what that makes of it.
_AFTERWARDS = {
    ("callback", "booked"): Fate.CALLED_BACK,
    ("record", "recorded"): Fate.LEFT_A_MESSAGE,
}


@dataclass(frozen=True)
class Wait:
    """A wait at a desk, in the call of this id. `waited` and `talked` are seconds.

    `caller` is her number and `agent` the one who answered, "" where there is none.
    """

    call: str
    caller: str
    desk: str
    began: datetime
    waited: float
    talked: float
    fate: Fate
    agent: str = ""

    @property
    def ended(self) -> datetime:
        """When she had nothing more to do with the desk."""
        return self.began + timedelta(seconds=self.waited + self.talked)


def waits(record: CallRecord) -> Iterator[Wait]:
    """Yield the waits of a call that is over, first one first."""
    asked = record.asked or ()
    for index, one in enumerate(asked):
        if one.what == "queue":
            talked = one.talked_ms or 0
            yield Wait(
                call=record.id,
                caller=record.caller,
                desk=desk_of(one.of),
                began=record.started + timedelta(milliseconds=one.from_ms),
                waited=max(0, one.to_ms - one.from_ms - talked) / 1000,
                talked=talked / 1000,
                fate=_fate(one, asked[index + 1 :]),
                agent=one.by,
            )


def _fate(wait: Asked, later: Sequence[Asked]) -> Fate:
    if wait.outcome == "answered":
        return Fate.ANSWERED
    if wait.left:
        return Fate.GAVE_UP
    for one in later:
        if one.what == "queue":
            break
        if fate := _AFTERWARDS.get((one.what, one.outcome)):
            return fate
    return Fate.OVERFLOWED
