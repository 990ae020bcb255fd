"""Stand-ins: who was promised a call back waits in the switch's queue without being on the phone.

Each is a Local channel (ivr/desk/spool.py, dialplans/calling.conf) with the place of when she
called. No caller waits there: it is not counted as one, and not told anything.
"""

from __future__ import annotations

import re

# In dialplans/calling.conf.
STANDING_IN = "standing-in"
CALLING_FIRST = "calling-first"
_NUMBER = re.compile(r"\+?[0-9]{3,20}")


def stands_in(channel: str) -> bool:
    """Return whether a channel of this name is that of a call back, and of no caller."""
    return f"@{STANDING_IN}-" in channel or f"@{CALLING_FIRST}-" in channel


def may_be_dialled(number: str) -> bool:
    """Return whether this is a number as the dialplan takes one."""
    return _NUMBER.fullmatch(number) is not None
