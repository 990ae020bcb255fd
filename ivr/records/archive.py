"""The recorded talks on disk: finished when a call is over, deleted when their time is.

The switch records raw sound into `spool/monitor`; here it becomes a stereo file that only its owner
may read, and a line in the database. What a crash has left there is finished like all others.
"""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import logging
import os
import signal
import time
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.flow.record import CallRecord
from ivr.meanwhile import again_and_again, meanwhile
from ivr.past.tapes import RATE, Reel, Tape, read_reel, tape
from ivr.store.database import StoreError
from ivr.store.talks import Talks
from ivr.switch.desks import Desks
from ivr.switch.files import private

_log = logging.getLogger(__name__)

SECONDS_PER_LOOK = 1.0
LOOKS_PER_SWEEP = 600
STILL = 3600.0  # seconds
# Of a desk that records no more, or is gone.
USUAL = timedelta(days=90)
_CHUNK = 1 << 16


class Archive:
    """Looks after the talks; `raw` is where the switch records, `kept` where they are kept.

    `call` finds a record; `desks` tells how they are now.
    """

    def __init__(
        self,
        talks: Talks,
        raw: Path,
        kept: Path,
        call: Callable[[str], Awaitable[CallRecord | None]],
        desks: Callable[[], Desks],
    ) -> None:
        self._talks = talks
        self._raw = raw
        self._kept = kept
        self._call = call
        self._desks = desks

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        """Finish and delete talks while the block runs. Raises OSError, SwitchError."""
        private(self._kept)
        private(self._raw)
        looks = itertools.count()

        async def look() -> None:
            if next(looks) % LOOKS_PER_SWEEP == 0:
                await self.sweep(datetime.now(UTC))
            await self.finish()

        # A full disk costs the recording and no call.
        said, known = "recorded talks have to wait: %s", (OSError, StoreError)
        work = again_and_again(
            look, lambda: asyncio.sleep(SECONDS_PER_LOOK), _log.error, said, *known
        )
        async with meanwhile(work, "the recorded talks"):
            yield

    async def finish(self) -> None:
        """Finish every recording whose call is over. Raises OSError, StoreError."""
        for path, reel in await asyncio.to_thread(_closed, self._raw):
            record = await self._call(reel.call)
            # An agent who sent her to a flow gets her back, and the recording goes on.
            if record is None or record.ended:
                await self._finish(path, reel, record)

    async def _finish(self, path: Path, reel: Reel, record: CallRecord | None) -> None:
        found = await asyncio.to_thread(path.stat)
        if found.st_size:  # nobody answered her: nothing was talked
            keep = self._desks().kept.get(reel.desk, USUAL)
            written = datetime.fromtimestamp(found.st_mtime, UTC)
            await asyncio.to_thread(_as_wave, path, file_of(self._kept, reel.name))
            await self._talks.keep(tape(reel, record, written, found.st_size, keep))
        await asyncio.to_thread(path.unlink)

    async def sweep(self, now: datetime) -> None:
        """Delete the talks whose time is over. Raises OSError, StoreError."""
        while over := await self._talks.find(over=now):
            for each in over:
                await deleted(self._talks, self._kept, each)
            _log.info("%d recorded talks were deleted: their time was over", len(over))


def file_of(kept: Path, name: str) -> Path:
    """Return where the talk of this name is."""
    return kept / f"{name}.wav"


async def deleted(talks: Talks, kept: Path, tape: Tape) -> None:
    """Delete a talk. Raises OSError, StoreError."""
    await asyncio.to_thread(file_of(kept, tape.name).unlink, missing_ok=True)
    await talks.forget(tape.name)


def _closed(raw: Path) -> list[tuple[Path, Reel]]:
    """Return the recordings in a folder that nobody writes any more. Raises OSError."""
    reels = [(path, read_reel(path.name)) for path in sorted(raw.glob("*.raw"))]
    return [(path, reel) for path, reel in reels if reel and _is_closed(path)]


def _is_closed(path: Path) -> bool:
    """Whether nobody writes a file any more: a lease to read is granted only then (fcntl(2)).

    Whoever opens it that very moment waits until we let go, and we are told by a signal: SIGIO
    would end us, SIGURG is ignored.
    """
    with path.open("rb") as file:
        try:
            fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except BlockingIOError:
            return False
        except OSError:  # a file system without leases: the longest hold is shorter than that
            return time.time() - os.fstat(file.fileno()).st_mtime > STILL
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return True


def _as_wave(raw: Path, to: Path) -> None:
    """Write raw sound, the caller's side first, as a file that only its owner may read.

    It appears whole or not at all.
    """
    fresh = to.with_name(f".{to.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with (
            raw.open("rb") as said,
            os.fdopen(handle, "wb") as file,
            wave.open(file, "wb") as sound,
        ):
            sound.setnchannels(2)
            sound.setsampwidth(2)
            sound.setframerate(RATE)
            while part := said.read(_CHUNK):
                sound.writeframesraw(part)
        fresh.replace(to)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        raise
