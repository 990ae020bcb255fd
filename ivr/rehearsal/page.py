"""What a person sees who plays a call: what is said and pressed, and beside it where the call is.

Rich draws it (Textual would bring an event loop of its own beside the call's): the page is made
anew at each change, for the size the terminal has at that moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from rich.columns import Columns
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ivr.flow.effects import Effect, Listen, Play
from ivr.flow.fields import LANGUAGE_NAMES, Variable
from ivr.flow.project import Project
from ivr.flow.record import SECRET
from ivr.flow.session import Session

# Columns from which the two stand side by side; below, the panel stands on top, shorter.
WIDE = 72
SIDE = 32
MARKS = {"♪": "cyan", "⌨": "bold yellow", "→": "magenta", "●": "red", "■": "bold red"}
HELP = "0–9 * # are the phone's keys, q hangs up"


class Page:
    """The page of one call. `write` takes what the line tells; `changed` is set by it."""

    def __init__(self, session: Session, project: Project) -> None:
        self.changed = asyncio.Event()
        self.lines: list[str] = []
        self._session = session
        self._secret = secret_names(project)
        self._fresh = True

    def write(self, text: str) -> None:
        """Take text as it comes; a line break ends a line, and empty lines are left out."""
        for number, part in enumerate(text.split("\n")):
            if number or not self.lines:
                self._fresh = True
            if part:
                if self._fresh:
                    self.lines.append("")
                self.lines[-1] += part
                self._fresh = False
        self.changed.set()

    def shown(self, key: str) -> str:
        """Return a key as it may be shown: one of a secret is not."""
        return SECRET if getattr(_node(self._session), "secret", False) else key

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it for the terminal as it is now."""
        width, height = options.max_width, options.height or console.height
        layout = Layout()
        said, side = Layout(name="said"), Layout(name="side")
        if width >= WIDE:
            side.size, room = SIDE, (width - SIDE - 4, height - 2)
            side.update(Panel(Group(*self._about(wide=True)), title=self._title(), padding=(0, 1)))
            layout.split_row(said, side)
        else:
            top = min(9, max(3, height // 3))
            side.size, room = top, (width - 4, height - top - 2)
            side.update(Panel(Group(*self._about(wide=False)), title=self._title()))
            layout.split_column(side, said)
        said.update(
            Panel(self._said(console, *room), subtitle=HELP if width >= 50 else "q hangs up")
        )
        yield layout

    def _title(self) -> str:
        return f"{self._session.record.flow} {self._session.record.version}"

    def _said(self, console: Console, width: int, height: int) -> RenderableType:
        """Return the end of what was said, as much of it as there is room for."""
        shown: list[Text] = []
        for line in reversed(self.lines):
            text = Text(line)
            if line[:1] in MARKS:
                text.stylize(MARKS[line[0]], 0, len(line) if line[0] != "♪" else 1)
            shown[:0] = text.wrap(console, max(2, width))
            if len(shown) >= height:
                break
        return Text("\n").join(shown[-max(1, height) :])

    def _about(self, wide: bool) -> Iterator[RenderableType]:
        """Yield where she is, how she is spoken to, what her keys do, what is known."""
        session, record = self._session, self._session.record
        language = LANGUAGE_NAMES.get(record.language, record.language)
        manner = f"{language} {record.speed}"
        keys, known = dict(working_keys(session)), dict(self._variables())
        if not wide:
            yield Text(f"{session.node or '–'} · {manner}", "bold")
            yield _columns(keys, "yellow")
            yield _columns(known, "green")
            return
        yield Text(session.node or "–", "bold")
        yield Text(manner)
        yield Text(f"begun {record.started.astimezone():%Y-%m-%d %H:%M %Z}\n", "dim")
        yield _table(keys, "yellow") if keys else Text("no key works here", "dim")
        yield Text("")
        yield _table(known, "green")

    def _variables(self) -> Iterator[tuple[str, str]]:
        """Yield what is known by name, the parts of a look-up's answer below it."""
        call = self._session.here
        yield "$caller.number", self._session.record.caller or "hidden"
        for name, value in (call.variables if call else {}).items():
            hidden = name in self._secret
            if not isinstance(value, Mapping):
                yield f"${name}", SECRET if hidden else str(value)
                continue
            yield f"${name}", ""
            for part, inner in value.items():
                yield f"  .{part}", SECRET if hidden else str(inner)


def working_keys(session: Session) -> Iterator[tuple[str, str]]:
    """Yield the keys that do something at this moment, each with what it does."""
    asked: Effect[Any] | None = session.asked
    call, node = session.here, _node(session)
    if call is None or not isinstance(asked, Play | Listen):
        return
    own: Mapping[str, str] = getattr(node, "keys", {})
    if getattr(node, "digits", None):
        yield "0–9", "digits"
        yield getattr(node, "until", "#"), "ends them"
        if not isinstance(asked, Play):
            return
    for key, does in own.items():
        yield key, does
    for key, (_, does) in call.anywhere.items():
        if key not in own:
            yield key, does


def secret_names(project: Project) -> frozenset[str]:
    """Return the variables that hold a secret in some flow, also where it is handed on."""
    nodes = [node for flow in project.flows.values() for node in flow.nodes.values()]
    known = {str(getattr(node, "into", "")) for node in nodes if getattr(node, "secret", False)}
    handed = [
        (str(name), value.path[0])
        for node in nodes
        for field in node.__dict__.values()
        if isinstance(field, Mapping)
        for name, value in field.items()
        if isinstance(value, Variable)
    ]
    while more := {name for name, source in handed if source in known} - known:
        known |= more
    return frozenset(known - {""})


def _node(session: Session) -> object:
    call = session.here
    return call.flow.nodes.get(session.node.rsplit("/", 1)[-1]) if call else None


def _columns(words: Mapping[str, str], style: str) -> Columns:
    """Return names and values beside each other, none apart from its value where there is room."""
    texts = (f"{name.strip()} {value}".strip() for name, value in words.items())
    return Columns([Text(text, style) for text in texts], padding=(0, 3))


def _table(rows: Mapping[str, str], style: str) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style=style, overflow="fold")
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, value)
    return table
