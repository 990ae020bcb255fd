"""What is told of a wait that is expected: as people say it, and never quietly more than before.

Pure. What is told is no less than what is expected, but for a quarter, so that she is rather
answered sooner. Whoever was told "five minutes" two minutes ago and has five before her still is
told so with a word about it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ivr.desk.forecast import Expected
from ivr.flow.outlook import LONG, Outlook

MINUTES = (1, 2, 3, 5, 10, 15, 20, 30)
"""What waits are told as; what is longer is `LONG`."""
# So much more than what is told is not worth the next, which may be twice as much: to tell that one
# from 1.1 on makes simulated days a fifth worse, to tell the nearest twice as often too little.
_NEARLY = 1.25
# So many seconds, or such a part of what she was told, it may be later than that without a word.
_A_WHILE, _A_PART = 60.0, 0.25
# Far more than wait at once.
_MOST = 20_000


def rounded(wait: float) -> float:
    """Return the seconds that are told of a wait of so many."""
    return next((60.0 * each for each in MINUTES if wait <= 60 * each * _NEARLY), LONG)


@dataclass
class _Told:
    """The last thing a caller was told, and when; `wait` None: never more than her place."""

    place: int
    wait: float | None
    at: datetime

    def is_less_than(self, place: int, wait: float | None, expected: float, now: datetime) -> bool:
        """Tell whether she has reason to think that it would be less."""
        if place > self.place:
            return True
        if wait is None or self.wait is None or self.wait >= LONG:
            return False
        left = self.wait - (now - self.at).total_seconds()
        late = expected - max(left, 0.0)
        return wait > self.wait or late > max(_A_WHILE, self.wait * _A_PART)


@dataclass
class Teller:
    """Remembers what each caller was told at a desk, as long as so many others are not told."""

    _told: dict[tuple[str, str], _Told] = field(default_factory=dict)

    def tell(self, desk: str, caller: str, expected: Expected, now: datetime) -> Outlook:
        """Return what a caller is told now, and take it that she is."""
        wait = None if expected.wait is None else rounded(expected.wait)
        before = self._told.pop((desk, caller), None)
        longer = before is not None and before.is_less_than(
            expected.place, wait, expected.wait or 0.0, now
        )
        known = before.wait if before and wait is None else wait
        self._told[desk, caller] = _Told(expected.place, known, now)
        if len(self._told) > _MOST:
            del self._told[next(iter(self._told))]
        return Outlook(expected.place, wait, longer)
