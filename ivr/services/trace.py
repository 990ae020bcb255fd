"""The trace a call belongs to, told to back ends with each question (W3C Trace Context).

The ids come of the call's own: whatever of it is looked at, now or afterwards, has the same trace.
"""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from datetime import datetime

_trace: ContextVar[str] = ContextVar("trace", default="")


def ids(call: str, began: datetime) -> tuple[int, int]:
    """Return the id of a call's trace and that of the span that is the call. Neither is 0."""
    digest = hashlib.sha256(f"{call} {began.isoformat()}".encode()).digest()
    return int.from_bytes(digest[:16]) or 1, int.from_bytes(digest[16:24]) or 1


def begin(call: str, began: datetime) -> None:
    """Say to which call belongs what this task asks from here on."""
    trace, span = ids(call, began)
    _trace.set(f"00-{trace:032x}-{span:016x}-01")


def headers() -> dict[str, str]:
    """Return what goes along with a question: nothing where no call is traced."""
    return {"traceparent": trace} if (trace := _trace.get()) else {}
