"""What became of everybody a desk was offered: sums that add up, whatever is heard or not.

    offered = answered + gave up + called back + left a message + overflowed + unseen + still there

Pure: news and the time in, sums out. Two tell of a wait. The controller knows of each caller it
leads when she begins to wait (`enter`) and what came of it (`settle`). The switch's events
(`apply`) tell of an answer when it happens, and of callers whom nobody leads: they are put through
when there is no controller, or were there before it was. app_queue says QueueCallerAbandon of all
whom no agent got, out of time or patience alike (record_abandoned in app_queue.c), so of those
whom nobody leads all count as having given up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ivr.desk.lines import desk_of
from ivr.desk.standin import stands_in

# Who left a queue, and nothing is said of why, is answered a moment later: the agent is greeted in
# between. When it is over, what became of her was not seen.
MOMENT = timedelta(seconds=10)
# Events tell of a wait a little later than the controller, who reads the channel itself.
ECHO = timedelta(seconds=1)
# app_queue lists a queue no more that is deleted with callers in it, and keeps the callers: they
# are there until an event says otherwise, or so long, which is the longest a flow lets them wait.
LONGEST = timedelta(hours=2)
# Far more than wait at once; whoever is beyond it is not counted, neither as offered.
WAITS_LIMIT = 20_000
# So many callers are remembered who wait no longer, that late news of them counts for nothing.
PAST_LIMIT = 20_000
_TELLING = frozenset(
    {
        "QueueParams",
        "QueueEntry",
        "QueueStatusComplete",
        "QueueCallerJoin",
        "QueueCallerLeave",
        "QueueCallerAbandon",
        "AgentConnect",
    }
)


class Fate(StrEnum):
    """What became of a wait. Overflowed: no time, place or agent was left, or she was moved on."""

    ANSWERED = "answered"
    GAVE_UP = "gave up"
    CALLED_BACK = "called back"
    LEFT_A_MESSAGE = "left a message"
    OVERFLOWED = "overflowed"
    UNSEEN = "unseen"


@dataclass(frozen=True)
class Sums:
    """How many callers a desk was offered, and what became of them, a field for each `Fate`."""

    offered: int = 0
    answered: int = 0
    gave_up: int = 0
    called_back: int = 0
    left_a_message: int = 0
    overflowed: int = 0
    unseen: int = 0
    still_there: int = 0


@dataclass
class _Wait:
    queue: str
    since: datetime
    is_led: bool
    gone: datetime | None = None

    @property
    def desk(self) -> str:
        return desk_of(self.queue)


@dataclass
class _Past:
    until: datetime
    desk: str
    fate: Fate


@dataclass
class _List:
    began: datetime
    queues: set[str] = field(default_factory=set)
    callers: dict[str, str] = field(default_factory=dict)


class Ledger:
    """Counts waits from its making on, for the `desks` named and those the switch lists.

    A caller is known by the unique id of her channel and waits in one place at a time.
    """

    def __init__(self, desks: Iterable[str] = ()) -> None:
        self._offered = Counter[str](dict.fromkeys(desks, 0))
        self._fates = Counter[tuple[str, Fate]]()
        self._there = Counter[str]()
        self._waits: dict[str, _Wait] = {}
        # Their last wait: an event that is not younger than its end is an echo.
        self._past: dict[str, _Past] = {}
        self._list: _List | None = None

    def enter(self, caller: str, queue: str, now: datetime) -> None:
        """A caller whom the controller leads is about to wait; `settle` will tell what came of it.

        If she waits elsewhere, that wait has overflowed.
        """
        self._end(caller, Fate.OVERFLOWED, now)
        self._past.pop(caller, None)
        self._begin(caller, queue, now, is_led=True)

    def settle(self, caller: str, fate: Fate | None, now: datetime) -> None:
        """Tell what became of the wait that `enter` began; an answer may be known already.

        None: the controller has lost sight of her, and the switch's events tell the rest.
        """
        wait = self._waits.get(caller)
        if wait is None or not wait.is_led:
            return
        if fate is None:
            wait.is_led = False
        else:
            self._end(caller, fate, now + ECHO)

    def turn(self, caller: str, queue: str, fate: Fate) -> None:
        """A wait that overflowed has come to this end after all, in the same call."""
        past = self._past.get(caller)
        if past and (past.desk, past.fate) == (desk_of(queue), Fate.OVERFLOWED):
            self._fates[past.desk, past.fate] -= 1
            self._fates[past.desk, fate] += 1
            past.fate = fate

    def apply(self, event: Mapping[str, str], now: datetime) -> None:
        """Take an AMI event as a dict of headers; unknown ones and missing fields change nothing.

        QueueParams, QueueEntry and QueueStatusComplete are believed: feed only a list asked for.
        """
        kind, queue = event.get("Event", ""), event.get("Queue", "")
        if kind not in _TELLING or stands_in(event.get("Channel", "")):
            return
        caller, at = event.get("Uniqueid", ""), _moment(event, now)
        if kind == "QueueParams" and queue:
            self._list = self._list or _List(at)
            self._list.queues.add(queue)
            self._offered.setdefault(desk_of(queue), 0)
        elif kind == "QueueStatusComplete":
            self._compare(self._list or _List(at), at)
            self._list = None
        elif not caller or desk_of(queue) not in self._offered:
            return
        elif kind == "QueueEntry" and self._list:
            self._list.callers[caller] = queue
        elif kind == "QueueCallerJoin":
            self._joined(caller, queue, at)
        elif kind == "AgentConnect":
            self._answered(caller, queue, at)
        elif (wait := self._waits.get(caller)) and wait.queue == queue and not wait.is_led:
            if kind == "QueueCallerAbandon":
                self._end(caller, Fate.GAVE_UP, at)
            elif kind == "QueueCallerLeave":
                wait.gone = wait.gone or at

    def lose(self) -> None:
        """The link is lost, and a list under way with it; the next list tells who is gone."""
        self._list = None

    def there(self, desk: str) -> int:
        """Return how many wait at a desk now, in all its lines."""
        return self._there[desk]

    def sums(self) -> dict[str, Sums]:
        """Return the sums of every desk, by its name."""
        return {
            desk: Sums(
                self._offered[desk],
                still_there=self._there[desk],
                **{fate.name.lower(): self._fates[desk, fate] for fate in Fate},
            )
            for desk in sorted(self._offered)
        }

    def _joined(self, caller: str, queue: str, at: datetime) -> None:
        wait = self._waits.get(caller)
        if self._is_echo(caller, at) or (wait and wait.is_led):
            return
        if wait and wait.desk == desk_of(queue) and not (wait.gone and wait.gone < at):
            wait.queue = queue
            return
        self._end(caller, Fate.UNSEEN if wait and wait.gone else Fate.OVERFLOWED, at)
        self._past.pop(caller, None)
        self._begin(caller, queue, at)

    def _answered(self, caller: str, queue: str, at: datetime) -> None:
        wait = self._waits.get(caller)
        if self._is_echo(caller, at) or (wait and wait.is_led and wait.desk != desk_of(queue)):
            return
        if wait is None or wait.desk != desk_of(queue):
            self._joined(caller, queue, at)
        self._end(caller, Fate.ANSWERED, at)

    def _compare(self, listed: _List, at: datetime) -> None:
        for caller, queue in listed.callers.items():
            self._joined(caller, queue, listed.began)
        for caller, wait in list(self._waits.items()):
            is_there = caller in listed.callers and wait.gone is None
            if wait.is_led or is_there or wait.since >= listed.began:
                continue
            if wait.queue in listed.queues:
                wait.gone = wait.gone or at
            if at - (wait.gone or wait.since) > (MOMENT if wait.gone else LONGEST):
                self._end(caller, Fate.UNSEEN, at)

    def _is_echo(self, caller: str, at: datetime) -> bool:
        return caller in self._past and at <= self._past[caller].until

    def _begin(self, caller: str, queue: str, at: datetime, *, is_led: bool = False) -> None:
        if len(self._waits) < WAITS_LIMIT:
            self._waits[caller] = wait = _Wait(queue, at, is_led)
            self._offered[wait.desk] += 1
            self._there[wait.desk] += 1

    def _end(self, caller: str, fate: Fate, at: datetime) -> None:
        wait = self._waits.pop(caller, None)
        if wait is None:
            return
        self._fates[wait.desk, fate] += 1
        self._there[wait.desk] -= 1
        self._past.pop(caller, None)
        self._past[caller] = _Past(at, wait.desk, fate)
        if len(self._past) > PAST_LIMIT:
            del self._past[next(iter(self._past))]


def _moment(event: Mapping[str, str], now: datetime) -> datetime:
    """Return when the switch says it happened (manager.conf, timestampevents), else `now`."""
    try:
        return min(datetime.fromtimestamp(float(event["Timestamp"]), UTC), now)
    except (KeyError, ValueError, OverflowError, OSError):
        return now
