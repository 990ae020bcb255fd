"""A log's records as JSON, one to a line, for what collects logs."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """Each record is an object: `time` in UTC, `level`, `logger`, `message`; `call` and `trace`.

    `call` is the id of the call it belongs to, and `trace` that of a fault; without one there is
    none. Text is as callers and back ends sent it, so it is escaped down to ASCII: no line break
    forges a record, no control character reaches a terminal.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        call = getattr(record, "call", "")
        if call:
            told["call"] = str(call)
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        # json.dumps escapes every control character but this one.
        return json.dumps(told).replace("\x7f", "\\u007f")
