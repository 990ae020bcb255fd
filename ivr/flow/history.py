"""Which version serves: decisions, one after the other, and how things stand after the last.

Nothing is ever taken out of a history, so a rollback is one more decision. Everybody who reads the
same decisions comes to the same `Standing`, and sends the same call to the same version.
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
class Decision:
    """One decision about a version: why, by whom, and when (aware).

    Decisions count from 1 without a gap. `share` is what a canary gets of new calls, in percent.
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
    """How things stand after the decision `last`; 0 is before the first.

    `line` are the versions that served one after the other, without those that were rolled back;
    the last of them serves. `canary` is the decision to try out a version beside it, and `states`
    says of every version what became of it.
    """

    last: int = 0
    line: tuple[str, ...] = ()
    canary: Decision | None = None
    states: Mapping[str, str] = field(default_factory=dict)

    @property
    def stable(self) -> str | None:
        """The version that serves, None where none was ever published."""
        return self.line[-1] if self.line else None

    @property
    def before(self) -> str | None:
        """The version that served before it, None where there was none."""
        return self.line[-2] if len(self.line) > 1 else None

    def after(self, decision: Decision) -> Standing:
        """Return how things stand after one more decision."""
        now = replace(self, last=decision.number)
        match decision.act:
            case "canary":
                return now._without_canary("superseded")._with_canary(decision)
            case "withdraw":
                return now._without_canary(f"withdrawn: {decision.why}")
            case "rollback":
                return now._without_canary("superseded")._back_to(decision)
            case "publish" | "promote":
                return now._without_canary("superseded")._on_to(decision)

    def _with_canary(self, decision: Decision) -> Standing:
        return replace(self, canary=decision, states=self._told(decision.version, _share(decision)))

    def _without_canary(self, state: str) -> Standing:
        if self.canary is None:
            return self
        return replace(self, canary=None, states=self._told(self.canary.version, state))

    def _on_to(self, decision: Decision) -> Standing:
        states = self._told(self.stable, "superseded") if self.stable else self.states
        line = (*(name for name in self.line if name != decision.version), decision.version)
        return replace(self, line=line, states={**states, decision.version: "serves"})

    def _back_to(self, decision: Decision) -> Standing:
        if decision.version not in self.line:
            return self._on_to(decision)
        place = self.line.index(decision.version) + 1
        gone = dict.fromkeys(self.line[place:], f"rolled back: {decision.why}")
        states = {**self.states, **gone, decision.version: "serves"}
        return replace(self, line=self.line[:place], states=states)

    def _told(self, version: str, state: str) -> Mapping[str, str]:
        return {**self.states, version: state}


def standing(decisions: Iterable[Decision]) -> Standing:
    """Return how things stand after these decisions, which are given in their order."""
    now = Standing()
    for decision in decisions:
        now = now.after(decision)
    return now


def is_tried_on(canary: Decision, call: str) -> bool:
    """Whether a canary leads the call of this id. Other canaries are tried on other calls."""
    lot = hashlib.sha256(f"{canary.number} {call}".encode()).digest()[:8]
    return int.from_bytes(lot) % _LOTS < canary.share


def _share(canary: Decision) -> str:
    return f"canary {canary.share}%"
