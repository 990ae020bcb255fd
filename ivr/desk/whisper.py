"""Whispering: who waits in a queue hears a sound over the music, and the queue knows nothing.

A call file (`ivr/desk/call_files.py`) asks the switch for it (`dialplans/announcing.conf`).
"""

from __future__ import annotations

import re
from pathlib import Path

from ivr.desk import call_files

# What Asterisk makes of the system's clock and a counter; with no system name there is no other.
UNIQUE_ID = re.compile(r"[0-9]+\.[0-9]+")


def whisper(spool: Path, caller: str, sound: str, number: int | None = None) -> None:
    """Let the caller with this unique id hear a sound, unless an agent has answered her.

    `spool` is the switch's; `sound` is a path without ending. One with a number can be ended by
    it. Raises ValueError for an id that is none, OSError where no file can be written.
    """
    name = caller if number is None else f"{caller}*{number}"
    _call(spool, caller, f"Local/{name}@whisper/n", "Playback", sound)


def whisper_to_both(spool: Path, caller: str, sound: str) -> None:
    """Let her and the agent who talks with her hear a sound. Raises as `whisper` does."""
    _call(spool, caller, f"Local/{caller}@serving/n", "Playback", sound)


def end_whisper(spool: Path, caller: str, number: int) -> None:
    """Let her hear no more of the whisper with this number. Raises as `whisper` does."""
    _call(spool, caller, f"Local/{caller}*{number}@end-whisper/n", "NoOp", "")


def _call(spool: Path, caller: str, channel: str, application: str, given: str) -> None:
    if not UNIQUE_ID.fullmatch(caller):
        raise ValueError(f"{caller!r} is no unique id of a channel")
    lines = (
        f"Channel: {channel}",
        f"Application: {application}",
        f"Data: {given}",
        "MaxRetries: 0",
        "WaitTime: 5",
    )
    call_files.send(spool, lines)
