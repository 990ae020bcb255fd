"""What a caller does in a simulated call, one act after the other.

"1"                      press when what is said takes this key, at its last words; a key
                         that nothing takes is pressed when the line listens
"13800138000"            the same, several keys at once
"1 after 3s"             three seconds after her last act, or after the call began
"1 at 12s"               at a second of the call
"1 during valid until"   while these words are said, as the last of them is begun
"-" or "silence"         let one question pass without a key
"hangup"                 at the end of what is said next; `after`, `at`, `during` as above
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator

from ivr.flow.source import Wrong
from ivr.trial.timed import seconds

HANG_UP, SILENCE = "hangup", "-"


@dataclass(frozen=True)
class Act:
    """One thing a caller does: `does` is keys, HANG_UP or SILENCE.

    At most one of these tells when: `after` seconds since her last act, `at` a second of the
    call, `during` these words.
    """

    does: str
    after: float | None = None
    at: float | None = None
    during: str = ""

    @property
    def is_timed(self) -> bool:
        """Whether a clock tells when."""
        return self.after is not None or self.at is not None

    def __str__(self) -> str:
        when = f" during {self.during}" if self.during else ""
        when += "" if self.after is None else f" after {self.after:g}s"
        return self.does + when + ("" if self.at is None else f" at {self.at:g}s")


def act(written: object) -> Act:
    """Read one act. Raises Wrong."""
    if isinstance(written, Act):
        return written
    text = written if isinstance(written, str) else ""
    found = re.fullmatch(r"(\S+)(?: (after|at) (\S+)| during (.+))?", text)
    does = {"silence": SILENCE}.get(found[1], found[1]) if found else ""
    if not found or not re.fullmatch(r"[0-9*#]{1,40}|-|hangup", does):
        raise Wrong(
            "keys are expected here, or -, or hangup, each with its time if wanted: "
            f"'1 after 3s', '1 at 12s', '1 during the words …'; this is '{text[:60]}'"
        )
    if does == SILENCE and found[0] != found[1]:
        raise Wrong("silence is one question without a key, and takes no time; give the next key's")
    time = seconds(found[3]) if found[3] else None
    return Act(
        does,
        after=time if found[2] == "after" else None,
        at=time if found[2] == "at" else None,
        during=found[4] or "",
    )


def acts(texts: Iterable[str]) -> tuple[Act, ...]:
    """Read several acts. Raises Wrong."""
    return tuple(act(text) for text in texts)


WrittenAct = Annotated[Act, BeforeValidator(act)]
"""An act as it is written in a test."""
