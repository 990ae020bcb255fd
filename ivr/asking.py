"""Asking the running hotline to do something, as its operator."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp

from ivr import secrets, up
from ivr.config import Settings
from ivr.errors import IvrError


async def ask(
    settings: Settings, method: str, path: str, body: Mapping[str, object] | None = None
) -> object:
    """Return what the running controller answers to a question of the operator.

    Raises `IvrError` with its words where it refuses, and when none answers.
    """
    here = up.at(settings, up.running(settings.state))
    headers = secrets.as_operator(settings.state)
    url = f"{here.web_url}{path}"
    try:
        timeout = aiohttp.ClientTimeout(total=10)
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=headers) as http,
            http.request(method, url, json=body) as response,
        ):
            said = await response.json()
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as fault:
        raise IvrError(f"no hotline answers at {url}: {type(fault).__name__}") from fault
    if not response.ok:
        raise IvrError(str(said.get("error", "")) or f"it answers {response.status}")
    return said
