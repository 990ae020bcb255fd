"""A call that is led with its journal on its channel, and one that another controller has led."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ivr.flow.effects import Effect
from ivr.flow.journal import Journal
from ivr.flow.journal_entries import is_idle as is_idle_answer
from ivr.flow.opening import Opening
from ivr.flow.packing import Unreadable
from ivr.flow.resume import Taken, resume
from ivr.flow.session import Session
from ivr.line.keeping import NOTHING, Place, kept
from ivr.line.variables import Commands
from ivr.line.waits import Wait
from ivr.versions.edition import Edition
from ivr.versions.served import Served

_log = logging.getLogger(__name__)


class Keeps(Protocol):
    """The line of a call, as what its journal is kept by."""

    def keep(self, texts: Mapping[int, str]) -> None:
        """Keep these of its texts, by their numbers, on its channel."""

    def keep_waiting(self, texts: Sequence[str]) -> None:
        """Keep all of them elsewhere, while she stays in a queue."""


class Kept:
    """A call's session as `drive` walks it: what is answered goes into its journal, and is kept.

    However the walk of one who `is_let_go` ends, the call goes on elsewhere.
    """

    def __init__(
        self,
        journal: Journal,
        line: Keeps,
        is_let_go: Callable[[], bool] = lambda: False,
    ) -> None:
        self._journal = journal
        self._line = line
        self._is_let_go = is_let_go
        line.keep(journal.unwritten())

    @property
    def session(self) -> Session:
        """The call itself."""
        return self._journal.session

    def begin(self, now: datetime) -> Effect[Any] | None:
        """Start the walk, or go on where it was left; return what is asked."""
        return self.session.asked or self.answer(None, now)

    def answer(self, answer: Any, now: datetime) -> Effect[Any] | None:
        """Do as a session does."""
        is_idle = is_idle_answer(self.session.asked, answer)
        effect = self._journal.answer(answer, now)
        self._line.keep(self._journal.unwritten())
        if self.session.stays and not is_idle:
            self._line.keep_waiting(self._journal.texts)
        return effect

    def hang_up(self, now: datetime, why: str = "the caller hung up") -> None:
        """Do as a session does."""
        if not self._is_let_go():
            self.session.hang_up(now, why)

    def fail(self, now: datetime, fault: BaseException) -> None:
        """Do as a session does."""
        if not self._is_let_go():
            self.session.fail(now, fault)

    def pass_on(
        self, now: datetime, to: str, by: str, agent: str = "", talked: float = 0.0
    ) -> None:
        """Do as a session does."""
        if not self._is_let_go():
            self.session.pass_on(now, to, by, agent, talked)


@dataclass(frozen=True)
class Resumed:
    """A call taken over, in the edition it goes on in.

    So many keys are `unread` again. What the switch was `doing` answers what is asked, where
    anything does. While she `waited` in a queue her journal was in a file.
    """

    journal: Journal
    edition: Edition
    unread: int
    doing: str
    waited: Wait | None


async def led_on(texts: Sequence[str], served: Served, channel: str) -> tuple[Taken, Edition]:
    """Return the call on a channel that has a journal of these texts, in its edition.

    Raises Unreadable and KeyError where nobody can read it.
    """
    opening, _ = Opening.read(texts[0] if texts else "")
    edition = await served.again(opening.version, channel)
    return resume(texts, edition.project), edition


async def resumed(
    wire: Commands, place: Place, served: Served, id: str, waited: Wait | None = None
) -> Resumed | None:
    """Return the call whose journal a channel has at a place; None where nobody can read it.

    What was kept while she `waited` there is newer. Raises LineLost.
    """
    texts = there = await kept(wire, place)
    if waited:
        texts = list(waited.texts)
    try:
        taken, edition = await led_on(texts, served, id)
    except (Unreadable, KeyError) as fault:
        _log.error("call %s cannot be led on, and begins anew: %s", id, fault)
        return None
    if taken.lost:
        _log.warning("call %s goes on where it is known to have been: %s", id, taken.lost)
    taken.journal.rewrite(n for n, text in enumerate(texts) if there[n : n + 1] != [text])
    is_whole = taken.journal.texts == tuple(texts)
    doing = place.doing if is_whole else NOTHING
    return Resumed(taken.journal, edition, taken.unread, doing, waited)
