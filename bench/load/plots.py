"""The plots of docs/performance.md, from the raw data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pygal
from pygal.style import CleanStyle

from bench.load.parts import CONTESTANTS
from bench.load.results import read
from bench.load.shown import NAMES, share

FOLDER = Path(__file__).parents[2] / "docs" / "performance"


def draw() -> None:
    """Draw all whose data there is."""
    FOLDER.mkdir(exist_ok=True)
    _cost()
    _keys()
    _growth()


def _cost() -> None:
    _, measured = read("cost")
    chart = pygal.StackedBar(title="Processor time of a call of 10 s, ms", **_look())
    chart.x_labels = [NAMES[name] for name in CONTESTANTS]
    sides = {"switch": [], "who leads it": []}  # type: dict[str, list[float]]
    for name in CONTESTANTS:
        turns = [each.turn for each in measured if each.turn.contestant == name]
        sides["switch"].append(_middle([turn.switch.per_call for turn in turns]))
        sides["who leads it"].append(_middle([turn.leading.per_call for turn in turns]))
    for side, values in sides.items():
        chart.add(side, values)
    _write(chart, "cost")


def _keys() -> None:
    _, measured = read("cost")
    chart = pygal.XY(
        title="From the end of a key to the next sound, ms: share of keys",
        show_dots=False,
        **_look(),
    )
    for name in CONTESTANTS:
        keys = sorted(
            late for each in measured if each.turn.contestant == name for late in each.turn.keys
        )
        shares = [n / 200 for n in range(199)] + [0.995, 0.999]
        chart.add(NAMES[name], [(round(share(keys, part), 1), part * 100) for part in shares])
    _write(chart, "keys")


def _growth() -> None:
    try:
        _, measured = read("growth")
    except FileNotFoundError:
        return
    chart = pygal.Bar(title="Processor time of a call as things grow, ms", **_look())
    chart.x_labels = [f"{each.at} {each.of}" for each in measured]
    chart.add("switch", [round(each.turn.switch.per_call, 1) for each in measured])
    chart.add("controller", [round(each.turn.leading.per_call, 1) for each in measured])
    _write(chart, "growth")


def _middle(values: list[float]) -> float:
    return round(share(sorted(values), 0.5), 2)


def _look() -> dict[str, Any]:
    # No script and no address of anybody else's in the picture.
    return {"style": CleanStyle, "js": [], "height": 360, "legend_at_bottom": True}


def _write(chart: Any, name: str) -> None:
    drawn = chart.render(pretty_print=True, disable_xml_declaration=False).decode()
    lines = (line.rstrip() for line in drawn.splitlines())
    (FOLDER / f"{name}.svg").write_text("\n".join(lines) + "\n")
