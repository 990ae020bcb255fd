"""The tables of docs/performance.md, from the raw data."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from bench import board, overload
from bench.load.measure import Turn
from bench.load.parts import CONTESTANTS, LATE
from bench.load.results import read, read_rows
from bench.load.shown import NAMES, gap, ratios, share
from bench.soak import slope

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
_BLOCK = "<!-- {part} -->\n"
_END = "<!-- end -->"
NOT_YET = "(not measured yet)\n"


def tell() -> None:
    """Write the tables of the page anew."""
    PAGE.write_text(written(PAGE.read_text()))


def written(text: str) -> str:
    """Return a page with every table anew between the marks of its part."""
    for part, table in TABLES.items():
        begin = _BLOCK.format(part=part)
        pattern = re.escape(begin) + ".*?" + re.escape(_END)
        block = f"{begin}\n{_lines(part, table)}\n{_END}".replace("\\", r"\\")
        text = re.sub(pattern, block, text, flags=re.S)
    return text


def _lines(part: str, table: Callable[[str], str]) -> str:
    try:
        known, _ = read_rows(part)
    except FileNotFoundError:
        return NOT_YET
    machine = ", ".join(f"{name} {value}" for name, value in known["machine"].items())
    switch = f"; Asterisk {known['asterisk']}" if "asterisk" in known else ""
    then = f"Measured {known['measured'][:10]}: {machine}{switch}."
    return f"{table(part)}\n{then}\n"


def _cost(part: str) -> str:
    _, measured = read(part)
    by = {name: [m.turn for m in measured if m.turn.contestant == name] for name in CONTESTANTS}
    rows = {
        "calls, failed, INVITEs sent again": lambda t: (
            f"{t.placed.calls}, {t.failed}, {t.placed.retransmitted}"
        ),
        "switch, ms a call": lambda t: f"{t.switch.per_call:.1f}",
        "who leads it, ms a call": lambda t: f"{t.leading.per_call:.1f}",
        "together, ms a call": lambda t: f"{t.spent:.1f}",
        "key to sound p50, p95, p99, ms": lambda t: _keys(t, 0.5, 0.95, 0.99),
        "gaps in the sound, p99.9 and longest, ms": _gaps,
        "without calls, % of a core": lambda t: f"{t.switch.idle + t.leading.idle:.1f}",
        "memory of who leads it, MB; more a call, KB": lambda t: (
            f"{t.leading.resident / 1000:.0f}; {t.leading.kilobytes:.0f}"
        ),
        "threads of switch and of who leads it": lambda t: (
            f"{t.switch.threads}, {t.leading.threads}"
        ),
        "open files of switch and of who leads it": lambda t: (
            f"{t.switch.files}, {t.leading.files}"
        ),
    }  # type: dict[str, Callable[[Turn], str]]
    lines = ["| of a call of 10 s, round by round | " + " | ".join(NAMES.values()) + " |"]
    lines.append("| --- " * 4 + "|")
    for name, of in rows.items():
        cells = (" · ".join(map(of, by[one])) for one in CONTESTANTS)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(
        [*lines, "", *(f"* {line}" for line in ratios([m.turn for m in measured])), ""]
    )


def _growth(part: str) -> str:
    _, measured = read(part)
    return _table(
        [
            "with", "switch, ms a call", "controller, ms a call", "key to sound p50, p99, ms",
            "without calls: switch and controller, % of a core", "MB",
        ],
        [
            [
                f"{m.at:,} {m.of}",
                f"{m.turn.switch.per_call:.1f}",
                f"{m.turn.leading.per_call:.1f}",
                _keys(m.turn, 0.5, 0.99),
                f"{m.turn.switch.idle:.1f}, {m.turn.leading.idle:.1f}",
                f"{m.turn.leading.resident / 1000:.0f}",
            ]
            for m in measured
        ],
    )  # fmt: skip


def _reload(part: str) -> str:
    _, measured = read(part)
    return _table(
        [
            "new versions that led calls", "calls, most at once", "failed",
            "key to sound p50, p95, p99, longest, ms", "gaps, p99.9 and longest, ms",
        ],
        [
            [
                str(m.at),
                f"{m.turn.placed.calls:,}, {m.turn.placed.most_at_once}",
                str(m.turn.failed),
                f"{_keys(m.turn, 0.5, 0.95, 0.99)}, {max(m.turn.keys, default=0):.0f}",
                _gaps(m.turn),
            ]
            for m in measured
        ],
    )  # fmt: skip


def _queue(part: str) -> str:
    known, rows = read_rows(part)
    order = known["order"]
    table = _table(
        ["how it stands", "talks", "wait", "answers a second", "switch, % of a core", "controller"],
        [
            [
                row["what"],
                f"{row['talks']:,}",
                str(row["waiting"]),
                f"{row['answers']:.1f}",
                f"{row['switch']:.1f}",
                f"{row['controller']:.1f}",
            ]
            for row in rows
        ],
    )
    return (
        f"{table}\n{order['callers']:,} called, {order['lost']} were lost. Of those who waited "
        f"{order['served']} were answered: {order['side_by_side']} pairs side by side, and "
        f"{order['passed_over']} in which one was passed over.\n"
    )


def _held(part: str) -> str:
    _, measured = read(part)
    return _table(
        [
            "led by", "calls, most at once", "failed", "INVITEs sent again",
            "key to sound p50, p95, p99, longest, ms", f"later than {LATE / 1000:g} s",
            "gaps, p99.9 and longest, ms", "cores used",
        ],
        [
            [
                NAMES[m.turn.contestant],
                f"{m.turn.placed.calls:,}, {m.turn.placed.most_at_once}",
                str(m.turn.failed),
                str(m.turn.placed.retransmitted),
                f"{_keys(m.turn, 0.5, 0.95, 0.99)}, {max(m.turn.keys, default=0):.0f}",
                str(sum(key > LATE for key in m.turn.keys)),
                _gaps(m.turn),
                f"{m.turn.spent * m.turn.placed.calls / m.turn.seconds / 1000:.2f}",
            ]
            for m in measured
        ],
    )  # fmt: skip


def _lasting(part: str) -> str:
    known, _ = read_rows(part)
    rows, left = known["minutes"], known["left"]
    tenth = range(max(1, len(rows) // 6) - 1, len(rows), max(1, len(rows) // 6))
    megabytes = {name: [row[name] / 1024 for row in rows] for name in ("controller", "switch")}
    held = _table(
        ["after", "controller, MB", "open files", "tasks", "switch, MB", "open files", "calls"],
        [
            [
                f"{at + 1} min",
                f"{megabytes['controller'][at]:.1f}",
                str(rows[at]["controller_files"]),
                str(rows[at]["tasks"]),
                f"{megabytes['switch'][at]:.1f}",
                str(rows[at]["switch_files"]),
                str(rows[at]["calls"]),
            ]
            for at in tenth
        ],
    )
    rises = (
        f"{name} {slope(values[len(values) // 2 :]) * 1024:+.0f} KB a minute"
        for name, values in megabytes.items()
    )
    return (
        f"{_held(part)}\n{held}\nIn the second half: {', '.join(rises)}. "
        f"Afterwards: {'; '.join(left) or 'nothing is left'}.\n"
    )


def _overload(part: str) -> str:
    _, rows = read_rows(part)
    well = f"Well again {rows[-1]['well_after']:.1f} s after the last storm."
    return f"{_table(overload.HEAD, [overload.cells(row) for row in rows])}\n{well}\n"


def _board(part: str) -> str:
    _, rows = read_rows(part)
    return _table(board.HEAD, [board.cells(row) for row in rows])


def _keys(turn: Turn, *parts: float) -> str:
    return ", ".join(f"{share(turn.keys, part):.1f}" for part in parts)


def _gaps(turn: Turn) -> str:
    return f"{gap(turn, 0.999):.0f}, {max(turn.gaps, default=0)}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


TABLES: dict[str, Callable[[str], str]] = {
    "cost": _cost,
    "growth": _growth,
    "reload": _reload,
    "queue": _queue,
    "ceiling": _held,
    "busy": _held,
    "steady": _held,
    "lasting": _lasting,
    "overload": _overload,
    "board": _board,
}
