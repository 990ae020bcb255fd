"""Whispering: who waits in a queue hears a sound over the music, and the queue knows nothing.

A call file (`ivr/desk/call_files.py`) asks the switch for it (`dialplans/announcing.conf`).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence

from ivr.desk.call_files import CallFiles

_log = logging.getLogger(__name__)

# What Asterisk makes of the system's clock and a counter; with no system name there is no other.
UNIQUE_ID = re.compile(r"[0-9]+\.[0-9]+")


def whisper(
    spool: CallFiles, caller: str, sound: str, number: int | None = None
) -> asyncio.Future[None]:
    """Let the caller with this unique id hear a sound, unless an agent has answered her.

    `spool` is the switch's; `sound` is a path without ending. One with a number can be ended by
    it. Raises ValueError at once for an id that is none, OSError where no file can be written.
    """
    name = caller if number is None else f"{caller}*{number}"
    return spool.send(_lines(caller, f"Local/{name}@whisper/n", "Playback", sound))


def whisper_to_both(
    spool: CallFiles, caller: str, sound: str, tell: Callable[[OSError], None]
) -> None:
    """Let her and the agent who talks with her hear a sound.

    Raises ValueError for an id that is none; what goes wrong later is told.
    """
    spool.post(_lines(caller, f"Local/{caller}@serving/n", "Playback", sound), tell)


def end_whisper(spool: CallFiles, caller: str, number: int) -> None:
    """Let her hear no more of the whisper with this number.

    Raises ValueError for an id that is none; what goes wrong later is told in the log.
    """

    def tell(fault: OSError) -> None:
        _log.warning("a caller hears on what she has ended: %s", fault)

    spool.post(_lines(caller, f"Local/{caller}*{number}@end-whisper/n", "NoOp", ""), tell)


def _lines(caller: str, channel: str, application: str, given: str) -> Sequence[str]:
    if not UNIQUE_ID.fullmatch(caller):
        raise ValueError(f"{caller!r} is no unique id of a channel")
    return (
        f"Channel: {channel}",
        f"Application: {application}",
        f"Data: {given}",
        "MaxRetries: 0",
        "WaitTime: 5",
    )
