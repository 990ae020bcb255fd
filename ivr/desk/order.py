"""The order of service: whoever came first is served first.

app_queue serves the highest `QUEUE_PRIO` first and equal ones in the order in which they joined
(join_queue of app_queue.c). So a caller's priority *is* when she came, in tenths of a second until
`MIDDLE`: one who is passed on joins late and still stands where she stood. The dialplan works it
out as she comes (dialplans/passing.conf, arrived), so that it holds without a controller, too.
"""

from __future__ import annotations

from datetime import UTC, datetime

# Priorities are C's int, so six years around this moment fit; behind it they are negative.
MIDDLE = datetime(2030, 1, 1, tzinfo=UTC)
TENTHS_UNTIL_THEN = round(MIDDLE.timestamp()) * 10
"""That moment in tenths of a second since 1970."""


def tenths(moment: datetime) -> int:
    """Return a moment as `__IVR_SINCE` has it: in tenths of a second since 1970."""
    return int(moment.timestamp() * 10)
