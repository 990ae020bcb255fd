"""Which version serves: decisions, one after the other, and how things stand after the last.

Nothing is ever taken out of a history, so a rollback is one more entry. Everybody who reads the
same entries comes to the same `Standing`, and sends the same call to the same version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

Act = Literal["publish", "canary", "promote", "rollback", "withdraw"]

# A share is a whole number of percent, so so many lots make it exact.
_LOTS = 100


@dataclass(frozen=True)
class Entry:
    """One decision about a version: why, by whom, and when (aware).

    Entries count from 1 without a gap. `share` is what a canary gets of new calls, in percent.
    """

    number: int
    version: str
    act: Act
    why: str
    who: str
    at: datetime
    share: int = 0


@dataclass(frozen=True)
class Standing:
    """How things stand after the entry `last`; 0 is before the first.

    `line` are the versions that served one after the other, without those that were rolled back;
    the last of them serves. `canary` is the entry of the version that is tried out beside it, and
    `states` says of every version what became of it.
    """

    last: int = 0
    line: tuple[str, ...] = ()
    canary: Entry | None = None
    states: Mapping[str, str] = field(default_factory=dict)

    @property
    def stable(self) -> str | None:
        """The version that serves, None where none was ever published."""
        return self.line[-1] if self.line else None

    @property
    def before(self) -> str | None:
        """The version that served before it, None where there was none."""
        return self.line[-2] if len(self.line) > 1 else None

    def after(self, entry: Entry) -> Standing:
        """Return how things stand after one more entry."""
        now = replace(self, last=entry.number)
        match entry.act:
            case "canary":
                return now._without_canary("superseded")._with_canary(entry)
            case "withdraw":
                return now._without_canary(f"withdrawn: {entry.why}")
            case "rollback":
                return now._without_canary("superseded")._back_to(entry)
            case "publish" | "promote":
                return now._without_canary("superseded")._on_to(entry)

    def _with_canary(self, entry: Entry) -> Standing:
        return replace(self, canary=entry, states=self._told(entry.version, _share(entry)))

    def _without_canary(self, state: str) -> Standing:
        if self.canary is None:
            return self
        return replace(self, canary=None, states=self._told(self.canary.version, state))

    def _on_to(self, entry: Entry) -> Standing:
        states = self._told(self.stable, "superseded") if self.stable else self.states
        line = (*(name for name in self.line if name != entry.version), entry.version)
        return replace(self, line=line, states={**states, entry.version: "serves"})

    def _back_to(self, entry: Entry) -> Standing:
        if entry.version not in self.line:
            return self._on_to(entry)
        place = self.line.index(entry.version) + 1
        gone = dict.fromkeys(self.line[place:], f"rolled back: {entry.why}")
        states = {**self.states, **gone, entry.version: "serves"}
        return replace(self, line=self.line[:place], states=states)

    def _told(self, version: str, state: str) -> Mapping[str, str]:
        return {**self.states, version: state}


def standing(entries: Iterable[Entry]) -> Standing:
    """Return how things stand after these entries, which are given in their order."""
    now = Standing()
    for entry in entries:
        now = now.after(entry)
    return now


def is_tried_on(canary: Entry, call: str) -> bool:
    """Whether a canary leads the call of this id. Other canaries are tried on other calls."""
    lot = hashlib.sha256(f"{canary.number} {call}".encode()).digest()[:8]
    return int.from_bytes(lot) % _LOTS < canary.share


def _share(canary: Entry) -> str:
    return f"canary {canary.share}%"
