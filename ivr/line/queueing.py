"""A channel in app_queue's hands: what it goes there with, and what came of it."""

from __future__ import annotations

import re
import time

from ivr.desk import lines
from ivr.desk.order import TENTHS_UNTIL_THEN
from ivr.flow.effects import Enqueue, Queued, QueueOutcome
from ivr.line.keeping import QUEUEING
from ivr.line.leg import Leg
from ivr.line.passed import MARKS, passed_on, passer
from ivr.line.taping import Taping
from ivr.wire import agi
from ivr.wire.agi import Command, Expression

QUEUE_OUTCOMES: dict[str, QueueOutcome] = {
    "CONTINUE": "answered",
    "TIMEOUT": "unanswered",
    "FULL": "full",
    "JOINEMPTY": "closed",
    "LEAVEEMPTY": "closed",
    "JOINUNAVAIL": "closed",
    "LEAVEUNAVAIL": "closed",
    "WITHDRAW": "left",
}
# What an agent's phone is told as it rings for her (dialplans/agents.conf).
HEADERS = "b(agent-headers^s^1)"

# What a name may be long, for displays.
NAME = 60

# app_queue reckons in whole seconds of the machine's clock. Where that went on by so many more
# than time did, it was put forward.
STEP = 2.0

# What a wait before may have left on the channel.
LEFT_BEFORE = ("BLINDTRANSFER", "ATTENDEDTRANSFER", "MEMBERNAME", "QUEUESTATUS")


class Queueing:
    """The waits of one part of a call; `record` is the name of its record."""

    def __init__(self, leg: Leg, record: str) -> None:
        self._leg = leg
        self._taping = Taping(leg.wire, record)
        self._is_sooner = False
        self._queue, self._longest = "", 0.0

    @property
    def waits(self) -> int:
        """How often she came to a queue."""
        return self._taping.waits

    def take_up(self, waits: int, recorded: bool) -> None:
        """Go on where she came to a queue so often; her talk is being `recorded` or is not."""
        self._is_sooner = True
        self._taping.take_up(waits, recorded)

    async def prepare(self, enqueue: Enqueue, stays: bool) -> Command:
        """Say on the channel with what she waits; return the command that hands it over.

        It takes her keys away once all is kept, unless she `stays` in our hands: then they are read
        meanwhile (ivr/desk/keys.py).

        Raises LineLost.
        """
        path = ">".join(enqueue.path[-6:])
        told: dict[str, str] = dict.fromkeys(LEFT_BEFORE, "") | {
            "__IVR_LANGUAGE": enqueue.language,
            "__IVR_PATH": re.sub(r"[^\w>/-]", "", path)[-200:],
            "__IVR_SPEED": str(enqueue.speed),
            Expression("CALLERID(name)"): _shown(enqueue.language, path),
            "QUEUE_MAX_PENALTY": str(lines.AT_FIRST),
        }
        if enqueue.sooner or self._is_sooner:
            self._is_sooner, tenths = bool(enqueue.sooner), round(enqueue.sooner * 10)
            since = f"{TENTHS_UNTIL_THEN} - ${{IVR_SINCE}} + {tenths}"
            await self._leg.variables.sum("QUEUE_PRIO", since)
        self._queue, self._longest = f"{_line(enqueue)},ct{HEADERS},,,", enqueue.longest
        queue = f"{self._queue}{max(1, round(enqueue.longest))}"
        await self._taping.begin(enqueue)
        forget = "" if stays else self._leg.keys.forget()
        along = agi.setting(told) + await self._leg.keeping.along(QUEUEING) + forget
        return agi.execute("Queue", Expression(along + queue))

    async def wait(self, queue: Command) -> Queued:
        """Let app_queue have her, for as long as she may wait; return what came of it.

        Raises `PassedOn` when an agent has passed her on, and LineLost when the switch is gone.
        """
        began, clock = time.monotonic(), time.time()
        while True:
            await self._leg.wire.command(queue, dead=True)
            lasted = time.monotonic() - began
            stepped = time.time() - clock - lasted
            status, queued = await self._waited(lasted)
            rest = round(self._longest - lasted)
            if status != "TIMEOUT" or stepped < STEP or rest < 1:
                return queued or Queued("unanswered")
            # She comes to her place again: it is by when she called (QUEUE_PRIO).
            queue = agi.execute("Queue", Expression(f"{self._queue}{rest}"))
            clock += stepped

    async def waited(self, lasted: float) -> Queued | None:
        """Return what came of a wait and talk that `lasted` so many seconds; None: of none.

        Raises as `wait`.
        """
        return (await self._waited(lasted))[1]

    async def _waited(self, lasted: float) -> tuple[str, Queued | None]:
        names = ("ANSWEREDTIME_MS", "QUEUEWAIT_MS", "ATTENDEDTRANSFER", *MARKS)
        asked = await self._leg.variables.read("QUEUESTATUS", "MEMBERNAME", *names, dead=True)
        status, agent, talked, waited, transferer, *marks = asked
        # A blind transfer leaves no ANSWEREDTIME (ast_bridge_call calls no end_bridge_callback).
        if passing := passed_on(marks, agent, max(0.0, lasted - _seconds(waited))):
            raise passing
        if not status and not agent:
            return status, None
        outcome = "answered" if agent else QUEUE_OUTCOMES.get(status, "unanswered")
        spoken = _seconds(talked) if agent else 0.0
        return status, Queued(outcome, agent, talked=spoken, passed_by=passer(transferer))

    async def end(self) -> None:
        """The wait is over, and so is the talk that may have followed. Raises LineLost."""
        await self._taping.end()
        # Left as CONTINUE it would tell the dialplan, should we die later, that all is said.
        await self._leg.variables.set("QUEUESTATUS", "")


def _seconds(milliseconds: str) -> float:
    """Return what a variable of the switch holds; 0 where it holds none."""
    return int(milliseconds) / 1000 if re.fullmatch(r"[0-9]{1,10}", milliseconds) else 0.0


def _shown(language: str, path: str) -> str:
    """Return her language, and of her way the last nodes for which a name has room."""
    way = re.sub(r"[^\w>/-]", "", path)
    if len(way) > (room := NAME - len(language) - 1):
        tail = way[-room - 1 :]
        way = tail.partition(">")[2] or tail[1:]
    return f"{language} {way}"


def _line(enqueue: Enqueue) -> str:
    """Return the queue she waits in: the desk's own where the switch has no line for the skills."""
    wanted = lines.line(enqueue.queue, enqueue.skills)
    if wanted == enqueue.queue:
        return wanted
    return f"${{IF($[${{QUEUE_EXISTS({wanted})}}]?{wanted}:{enqueue.queue})}}"
