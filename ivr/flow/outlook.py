"""What a caller in a queue can be told of her wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

LONG = 3600.0
"""More than half an hour, in seconds: it may be any time."""


@dataclass(frozen=True)
class Outlook:
    """Her `place`, 1 is next; how many seconds she will still wait, None where it is not known.

    From `LONG` on it is more than half an hour, and no more is known of it.

    `longer` tells that it is more than she was told before: there must be a word about it.
    """

    place: int
    wait: float | None = None
    longer: bool = False


Ahead = Callable[[str, str], Outlook | None]
"""Tells by a desk's name and a caller's unique id what lies ahead of her; None: nothing is known.

It is asked when she is about to be told.
"""
