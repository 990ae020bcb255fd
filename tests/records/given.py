"""Records of calls, for tests to which only some of a call matters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ivr.flow.record import CallRecord

USUAL = {
    "caller": "13800138000",
    "called": "10086",
    "flow": "hotline",
    "version": "3f2a",
    "language": "cmn",
    "speed": "100%",
}


def a_record(id: str, started: datetime, **known: Any) -> CallRecord:
    """Return the record of a call that began then; what is not `known` is as usual."""
    return CallRecord(id=id, started=started, **(USUAL | known))
