"""What was measured, kept as raw data beside the machine it was measured on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.load.gauge import machine
from bench.load.measure import Side, Turn
from bench.load.rig import Rig
from bench.load.sipp import Placed

FOLDER = Path(__file__).parents[1] / "results"


@dataclass(frozen=True)
class Measured:
    """A turn, and under which circumstances: `of` names what was varied, `at` its value."""

    of: str
    at: int
    turn: Turn


def keep(part: str, rig: Rig, measured: list[Measured]) -> None:
    """Keep what was measured in a part, in place of what was before."""
    keep_rows(part, rig, rows_of(measured))


def rows_of(measured: list[Measured]) -> list[dict[str, Any]]:
    """Return them as they are kept."""
    return [_row(each) for each in measured]


def keep_rows(part: str, rig: Rig, rows: list[dict[str, Any]], **more: Any) -> None:
    """Keep rows of a part, and what more there is, in place of what was before."""
    keep_anyhow(part, rows, asterisk=rig.asterisk, sipp=rig.sipp.version, **more)


def keep_anyhow(part: str, rows: list[dict[str, Any]], **more: Any) -> None:
    """Keep rows that no rig measured; `asterisk` is its version, where there is one."""
    known = {
        "measured": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": machine(),
        **more,
        "turns": _rounded(rows),
    }
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{part}.json").write_text(f"{json.dumps(known, indent=1)}\n")


def read(part: str) -> tuple[dict[str, Any], list[Measured]]:
    """Return what is known of a part, and its turns. Raises FileNotFoundError of one never run."""
    known, rows = read_rows(part)
    return known, [_measured(row) for row in rows]


def read_rows(part: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the same, each turn as `keep_rows` was given it."""
    known = json.loads((FOLDER / f"{part}.json").read_text())
    return known, known.pop("turns")


def counted(seconds: Iterable[float]) -> dict[str, int]:
    """Return how often there was each, by milliseconds: a long run has thousands."""
    times = Counter(round(1000 * each) for each in seconds)
    return {str(each): count for each, count in sorted(times.items())}


def values(times: Mapping[str, int]) -> list[int]:
    """Return what was counted, one by one, in milliseconds."""
    return [int(each) for each, count in times.items() for _ in range(count)]


def _row(each: Measured) -> dict[str, Any]:
    row = asdict(each.turn)
    # Counted by tenths of a millisecond: a long run has a hundred thousand.
    row["late"] = {
        name: dict(sorted(Counter(round(late, 1) for late in times).items()))
        for name, times in each.turn.late.items()
    }
    row["gaps"] = dict(sorted(each.turn.gaps.items()))
    return {"of": each.of, "at": each.at, **row}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return value


def _measured(row: dict[str, Any]) -> Measured:
    of, at = row.pop("of"), row.pop("at")
    row["placed"] = Placed(**row["placed"])
    row["switch"], row["leading"] = Side(**row["switch"]), Side(**row["leading"])
    row["late"] = {
        name: [float(late) for late, count in times.items() for _ in range(count)]
        for name, times in row["late"].items()
    }
    row["gaps"] = {int(gap): count for gap, count in row["gaps"].items()}
    return Measured(of, at, Turn(**row))
