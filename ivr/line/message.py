"""Messages that a caller leaves: recorded on her channel, one file each."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ivr.flow.effects import Record, Recorded
from ivr.line.variables import Commands
from ivr.wire import agi

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

    def recorded(self, record: Record, keys: str) -> Recorded:
        """Return what became of the last one, that another controller began and `keys` ended."""
        size = self._path.stat().st_size if self._path.exists() else 0
        quiet = BREATH if "#" in keys else record.silence
        return self._recorded(record, size / BYTES_PER_SECOND, quiet)

    def _recorded(self, record: Record, seconds: float, quiet: float) -> Recorded:
        silent = seconds <= quiet + 0.5
        if record.instead and not silent:
            (self._folder / record.instead).unlink(missing_ok=True)
        return Recorded(self._path.name, seconds, silent)

    @property
    def _path(self) -> Path:
        return self._folder / f"{self._name}-{self.count}.wav"
