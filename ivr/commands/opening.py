"""The database of a hotline, opened for a command that looks into it."""

from __future__ import annotations

from ivr.config import Settings
from ivr.errors import IvrError
from ivr.store.database import Database


async def opened(settings: Settings) -> Database:
    """Open the database of a hotline that has run. Raises IvrError where none has, StoreError."""
    has_run(settings)
    return await Database.open(settings.records_url)


def has_run(settings: Settings) -> None:
    """Raise IvrError where the state directory is not there; looking makes none."""
    if settings.database is None and not settings.state.is_dir():
        raise IvrError(f"no hotline has run on {settings.state}; another --state-dir?")
