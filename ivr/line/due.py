"""Keys that are kept and whose turn is still to come: which of those kept next are the same.

StoreDTMF keeps a key as its end is read. What becomes of it the switch decides afterwards
(`__ast_read` of channel.c, docs/decisions/0048): an application that waits for keys is given it at
once. Between two applications a key whose beginning was not seen, or that ends within 45 ms of
another, is first acted out, and those that end meanwhile are put back in line; as their turn comes
they are kept once more. The next application is given them all.

So a key that ends between two applications, and sooner than anybody can press one, is due: the next
of them begins with it. How far they are apart the controller measures by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

# Seconds. A key sounds for 40 ms at least, and 40 ms are between two (ITU-T Q.24).
QUICK = 0.08
# The switch leaves so much between two keys (AST_MIN_DTMF_GAP of channel.c, less the way here).
GAP = 0.04
# Whatever was due is over: a key is acted out for about a tenth of a second.
OVER = 0.5


class Due:
    """The keys of one channel that are kept and due. `clock` tells seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._keys = ""
        self._came = self._begun = self._ended = self._given = -OVER

    def begins(self) -> None:
        """An application that is given keys is begun, unless one is there."""
        self._begun = self._clock()

    def ends(self) -> None:
        """It has come to its end, or was not begun."""
        self._ended = self._clock()

    def between(self, kept: str) -> list[int]:
        """Return the places of those `kept` a second time while no application was given any."""
        places = 0
        if self._clock() - self._came > GAP:
            while kept[places : places + 1] and self._keys.startswith(kept[places]):
                self._keys = self._keys[1:]
                places += 1
        self._are_due(kept[places:])
        return list(range(places))

    def again(self, before: str, kept: str, given: str) -> list[int]:
        """Return the places of those `kept` a second time since an application began.

        It began when those `before` were kept, was `given` these, and has ended. Where nothing that
        is due explains what was kept, each is one of hers.
        """
        self._given = self._ended
        waiting = self._keys if self._begun - self._came < OVER else ""
        self._keys = ""
        if waiting and (given.startswith(waiting) or waiting.startswith(given)):
            turns = [min(len(waiting), len(given))]
        elif kept.startswith(given):  # as nearly always
            turns = [0]
        else:
            most = min(len(before), len(given))
            turns = [n for n in range(most, 0, -1) if before.endswith(given[:n])]
        for n in turns:
            places = _second(kept, given[:n], given[n:])
            if places is not None:
                self._keys = waiting[n:]
                self._are_due(without(kept, places)[len(given) - n :])
                return places
        return []

    def _are_due(self, keys: str) -> None:
        now = self._clock()
        if keys and self._keys and now - self._came < OVER:
            self._keys, self._came = self._keys + keys, now
        elif keys and now - self._given < QUICK:
            self._keys, self._came = keys, now


def without(kept: str, places: list[int]) -> str:
    """Return the keys that are not in these places."""
    return "".join(key for n, key in enumerate(kept) if n not in places) if places else kept


def _second(kept: str, due: str, given: str) -> list[int] | None:
    """Return the places of keys kept a second time, some of those `due` or `given` after them.

    None where those kept are not all that were given, and whatever came behind.
    """
    again, new, places = deque(due), deque(given), []
    for place, key in enumerate(kept):
        if new and key == new[0]:
            again.append(new.popleft())
        elif due and key in again:
            while again.popleft() != key:
                pass
            places.append(place)
        elif new:
            return None
    return None if new else places
