"""Recorded talks over a real socket: who may hear them, and what is written down of it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from ivr.past.tapes import Tape
from ivr.store.audit import Entry
from ivr.store.database import StoreError
from ivr.web.site import serving
from ivr.web.talks import TalkViews
from tests.web.doors import guarded

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TAPE = Tape("1.2_1", "1.2", "139", "desk", "Li Na", NOON, 61.5, NOON + timedelta(days=9))


class Place:
    """One talk, whose sound lies in a folder; the audit is full while it is `broken`."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "1.2_1.wav"
        self.file.write_bytes(b"sound")
        self.entries: list[Entry] = []
        self.broken = False
        self.port = 0

    async def find(self, *, name: str | None = None, call: str | None = None) -> list[Tape]:
        return [TAPE] if name == TAPE.name or call == TAPE.call else []

    async def write(self, entry: Entry) -> int:
        if self.broken:
            raise StoreError("the disk is full")
        self.entries.append(entry)
        return 1

    async def get(self, path: str, user: str = "") -> tuple[int, bytes]:
        headers = {"Authorization": aiohttp.encode_basic_auth(user, f"of {user}")} if user else {}
        url = f"http://127.0.0.1:{self.port}{path}"
        async with aiohttp.request("GET", url, headers=headers) as answer:
            return answer.status, await answer.read()


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    it = Place(tmp_path)
    users = ("1001", "1009", "operator")
    app = guarded({user: f"of {user}" for user in users}, lambda: {"1009"})
    TalkViews(it, lambda name: tmp_path / f"{name}.wav", it, lambda: NOON).add_to(app)
    async with serving(app, port=0) as it.port:
        yield it


@pytest.mark.parametrize("path", ["/api/calls/1.2/talks", "/api/talks/1.2_1.wav"])
async def test_only_supervisors_and_the_operator_hear_of_talks(place: Place, path: str) -> None:
    answers = [(await place.get(path, user))[0] for user in ("", "1001", "1009", "operator")]
    assert answers == [401, 403, 200, 200]


async def test_each_hearing_is_written_down_first(place: Place) -> None:
    assert await place.get("/api/talks/1.2_1.wav", "1009") == (200, b"sound")
    assert place.entries == [Entry(NOON, "1009", "hear", "Li Na", "done", "1.2")]
    place.broken = True
    assert (await place.get("/api/talks/1.2_1.wav", "1009"))[0] == 503


async def test_what_is_not_there_is_told(place: Place) -> None:
    for path in ("/api/talks/1.2_2.wav", "/api/talks/..%2F1.2_1.wav"):
        assert (await place.get(path, "operator"))[0] == 404
    assert (await place.get("/api/calls/a%20b/talks", "operator"))[0] == 400
    place.file.unlink()
    assert (await place.get("/api/talks/1.2_1.wav", "operator"))[0] == 404
    assert place.entries == []
