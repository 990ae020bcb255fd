"""What an answer by keys looks like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """What an answer by keys looks like.

    `own` are the keys that may begin it (they win over `anywhere`); `complete` tells whether
    what was typed needs no more keys; `until` ends it early. `wait` and `between` are seconds.
    `most` keys complete it, where that is a matter of their number.
    `parts` tells of what was typed and the next key whether that one belongs to what comes next.
    """

    own: frozenset[str]
    complete: Callable[[str], bool]
    parts: Callable[[str, str], bool] = lambda typed, key: False
    until: str | None = None
    wait: float = 5.0
    between: float = 3.0
    secret: bool = False
    most: int = 1

    def wanted(self, typed: str) -> int:
        """Return how many keys a line may wait for at once, behind what was typed.

        The first one may be of `anywhere`; and a secret is left where keys are, nowhere else.
        """
        is_alone = not typed or self.secret or self.until not in ("#", None)
        return 1 if is_alone else max(1, self.most - len(typed))
