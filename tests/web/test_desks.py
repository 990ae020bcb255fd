"""The desks over HTTP: now, as it changes, and over days."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from ivr.desk.ledger import Fate
from ivr.desk.picture import Picture
from ivr.past.waits import Wait
from ivr.web import events
from ivr.web.desks import DeskViews
from ivr.web.site import serving
from tests.until import until

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HERE: dict[str, object] = {"name": "front_desk", "waiting": 1}
SHE: dict[str, object] = {"number": "1001", "state": "free"}


@dataclass
class Book:
    """Waits that are known, and the periods that were asked for."""

    waits: list[Wait]
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)

    async def between(self, begin: datetime, end: datetime) -> list[Wait]:
        self.asked.append((begin, end))
        return self.waits


@dataclass
class Desk:
    """The views on a free port, and the picture that is to be seen."""

    book: Book
    picture: Picture
    port: int = 0
    fault: str = ""

    def look(self) -> Picture:
        if self.fault:
            raise KeyError(self.fault)
        return self.picture

    async def ask(self, path: str) -> tuple[int, Any]:
        url = f"http://127.0.0.1:{self.port}{path}"
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(events, "EVERY", 0.01)
    wait = Wait("c.1", "139", "front_desk", NOW - timedelta(hours=1), 12.0, 60.0, Fate.ANSWERED)
    desk = Desk(Book([wait]), Picture(None, {"front_desk": HERE}, {"PJSIP/1001": SHE}))
    views = DeskViews(desk.look, desk.book, lambda: {"front_desk": 5.0}, lambda: NOW)
    app = web.Application()
    views.add_to(app)
    async with views.events.looking(), serving(app, port=0) as desk.port:
        yield desk


async def test_the_picture_of_now_lists_desks_and_agents(desk: Desk) -> None:
    said = {"stale_since": None, "desks": [HERE], "agents": [SHE]}
    assert await desk.ask("/api/desks") == (200, said)


async def test_a_figure_tells_its_value_and_how_many_calls_are_behind_it(desk: Desk) -> None:
    status, found = await desk.ask("/api/desks/front_desk/figures?from=2026-11-25T00:00:00Z")
    assert status == 200
    level = {"unit": "share", "value": 1.0, "of": 1, "calls": 1}
    assert (found["service_level_15"], found["average_handling_time"]["value"]) == (level, 65.0)
    # Whoever called the day before, or calls the day after, is looked for, too.
    assert desk.book.asked == [(NOW - timedelta(hours=36), NOW + timedelta(hours=24))]


async def test_the_calls_behind_a_figure_are_listed(desk: Desk) -> None:
    where = "/api/desks/front_desk/calls?from=2026-11-25T00:00:00Z"
    assert await desk.ask(f"{where}&figure=answered") == (200, ["c.1"])
    assert await desk.ask(f"{where}&figure=gave_up") == (200, [])


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/desks/nowhere/figures", 404, "there is no desk 'nowhere'"),
        ("/api/desks/front_desk/figures?from=yesterday", 400, "not 'yesterday'"),
        ("/api/desks/front_desk/figures?from=2026-01-01", 400, "up to 31 days"),
        ("/api/desks/front_desk/figures?form=2026-11-25", 400, "there is no parameter 'form'"),
        ("/api/desks/front_desk/calls?figure=luck", 400, "there is no figure 'luck'"),
        ("/api/desks/front_desk/calls", 400, "there is no figure ''"),
    ],
)
async def test_what_cannot_be_counted_is_told(
    desk: Desk, path: str, status: int, said: str
) -> None:
    answered, body = await desk.ask(path)
    assert answered == status
    assert said in body["error"]


async def test_a_listener_gets_the_picture_and_then_what_changes(desk: Desk) -> None:
    url = f"http://127.0.0.1:{desk.port}/api/events"
    async with (
        asyncio.timeout(5),
        aiohttp.ClientSession() as http,
        http.get(url) as stream,
    ):
        assert await _event(stream) == ("picture", [HERE], [SHE])
        talking = SHE | {"state": "talking"}
        desk.picture = Picture(None, {"front_desk": HERE}, {"PJSIP/1001": talking})
        assert await _event(stream) == ("changes", [], [talking])
        desk.picture = Picture(None, {}, {"PJSIP/1001": talking})
        # Of a desk that is gone no change can tell: the picture comes whole.
        assert await _event(stream) == ("picture", [], [talking])


async def test_a_look_that_fails_is_not_the_last_one(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"http://127.0.0.1:{desk.port}/api/events"
    talking = SHE | {"state": "talking"}
    async with asyncio.timeout(5), aiohttp.ClientSession() as http, http.get(url) as stream:
        assert await _event(stream) == ("picture", [HERE], [SHE])
        desk.fault = "a fault of ours"
        await until(lambda: "as it was: 'a fault of ours'" in caplog.text)
        desk.picture, desk.fault = Picture(None, {"front_desk": HERE}, {"PJSIP/1001": talking}), ""
        assert await _event(stream) == ("changes", [], [talking])


async def test_one_listener_too_many_is_turned_away(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MOST_LISTENERS", 0)
    status, body = await desk.ask("/api/events")
    assert (status, "listen already" in body["error"]) == (503, True)


async def _event(stream: aiohttp.ClientResponse) -> tuple[str, Any, Any]:
    name = (await stream.content.readline()).decode().removeprefix("event: ").strip()
    told = json.loads((await stream.content.readline()).decode().removeprefix("data: "))
    assert await stream.content.readline() == b"\n"
    return name, told["desks"], told["agents"]
