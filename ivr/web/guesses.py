"""How fast somebody may ask, and how often be wrong; the clock is an argument."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

WRONG = 5  # wrong passwords in a row after which the next has to wait
FIRST_WAIT = 30.0  # seconds; doubled by each that is wrong again
LONGEST_WAIT = 900.0  # seconds
WRONG_FROM_ONE_PLACE = 30  # of different names: somebody tries one password on all
PER_SECOND = 100.0  # questions of one user, or of one address without a login
AT_ONCE = 400.0
MOST = 10_000  # users and addresses that are counted; who was quiet longest is forgotten first


@dataclass
class _Count:
    wrong: int = 0
    until: float = 0.0
    last: float = 0.0


class Guesses:
    """Wrong passwords: by name and address, and by address alone.

    Not by name alone: whoever knows a name could keep its owner out.
    """

    def __init__(self) -> None:
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()

    def wait(self, name: str, address: str, now: float) -> float:
        """Return for how many seconds a password for this name is not looked at, 0 for none."""
        found = (self._counts.get(key) for key in ((name, address), ("", address)))
        return max((each.until - now for each in found if each and each.until > now), default=0.0)

    def wrong(self, name: str, address: str, now: float) -> bool:
        """Count a wrong password; return whether the next has to wait from now on."""
        hers = self._count((name, address), WRONG, now)
        place = self._count(("", address), WRONG_FROM_ONE_PLACE, now)
        return hers or place

    def right(self, name: str, address: str) -> None:
        """Forget what was wrong: she knows her password."""
        self._counts.pop((name, address), None)

    def _count(self, key: tuple[str, str], most: int, now: float) -> bool:
        count = self._counts.pop(key, None) or _Count()
        if now - count.last > LONGEST_WAIT:
            count = _Count()
        count.wrong += 1
        count.last = now
        if late := count.wrong - most >= 0:
            # Of an exponent that grows without end Python makes an error.
            doubled = min(count.wrong - most, 10)
            count.until = now + min(LONGEST_WAIT, FIRST_WAIT * 2**doubled)
        self._counts[key] = count
        while len(self._counts) > MOST:
            self._counts.popitem(last=False)
        return late


class Pace:
    """Questions, by who asks: a bucket that fills by `per_second`, and holds `at_once`."""

    def __init__(self, per_second: float, at_once: float) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, who: str, now: float) -> float:
        """Count a question; return after how many seconds to ask again, 0 if it is answered."""
        left, then = self._left.pop(who, (self._at_once, now))
        left = min(self._at_once, left + (now - then) * self._per_second)
        is_answered = left >= 1
        self._left[who] = (left - is_answered, now)
        while len(self._left) > MOST:
            self._left.popitem(last=False)
        return 0.0 if is_answered else (1 - left) / self._per_second
