"""What callers speak, on the disk: whether there is room for it, and whether it got there.

The switch tells of a message that no disk has taken as of any other (handle_recordfile of res_agi.c
looks at no result of what it writes).
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

_log = logging.getLogger(__name__)

# Bytes below which no message is begun: ten minutes of one.
ROOM = 10_000_000
# A message is linear, 16 bits; the switch counts in samples.
RATE = 8000
_BYTES = 2
# Of which so much may be missing: what lies in the switch's buffer is written when it is closed.
_SHORT = 0.9


def has_room(folder: Path) -> bool:
    """Tell whether a message can be recorded; if not, the log tells why."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as fault:
        _log.error("no message is recorded: %s", fault)
        return False
    if free < ROOM:
        _log.error("no message is recorded: %d MB are free in %s", free // 1_000_000, folder)
    return free >= ROOM


def is_whole(file: Path, seconds: float) -> bool:
    """Tell whether a message of so many seconds is all there; if not, the log tells.

    Where there is no file nobody has recorded anything that could be missing.
    """
    try:
        size = file.stat().st_size
    except OSError:
        return True
    whole = size >= seconds * RATE * _BYTES * _SHORT
    if not whole:
        _log.error("a message is lost: %s holds %d bytes of %.0f s", file, size, seconds)
    return whole
