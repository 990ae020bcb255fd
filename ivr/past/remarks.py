"""What a person would look for in a call: each function tells one thing, in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

from ivr.flow.fields import Prompt
from ivr.flow.project import Project
from ivr.flow.record import CallRecord
from ivr.past.moments import ERRANDS, moments, seconds, since, was_dropped
from ivr.past.turns import turns

# A key this long after the end of a wait was meant for it, and is told as too late.
TOO_LATE = 3000
# A look-up that takes longer is noticed: a caller hears silence, or that she has to wait.
SLOW = 1500
TIMES = ("", "once", "twice", "three times", "four times", "five times")


Spoken = tuple[str, str]
"""A node, and a prompt that was heard there."""


@dataclass(frozen=True)
class Called:
    """A record, and what told her that she was silent or pressed what is no choice."""

    record: CallRecord
    silent: frozenset[Spoken]
    wrong: frozenset[Spoken]


def remarks(record: CallRecord, project: Project | None = None) -> list[str]:
    """Return what stands out in a call; with its project, also by its own texts for mistakes."""
    called = Called(
        record,
        frozenset(_spoken(record, project, "silent", {"nothing_heard"})),
        frozenset(_spoken(record, project, "wrong", {"wrong_key", "not_a_number"})),
    )
    return [remark for tell in TELLERS for remark in tell(called)]


def _spoken(
    record: CallRecord, project: Project | None, field: str, always: Collection[str]
) -> Iterator[Spoken]:
    """Yield what was heard of these prompts, or of those that its own node has in a field."""
    for heard in record.heard:
        inner, _, name = heard.node.rpartition("/")
        flow = project.flows.get(inner or record.flow) if project else None
        speech = getattr(flow.nodes.get(name) if flow else None, field, ())
        speech = speech if isinstance(speech, tuple) else ()
        named = {prompt.name for prompt in speech if isinstance(prompt, Prompt)}
        if heard.prompt in {*always, *named}:
            yield heard.node, heard.prompt


def _silences(called: Called) -> Iterator[str]:
    found: dict[str, list[int]] = {}
    # What the switch says over everything else (who serves her, announcements) is a moment there.
    said = [heard for heard in called.record.heard if heard.to_ms > heard.from_ms]
    for before, heard in pairwise(said):
        if (heard.node, heard.prompt) in called.silent:
            found.setdefault(heard.node, []).append(heard.from_ms - before.to_ms)
    for node, lengths in found.items():
        long = seconds(max(lengths))
        yield f"was silent for {long}, {times(len(lengths))}, in '{node}'"


def _too_late(called: Called) -> Iterator[str]:
    record, told_of = called.record, set[int]()
    for key in record.keys:
        at = since(record, key.at)
        told = [h for h in record.heard if (h.node, h.prompt) in called.silent and h.from_ms <= at]
        if not told or told[-1].from_ms in told_of:
            continue
        told_of.add(told[-1].from_ms)
        if (late := at - told[-1].from_ms) <= TOO_LATE:
            fate = "nothing took it any more"
            if key.node == told[-1].node and not was_dropped(record, key):
                fate = "it counted for the next try"
            yield f"pressed {key.key} too late by {late} ms in '{told[-1].node}'; {fate}"


def _wrong_keys(called: Called) -> Iterator[str]:
    record = called.record
    tried = [m for m in moments(record) if m.mark == "⌨" and not m.note]
    begin = 0
    for heard in record.heard:
        if (heard.node, heard.prompt) not in called.wrong:
            continue
        keys = [m for m in tried if m.node == heard.node and begin <= m.at <= heard.from_ms]
        tried = [m for m in tried if m not in keys]
        begin = heard.from_ms
        typed = "".join(moment.text for moment in keys)
        typed = typed if heard.prompt == "not_a_number" else typed[-1:]
        verb = "typed" if len(typed) > 1 else "pressed"
        if typed:
            yield f"{verb} {typed}, which '{heard.node}' does not take"


def _unasked(called: Called) -> Iterator[str]:
    record = called.record
    for key in record.keys:
        if was_dropped(record, key):
            at = seconds(since(record, key.at))
            yield f"pressed {key.key} at {at}; nothing asked for it before '{key.node}'"


def _heard_again(called: Called) -> Iterator[str]:
    counts: dict[tuple[str, str], int] = {}
    for before, heard in pairwise(called.record.heard):
        same = (before.prompt, before.node, before.language) == (
            heard.prompt,
            heard.node,
            heard.language,
        )
        if heard.prompt and same and before.speed == heard.speed and heard.from_ms == before.to_ms:
            counts[heard.prompt, heard.node] = counts.get((heard.prompt, heard.node), 0) + 1
    for (prompt, node), count in counts.items():
        yield f"asked to hear '{prompt}' again, {times(count)}, in '{node}'"


def _errands(called: Called) -> Iterator[str]:
    for asked in called.record.asked or ():
        took = asked.to_ms - asked.from_ms
        what = f"the {ERRANDS.get(asked.what, asked.what)} {asked.of}".strip()
        if asked.left and asked.what == "queue" and not asked.by:
            yield f"waited {seconds(took)} in {what} and hung up"
        elif asked.left and not asked.outcome:
            yield f"hung up while {what} went on, after {seconds(took)}"
        elif asked.outcome == "failed":
            why = f": {asked.why}" if asked.why else ""
            yield f"{what} took {seconds(took)} and failed{why}"
        elif asked.what == "queue" and asked.outcome == "left":
            yield f"waited {seconds(took)} in {what} and chose to leave it"
        elif asked.what == "queue" and asked.outcome != "answered":
            yield f"waited {seconds(took)} in {what}: {asked.outcome}"
        elif asked.what == "lookup" and took > SLOW:
            yield f"{what} took {seconds(took)}"


def _the_end(called: Called) -> Iterator[str]:
    record = called.record
    if record.outcome == "failed":
        yield f"a fault of ours ended it: {record.why}"
    last = turns(record)[-1:]
    if record.outcome == "abandoned" and last and last[0].left:
        yield f"hung up while '{last[0].prompt}' was said, at '{_end(record.heard[-1].text)}'"


def _end(text: str) -> str:
    """Return the last words of a text, about a dozen characters, from the beginning of a word."""
    end = text[-12:]
    _, space, rest = end.partition(" ")
    is_half = space and text[-13:-12].isalnum()
    return re.sub(r"^\W+", "", rest if is_half else end)


def times(count: int) -> str:
    """Return how often, in words as far as they are short."""
    return TIMES[count] if 0 < count < len(TIMES) else f"{count} times"


TELLERS: tuple[Callable[[Called], Iterator[str]], ...] = (
    _silences,
    _too_late,
    _wrong_keys,
    _unasked,
    _heard_again,
    _errands,
    _the_end,
)
