"""The switch's queue_log as the tools of shops read it: by position, one line after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ivr.desk.lines import desk_of

# How many fields an event has behind its name, as QueueMetrics and Asternic expect them.
FIELDS = {
    "ENTERQUEUE": 3,  # url, caller's number, position
    "CONNECT": 3,  # seconds waited, channel of the agent, seconds it rang
    "COMPLETEAGENT": 3,  # seconds waited, seconds talked, first position
    "COMPLETECALLER": 3,
    "BLINDTRANSFER": 5,  # number, context, seconds waited, seconds talked, first position
    "ABANDON": 3,  # position, first position, seconds waited
    "EXITWITHTIMEOUT": 3,
    "RINGNOANSWER": 1,  # milliseconds it rang
    "RINGCANCELED": 1,
}
ENDS = {"COMPLETEAGENT", "COMPLETECALLER", "BLINDTRANSFER", "ABANDON", "EXITWITHTIMEOUT"}


@dataclass(frozen=True)
class Line:
    """One event: its second, the call, the queue, the agent's name (NONE where there is none)."""

    at: int
    call: str
    queue: str
    agent: str
    event: str
    fields: tuple[str, ...]


def of_calls(text: str) -> list[Line]:
    """Return the events of callers; those of agents, files and the switch itself are left out."""
    lines = []
    for each in text.splitlines():
        at, call, queue, agent, event, *fields = each.split("|")
        if "NONE" not in (call, queue) and call != "MANAGER":
            lines.append(Line(int(at), call, queue, agent, event, tuple(fields)))
    return lines


def events(lines: Iterable[Line], desk: str) -> Counter[str]:
    """Count a desk's events by their names."""
    return Counter(line.event for line in lines if desk_of(line.queue) == desk)


def waits(lines: Iterable[Line]) -> list[list[Line]]:
    """Return what was written of each wait of each caller, and that it is told as it should be."""
    told: dict[tuple[str, str], list[Line]] = {}
    before = 0
    for line in lines:
        assert line.at >= before, line
        before = line.at
        assert len(line.fields) >= FIELDS[line.event], line
        told.setdefault((line.call, line.queue), []).append(line)
    for wait in told.values():
        _is_consistent(wait)
    return list(told.values())


def _is_consistent(wait: list[Line]) -> None:
    begin, *between, end = wait
    assert begin.event == "ENTERQUEUE", wait
    assert begin.fields[0] == ""
    assert int(begin.fields[2]) >= 1
    assert end.event in ENDS, wait
    assert not any(line.event in ENDS | {"ENTERQUEUE"} for line in between), wait
    connects = [line for line in between if line.event == "CONNECT"]
    if end.event in ("ABANDON", "EXITWITHTIMEOUT"):
        assert not connects
        assert end.agent == "NONE"
        assert abs(end.at - begin.at - int(end.fields[2])) <= 1, wait
        assert end.fields[1] == begin.fields[2]
        return
    (connect,) = connects
    waited, talked, first = end.fields[-3:]
    assert connect.agent == end.agent != "NONE"
    assert waited == connect.fields[0]
    assert abs(connect.at - begin.at - int(waited)) <= 1, wait
    assert abs(end.at - connect.at - int(talked)) <= 1, wait
    assert int(connect.fields[2]) <= int(waited) + 1
    assert first == begin.fields[2]
