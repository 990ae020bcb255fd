"""What is kept of those who are spoken to while they wait in a queue: a file for each.

While app_queue has a caller nothing can be written on her channel, but what she is told and presses
meanwhile is a part of her call as well. The file has all of the call's journal, and where the line
is; the next controller goes on by it (`ivr/takeover/waiting_on.py`). A thread writes them: a disk
that hangs holds nobody's call.
"""

from __future__ import annotations

import logging
import queue
import threading
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

_log = logging.getLogger(__name__)

# Seconds in which all is written when the process ends.
LAST = 2.0


class Wait(BaseModel):
    """One caller's. `texts` are her journal, `channel` and `line` where the switch has her.

    So often she has come to a queue (`waits`); of the keys in `variable` so many are `seen`. The
    number of what was whispered to her last is `whisper`, and her channel speaks `form`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    texts: tuple[str, ...]
    channel: str
    line: str
    waits: int
    variable: str
    seen: int
    whisper: int
    form: str


class Waits:
    """The files, by the names of the calls' records, in a folder that is their own.

    Nothing here waits for the disk but `load` and `close`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Wait] = {}
        # Of which calls the file is not as it should be; each is in the queue once, until it is.
        self._due = set[str]()
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_on, name="waits", daemon=True)

    def load(self) -> None:
        """Read what another controller has kept; what cannot be read is dropped. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in self._folder.glob("*.new"):
            with suppress(OSError):
                file.unlink()  # half of one: its writer has died
        for file in self._folder.glob("*.json"):
            try:
                self._known[file.stem] = Wait.model_validate_json(file.read_text())
            except (OSError, ValidationError) as fault:
                _log.warning("the wait of call %s cannot be read: %s", file.stem, fault)
                file.unlink(missing_ok=True)

    def keep(self, call: str, wait: Wait) -> None:
        """Keep one. Where no file can be written, the next controller knows nothing of her wait."""
        self._known[call] = wait
        self._change(call)

    def read(self, call: str) -> Wait | None:
        """Return one; None where there is none."""
        return self._known.get(call)

    def calls(self) -> list[str]:
        """Return of which calls there is one."""
        return sorted(self._known)

    def drop(self, call: str) -> None:
        """Forget one. Safe more than once."""
        if self._known.pop(call, None):
            self._change(call)

    def close(self) -> None:
        """Wait until all is written, for at most `LAST` seconds. Nothing is kept afterwards."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join(LAST)

    def _change(self, call: str) -> None:
        if self._thread.ident is None:
            self._thread.start()
        if call not in self._due:
            self._due.add(call)
            self._queue.put(call)

    def _write_on(self) -> None:
        while (call := self._queue.get()) is not None:
            # Before it is looked up: what is kept from here on puts it into the queue again.
            self._due.discard(call)
            try:
                self._write(call, self._known.get(call))
            except OSError as fault:
                _log.info("the wait of call %s is not kept: %s", call, fault.strerror)
                # What was kept before is not gone by.
                for file in (self._file(call), self._fresh(call)):
                    with suppress(OSError):
                        file.unlink(missing_ok=True)

    def _write(self, call: str, wait: Wait | None) -> None:
        if wait is None:
            self._file(call).unlink(missing_ok=True)
            return
        # Aside and renamed: a controller dies at any moment. Not synced: the machine goes on.
        self._fresh(call).write_text(wait.model_dump_json())
        self._fresh(call).replace(self._file(call))

    def _file(self, call: str) -> Path:
        return self._folder / f"{call}.json"

    def _fresh(self, call: str) -> Path:
        return self._folder / f"{call}.new"
