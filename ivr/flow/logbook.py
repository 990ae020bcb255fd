"""The logbook: the record of one call in the making."""

from __future__ import annotations

import hashlib
from collections import deque
from datetime import datetime, timedelta

from ivr.flow.record import (
    LONGEST_CALL,
    SECRET,
    Asked,
    CallRecord,
    Heard,
    KeyPress,
    Step,
    in_utc,
    storable,
)

MOST_ENTRIES = 1000


class Logbook:
    """The record of one call in the making. Moments are aware and are given by the one who writes.

    `language` and `speed` are those of the call just now; set them when they change, and
    `passed_to` when she is passed on. Of steps,
    keys, things heard and things asked the newest 1000 each are kept, so a phone that is stuck
    on a key for a day fills no memory.
    """

    def __init__(self, opening: CallRecord) -> None:
        """`opening` is the record as the call begins."""
        self.language = opening.language
        self.speed = opening.speed
        self.passed_to = ""
        # How often something was written down.
        self.lines = 0
        self._opening = opening
        self._path: deque[Step] = deque(maxlen=MOST_ENTRIES)
        self._keys: deque[KeyPress] = deque(maxlen=MOST_ENTRIES)
        self._heard: deque[Heard] = deque(maxlen=MOST_ENTRIES)
        self._asked: deque[Asked] = deque(maxlen=MOST_ENTRIES)

    @property
    def id(self) -> str:
        """The name of the record."""
        return self._opening.id

    @property
    def node(self) -> str:
        """The node the caller is at, empty before the first and between two."""
        return self._path[-1].node if self._path and self._path[-1].left is None else ""

    def entered(self, node: str, at: datetime) -> None:
        """Note that the call came to `node`; the stay before it, if still open, ends here."""
        self.left(at)
        self.lines += 1
        self._path.append(Step(node=node, entered=at))

    def left(self, at: datetime) -> None:
        """Note that the call left the node it was at; nothing happens when it was at none."""
        if self.node:
            step = self._path.pop()
            self._path.append(Step(node=step.node, entered=step.entered, left=at))

    def key(self, key: str, at: datetime, *, secret: bool = False) -> None:
        """Note a key; a secret one is forgotten at once and only its place is kept."""
        self.lines += 1
        self._keys.append(KeyPress(key=SECRET if secret else key, at=at, node=self.node))

    def heard(
        self,
        text: str,
        *,
        began: datetime,
        ended: datetime,
        prompt: str | None = None,
        language: str | None = None,
        speed: str | None = None,
        cut_at: int | None = None,
    ) -> None:
        """Note what was said between two moments; the call's language and speed unless given.

        `cut_at` is the index of the clip at which it was cut short; None: heard to its end.
        """
        self.lines += 1
        self._heard.append(
            Heard(
                prompt=prompt,
                text=text,
                language=self.language if language is None else language,
                speed=self.speed if speed is None else speed,
                from_ms=self._since_start(began),
                to_ms=self._since_start(ended),
                finished=cut_at is None,
                cut_at=cut_at,
                node=self.node,
            )
        )

    def asked(
        self,
        errand: tuple[str, str],
        outcome: str,
        *,
        began: datetime,
        ended: datetime,
        by: str = "",
        why: str = "",
        left: bool = False,
        talked: float | None = None,
        node: str | None = None,
    ) -> None:
        """Note what was asked of the world between two moments, and what came of it.

        `talked` are seconds. `node` is the one that asked, unless the caller is still there.
        """
        self.lines += 1
        self._asked.append(
            Asked(
                what=errand[0],
                of=errand[1],
                outcome=outcome,
                by=by,
                why=why,
                left=left,
                from_ms=self._since_start(began),
                to_ms=self._since_start(ended),
                talked_ms=None if talked is None else min(round(talked * 1000), LONGEST_CALL),
                node=self.node if node is None else node,
            )
        )

    def key_of(self, *what: object) -> str:
        """Return a key that this has in this call, and nothing in another.

        Two switches may name two channels alike, and not begin their calls in one microsecond.
        """
        told = repr((self._opening.id, self._opening.started.isoformat(), *what))
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]

    def so_far(self) -> CallRecord:
        """Return the record of a call that still lasts."""
        return self._opening.model_copy(
            update={
                "language": self.language,
                "speed": self.speed,
                "passed_to": storable(self.passed_to),
                "path": tuple(self._path),
                "keys": tuple(self._keys),
                "heard": tuple(self._heard),
                "asked": tuple(self._asked),
            }
        )

    def closed(self, outcome: str, why: str, at: datetime) -> CallRecord:
        """Return the finished record: what became of the call, and why it ended."""
        self.left(at)
        end = {"outcome": storable(outcome), "why": storable(why), "ended": in_utc(at)}
        return self.so_far().model_copy(update=end)

    def _since_start(self, at: datetime) -> int:
        passed = (at - self._opening.started) // timedelta(milliseconds=1)
        return min(max(0, passed), LONGEST_CALL)
