"""Asking the controller that runs: what its pages tell, and to do something, as its operator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ivr.config import Settings
from ivr.errors import IvrError
from ivr.running import https, secrets
from ivr.running.claim import at, running

# Answered to anybody: no password is told to whatever may be on the port.
HEALTH = "/healthz"
UNAUTHORIZED = 401
PATIENCE = 10.0  # seconds


async def fetch(settings: Settings, path: str) -> object:
    """Return what the running controller answers to `GET path`, well or not.

    Raises `IvrError` when none answers, or one of another state directory.
    """
    return (await _asked(settings, "GET", path))[1]


async def ask(
    settings: Settings, method: str, path: str, body: Mapping[str, object] | None = None
) -> object:
    """Return what the controller running on the state directory answers, on whatever port it is.

    Raises `IvrError` with its words where it refuses, and as `fetch` does.
    """
    here = at(settings, running(settings.state))
    status, said = await _asked(here, method, path, body)
    if status >= 400:
        raise IvrError(str(said.get("error", "")) or f"it answers {status}")
    return said


async def health(settings: Settings) -> object:
    """Return the health of each part, or why it cannot be told."""
    try:
        return await fetch(settings, HEALTH)
    except IvrError as fault:
        return str(fault)


async def is_well(settings: Settings) -> bool:
    """Tell whether a controller answers, and every part is well."""
    try:
        status, _ = await _asked(settings, "GET", HEALTH)
    except IvrError:
        return False
    return status == 200


async def _asked(
    settings: Settings, method: str, path: str, body: Mapping[str, object] | None = None
) -> tuple[int, Any]:
    import aiohttp  # most commands ask nobody

    url = f"{settings.web_url}{path}"
    patience = aiohttp.ClientTimeout(total=PATIENCE)
    headers = {} if path == HEALTH else secrets.as_operator(settings.state)
    try:
        async with (
            aiohttp.ClientSession(timeout=patience, headers=headers) as http,
            http.request(method, url, json=body, ssl=https.trusts(settings)) as response,
        ):
            status, said = response.status, await response.json()
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as fault:
        raise IvrError(f"no hotline answers at {url}: {type(fault).__name__}") from fault
    if status == UNAUTHORIZED:
        raise IvrError(
            f"the hotline at {settings.web_url} does not know the operator of {settings.state};"
            " --state-dir and --http-port have to be of the same"
        )
    return status, said
