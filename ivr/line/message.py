"""Messages that a caller leaves: recorded on her channel, one file each.

The switch tells of a message that no disk has taken as of any other (handle_recordfile of res_agi.c
looks at no result of what it writes), so it is looked here for room before, and for the file after.
"""

from __future__ import annotations

import logging
import shutil
from datetime import timedelta
from pathlib import Path

from ivr.flow.effects import Record, Recorded
from ivr.line.variables import Commands
from ivr.wire import agi

_log = logging.getLogger(__name__)

# Bytes below which no message is begun: ten minutes of one.
ROOM = 10_000_000
# Of a message, what has to be on the disk: the rest may lie in the switch's buffer until it closes.
WHOLE = 0.9
RECORDED_PER_SECOND = 8000
# Of the file, whose samples have two, behind its head.
BYTES_PER_SECOND = 2 * RECORDED_PER_SECOND
# Of silence, at the end of what was ended by a key.
BREATH = 0.5


class Messages:
    """The messages of one part of a call, in a folder; `count` of them were begun."""

    def __init__(self, wire: Commands, folder: Path, name: str) -> None:
        self._wire = wire
        self._folder = folder
        self._name = name
        self.count = 0

    def has_room(self) -> bool:
        """Tell whether a message can be recorded; if not, the log tells why."""
        try:
            free = shutil.disk_usage(self._folder).free
        except OSError as fault:
            _log.error("no message is recorded: %s", fault)
            return False
        if free < ROOM:
            free_mb = free // 1_000_000
            _log.error("no message is recorded: %d MB are free in %s", free_mb, self._folder)
        return free >= ROOM

    async def record(self, record: Record) -> Recorded:
        """Record until `#` is pressed or she is silent. Raises LineLost."""
        reply = await self._wire.command(
            agi.record_file(
                str(self._path.with_suffix("")),
                "wav",
                keys="#",
                longest=timedelta(seconds=record.longest),
                silence=timedelta(seconds=record.silence),
                beep=False,
            )
        )
        seconds = (reply.endpos or 0) / RECORDED_PER_SECOND
        return self._recorded(
            record, seconds, record.silence if reply.note == "timeout" else BREATH
        )

    def was_begun(self) -> bool:
        """Tell whether the switch began to record the last one, which its file shows."""
        return self._path.exists()

    def recorded(self, record: Record, keys: str) -> Recorded:
        """Return what became of the last one, that another controller began and `keys` ended."""
        size = self._path.stat().st_size if self._path.exists() else 0
        quiet = BREATH if "#" in keys else record.silence
        return self._recorded(record, size / BYTES_PER_SECOND, quiet)

    def _recorded(self, record: Record, seconds: float, quiet: float) -> Recorded:
        silent = seconds <= quiet + 0.5 or not self._is_whole(seconds)
        if record.instead and not silent:
            (self._folder / record.instead).unlink(missing_ok=True)
        return Recorded(self._path.name, seconds, silent)

    def _is_whole(self, seconds: float) -> bool:
        """Tell whether a message of so many seconds is all there; if not, the log tells.

        Where there is no file nobody has recorded anything that could be missing.
        """
        try:
            size = self._path.stat().st_size
        except OSError:
            return True
        is_whole = size >= seconds * BYTES_PER_SECOND * WHOLE
        if not is_whole:
            lost = "a message is lost: %s holds %d bytes of %.0f s"
            _log.error(lost, self._path, size, seconds)
        return is_whole

    @property
    def _path(self) -> Path:
        return self._folder / f"{self._name}-{self.count}.wav"
