"""The mark a caller gives after a talk: the key from 1 to 5 that she pressed at a node `mark`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.desk.lines import desk_of
from ivr.flow.record import CallRecord
from ivr.past.moments import since

NODE = "mark"
BEST = 5


@dataclass(frozen=True)
class Mark:
    """A mark from 1 to BEST: in which call, by which number, for whom, and when.

    `desk` and `agent` (her name) are those of the talk before it; "" where there was none.
    """

    call: str
    caller: str
    desk: str
    agent: str
    given: datetime
    mark: int


def mark_of(record: CallRecord) -> Mark | None:
    """Return the last mark of a call, None where she gave none."""
    for key in reversed(record.keys):
        is_mark = key.key in "12345" and key.node.rsplit("/", 1)[-1] == NODE
        if is_mark:
            at = since(record, key.at)
            talks = (one for one in reversed(record.asked or ()) if one.to_ms <= at)
            talk = next((x for x in talks if x.what == "queue" and x.outcome == "answered"), None)
            desk, agent = (desk_of(talk.of), talk.by) if talk else ("", "")
            return Mark(record.id, record.caller, desk, agent, key.at, int(key.key))
    return None


def by_call(marks: Iterable[Mark], desk: str) -> Mapping[str, int]:
    """Return the marks that a desk was given, by the calls they were given in."""
    return {mark.call: mark.mark for mark in marks if mark.desk == desk}
