"""What the checks look at, asked for once: the files, the hotline that runs, what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.agents import applying
from ivr.config import Settings
from ivr.errors import IvrError
from ivr.project import disk
from ivr.running import asking, claim
from ivr.store.bookings import Bookings
from ivr.store.calls import Calls
from ivr.store.database import Database
from ivr.store.talks import MOST, Talks

# No call lasts so long: the record of one that does was left by something that broke.
LONGEST_CALL = timedelta(days=1)
# Talks are deleted every ten minutes; one that is still there so long after was forgotten.
SWEPT = timedelta(hours=1)
# What `ivr up` may be told by an option, which nobody gives to `ivr doctor`.
_OPTIONS = {"root", "state_dir", "sip_port", "http_port", "agi_port", "ami_port", "backend_port"}


@dataclass(frozen=True)
class Kept:
    """What the database holds that may be amiss; `newest` is when the last call began.

    `left` are records of calls that have no end and should have, `late` promises that are over,
    `talks` those whose time is over, at most `TALKS`.
    """

    left: int
    late: int
    talks: int
    newest: datetime | None


TALKS = MOST


@dataclass(frozen=True)
class Live:
    """What a hotline that runs says of itself; `versions` and `agents` are {} and [] untold."""

    parts: Mapping[str, Any]
    versions: Mapping[str, Any]
    agents: list[Any]
    trouble: str = ""


@dataclass(frozen=True)
class Patient:
    """A hotline as the checks see it.

    `live` is None where none runs, `checked` and `kept` are why they cannot be told where they
    cannot; `kept` is None before anything was kept. `here` are the options that a command for this
    hotline needs; `changed` are settings that a hotline which runs was started without.
    """

    settings: Settings
    now: datetime
    checked: disk.Checked | IvrError
    live: Live | None
    kept: Kept | IvrError | None
    here: str = ""
    changed: tuple[str, ...] = ()


async def visit(settings: Settings, here: str = "", is_up: bool = False) -> Patient:
    """Ask for all that the checks look at.

    `is_up`: a hotline is to answer on `http_port`, though none runs on the state directory, as in
    containers. `here` are the options that commands for this hotline need.
    """
    there = claim.running(settings.state)
    changed: tuple[str, ...] = ()
    if there:
        given, settings = settings, _started(settings)
        changed = _changed(settings, given)
    live = await _live(claim.at(settings, there)) if there or is_up else None
    now = datetime.now(UTC)
    checked = await asyncio.to_thread(_checked, settings)
    # A call that goes on has no end: where no hotline runs, none goes on.
    kept = await _kept(settings, now, now - LONGEST_CALL if live else now)
    return Patient(settings, now, checked, live, kept, here, changed)


def _started(settings: Settings) -> Settings:
    """Return the settings that the hotline was started with, which options may have been."""
    try:
        return applying.running(settings)
    except IvrError:  # another version wrote them
        return settings


def _changed(started: Settings, given: Settings) -> tuple[str, ...]:
    names = set(Settings.model_fields) - _OPTIONS
    return tuple(sorted(x for x in names if getattr(started, x) != getattr(given, x)))


def _checked(settings: Settings) -> disk.Checked | IvrError:
    try:
        return disk.check(settings)
    except IvrError as fault:
        return fault


async def _live(settings: Settings) -> Live:
    live = Live({}, {}, [])
    try:
        health: Any = await asking.fetch(settings, asking.HEALTH)
        live = replace(live, parts=health["parts"], trouble=str(health.get("error", "")))
        versions: Any = await asking.fetch(settings, "/api/versions")
        agents: Any = await asking.fetch(settings, "/api/agents")
    except IvrError as fault:
        return replace(live, trouble=str(fault))
    except (KeyError, TypeError, AttributeError):
        return replace(live, trouble=f"what answers at {settings.web_url} is no hotline of ours")
    return replace(live, versions=versions, agents=agents)


async def _kept(settings: Settings, now: datetime, before: datetime) -> Kept | IvrError | None:
    """Read what is kept; nothing is made where nothing is."""
    if not settings.has_records:
        return None
    try:
        database = await Database.open(settings.records_url)
    except IvrError as fault:
        return fault
    try:
        calls = Calls(database)
        last = await calls.latest(1)
        promised = await Bookings(database).open()
        return Kept(
            left=await calls.left(before),
            late=sum(booking.promised < now for booking in promised.values()),
            talks=len(await Talks(database).find(over=now - SWEPT)),
            newest=last[0].started if last else None,
        )
    except IvrError as fault:
        return fault
    finally:
        await database.close()
