"""What a caller brings along whom an agent passed on: who did, and how she has come.

A call has parts, one for each flow that leads it from its beginning; each has a record of its own.
The first is named after the channel (`1764047000.12`), the next `1764047000.12-2`, and so on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ivr.flow.record import storable

MOST_PARTS = 99
LONGEST_PATH = 6


@dataclass(frozen=True)
class Story:
    """`after` is the record of the part before, `by` the agent's number; a first part has neither.

    `speed` is in percent, `path` the last nodes she came through; `knows_recorded` that she was
    told of talks being recorded.
    """

    after: str = ""
    by: str = ""
    language: str = ""
    speed: int | None = None
    path: tuple[str, ...] = ()
    knows_recorded: bool = False


FROM_OUTSIDE = Story()
"""That of a call nobody has passed on."""


def brought(
    channel: str, after: str, by: str, language: str, speed: str, path: str, told: str = ""
) -> Story:
    """Return the story that stands on a channel with this unique id; what cannot be is left out."""
    is_ours = re.fullmatch(re.escape(channel) + r"(-[0-9]{1,2})?", after)
    return Story(
        after if is_ours else "",
        by if re.fullmatch(r"[0-9]{2,8}", by) else "",
        language if re.fullmatch(r"[a-z]{2,3}", language) else "",
        int(speed) if re.fullmatch(r"[1-9][0-9]{1,2}", speed) else None,
        tuple(storable(node) for node in path.split(">")[-LONGEST_PATH:] if node),
        told == "1",
    )


def part(channel: str, number: int) -> str:
    """Return the name of a part of the call on a channel by its number, from 1 on."""
    return channel if number == 1 else f"{channel}-{number}"


def part_after(record: str) -> str:
    """Return the name of the part of a call that follows this one."""
    channel, _, number = record.partition("-")
    return part(channel, min(int(number or 1) + 1, MOST_PARTS))


def number_of(record: str) -> int:
    """Return which part of its call a record is; 1 for what is no name of a part."""
    number = record.partition("-")[2]
    return int(number) if re.fullmatch(r"[0-9]{1,2}", number) else 1


def channel_of(record: str) -> str:
    """Return the unique id of the channel on which the call of a record is."""
    return record.partition("-")[0]
