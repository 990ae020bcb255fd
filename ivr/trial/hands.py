"""What a caller does in simulated time: her acts, one after the other, and the clock they go by."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from ivr.trial.acts import HANG_UP, SILENCE, Act

# Seconds it takes her to press a key when the line listens.
REACTION = 0.5


class Gone(Exception):
    """The caller has hung up."""


class Hands:
    """The acts of one caller; `time` is how many seconds of her call have passed."""

    def __init__(self, acts: Iterable[Act]) -> None:
        self.time = 0.0
        self._acts = deque(acts)
        self._last_act = 0.0

    @property
    def left(self) -> tuple[Act, ...]:
        """What she has not done yet."""
        return tuple(self._acts)

    @property
    def next(self) -> Act | None:
        """What she does next."""
        return self._acts[0] if self._acts else None

    def due(self, until: float) -> float | None:
        """Return when the clock makes her act next, if that is before `until`."""
        act = self.next
        if act is None or not act.is_timed:
            return None
        due = self._last_act + act.after if act.after is not None else act.at or 0.0
        return max(due, self.time) if due <= until else None

    def act(self, moment: float) -> str:
        """Do what is next at a moment, and return the keys of it. Raises Gone when she hangs up."""
        act = self._acts.popleft()
        self.time = self._last_act = moment
        if act.does == HANG_UP:
            raise Gone
        return act.does

    def overdue(self) -> str:
        """Return the keys she pressed while nobody listened: typed ahead. Raises Gone."""
        keys = ""
        while self.due(self.time) is not None:
            keys += self.act(self.time)
        return keys

    def answer(self, until: float, rests: bool) -> str:
        """Let the line listen until a moment; return her keys, "" for silence. Raises Gone.

        Who `rests` waits for nothing: only the clock makes her act.
        """
        act = None if rests else self.next
        if act and act.does == SILENCE:
            self._acts.popleft()
        elif act and not act.is_timed and not act.during:
            return self.act(self.time + min(REACTION, (until - self.time) / 2))
        else:
            return self.waits(until)
        self.time = until
        return ""

    def waits(self, until: float) -> str:
        """Let time pass until a moment, or until the clock makes her act; return her keys then.

        Raises Gone.
        """
        if (due := self.due(until)) is not None:
            return self.act(due)
        self.time = until
        return ""

    def passes(self, seconds: float) -> bool:
        """Let time pass in which keys do nothing; return whether she hung up in it."""
        until = self.time + seconds
        while (due := self.due(until)) is not None:
            try:
                self.act(due)
            except Gone:
                return True
        self.time = until
        return False

    def hangs_up(self) -> bool:
        """Return whether hanging up is what she does next, which is done then."""
        if self.next == Act(HANG_UP):
            self._acts.popleft()
            return True
        return False
