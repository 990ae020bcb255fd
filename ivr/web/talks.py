"""Recorded talks over HTTP: for supervisors and the operator, and each hearing is written down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from aiohttp import web

from ivr.flow.record import ID_FORMAT
from ivr.past.tapes import Tape
from ivr.store.audit import Entry
from ivr.web.api import error, quoted
from ivr.web.rights import WHO


class TalkBook(Protocol):
    """Where talks are found; may raise StoreError."""

    async def find(self, *, name: str | None = None, call: str | None = None) -> list[Tape]: ...


class Audit(Protocol):
    """Where it is written down who heard what. Raises StoreError: then nothing is heard."""

    async def write(self, entry: Entry) -> int: ...


class TalkViews:
    """The views; `file` tells where the sound of a talk is."""

    def __init__(
        self,
        talks: TalkBook,
        file: Callable[[str], Path],
        audit: Audit,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._talks = talks
        self._file = file
        self._audit = audit
        self._clock = clock

    def add_to(self, app: web.Application) -> None:
        """Put the views into an application, which has rights."""
        app.add_routes(
            [
                web.get("/api/calls/{id}/talks", self.of_call, allow_head=False),
                web.get("/api/talks/{name}.wav", self.sound, allow_head=False),
            ]
        )

    async def of_call(self, request: web.Request) -> web.Response:
        """Return the recorded talks of a call, of all its parts, newest first."""
        id = request.match_info["id"]
        if not ID_FORMAT.fullmatch(id):
            return error(400, "a call's id is 1 to 100 letters, digits, dots, hyphens, underscores")
        return web.json_response([_shown(tape) for tape in await self._talks.find(call=id)])

    async def sound(self, request: web.Request) -> web.StreamResponse:
        """Return the sound of a talk, once it is written down who hears it."""
        who = request[WHO]
        name = request.match_info["name"]
        found = await self._talks.find(name=name)
        file = self._file(found[0].name) if found else None
        if file is None or not await asyncio.to_thread(file.is_file):
            return error(404, f"there is no recorded talk {quoted(name)}")
        (tape,) = found
        await self._audit.write(
            Entry(self._clock(), who.name, "hear", tape.agent, "done", tape.call)
        )
        return web.FileResponse(file, headers={"Content-Type": "audio/wav"})


def _shown(tape: Tape) -> dict[str, object]:
    return {
        "name": tape.name,
        "call": tape.call,
        "caller": tape.caller,
        "desk": tape.desk,
        "agent": tape.agent,
        "began": tape.began.isoformat(),
        "seconds": tape.seconds,
        "keep_until": tape.keep_until.isoformat(),
        "sound": f"/api/talks/{tape.name}.wav",
    }
