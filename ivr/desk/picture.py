"""The live picture of the desks: who waits, who could answer, what became of all who came.

Pure: made of the board and the ledger, as what JSON can hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.desk.ledger import Sums
from ivr.desk.lines import desk_of
from ivr.desk.snapshot import Agent, AgentState, Queue, Snapshot

Row = dict[str, object]
Levels = Mapping[str, Mapping[int, float]]
"""Each desk's service levels: the share of callers answered, by seconds."""


@dataclass(frozen=True)
class Picture:
    """A row of each desk and each agent by name and number, as JSON shows them."""

    stale_since: str | None
    desks: Mapping[str, Row]
    agents: Mapping[str, Row]


def picture(board: Snapshot, sums: Mapping[str, Sums], levels: Levels) -> Picture:
    """Return the picture of a moment. It tells moments and no ages, so it changes with news only.

    A desk is all its lines together. An agent counts at a desk as what she does, in its lines or
    elsewhere. Desks that the switch no longer has are shown for their sums.
    """
    lines: dict[str, list[Queue]] = {desk: [] for desk in sums}
    for queue in board.queues:
        lines.setdefault(desk_of(queue.name), []).append(queue)
    states: dict[str, Counter[AgentState]] = {desk: Counter() for desk in lines}
    agents: dict[str, Row] = {}
    for agent in board.agents:
        desks = list(dict.fromkeys(map(desk_of, agent.queues)))
        for desk in desks:
            states[desk][agent.state] += 1
        agents[agent.interface] = _agent(agent, desks)
    return Picture(
        stale_since=_moment(board.stale_since),
        desks={
            desk: _desk(desk, queues, states[desk], sums.get(desk, Sums()), levels)
            for desk, queues in sorted(lines.items())
        },
        agents=agents,
    )


def _desk(
    name: str, lines: list[Queue], states: Counter[AgentState], sums: Sums, levels: Levels
) -> Row:
    callers = [caller for line in lines for caller in line.callers if not caller.is_booked]
    first = min((caller.since for caller in callers), default=None)
    return {
        "name": name,
        "waiting": len(callers),
        "longest_waits_since": _moment(first),
        "agents": {state.name.lower(): states[state] for state in AgentState},
        "sums": vars(sums),
        "service_level_today": {str(at): share for at, share in levels.get(name, {}).items()},
    }


def _agent(agent: Agent, desks: list[str]) -> Row:
    return {
        "number": agent.number,
        "interface": agent.interface,
        "name": agent.name,
        "desks": desks,
        "state": agent.state.value,
        "reason": agent.reason,
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
