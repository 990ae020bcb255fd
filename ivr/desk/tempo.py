"""How fast a desk is: how long its agents talk, how long phones ring, how soon callers give up.

Pure: what the switch tells (Asterisk 22, apps/app_queue.c) and what old calls tell in, paces out.
Only the last `WINDOW` conversations count, so a desk that changes is followed within as many.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.desk.lines import desk_of

WINDOW = 200
"""Conversations of a desk or a line that are remembered."""
# Of a line by itself so many are known before it is told apart from its desk: callers of one
# language may take longer than others, but a handful of them does not tell.
ENOUGH = 30
# What a conversation is thought to last before any is known: as if a few had been, of three minutes
# on average and spread as conversations are. Every one that is measured counts as much.
USUAL = 180.0
PRIOR = tuple(round(-USUAL * math.log(1 - (n + 0.5) / 8), 1) for n in range(8))
USUAL_RING = 4.0
# So many seconds of waiting count as if nobody had left in them, before anything is known.
PATIENT = 3600.0
# Beyond this the older half of what is known of patience counts for half.
LONG_AGO = 200_000.0
# A conversation beyond it is a phone left off the hook.
LONGEST = 4 * 3600.0
# Far above a thousand seats and all their lines; a forged event makes nothing grow beyond it.
MOST = 10_000


@dataclass(frozen=True)
class Pace:
    """What is known of a line: `talks` are seconds of conversations, the shortest first.

    `ring` is how long a phone rings until it is answered; of callers who wait, the share
    `leaving` goes away each second without an agent. `known` conversations were measured.
    """

    talks: tuple[float, ...]
    ring: float
    leaving: float
    known: int


class _Talks:
    """The last conversations, and what is thought of them before they are known."""

    def __init__(self) -> None:
        self._window = deque(PRIOR, maxlen=WINDOW)
        self.known = 0
        self._sorted: tuple[float, ...] = ()

    def add(self, seconds: float) -> None:
        self._window.append(min(max(seconds, 1.0), LONGEST))
        self.known += 1
        self._sorted = ()

    def sorted(self) -> tuple[float, ...]:
        self._sorted = self._sorted or tuple(sorted(self._window))
        return self._sorted


@dataclass
class _Patience:
    left: float = 0.0
    waited: float = PATIENT

    def add(self, waited: float, *, left: bool) -> None:
        if self.waited > LONG_AGO:
            self.left, self.waited = self.left / 2, self.waited / 2
        self.left += left
        self.waited += min(max(waited, 0.0), LONGEST)


class Tempo:
    """Folds AMI events as dicts of headers, and what old calls tell."""

    def __init__(self) -> None:
        self._everywhere = _Talks()
        self._talks: dict[str, _Talks] = {}
        self._rings: dict[str, float] = {}
        self._patience: dict[str, _Patience] = {}
        self._talking: dict[str, tuple[str, datetime]] = {}

    def learn(self, desk: str, waited: float, talked: float | None) -> None:
        """Take a wait of an old call, in seconds; `talked` is None of one nobody answered."""
        self._waited(desk, waited, left=talked is None)
        if talked:
            self._talked(desk, talked)

    def apply(self, event: Mapping[str, str], now: datetime) -> None:
        """Take an AMI event; unknown ones and missing fields change nothing."""
        kind, line = event.get("Event", ""), event.get("Queue", "")
        if not line:
            return
        interface = event.get("Interface", "")
        if kind == "AgentConnect":
            self._connected(line, interface, event, now)
        elif kind == "AgentComplete":
            self._talking.pop(interface, None)
            if (talked := _seconds(event, "TalkTime")) is not None:
                self._talked(line, talked)
        elif kind == "QueueCallerAbandon" and (waited := _seconds(event, "HoldTime")) is not None:
            self._waited(desk_of(line), waited, left=True)

    def talking(self, interface: str, now: datetime) -> tuple[str, timedelta] | None:
        """Return in which line an agent has a caller, and since how long; None: not known."""
        if interface not in self._talking:
            return None
        line, since = self._talking[interface]
        return line, now - since

    def pace(self, line: str) -> Pace | None:
        """Return what is known of a line, or else its desk, or else all desks; None: nothing."""
        desk = desk_of(line)
        patience = self._patience.get(desk, _Patience())
        for name, enough in ((line, ENOUGH), (desk, 1)):
            talks = self._talks.get(name)
            if talks and talks.known >= enough:
                break
        else:
            talks = self._everywhere
        if not talks.known:
            return None
        ring = self._rings.get(desk, USUAL_RING)
        return Pace(talks.sorted(), ring, patience.left / patience.waited, talks.known)

    def _connected(
        self, line: str, interface: str, event: Mapping[str, str], now: datetime
    ) -> None:
        desk = desk_of(line)
        if interface and (interface in self._talking or len(self._talking) < MOST):
            self._talking[interface] = line, now
        if (rang := _seconds(event, "RingTime")) is not None and (
            desk in self._rings or len(self._rings) < MOST
        ):
            known = self._rings.get(desk, USUAL_RING)
            self._rings[desk] = known + (min(rang, 60.0) - known) / 20
        if (waited := _seconds(event, "HoldTime")) is not None:
            self._waited(desk, waited, left=False)

    def _talked(self, line: str, seconds: float) -> None:
        for name in {line, desk_of(line)}:
            if name in self._talks or len(self._talks) < MOST:
                self._talks.setdefault(name, _Talks()).add(seconds)
        self._everywhere.add(seconds)

    def _waited(self, desk: str, seconds: float, *, left: bool) -> None:
        if desk in self._patience or len(self._patience) < MOST:
            self._patience.setdefault(desk, _Patience()).add(seconds, left=left)


def _seconds(event: Mapping[str, str], key: str) -> float | None:
    text = event.get(key, "")
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None
