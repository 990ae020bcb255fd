"""What leads new calls: the version that serves, a canary beside it, and what is published next.

Every controller on a database reads the same history and does the same. A version that cannot be
made ready changes nothing here: calls go on being led as before, and `trouble` tells why.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Self

from ivr.errors import IvrError
from ivr.flow.canary import mark, verdict
from ivr.flow.history import Decision, Standing, is_tried_on, standing
from ivr.flow.project import Sources
from ivr.flow.record import CallRecord
from ivr.meanwhile import again_and_again
from ivr.store.database import StoreError
from ivr.store.versions import Versions
from ivr.versions.edition import Edition, Make
from ivr.versions.served import Led

_log = logging.getLogger(__name__)

# Seconds between two looks at the history: one number is read, and a publish is to be taken by
# the calls of the next second.
LOOK = 0.4
# Seconds until a version that could not be made ready is tried again: its sounds may have come.
AGAIN = 60.0
# Seconds for which a call that was taken over waits, in silence, for the version it began with.
PATIENCE = 1.0
# Seconds for which nobody waits for one that could not be had: many calls come at once.
MISSED = 5.0
# So many versions are kept that lead no new calls, for calls that were taken over.
MOST_PAST = 3
# Who a withdrawal is by.
OURSELVES = "the hotline"


@dataclass(frozen=True)
class Bound:
    """How much worse a canary may do, in percent of its calls, and how many calls are compared."""

    worse_by: int
    calls: int


class Live:
    """What is published in a database. Made by `start`."""

    def __init__(self, versions: Versions, make: Make, bound: Bound, stable: Edition) -> None:
        self._versions = versions
        self._make = make
        self._bound = bound
        self._stable = stable
        self._canary: Edition | None = None
        self._standing = Standing()
        self._trouble = ""
        self._renewed = time.monotonic()
        self._renewing = asyncio.Lock()
        self._past: dict[str, Edition] = {}
        self._missed: dict[str, float] = {}
        self._making = asyncio.Lock()

    @classmethod
    async def start(
        cls, versions: Versions, make: Make, bound: Bound, files: Callable[[], Sources]
    ) -> Self:
        """Begin with what serves; with the files on disk where nothing was ever published.

        Where what serves cannot be made ready, the version before it leads the calls, and in the
        end the files do. Raises IvrError where these have mistakes, and StoreError.
        """
        for version in reversed(standing(await versions.history()).line):
            made = await _made(make, versions.sources, version)
            if isinstance(made, Edition):
                stable = made
                break
        else:
            stable = await make(await asyncio.to_thread(files))
        live = cls(versions, make, bound, stable)
        await live.renew()
        return live

    def take(self, call: str) -> Edition:
        """Return the canary for its share of calls, and what serves for the others."""
        canary = self._standing.canary
        if canary and self._canary and is_tried_on(canary, call):
            return self._canary
        return self._stable

    async def again(self, version: str, call: str) -> Edition:
        """Return the version that a call began with; what leads new ones where it cannot be had."""
        for known in (self._stable, self._canary, *self._past.values()):
            if known and known.version == version:
                return known
        async with self._making:
            if version not in self._past:
                made: Edition | str = f"version {version} could not be had just now"
                if time.monotonic() > self._missed.get(version, 0.0):
                    try:
                        made = await _made(self._make, self._soon, version)
                    except StoreError as fault:
                        made = str(fault)
                    self._missed[version] = time.monotonic() + MISSED
                if not isinstance(made, Edition):
                    _log.warning("a call goes on with another version than it began: %s", made)
                    return self.take(call)
                # Calls end: of versions of the past the last few are enough.
                self._past = dict([*self._past.items(), (version, made)][-MOST_PAST:])
            return self._past[version]

    async def _soon(self, version: str) -> Sources:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._versions.sources(version)
        except TimeoutError:
            raise StoreError(f"version {version} was not read within {PATIENCE:g} s") from None

    async def follow(self) -> None:
        """Take what is published, as soon as it is, until cancelled."""
        said = "what is published cannot be told just now: %s"
        pause = partial(asyncio.sleep, LOOK)
        await again_and_again(self._look, pause, _log.warning, said, StoreError)

    async def _look(self) -> None:
        is_late = bool(self._trouble) and time.monotonic() > self._renewed + AGAIN
        if is_late or await self._versions.last() != self._standing.last:
            await self.renew()

    async def renew(self) -> None:
        """Read the history, and let new calls be led by what it says. Raises StoreError."""
        async with self._renewing:
            now = standing(await self._versions.history())
            troubles: list[str] = []
            stable = await self._ready(now.stable, troubles) or self._stable
            canary = await self._ready(now.canary.version if now.canary else None, troubles)
            # From here on nothing waits: a call is led by what was before, or by what is now.
            self._trouble = "; ".join(troubles)
            self._stable, self._canary, self._standing = stable, canary, now
            self._renewed = time.monotonic()
        beside = f", {now.states[canary.version]}: {canary.version}" if canary else ""
        _log.info("new calls are led by version %s%s", stable.version, beside)

    async def _ready(self, version: str | None, troubles: list[str]) -> Edition | None:
        """Return a version as an edition; None, with the trouble told, where it cannot be one."""
        if version is None:
            return None
        for known in (self._stable, self._canary):
            if known and known.version == version:
                return known
        made = await _made(self._make, self._versions.sources, version)
        if isinstance(made, Edition):
            return made
        troubles.append(made)
        return None

    async def over(self, record: CallRecord) -> None:
        """Count a call that began while a canary is tried out, and judge the canary by its own.

        Raises StoreError.
        """
        canary, edition = self._standing.canary, self._canary
        if canary is None or edition is None or record.started < canary.at:
            return
        led = edition if record.version == edition.version else self._stable
        if record.version == led.version:
            await self._versions.note(canary, led.version, mark(record, led.project))
        if led is edition:
            await self._judge(canary)

    async def _judge(self, canary: Decision) -> None:
        calls = await self._versions.marks(canary, self._bound.calls)
        why = verdict(calls[False], calls[True], self._bound.worse_by)
        if why is None or canary != self._standing.canary:
            return
        number, now = self._standing.last + 1, datetime.now(UTC)
        if await self._versions.decide(
            Decision(number, canary.version, "withdraw", why, OURSELVES, now)
        ):
            _log.warning("version %s is withdrawn: %s", canary.version, why)
        await self.renew()

    def led(self) -> Led:
        """Return by what new calls are led just now."""
        origin = "published" if self._stable.version in self._standing.line else "files"
        if self._canary and self._standing.canary:
            share = self._standing.canary.share
            return Led(self._stable.version, origin, self._canary.version, share, self._trouble)
        return Led(self._stable.version, origin, trouble=self._trouble)


async def _made(
    make: Make, sources: Callable[[str], Awaitable[Sources]], version: str
) -> Edition | str:
    """Return a version as an edition, or why it cannot be one. Raises StoreError."""
    try:
        return await make(await sources(version))
    except StoreError:
        raise
    except IvrError as fault:
        why = f"version {version} changes nothing: {fault}"
    except Exception as fault:  # one version's fault must not keep the next from coming
        _log.exception("version %s", version)
        why = f"version {version} changes nothing: {type(fault).__name__}, a fault of ours"
    _log.error("%s", why)
    return why
