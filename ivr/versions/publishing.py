"""Deciding about versions: what `ivr publish`, `promote` and `rollback` do to the database.

Each makes a decision out of how things stand, and adds it unless somebody else was faster.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ivr.config import Settings
from ivr.errors import IvrError, nearest
from ivr.flow.history import Act, Decision, Standing, standing
from ivr.flow.project import Project, Sources
from ivr.flow.record import storable
from ivr.project import disk
from ivr.store.calls import Calls
from ivr.store.database import Database, StoreError
from ivr.store.versions import Version, Versions
from ivr.switch.files import private
from ivr.versions.edition import read
from ivr.versions.served import Led


@dataclass(frozen=True)
class By:
    """Who decides, and why."""

    who: str
    why: str

    def decision(self, now: Standing, version: str, act: Act, share: int = 0) -> Decision:
        """Return the next decision of a history that stands like this."""
        why, who = storable(self.why), storable(self.who)
        return Decision(now.last + 1, version, act, why, who, datetime.now(UTC), share)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Versions, Calls]]:
    """Open this instance's database while the block runs. Raises StoreError."""
    private(settings.state)
    async with await Database.open(settings.records_url) as database:
        yield Versions(database), Calls(database)


async def publish(versions: Versions, sources: Sources, by: By, share: int) -> Standing:
    """Keep a version and let it serve, or `share` percent of new calls; return how things stand.

    Raises IvrError where it serves already, and StoreError.
    """
    now, id = await _now(versions), sources.version
    if id == now.stable:
        raise IvrError(f"version {id} serves already; nothing has changed in the files since")
    decision = by.decision(now, id, "canary" if share else "publish", share)
    version = Version(id, decision.who, decision.why, decision.at)
    return _decided(await versions.publish(version, sources, decision), now, decision)


async def promote(versions: Versions, by: By) -> Standing:
    """Let the canary serve. Raises IvrError where there is none, and StoreError."""
    now = await _now(versions)
    if now.canary is None:
        raise IvrError("there is no canary that could be promoted; `ivr versions` lists what is")
    return await decide(versions, by.decision(now, now.canary.version, "promote"))


async def way_back(versions: Versions, named: str | None, by: By) -> Decision:
    """Return the decision that goes back to a version; without one, that undoes the last decision.

    That is a canary withdrawn, or the version before the one that serves. Raises IvrError where
    there is nothing to go back to, and StoreError.
    """
    now = await _now(versions)
    if named is not None:
        version = await find(versions, named)
        if version == now.stable and now.canary is None:
            raise IvrError(f"version {version} serves already")
        return by.decision(now, version, "rollback")
    if now.canary:
        return by.decision(now, now.canary.version, "withdraw")
    if now.before is None:
        raise IvrError("there is no version before; `ivr versions` lists those that can be named")
    return by.decision(now, now.before, "rollback")


async def decide(versions: Versions, decision: Decision) -> Standing:
    """Add a decision; return how things stand after it.

    Raises IvrError where somebody else has decided since it was made, and StoreError.
    """
    now = await _now(versions)
    return _decided(await versions.decide(decision), now, decision)


async def find(versions: Versions, named: str) -> str:
    """Return the version whose name begins so. Raises IvrError for none or several."""
    known = [version.id for version in await versions.all()]
    found = [id for id in known if named and id.startswith(named)]
    if len(found) == 1:
        return found[0]
    if found:
        raise IvrError(f"'{named}' may be {', '.join(found)}: write more of it")
    guess = nearest(named, known) or "; `ivr versions` lists them"
    raise IvrError(f"there is no version '{named}'{guess}")


async def project_of(settings: Settings, versions: Versions, version: str) -> Project:
    """Return a version as it may run here. Raises IvrError where it may not, and StoreError."""
    queues = disk.furniture(settings).desks
    return read(settings, replace(await versions.sources(version), queues=set(queues)))


async def to_serve(settings: Settings) -> tuple[Led, list[Project]]:
    """Return by what calls will be led from the start, and whose sounds that needs.

    What cannot lead calls is passed over, as the controller does. Raises IvrError for files with
    mistakes where nothing was published, and StoreError.
    """
    async with opened(settings) as (versions, _):
        now = await _now(versions)
        stable = await _first(settings, versions, reversed(now.line))
        canary = await _first(settings, versions, [now.canary.version] if now.canary else [])
    beside = [canary] if canary else []
    named = (canary.version, now.canary.share) if canary and now.canary else ("", 0)
    if stable:
        return Led(stable.version, "published", *named), [*beside, stable]
    files = disk.whole(settings).project
    return Led(files.version, "files", *named), [*beside, files]


async def _first(settings: Settings, versions: Versions, names: Iterable[str]) -> Project | None:
    """Return the first version that can lead calls here."""
    for name in names:
        try:
            return await project_of(settings, versions, name)
        except StoreError:
            raise
        except IvrError:
            continue
    return None


async def _now(versions: Versions) -> Standing:
    return standing(await versions.history())


def _decided(is_done: bool, before: Standing, decision: Decision) -> Standing:
    if not is_done:
        raise IvrError("somebody else decided at the same moment: see `ivr versions`, then repeat")
    return before.after(decision)
