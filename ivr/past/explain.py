"""One call in plain words: who, when, second by second, how it ended, and what stands out."""

from __future__ import annotations

from datetime import tzinfo

from ivr.errors import width
from ivr.flow.fields import LANGUAGE_NAMES
from ivr.flow.project import Project
from ivr.flow.record import CallRecord
from ivr.flow.story import part_after
from ivr.past.marks import BEST, mark_of
from ivr.past.moments import moments, seconds, since
from ivr.past.remarks import remarks


def explain(record: CallRecord, zone: tzinfo, project: Project | None = None) -> list[str]:
    """Return the lines that tell a call; its beginning is told by the clock of `zone`.

    `project` is the one the call ran on, or None where that is not known. What the record does
    not hold is not told: values a back end gave, secret keys.
    """
    return [
        *opening(record, zone),
        "",
        *timeline(record),
        "",
        ending(record),
        *marked(record),
        *([f"She goes on as call {part_after(record.id)}."] if record.passed_to else []),
        *_standing_out(record, project),
    ]


def opening(record: CallRecord, zone: tzinfo) -> list[str]:
    """Return who called when, and in what she was spoken to."""
    who = record.caller or "a caller without a number"
    at = record.started.astimezone(zone)
    lasted = f", {seconds(since(record, record.ended))}" if record.ended else ", still going on"
    came = f"passed on by {record.passed_by}, after call {record.after}" if record.after else ""
    if came and record.called.startswith("*"):  # by a code: she comes back to the agent
        came = f"sent by {record.passed_by}, in the middle of call {record.after}"
    known = "; known from an earlier call" if record.recalled else ""
    return [
        f"call {record.id}: {who} to {record.called}, {at:%Y-%m-%d %H:%M:%S}{lasted}",
        f"flow {record.flow}, version {record.version}; "
        f"{LANGUAGE_NAMES.get(record.language, record.language)} at {record.speed}{known}",
        *([came] if came else []),
    ]


def timeline(record: CallRecord) -> list[str]:
    """Return a line for each moment: when, at which node, what, and what came of it."""
    told = moments(record)
    column = min(24, max((width(moment.node) for moment in told), default=0))
    lines: list[str] = []
    here = ""
    for moment in told:
        node = moment.node if moment.node != here else ""
        here = moment.node
        note = f"  ({moment.note})" if moment.note else ""
        space = " " * max(0, column - width(node))
        lines.append(f"{clock(moment.at)}  {node}{space}  {moment.mark} {moment.text}{note}")
    return lines


def clock(milliseconds: int) -> str:
    """Return a time of the call as minutes, seconds and tenths: `0:07.3`."""
    tenths = milliseconds // 100
    return f"{tenths // 600:>2}:{tenths % 600 // 10:02}.{tenths % 10}"


def ending(record: CallRecord) -> str:
    """Return how the call ended, and when."""
    if record.ended is None:
        at = f" in '{record.path[-1].node}'" if record.path else ""
        return f"still going on{at}"
    return f"{clock(since(record, record.ended))}  ■ {record.outcome}: {record.why}"


def marked(record: CallRecord) -> list[str]:
    """Return the mark she gave, if she gave one."""
    mark = mark_of(record)
    return [f"Her mark: {mark.mark} of {BEST}."] if mark else []


def _standing_out(record: CallRecord, project: Project | None) -> list[str]:
    told = remarks(record, project)
    if record.asked is None:
        told.append("look-ups and queues were not yet written down when this call was kept")
    return ["", "What stands out:", *(f"- {remark}" for remark in told)] if told else []
