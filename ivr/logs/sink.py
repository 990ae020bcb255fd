"""A log that is written beside the work: whoever logs never waits for a disk.

A disk that hangs, or a pipe that nobody reads, would else stop every call of the loop that logs.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress

# Records that may wait to be written; those beyond are lost, and how many is told.
MOST = 10_000
# Seconds in which what comes is written at once, and to be done when the process ends.
TOGETHER = 0.01
LAST = 2.0
# Seconds after which a log that could not be opened is opened again.
AGAIN = 10.0


class Beside(logging.Handler):
    """Formats records, and has a thread write them by the handler that `opened` makes there."""

    def __init__(self, opened: Callable[[], logging.Handler], most: int = MOST) -> None:
        super().__init__()
        self._opened = opened
        self._lines: queue.Queue[str | None] = queue.Queue(most)
        self._lost = 0
        self._thread = threading.Thread(target=self._write, name="the log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Have a record written; never waits."""
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self._lost += 1
        except Exception:  # a record that cannot be formatted is told as logging tells it
            self.handleError(record)

    def close(self) -> None:
        """Wait until all is written, for at most `LAST` seconds. Safe more than once."""
        if self._thread.is_alive():
            try:
                self._lines.put_nowait(None)
            except queue.Full:
                pass
            else:
                self._thread.join(LAST)
        super().close()

    def _write(self) -> None:
        while (file := self._open()) is None:
            time.sleep(AGAIN)
        is_over = False
        while not is_over:
            lines = [self._lines.get()]
            time.sleep(TOGETHER)
            while lines[-1] is not None and not self._lines.empty():
                lines.append(self._lines.get())
            is_over = lines[-1] is None
            if self._lost:
                lost, self._lost = self._lost, 0
                words = f"{lost} lines before are lost: the log could not be written so fast"
                told = {"name": __name__, "levelno": logging.ERROR, "levelname": "ERROR"}
                lines.insert(-1, self.format(logging.makeLogRecord({**told, "msg": words})))
            if text := "\n".join(line for line in lines if line is not None):
                file.handle(logging.makeLogRecord({"msg": text}))
        with suppress(OSError):  # a pipe that nobody reads any more
            file.close()

    def _open(self) -> logging.Handler | None:
        try:
            return self._opened()
        except OSError as fault:
            words = {"levelno": logging.ERROR, "msg": f"there is no log: {fault}"}
            logging.StreamHandler().handle(logging.makeLogRecord(words))
            return None
