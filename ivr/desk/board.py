"""The state of queues and agents, folded from AMI events (Asterisk 22, apps/app_queue.c).

Pure: events and the time in, a picture out. What the switch says of itself in a QueueStatus
list replaces everything; what happens between two lists changes only queues that are known, so
no stray or forged event makes the board grow without bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ivr.desk.snapshot import Agent, AgentState, Caller, Post, Queue, Snapshot
from ivr.desk.standin import stands_in

# Far above a thousand seats and the longest queue, far below what would hurt.
MEMBER_LIMIT = 10_000
CALLER_LIMIT = 10_000
# Ten digits: seconds since 1970 until the year 2286.
NUMBER_DIGITS = 10


STRONGEST_FIRST = [
    AgentState.TALKING,
    AgentState.RINGING,
    AgentState.FREE,
    AgentState.WRAP_UP,
    AgentState.PAUSED,
    AgentState.LOGGED_OUT,
]


@dataclass
class _Member:
    interface: str
    name: str = ""
    status: int = 0
    paused: bool = False
    reason: str = ""
    in_call: bool = False
    last_call: int = 0
    wrap_up: int = 0
    penalty: int = 0

    def update(self, event: Mapping[str, str]) -> None:
        self.name = event.get("MemberName") or event.get("Name") or self.name
        self.status = _number(event, "Status", self.status)
        self.paused = bool(_number(event, "Paused", self.paused))
        self.reason = event.get("PausedReason", self.reason)
        self.in_call = bool(_number(event, "InCall", self.in_call))
        self.last_call = _number(event, "LastCall", self.last_call)
        self.wrap_up = _number(event, "Wrapuptime", self.wrap_up)
        self.penalty = _number(event, "Penalty", self.penalty)

    def state(self, now: datetime) -> AgentState:
        # The numbers are ast_device_state of include/asterisk/devicestate.h. An unknown device
        # (0) counts as free because app_queue rings it (is_member_available).
        if self.status in (4, 5):
            return AgentState.LOGGED_OUT
        if self.in_call or self.status in (2, 3, 7, 8):
            return AgentState.TALKING
        if self.status == 6:
            return AgentState.RINGING
        if self.paused:
            return AgentState.PAUSED
        if self.last_call and now.timestamp() < self.last_call + self.wrap_up:
            return AgentState.WRAP_UP
        return AgentState.FREE


@dataclass
class _Queue:
    completed: int = 0
    abandoned: int = 0
    members: dict[str, _Member] = field(default_factory=dict)
    callers: list[Caller] = field(default_factory=list)

    def upsert(self, interface: str, event: Mapping[str, str]) -> None:
        if interface and (interface in self.members or len(self.members) < MEMBER_LIMIT):
            self.members.setdefault(interface, _Member(interface)).update(event)

    def join(self, event: Mapping[str, str], since: datetime) -> None:
        unique = event.get("Uniqueid", "")
        self.leave(unique)
        if unique and len(self.callers) < CALLER_LIMIT:
            place = _number(event, "Position", len(self.callers) + 1)
            number, name = _known(event, "CallerIDNum"), _known(event, "CallerIDName")
            booked = stands_in(event.get("Channel", ""))
            # One of higher priority goes in front of others: places follow from the order.
            self.callers.insert(
                max(place - 1, 0), Caller(unique, number, name, place, since, booked)
            )

    def leave(self, unique: str) -> None:
        self.callers = [caller for caller in self.callers if caller.id != unique]

    def happen(self, event: Mapping[str, str], now: datetime) -> None:
        kind = event.get("Event", "")
        interface = event.get("Interface", "")
        if kind == "QueueMemberRemoved":
            self.members.pop(interface, None)
        elif kind.startswith("QueueMember"):
            self.upsert(interface, event)
        elif kind == "QueueCallerJoin":
            self.join(event, now)
        elif kind == "QueueCallerLeave":
            self.leave(event.get("Uniqueid", ""))
        elif kind == "QueueCallerAbandon":
            self.leave(event.get("Uniqueid", ""))
            self.abandoned += 1
        elif kind == "AgentComplete":
            self.completed += 1


class Board:
    """Folds events as dicts of AMI headers; `snapshot` shows the result."""

    def __init__(self, born: datetime) -> None:
        self._queues: dict[str, _Queue] = {}
        self._list: dict[str, _Queue] = {}
        self._list_id = ""
        self._stale_since: datetime | None = born

    def apply(self, event: Mapping[str, str], now: datetime) -> None:
        """Change the board as the event says; unknown events and missing fields change nothing.

        QueueParams, QueueMember and QueueEntry are collected and count from the moment
        QueueStatusComplete ends their list: feed only events of a list you asked for.
        """
        kind = event.get("Event", "")
        name = event.get("Queue", "")
        if kind == "QueueParams" and name:
            if event.get("ActionID", "") != self._list_id:  # the list before was never ended
                self._list_id, self._list = event.get("ActionID", ""), {}
            self._list[name] = _Queue(_number(event, "Completed"), _number(event, "Abandoned"))
        elif kind == "QueueMember" and name in self._list:
            self._list[name].upsert(event.get("Location", ""), event)
        elif kind == "QueueEntry" and name in self._list:
            self._list[name].join(event, now - timedelta(seconds=_number(event, "Wait")))
        elif kind == "QueueStatusComplete":
            self._queues, self._list = self._list, {}
            self._stale_since = None
        elif kind == "Shutdown":
            self.lose(now)
        else:
            # An event amid a list may be younger than the list's item.
            for queues in (self._queues, self._list):
                if name in queues:
                    queues[name].happen(event, now)

    def lose(self, heard: datetime) -> None:
        """The link is lost: all is stale since the switch was last `heard`."""
        self._list = {}
        self._stale_since = self._stale_since or heard

    def waiting(self) -> tuple[str, ...]:
        """Return the ids of those who wait, first ones first; of nobody while it is stale."""
        if self._stale_since is not None:
            return ()
        return tuple(caller.id for queue in self._queues.values() for caller in queue.callers)

    def posts(self, now: datetime) -> Iterator[Post]:
        """Yield every agent in each queue."""
        for name, queue in self._queues.items():
            for member in queue.members.values():
                rest = member.last_call + member.wrap_up - now.timestamp()
                yield Post(
                    queue=name,
                    interface=member.interface,
                    penalty=member.penalty,
                    state=member.state(now),
                    goes_on=not member.paused,
                    rest=max(0.0, rest) if member.last_call else 0.0,
                    wrap_up=float(member.wrap_up),
                )

    def snapshot(self, now: datetime) -> Snapshot:
        """Return the board as it is `now`: queues by name, agents by number."""
        return Snapshot(
            stale_since=self._stale_since,
            queues=tuple(_shown(name, queue) for name, queue in sorted(self._queues.items())),
            agents=tuple(sorted(self._agents(now), key=lambda agent: (agent.number, agent.name))),
        )

    def _agents(self, now: datetime) -> Iterator[Agent]:
        places: dict[str, dict[str, _Member]] = {}
        for name, queue in sorted(self._queues.items()):
            for member in queue.members.values():
                places.setdefault(member.interface, {})[name] = member
        for interface, memberships in places.items():
            members = list(memberships.values())
            yield Agent(
                number=_extension(interface),
                interface=interface,
                name=members[0].name,
                queues=tuple(memberships),
                state=_together([member.state(now) for member in members]),
                reason=next((each.reason for each in members if each.paused), ""),
            )


def _together(states: list[AgentState]) -> AgentState:
    """One agent's state out of those in each queue: free only if free in one of them."""
    return min(states, key=STRONGEST_FIRST.index)


def _shown(name: str, queue: _Queue) -> Queue:
    return Queue(
        name=name,
        callers=tuple(
            replace(caller, position=place) for place, caller in enumerate(queue.callers, start=1)
        ),
        agents=tuple(sorted(_extension(interface) for interface in queue.members)),
        completed=queue.completed,
        abandoned=queue.abandoned,
    )


def _extension(interface: str) -> str:
    """Return `1001` for `PJSIP/1001` and for `Local/1001@agents/n`."""
    return interface.partition("/")[2].partition("@")[0].partition("/")[0] or interface


def _known(event: Mapping[str, str], key: str) -> str:
    # "unknown" in a list (app_queue.c), "<unknown>" in events (manager_channels.c).
    value = event.get(key, "")
    return "" if value in ("unknown", "<unknown>") else value


def _number(event: Mapping[str, str], key: str, otherwise: int = 0) -> int:
    text = event.get(key, "")
    if text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS:
        return int(text)
    return otherwise
