"""What an answer by keys looks like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """What an answer by keys looks like.

    `own` are the keys that may begin it (they win over `anywhere`); `complete` tells whether
    what was typed needs no more keys; `until` ends it early. `wait` and `between` are seconds.
    `parts` tells of what was typed and the next key whether that one belongs to what comes next.
    """

    own: frozenset[str]
    complete: Callable[[str], bool]
    parts: Callable[[str, str], bool] = lambda typed, key: False
    until: str | None = None
    wait: float = 5.0
    between: float = 3.0
    secret: bool = False
