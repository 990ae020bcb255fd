"""How a log is written: as text or as JSON, and never with a whole telephone number."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

# Not the id of a call (1795336631.0), nor digits within a word. An encoded plus ends in a letter.
_NUMBER = re.compile(r"(?:(?<![0-9A-Za-z.])|(?<=%2B))[0-9]{7,20}(?![0-9A-Za-z]|\.[0-9])")


def masked(text: str) -> str:
    """Return a text with stars in place of the middle of what may be somebody's number.

    Enough is left to tell two callers apart who complain of the same minute.
    """
    return _NUMBER.sub(lambda found: _stars(found[0]), text)


def _stars(number: str) -> str:
    shown = (3, 4) if len(number) >= 11 else (2, 2)
    return f"{number[: shown[0]]}****{number[-shown[1] :]}"


class TextLines(logging.Formatter):
    """Each record is a line of text, and its trace the lines behind it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines."""
        return masked(super().format(record))


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
            "message": masked(record.getMessage()),
        }
        call = getattr(record, "call", "")
        if call:
            told["call"] = str(call)
        if record.exc_info:
            told["trace"] = masked(self.formatException(record.exc_info))
        # json.dumps escapes every control character but this one.
        return json.dumps(told).replace("\x7f", "\\u007f")
