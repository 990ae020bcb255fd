"""What a check found: whether it is well, in words, and the command that mends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a thing is. A warning harms no call yet, or is what somebody may have wanted."""

    WELL = "well"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What a check found, which is named where all are asked; `mend` may be a line of ivr.yaml."""

    check: str
    state: State
    words: str
    mend: str = ""


def well(words: str) -> Finding:
    """Return that a thing is as it should be."""
    return Finding("", State.WELL, words)


def warning(words: str, mend: str) -> Finding:
    """Return what somebody should know, and what mends it."""
    return Finding("", State.WARNING, words, mend)


def wrong(words: str, mend: str) -> Finding:
    """Return what is wrong, and what mends it."""
    return Finding("", State.WRONG, words, mend)


def is_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing is wrong; warnings are not."""
    return all(finding.state is not State.WRONG for finding in findings)


def some(names: Iterable[object]) -> str:
    """Return the first names of a list and how many more there are."""
    shown = [str(name) for name in names]
    rest = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return ", ".join(shown[:3]) + rest


def size(count: float) -> str:
    """Return a number of bytes as people say it."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
