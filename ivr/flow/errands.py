"""What a call asks of the world, written into its logbook: what for, since when, what came of it.

Two errands last longer than one effect: the wait of a caller who stays, and a look-up she is told
to wait for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ivr.flow.effects import (
    Effect,
    EndWait,
    Enqueue,
    Impossible,
    Interrupted,
    LookUp,
    Queued,
    Recorded,
    Refused,
    Send,
    Staying,
    Waiting,
)
from ivr.flow.logbook import Logbook
from ivr.flow.services import Failed


@dataclass(frozen=True)
class _Wait:
    """The wait of a caller who stays, since when, and the node that asked for it."""

    asked: Enqueue
    since: datetime
    node: str


class Errands:
    """The errands of one call, which began when it `started`."""

    def __init__(self, logbook: Logbook, started: datetime) -> None:
        self._logbook = logbook
        self._asked_at = self._looked_up_at = started
        # What she is told to wait for, and the node that asked it.
        self._awaited: tuple[LookUp | Send, str] | None = None
        self._wait: _Wait | None = None

    @property
    def asked_at(self) -> datetime:
        """When the last effect was asked."""
        return self._asked_at

    @property
    def stays(self) -> bool:
        """Whether she is in a queue and is spoken to meanwhile."""
        return self._wait is not None

    @property
    def wait(self) -> Enqueue | None:
        """With what she was brought into the queue she is in."""
        return self._wait.asked if self._wait else None

    def asks(self, effect: Effect[Any], now: datetime) -> None:
        """Note what is asked; whoever is elsewhere by then waits no longer for what she awaited."""
        self._asked_at = now
        is_new = isinstance(effect, LookUp | Send) and not effect.still
        if is_new or (self._awaited and self._logbook.node != self._awaited[1]):
            self.call_off(now)
        if is_new:
            self._looked_up_at = now

    def answered(self, asked: Effect[Any] | None, answer: Any, now: datetime) -> None:
        """Take an answer, which may say that it takes longer."""
        goes_on = isinstance(answer, Waiting | Interrupted)
        if isinstance(answer, Staying) and isinstance(asked, Enqueue):
            self._wait = _Wait(asked, self._asked_at, self._logbook.node)
        elif asked is not None and not goes_on:
            self._write_down(asked, answer, now)
        if isinstance(asked, LookUp | Send):
            self._awaited = (asked, self._logbook.node) if goes_on else None
        if isinstance(answer, Queued):
            self._wait = None

    def left(self, asked: Effect[Any] | None, now: datetime) -> None:
        """She has gone, and waits for nothing more."""
        if isinstance(asked, LookUp | Send):
            self._awaited = None
        self.call_off(now, left=True)
        if asked is not None:
            self._write_down(asked, None, now, left=True)
        if self._wait and not isinstance(asked, EndWait):
            self._write_down(EndWait(), None, now, left=True)

    def call_off(self, now: datetime, left: bool = False) -> None:
        """Note that she went elsewhere, or hung up, if she was told to wait for an answer."""
        if self._awaited:
            (asked, node), self._awaited = self._awaited, None
            began = self._looked_up_at
            self._logbook.asked(asked.errand, "", began=began, ended=now, left=left, node=node)

    def _write_down(
        self, asked: Effect[Any], answer: Any, now: datetime, left: bool = False
    ) -> None:
        """Note what was asked of the world and the kind of its answer, nothing of what it told."""
        wait = self._wait if isinstance(asked, EndWait) else None
        errand = wait.asked.errand if wait else asked.errand
        if errand is None:
            return
        goes_on = isinstance(asked, LookUp | Send)
        outcome, by, why = _kind_of(answer)
        self._logbook.asked(
            errand,
            outcome,
            began=wait.since if wait else self._looked_up_at if goes_on else self._asked_at,
            ended=now,
            by=by,
            why=why,
            left=left or getattr(answer, "left", False),
            talked=answer.talked if isinstance(answer, Queued) else None,
            node=wait.node if wait else None,
        )


def _kind_of(answer: Any) -> tuple[str, str, str]:
    """Return the kind of an answer, the agent who gave it, the reason of a failure."""
    match answer:
        case Queued():
            return answer.outcome, answer.agent, ""
        case Recorded():
            return "silent" if answer.silent else "recorded", "", ""
        case Failed() | Impossible() | Refused():
            return type(answer).__name__.lower(), "", answer.reason
        case bool():
            return "sent" if answer else "failed", "", ""
        case str() | None:
            return answer or "", "", ""
    return type(answer).__name__.lower(), "", ""
