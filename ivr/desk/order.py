"""The order of service: whoever came first is served first, live or called back.

app_queue serves the highest `QUEUE_PRIO` first and equal ones in the order in which they joined
(join_queue of app_queue.c). So a caller's priority *is* when she came: one who is passed on, or
whose call back is due, joins late and still stands where she stood.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# Priorities are C's int, arrivals are in tenths of a second: six years around this moment fit.
MIDDLE = datetime(2030, 1, 1, tzinfo=UTC)
_MOST = 2**31 - 1
_TENTH = timedelta(milliseconds=100)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def priority(since: datetime) -> int:
    """Return the `QUEUE_PRIO` of one who came at `since` (aware): the later, the lower.

    Tenths of a second before 2030, so it is negative from then on; moments before 2024 and after
    2036 count as the nearest one that fits.
    """
    return max(-_MOST, min(_MOST, (MIDDLE - since) // _TENTH))


def written(since: datetime) -> str:
    """Return a moment as a channel carries it (`__IVR_SINCE`): tenths of a second since 1970."""
    return str((since - _EPOCH) // _TENTH)


def read(tenths: str, now: datetime) -> datetime:
    """Return the moment a channel carries; `now` where it carries none, or one yet to come."""
    if not (tenths.isascii() and tenths.isdigit() and len(tenths) <= 11):
        return now
    return min(_EPOCH + int(tenths) * _TENTH, now)
