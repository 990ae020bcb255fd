"""How what was measured is shown."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from bench.load.measure import Turn

NAMES = {"plain": "plain dialplan", "bare": "bare panoramisk", "engine": "this engine"}
COLUMNS = (
    "", "led by", "calls", "failed", "again", "switch ms", "led ms", "together", "idle %",
    "key p50", "p95", "p99", "most", "gap p99.9", "gap most", "MB", "KB a call",
)  # fmt: skip


def share(values: Sequence[float], part: float) -> float:
    """Return the value that so great a part of them does not exceed; NaN of none."""
    return values[min(len(values) - 1, int(len(values) * part))] if values else float("nan")


def gap(turn: Turn, part: float) -> float:
    """Return the gap in milliseconds that so great a part does not exceed."""
    left = sum(turn.gaps.values()) * (1 - part)
    for length in sorted(turn.gaps, reverse=True):
        left -= turn.gaps[length]
        if left < 0:
            return length
    return float("nan")


def row(turn: Turn) -> list[str]:
    """Return one turn as the columns of a table, but for the first."""
    keys, placed, led = turn.keys, turn.placed, turn.leading
    figures = [turn.switch.per_call, led.per_call, turn.spent, turn.switch.idle + led.idle]
    figures += [*(share(keys, part) for part in (0.5, 0.95, 0.99)), *keys[-1:]]
    texts = [turn.contestant, str(placed.calls), str(turn.failed), str(placed.retransmitted)]
    texts += [f"{figure:.1f}" for figure in figures]
    texts += [f"{gap(turn, 0.999):.0f}", f"{max(turn.gaps, default=0)}"]
    return [*texts, f"{led.resident / 1000:.0f}", f"{led.kilobytes:.0f}"]


def ratios(turns: Sequence[Turn]) -> Iterator[str]:
    """Tell how the engine stands to the other two: the median of the rounds, and their spread."""
    by = {name: [turn for turn in turns if turn.contestant == name] for name in ("plain", "bare")}
    ours = [turn for turn in turns if turn.contestant == "engine"]
    if not ours or not all(by.values()):
        return
    plain = [a.spent / b.spent for a, b in zip(ours, by["plain"], strict=False)]
    yield f"switch and controller, engine ÷ plain: {spread(plain)}"
    bare = [a.leading.per_call / b.leading.per_call for a, b in zip(ours, by["bare"], strict=False)]
    yield f"controller, engine ÷ bare: {spread(bare)}"
    late = [
        share(a.keys, 0.99) - share(b.keys, 0.99) for a, b in zip(ours, by["plain"], strict=False)
    ]
    yield f"key to sound p99, engine − plain: {spread(late)} ms"


def spread(values: Sequence[float]) -> str:
    """Return the median, and the least and the most."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"
