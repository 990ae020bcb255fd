"""Records are kept for a time; what is known of a number is deleted when it is asked for."""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from ivr.config import Settings
from ivr.forgetting import left_forgotten, waits_forgotten
from ivr.meanwhile import again_and_again, meanwhile
from ivr.records.archive import deleted
from ivr.records.callbook import RECORD
from ivr.running import claim
from ivr.store.database import Database, StoreError
from ivr.store.forgetting import Forgetting
from ivr.store.talks import Talks
from ivr.switch.softswitch import find

_log = logging.getLogger(__name__)

SECONDS_PER_LOOK = 600.0
# Between two of many deletions, so that the records of calls that end meanwhile get their turn.
BREATH = 0.2


class Keeper:
    """Deletes the records of calls, and the messages left in them, `kept` after their end."""

    def __init__(self, database: Database, recordings: Path, kept: timedelta) -> None:
        self._records = Forgetting(database)
        self._recordings = recordings
        self._kept = kept

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        """Delete what is over while the block runs, at its start too."""
        looks = itertools.count()

        async def pause() -> None:
            await asyncio.sleep(SECONDS_PER_LOOK if next(looks) else 0)

        async def look() -> None:
            await self.sweep(datetime.now(UTC))

        said = "records whose time is over have to wait: %s"
        work = again_and_again(look, pause, _log.error, said, OSError, StoreError)
        async with meanwhile(work, "records whose time is over"):
            yield

    async def sweep(self, now: datetime) -> int:
        """Delete what is over; return how many calls that were. Raises OSError, StoreError."""
        count = 0
        while gone := await self._records.over(now - self._kept):
            await asyncio.to_thread(delete_messages, self._recordings, gone)
            count += len(gone)
            await asyncio.sleep(BREATH)
        if count:
            _log.info("= %d records of calls were deleted: their time was over", count)
        return count


@dataclass(frozen=True)
class Gone:
    """What there was of a number, and is no more; `still_promised` calls back are.

    `waits` of calls whose controller died, and nobody led them on.
    """

    calls: int
    messages: int
    talks: int
    promises: int
    waits: int
    files: int
    still_promised: int


async def forget(settings: Settings, database: Database, number: str) -> Gone:
    """Delete what is known of a number, and blot it out in the logs.

    Raises OSError, IvrError, StoreError.
    """
    talks, count = Talks(database), 0
    while found := await talks.find(caller=number):
        for tape in found:
            await deleted(talks, settings.talks, tape)
        count += len(found)
    # First what waits for the database, or it would be written behind what is deleted there.
    left = await asyncio.to_thread(left_forgotten.forget, *_switch(settings, number))
    waited = await asyncio.to_thread(delete_waiting, settings.pending, number)
    queued: list[str] = []
    # Who waits while a hotline runs is in a call that goes on.
    if claim.running(settings.state) is None:
        queued = await asyncio.to_thread(waits_forgotten.forget, settings.waits, number)
    gone = await Forgetting(database).of(number)
    calls = {*gone.calls, *waited, *left, *queued}
    messages = await asyncio.to_thread(delete_messages, settings.recordings, calls)
    files = await asyncio.to_thread(blot_out, settings.log, number)
    await database.compact()
    return Gone(len(calls), messages, count, gone.promises, len(queued), files, gone.still_promised)


def _switch(settings: Settings, number: str) -> tuple[Path, str, Callable[[str], str] | None]:
    """Return where the switch keeps calls that were left, whose are to go, and how it is asked."""
    file = settings.state / "lib" / "astdb.sqlite3"
    softswitch = (
        find(settings.at(settings.switch_prefix)) if claim.running(settings.state) else None
    )
    console = partial(softswitch.console, settings.etc) if softswitch else None
    return file, number, console


def delete_waiting(pending: Path, number: str) -> list[str]:
    """Delete a caller's records that wait for the database; return their ids. Raises OSError.

    A call back that is promised stays.
    """
    ids, hers = [], f'"caller":"{number}"'.encode()
    for path in pending.glob(f"{RECORD}-*"):
        with suppress(FileNotFoundError):  # it has just been written
            if hers in path.read_bytes():
                path.unlink()
                ids.append(path.stem.removeprefix(f"{RECORD}-"))
    return ids


def delete_messages(recordings: Path, calls: Iterable[str]) -> int:
    """Delete the messages that callers left in these calls; return how many. Raises OSError."""
    count, over = 0, frozenset(calls)
    for file in recordings.glob("*.wav"):
        if file.name.rpartition("-")[0] in over:
            file.unlink(missing_ok=True)
            count += 1
    return count


def blot_out(folder: Path, number: str) -> int:
    """Put stars in place of a number in every file of a folder; return in how many. Raises OSError.

    In place and of the same length: whoever has a file open writes on behind it.
    """
    wanted = re.compile(rb"(?<![0-9])(?:(?:\+|00)?86)?(%s)(?![0-9])" % re.escape(number.encode()))
    count = 0
    for path in folder.rglob("*"):
        if path.is_file():
            count += _blot_out(path, wanted)
    return count


def _blot_out(path: Path, wanted: re.Pattern[bytes]) -> bool:
    with path.open("r+b") as file:
        found = list(wanted.finditer(file.read()))
        for each in found:
            file.seek(each.start(1))
            file.write(b"*" * (each.end(1) - each.start(1)))
    return bool(found)
