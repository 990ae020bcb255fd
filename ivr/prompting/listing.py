"""The sheet on paper: a table to look at, and one for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from rich import box
from rich.table import Table
from rich.text import Text

from ivr.speech.sheet import Row
from ivr.speech.takes import Takes

COLUMNS = (
    "id",
    "language",
    "text",
    "context",
    "said by",
    "value",
    "written at",
    "nodes",
    "seconds",
    "seconds are",
    "voice",
)


def csv_of(rows: Iterable[Row], takes: Takes) -> str:
    """Return the sheet for a spreadsheet, a row for each clip, with a head."""
    paper = io.StringIO()
    writer = csv.writer(paper)
    writer.writerow(COLUMNS)
    for row in rows:
        take = takes.find(row.clip)
        nodes = {node: None for use in row.uses for node in use.nodes}
        writer.writerow(
            [
                row.name,
                row.clip.language,
                row.clip.text,
                row.context,
                " ".join(dict.fromkeys(use.prompt for use in row.uses)),
                " ".join(row.kinds),
                " ".join(dict.fromkeys(f"{use.where.file}:{use.where.line}" for use in row.uses)),
                " ".join(nodes),
                f"{take.seconds if take else row.estimate:.1f}",
                "recorded" if take else "estimated",
                take.voice if take else "",
            ]
        )
    return paper.getvalue()


def table(rows: Iterable[Row], takes: Takes) -> Table:
    """Return the sheet for the terminal: names, sentences, lengths and voices."""
    shown = Table("clip", box=box.SIMPLE_HEAD)
    shown.add_column("said", overflow="fold")
    shown.add_column("seconds", justify="right")
    shown.add_column("voice", overflow="fold")
    for row in rows:
        take = takes.find(row.clip)
        seconds = f"{take.seconds:.1f}" if take else f"~{row.estimate:.1f}"
        voice = take.voice if take else ""
        shown.add_row(row.name, Text(row.context), seconds, Text(voice))
    return shown
