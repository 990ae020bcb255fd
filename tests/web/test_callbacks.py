"""Promised calls back over HTTP, with the bookings in a real SQLite file."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ivr.desk.agenda import Booking
from ivr.store.bookings import Bookings
from ivr.store.database import Database
from ivr.web.callbacks import CallbackViews, Wanted
from ivr.web.site import serving
from tests.web.doors import guarded

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST = Booking("c1", "13800138000", "desk", "yue", NOON, NOON + timedelta(hours=1), 17954208000)
OTHER = Booking("c2", "13900139000", "desk", "en", NOON, NOON + timedelta(hours=2), 17954208001)
AGENT = ("1001", "hers")
OPERATOR = ("operator", "his")


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    bookings = Bookings(database)
    for booking in (FIRST, OTHER):
        await bookings.keep(booking)

    async def book(wanted: Wanted) -> Booking | str:
        if wanted.desk != "desk":
            return "no such desk"
        return await bookings.keep(replace(FIRST, call="c3", number=wanted.number))

    app = guarded(dict([AGENT, OPERATOR]))
    CallbackViews(bookings, book, lambda: NOON + timedelta(hours=1)).add_to(app)

    async with serving(app, port=0) as port:
        yield port
    await database.close()


async def ask(
    port: int,
    path: str,
    method: str = "GET",
    user: tuple[str, str] | None = None,
    body: object = None,
) -> tuple[int, Any]:
    login = base64.b64encode(":".join(user or ()).encode()).decode()
    headers = {"Authorization": f"Basic {login}"} if user else {}
    url = f"http://127.0.0.1:{port}/api/callbacks{path}"
    async with aiohttp.request(method, url, headers=headers, json=body) as answer:
        return answer.status, await answer.json()


async def test_who_is_to_be_called_back_is_listed_the_earliest_promise_first(port: int) -> None:
    status, listed = await ask(port, "", user=AGENT)
    assert status == 200
    assert [each["call"] for each in listed] == ["c1", "c2"]
    assert listed[0]["promised"] == "2026-11-22T13:00:00Z"
    assert (listed[0]["state"], listed[0]["arrived"]) == ("open", 17954208000)
    assert await ask(port, "?state=kept&state=late", user=AGENT) == (200, [])


async def test_an_agent_takes_one_off_and_nobody_else_does(port: int) -> None:
    for path, method in (("/1/done", "POST"), ("/1", "DELETE")):
        assert (await ask(port, path, method))[0] == 401
        assert (await ask(port, path, method, ("1001", "wrong")))[0] == 401
    status, done = await ask(port, "/1/done", "POST", AGENT)
    assert (status, done["state"]) == (200, "kept")
    status, gone = await ask(port, "/2", "DELETE", AGENT)
    assert (status, gone["state"]) == (200, "cancelled")
    assert await ask(port, "", user=AGENT) == (200, [])


async def test_an_agent_books_for_a_caller(port: int) -> None:
    wanted = {"desk": "desk", "number": "13700137000"}
    assert (await ask(port, "", "POST", body=wanted))[0] == 401
    status, booked = await ask(port, "", "POST", AGENT, wanted)
    assert (status, booked["number"], booked["state"]) == (201, "13700137000", "open")
    assert len((await ask(port, "", user=AGENT))[1]) == 3
    refused = await ask(port, "", "POST", AGENT, wanted | {"desk": "other"})
    assert refused == (409, {"error": "no such desk"})


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({}, "desk"),
        ({"desk": "desk", "nomber": "1"}, "nomber"),
        ({"desk": "desk", "language": "fr"}, "language"),
        ({"desk": "desk", "skills": ["a"] * 5}, "skills"),
        (["desk"], "object"),
        (None, ""),
    ],
)
async def test_what_cannot_be_booked_is_told(port: int, body: object, why: str) -> None:
    status, answer = await ask(port, "", "POST", AGENT, body)
    assert status == 400 and why in answer["error"]


async def test_what_is_over_or_was_never_is_told_apart(port: int) -> None:
    await ask(port, "/1", "DELETE", AGENT)
    assert await ask(port, "/1", "DELETE", AGENT) == (409, {"error": "call back 1 is over"})
    assert await ask(port, "/9/done", "POST", AGENT) == (404, {"error": "there is no call back 9"})


async def test_what_became_of_promises_is_counted_with_the_calls_behind_it(port: int) -> None:
    await ask(port, "/1/done", "POST", AGENT)
    status, days = await ask(port, "/figures?days=3", user=OPERATOR)
    assert status == 200
    assert sum(day["promised"] for day in days) == 2
    assert [call for day in days for call in day["calls"]["kept"]] == ["c1"]
    assert {day["desk"] for day in days} == {"desk"}


@pytest.mark.parametrize(
    "path", ["?stat=open", "?state=gone", "/figures?days=0", "/figures?days=x", "/figures?from=1"]
)
async def test_a_question_that_is_wrong_is_told_so(port: int, path: str) -> None:
    status, answer = await ask(port, path, user=OPERATOR)
    assert status == 400 and answer["error"]
