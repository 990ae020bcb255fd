"""A log file that two processes write, as the controllers of one hotline do."""

from __future__ import annotations

import logging.handlers
import os
from contextlib import suppress
from logging import LogRecord
from pathlib import Path


class SharedLog(logging.handlers.RotatingFileHandler):
    """A log kept to 5 files of 10 MB; whichever process finds it full renames it for both."""

    def __init__(self, path: Path, most: int = 10_000_000) -> None:
        super().__init__(path, maxBytes=most, backupCount=4, encoding="utf-8")

    def shouldRollover(self, record: LogRecord) -> bool:
        """Tell whether it is full, after going over to the file another process has begun."""
        if self.stream:
            mine, there = os.fstat(self.stream.fileno()), None
            with suppress(FileNotFoundError):
                there = os.stat(self.baseFilename)
            if there is None or (mine.st_ino, mine.st_dev) != (there.st_ino, there.st_dev):
                self.stream.close()
                self.stream = self._open()
        return bool(super().shouldRollover(record))
