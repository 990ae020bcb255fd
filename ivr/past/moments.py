"""A call record as one row of moments: what was said, pressed and asked, in order of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ivr.flow.fields import LANGUAGE_NAMES
from ivr.flow.record import CallRecord, KeyPress

# The nouns an errand is told by; one that has none is told by its own name.
ERRANDS = {
    "lookup": "look-up",
    "queue": "queue",
    "dial": "number",
    "record": "message",
    "send": "text message",
    "callback": "call back of",
}


@dataclass(frozen=True)
class Moment:
    """Something that happened `at` … `until`, in milliseconds since the call began.

    `mark` is ♪ said, ⌨ pressed, → asked of somebody, ● recorded; `note` what came of it.
    """

    at: int
    until: int
    node: str
    mark: str
    text: str
    note: str = ""


def since(record: CallRecord, at: datetime) -> int:
    """Return how many milliseconds after the beginning of the call a moment was."""
    return max(0, (at - record.started) // timedelta(milliseconds=1))


def seconds(milliseconds: int) -> str:
    """Return a time in seconds, as people read it: `0.2 s`, `8 s`."""
    return f"{milliseconds / 1000:.1f}".removesuffix(".0") + " s"


def moments(record: CallRecord) -> list[Moment]:
    """Return everything that happened, in order; of one instant the key comes first."""
    order = "⌨→●♪"
    every = [*_keys(record), *_asked(record), *_heard(record)]
    return sorted(every, key=lambda moment: (moment.at, order.index(moment.mark)))


def _heard(record: CallRecord) -> Iterator[Moment]:
    for heard in record.heard:
        how = f"{LANGUAGE_NAMES.get(heard.language, heard.language)} {heard.speed}"
        cut = "" if heard.finished else f"; broken off after {seconds(heard.to_ms - heard.from_ms)}"
        what = f"{heard.prompt}, " if heard.prompt else ""
        yield Moment(heard.from_ms, heard.to_ms, heard.node, "♪", heard.text, f"{what}{how}{cut}")


def _keys(record: CallRecord) -> Iterator[Moment]:
    for index, key in enumerate(record.keys):
        at = since(record, key.at)
        following = record.keys[index + 1] if index + 1 < len(record.keys) else None
        yield Moment(at, at, key.node, "⌨", key.key, _did(record, key, following))


def _did(record: CallRecord, key: KeyPress, following: KeyPress | None) -> str:
    """Tell what a key did, as far as the record shows: where it led, how she was spoken to."""
    if was_dropped(record, key):
        return "nothing asked for it"
    if following is not None and following.at == key.at and following.node == key.node:
        return ""  # the last of several tells
    if was_typed_ahead(record, key):
        return f"typed ahead of {key.node}"
    at = since(record, key.at)
    for step, then in pairwise(record.path):
        if step.node == key.node and step.left == key.at:
            return f"to {then.node}"
    before = next((h for h in reversed(record.heard) if h.to_ms <= at), None)
    after = next((h for h in record.heard if h.from_ms >= at), None)
    if before is None or after is None or before.prompt != after.prompt:
        return ""
    if before.node != after.node or after.from_ms != at:
        return ""
    if before.language != after.language:
        return f"on in {LANGUAGE_NAMES.get(after.language, after.language)}"
    if before.speed != after.speed:
        return f"on at {after.speed}"
    return "once more"


def was_typed_ahead(record: CallRecord, key: KeyPress) -> bool:
    """Whether a key was pressed before she came to the node that used it, or threw it away."""
    stays = [step for step in record.path if step.node == key.node]
    return bool(stays) and all(step.entered > key.at for step in stays)


def is_deaf(record: CallRecord, node: str) -> bool:
    """Whether keys are thrown away at a node: with a person, a recorder, or at the end."""
    with_others = {asked.node for asked in record.asked or () if asked.what != "lookup"}
    last = record.path[-1].node if record.ended and record.path else ""
    return node in with_others or node == last


def was_dropped(record: CallRecord, key: KeyPress) -> bool:
    """Whether a key was thrown away that had been pressed before she came to its node."""
    stays = [step for step in record.path if step.node == key.node]
    return is_deaf(record, key.node) and all(step.entered >= key.at for step in stays)


def _asked(record: CallRecord) -> Iterator[Moment]:
    for asked in record.asked or ():
        noun = ERRANDS.get(asked.what, asked.what)
        outcome = asked.outcome or "no answer yet"
        by = f" by {asked.by}" if asked.by else ""
        left = "; she hung up" if asked.left else ""
        took = seconds(asked.to_ms - asked.from_ms)
        yield Moment(
            asked.from_ms,
            asked.to_ms,
            asked.node,
            "●" if asked.what == "record" else "→",
            f"{noun} {asked.of}".strip(),
            f"{outcome}{by} after {took}{left}",
        )
