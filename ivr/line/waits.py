"""What is kept of those who are spoken to while they wait in a queue: a file for each.

While app_queue has a caller nothing can be written on her channel, but what she is told and presses
meanwhile is a part of her call as well. The file has all of the call's journal, and where the line
is; the next controller goes on by it (`ivr/waiting_on.py`).
"""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

_log = logging.getLogger(__name__)


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
    """The files, by the names of the calls' records, in a folder that is their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def keep(self, call: str, wait: Wait) -> None:
        """Keep one. Where no file can be written, the next controller knows nothing of her wait."""
        # Aside and renamed: a controller dies at any moment. Not synced: the machine goes on.
        fresh = self._folder / f"{call}.new"
        try:
            fresh.write_text(wait.model_dump_json())
            fresh.replace(self._file(call))
        except OSError as fault:
            _log.info("the wait of call %s is not kept: %s", call, fault.strerror)
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            self.drop(call)

    def read(self, call: str) -> Wait | None:
        """Return one; None where there is none that can be read."""
        try:
            return Wait.model_validate_json(self._file(call).read_text())
        except (OSError, ValidationError):
            return None

    def calls(self) -> list[str]:
        """Return of which calls there is one."""
        return sorted(path.stem for path in self._folder.glob("*.json"))

    def drop(self, call: str) -> None:
        """Forget one. Safe more than once."""
        with suppress(OSError):
            self._file(call).unlink(missing_ok=True)

    def _file(self, call: str) -> Path:
        return self._folder / f"{call}.json"
