"""A call as a list of what happened, the same for a simulated call and a real one.

    ours = of(played.record, project)
    theirs = of(record_of_the_real_call, project)
    differences(ours, theirs)           # [] when the two agree
    print(side_by_side(ours, theirs))   # both, with a mark at each difference

It is made of a call record alone, so whatever a record of a real call holds can be compared.
Times are shown and not compared: a simulated voice is no real one. Nor is how far she had heard
something when she cut it short; what both heard of it must be the same words.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Literal

from ivr.errors import width
from ivr.flow.node import Node
from ivr.flow.project import Project
from ivr.flow.record import CallRecord

Sort = Literal["said", "key", "queue", "dial", "record", "send", "callback", "end"]

MARKS: dict[Sort, str] = {
    "said": "♪",
    "key": "⌨",
    "queue": "→ queue",
    "dial": "→ dial",
    "record": "● message",
    "send": "→ text message",
    "callback": "→ call back",
    "end": "■",
}
# The kinds of node in which something else happens than speech and keys.
_STAYS: tuple[Sort, ...] = ("queue", "dial", "record", "send", "callback")
# Something said that lasted no longer was cut before it could be heard, in milliseconds: on a real
# call the second of two keys typed ahead comes a quarter of a second after the first.
UNHEARD = 300
COLUMN = 56
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Event:
    """One thing that happened: `at` seconds after the call began, at a node.

    `what` are the words said, the keys, the queue, the number as the flow has it, or how the
    call ended; `prompt`, `language` and `speed` (like `90%`) are those of something said, `prompt`
    also that of a text message.
    """

    sort: Sort
    at: float
    node: str
    what: str
    prompt: str = ""
    language: str = ""
    speed: str = ""

    def agrees(self, other: Event) -> bool:
        """Whether two calls had this in common, whenever it was."""
        here, there = self.what, other.what
        same_words = self.sort != "said" or here.startswith(there) or there.startswith(here)
        return same_words and self.alike == other.alike

    @property
    def alike(self) -> tuple[str, ...]:
        """What two calls that go the same way have in common here.

        Not how far she heard what she cut, nor which agent it was.
        """
        if self.sort == "said":
            return self.sort, self.node, self.prompt, self.language, self.speed
        return self.sort, self.node, self.what.partition(":")[0]

    def __str__(self) -> str:
        spoken = f"{self.language} {self.speed} " if self.sort == "said" else ""
        return f"{MARKS[self.sort]} {spoken}{self.what}".rstrip()


@dataclass(frozen=True)
class Transcript:
    """One call. `queue` and `dial` are where she spoke with somebody last, "" for nobody."""

    events: tuple[Event, ...]
    node: str
    outcome: str
    language: str
    speed: str
    queue: str = ""
    dial: str = ""

    def lines(self) -> list[str]:
        """Return a line for each event: when, where, what."""
        wide = max((len(event.node) for event in self.events), default=0)
        return [f"{x.at:6.1f}s  {x.node:<{wide}}  {x}" for x in self.events]


def of(record: CallRecord, project: Project) -> Transcript:
    """Return the transcript of a finished call that walked a flow of this project."""
    events = list(_together(sorted(_events(record, project), key=lambda event: event.at)))
    end = Event("end", _since(record, record.ended), "", f"{record.outcome}: {record.why}")
    sort, what = _company(record, project)
    return Transcript(
        (*events, end),
        node=record.path[-1].node if record.path else "",
        outcome=record.outcome,
        language=record.language,
        speed=record.speed,
        queue=what if sort == "queue" else "",
        dial=what if sort == "dial" else "",
    )


def _company(record: CallRecord, project: Project) -> tuple[str, str]:
    """Return the kind of node and the queue or number at which she was with somebody last.

    That is where the call went on otherwise than by an unhappy outcome, or did not go on.
    """
    names = [step.node for step in record.path]
    for name, following in reversed([*zip(names, [*names[1:], None], strict=True)]):
        node = node_of(project, record.flow, name)
        if node is None or node.kind not in ("queue", "dial"):
            continue
        if following is None or following.rpartition("/")[2] not in _unhappy(node):
            return node.kind, str(getattr(node, node.kind))
    return "", ""


def _unhappy(node: Node) -> set[str]:
    """Return where a wait or a number leads that nobody answered."""
    ways = {str(to) for path, to in node.links() if path != ("answered",)}
    return ways - {str(getattr(node, "answered", ""))}


def node_of(project: Project, flow: str, name: str) -> Node | None:
    """Return the node that a record of a call to `flow` calls `name`; None if there is none."""
    inner, _, node = name.rpartition("/")
    known = project.flows.get(inner or flow)
    return known.nodes.get(node) if known else None


def _since(record: CallRecord, at: datetime | None) -> float:
    """Return the seconds since the call began, in whole milliseconds as a record has them."""
    return ((at - record.started) // MILLISECOND) / 1000 if at else 0.0


def _together(events: Iterable[Event]) -> Iterator[Event]:
    """Join the keys that were pressed one after the other with nothing else between."""
    last: Event | None = None
    for event in events:
        if last and last.sort == event.sort == "key" and last.node == event.node:
            last = replace(last, what=last.what + event.what)
            continue
        if last:
            yield last
        last = event
    if last:
        yield last


def _events(record: CallRecord, project: Project) -> Iterator[Event]:
    """Return what happened; of things at one moment in the order they follow from each other."""
    for press in record.keys:
        yield Event("key", _since(record, press.at), press.node, press.key)
    for step in record.path:
        node = node_of(project, record.flow, step.node)
        for sort in _STAYS:
            if node is not None and node.kind == sort:
                what = _of(node, sort)
                prompt = what if sort == "send" else ""
                yield Event(sort, _since(record, step.entered), step.node, what, prompt)
    for heard in record.heard:
        if heard.finished or heard.to_ms - heard.from_ms > UNHEARD:
            yield Event(
                "said",
                heard.from_ms / 1000,
                heard.node,
                heard.text,
                heard.prompt or "",
                heard.language,
                heard.speed,
            )


def _of(node: Node, sort: str) -> str:
    """Return the queue or the number of a node, the prompt of a text message."""
    argument = getattr(node, sort)
    if isinstance(argument, tuple):
        return str(argument[0].name) if sort == "send" else ""
    return str(argument)


def differences(ours: Transcript, theirs: Transcript) -> list[tuple[Event | None, Event | None]]:
    """Return what the calls have not in common, as pairs; None where one has nothing there."""
    return [(a, b) for a, b in _pairs(ours, theirs) if not (a and b and a.agrees(b))]


def side_by_side(ours: Transcript, theirs: Transcript) -> str:
    """Return both calls, a line for each pair of events; `>>>` marks those that differ."""
    lines = []
    for a, b in _pairs(ours, theirs):
        mark = "   " if a and b and a.agrees(b) else ">>>"
        lines.append(f"{mark} {_cell(a)} │ {_cell(b)}".rstrip())
    return "\n".join(lines)


def _pairs(ours: Transcript, theirs: Transcript) -> Iterator[tuple[Event | None, Event | None]]:
    """Line two calls up, so that one event too many does not make all that follow differ."""
    left, right = ([e.alike for e in t.events] for t in (ours, theirs))
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for _, a, a_end, b, b_end in matcher.get_opcodes():
        yield from zip_longest(ours.events[a:a_end], theirs.events[b:b_end])


def _cell(event: Event | None) -> str:
    text, shown = ("" if event is None else f"{event.at:6.1f}s {event}"), ""
    for character in text:
        if width(shown + character) > COLUMN - 1:
            shown += "…"
            break
        shown += character
    return shown + " " * (COLUMN - width(shown))
