"""Supervision as it is dialled: the ways of it, their codes, and the keys that change the way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from ivr.line.passed import passer

Way = Literal["listen", "whisper", "barge"]
WAYS: tuple[Way, ...] = get_args(Way)

CODES: dict[str, Way] = {"*31": "listen", "*32": "whisper", "*33": "barge"}
KEYS: dict[str, Way] = {"4": "listen", "5": "whisper", "6": "barge"}

# What ChanSpy (app_chanspy.c) is told. Always: the channel by its name (u), no beep (q), until that
# channel is gone (ES), and out at one of KEYS (X). She speaks to the one she spies on (w), or also
# to that one's peer (B).
OPTIONS: dict[Way, str] = {"listen": "quESX", "whisper": "quESXw", "barge": "quESXB"}


# What is asked of each of an agent's channels: whom it is joined with, the record of the call it
# belongs to, and when the caller came (dialplans/passing.conf, [arrived]).
MARKS = ("BRIDGEPEER", "IVR_CALL", "IVR_SINCE")


class Talk(NamedTuple):
    """An agent's conversation with a caller: her channel, and the id of the call's record.

    Of one who was called back there is no record: "".
    """

    channel: str
    call: str


def dialled(code: str) -> tuple[Way, str] | None:
    """Return what a supervisor has dialled: how, and whom; `*311001` is to listen to 1001."""
    found = re.fullmatch(r"(\*3[123])([0-9]{2,8})", code)
    return (CODES[found[1]], found[2]) if found else None


def code(way: Way, agent: str) -> str:
    """Return what is dialled for it."""
    return next(code for code, known in CODES.items() if known == way) + agent


def channels(listed: str, agent: str) -> list[str]:
    """Return the names of an agent's channels, of those the switch lists."""
    name = re.compile(rf"PJSIP/{re.escape(agent)}-[0-9a-f]{{1,16}}")
    return [each for each in listed.split() if name.fullmatch(each)]


def talk(names: Sequence[str], marks: Sequence[Sequence[str]]) -> Talk | None:
    """Return the conversation with a caller, of an agent's channels with the MARKS of each.

    Who talks to a colleague without a caller is in no call of ours, and nobody's.
    """
    for name, (peer, call, since) in zip(names, marks, strict=True):
        if not peer:
            continue
        if re.fullmatch(r"[A-Za-z0-9._-]{1,100}", call):
            return Talk(name, call)
        if since and not passer(peer):
            return Talk(name, "")
    return None
