"""`ivr draw`: a flow as a picture."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer

from ivr import screen
from ivr.commands import records
from ivr.commands.check import named
from ivr.config import Settings
from ivr.drawing import graph, marks, mermaid, page
from ivr.drawing.graph import Box, Graph
from ivr.drawing.marks import Marks
from ivr.errors import IvrError
from ivr.flow.project import Project
from ivr.project import disk
from ivr.store.calls import MOST


def draw(
    flow: Annotated[str, typer.Argument(help="The flow's name.")] = "hotline",
    format: Annotated[
        Literal["mermaid", "svg", "html"], typer.Option(help="Text for a README, or a picture.")
    ] = "mermaid",
    output: Annotated[Path | None, typer.Option(help="Write it into this file.")] = None,
    traffic: Annotated[
        bool, typer.Option("--traffic", help=f"Mark the share of calls: of the latest {MOST}.")
    ] = False,
    coverage: Annotated[
        Path | None, typer.Option(help="Mark what tests met: a file of ivr test --marks.")
    ] = None,
    state_dir: Annotated[Path | None, typer.Option(help="Whose calls are counted.")] = None,
) -> None:
    """Draw a flow: Mermaid text, an SVG, or a page with all flows it calls."""
    settings = screen.settings(state_dir=state_dir)
    with screen.told(settings):
        loaded = disk.load(settings)[0]
        named(loaded, flow)
        counted = _marks(settings, traffic, coverage)
        graphs = [graph.of(loaded, loaded.flows[name], counted) for name in _reached(loaded, flow)]
        text = _drawn(settings, graphs, format, output)
        if output is None:
            typer.echo(text, nl=False)
        else:
            output.write_text(text, encoding="utf-8")


def _drawn(settings: Settings, graphs: list[Graph], format: str, output: Path | None) -> str:
    folder = output.resolve().parent if output else Path.cwd()
    files = os.path.relpath(settings.root, folder)

    def link(drawn: Graph, box: Box) -> str:
        if box.calls and format == "html":
            return f"#{box.calls}"
        return Path(files, drawn.file).as_posix() + f"#L{box.line}"

    if format == "mermaid":
        return mermaid.text(graphs[0])
    if format == "svg":
        return page.svg(graphs[0], link)
    return page.page(graphs[0].flow, graphs, link)


def _reached(loaded: Project, flow: str) -> Iterator[str]:
    """Give the name of a flow, and of every flow that is called from it, each once."""
    names = [flow]
    for name in names:
        yield name
        called = graph.of(loaded, loaded.flows[name]).called
        names += [each for each in called if each in loaded.flows and each not in names]


def _marks(settings: Settings, traffic: bool, coverage: Path | None) -> Marks | None:
    if traffic and coverage is not None:
        raise IvrError("--traffic or --coverage: a picture shows one of them")
    if coverage is not None:
        return marks.coverage(str(coverage), coverage.read_text(encoding="utf-8"))
    return asyncio.run(_traffic(settings)) if traffic else None


async def _traffic(settings: Settings) -> Marks:
    async with records.kept(settings) as calls:
        return marks.traffic(await calls.latest(MOST))
