"""Recorded talks: what their files are called, and what the record of their call tells of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.desk.lines import desk_of
from ivr.flow.record import CallRecord

RATE = 8000
# Two sides of two bytes.
BYTES_PER_SECOND = RATE * 4

_REEL = re.compile(r"(?P<call>[0-9A-Za-z._-]{1,100})_(?P<number>[0-9]{1,4})@(?P<desk>[^@/]+)\.raw")


@dataclass(frozen=True)
class Reel:
    """What the switch records into: the `number`th wait of a part of a call, at a desk."""

    call: str
    number: int
    desk: str

    @property
    def name(self) -> str:
        """What the recorded talk is called."""
        return f"{self.call}_{self.number}"


@dataclass(frozen=True)
class Tape:
    """A recorded talk. `name` is that of its file and `call` its record's.

    `caller` is her number and `agent` the name of who answered, "" where they are not known.
    """

    name: str
    call: str
    caller: str
    desk: str
    agent: str
    began: datetime
    seconds: float
    keep_until: datetime


def reel(call: str, number: int, desk: str) -> str:
    """Return the name of the file that the switch records into."""
    return f"{call}_{number}@{desk}.raw"


def read_reel(file: str) -> Reel | None:
    """Return what the name of a file tells, None where it is none of ours."""
    found = _REEL.fullmatch(file)
    return Reel(found["call"], int(found["number"]), found["desk"]) if found else None


def tape(
    reel: Reel, record: CallRecord | None, written: datetime, size: int, keep: timedelta
) -> Tape:
    """Return what is known of a recording of so many bytes that was `written` to its end then.

    The record tells of the waits in their order; where it tells of none, as after a crash, the file
    itself says when it was.
    """
    seconds = size / BYTES_PER_SECOND
    began, agent = written - timedelta(seconds=seconds), ""
    waits = [one for one in (record.asked or () if record else ()) if one.what == "queue"]
    if record and 0 < reel.number <= len(waits):
        wait = waits[reel.number - 1]
        if desk_of(wait.of) == reel.desk:
            began = record.started + timedelta(milliseconds=wait.to_ms - (wait.talked_ms or 0))
            agent = wait.by
    caller = record.caller if record else ""
    return Tape(
        reel.name, reel.call, caller, reel.desk, agent, began, round(seconds, 2), began + keep
    )
