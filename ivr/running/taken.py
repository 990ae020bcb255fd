"""Whether the hotline that runs here leads new calls by what was decided."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from ivr.config import Settings
from ivr.errors import IvrError
from ivr.flow.history import Standing
from ivr.running import asking, claim
from ivr.versions.served import Led, shown

# A controller looks at the history several times a second, and makes the largest project ready in
# about two.
SECONDS_TO_TAKE = 10.0


async def led(settings: Settings) -> Any:
    """Return by what new calls are led here, None where no hotline runs or it does not answer."""
    there = claim.running(settings.state)
    if there is None:
        return None
    try:
        said: Any = await asking.fetch(claim.at(settings, there), "/api/versions")
    except IvrError:
        return None
    return said if "serves" in said else None


def spoken(said: Any) -> str:
    """Say in words what `led` returned."""
    return shown(Led(**{name: said[name] for name in Led.__dataclass_fields__}), said["files"])


async def told(settings: Settings, wanted: Standing) -> str:
    """Wait until the hotline here does as it was told, and say what it does.

    Raises IvrError where it does not; what was decided stays decided.
    """
    deadline = time.monotonic() + SECONDS_TO_TAKE
    canary = wanted.canary.version if wanted.canary else ""
    while claim.running(settings.state):
        if said := await led(settings):
            if said["origin"] == "draft":
                return "the hotline here leads calls by drafts (`ivr up --watch`), not by this"
            if any(version in said["trouble"] for version in filter(None, (wanted.stable, canary))):
                raise IvrError(f"the hotline here goes on with {said['serves']}: {said['trouble']}")
            if said["serves"] == (wanted.stable or said["serves"]) and said["canary"] == canary:
                return f"new calls are led by {said['serves']}{_beside(wanted)}"
        if time.monotonic() > deadline:
            does = f"still leads calls by {said['serves']}" if said else "does not answer"
            raise IvrError(f"the hotline here {does}; see its log")
        await asyncio.sleep(0.1)
    serves = wanted.stable or "the files on disk"
    return f"no hotline runs here; from the next start calls are led by {serves}{_beside(wanted)}"


async def draft(settings: Settings, version: str) -> str:
    """Wait until the hotline here leads calls by a draft, and say whether it does."""
    deadline = time.monotonic() + SECONDS_TO_TAKE
    while time.monotonic() < deadline:
        said = await led(settings)
        if said and said["serves"] == f"{version}-draft":
            return f"new calls are led by {version}"
        if said and version in said["trouble"]:
            return f"calls go on being led by {said['serves']}: {said['trouble']}"
        await asyncio.sleep(0.1)
    return f"version {version} was not taken; see the log of the controller"


def _beside(wanted: Standing) -> str:
    canary = wanted.canary
    return f", {canary.share}% of them by {canary.version}" if canary else ""
