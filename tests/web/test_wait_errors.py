"""How far off what was told is, over HTTP."""

from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from ivr.past.tellings import LONGEST, SLACK, Telling
from ivr.past.waits import Wait
from ivr.web.site import serving
from ivr.web.wait_errors import WaitErrorViews
from tests.past.test_tellings import NOON, told, wait
from tests.web.test_desks import Book

FROM = "from=2026-11-25T00:00:00Z"


class Said:
    """What was told, whenever it is asked for."""

    async def between(self, begin: datetime, end: datetime) -> list[Telling]:
        return [told(120)]


async def ask(path: str, book: Book) -> tuple[int, Any]:
    app = web.Application()
    WaitErrorViews(Said(), book, lambda: NOON + timedelta(hours=1)).add_to(app)
    async with (
        serving(app, port=0) as port,
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{port}/api/desks/wait-error{path}") as answer,
    ):
        return answer.status, await answer.json()


async def test_each_desk_is_shown_with_how_many_calls_are_behind_each_figure() -> None:
    waits: list[Wait] = [wait()]
    book = Book(waits)
    status, found = await ask(f"?{FROM}", book)
    assert (status, list(found)) == (200, ["desk"])
    assert found["desk"]["bias"] == {"unit": "seconds", "value": 20.0, "of": 1, "calls": 1}
    ((begin, end),) = book.asked
    assert (begin, end) == (NOON - timedelta(hours=12) - LONGEST, NOON + timedelta(hours=1) + SLACK)


async def test_the_calls_behind_a_figure_are_listed() -> None:
    assert await ask(f"/desk/calls?{FROM}&figure=mean", Book([wait()])) == (200, ["1.1"])


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("?day=2026-11-25", 400, "there is no parameter 'day'"),
        ("/nowhere/calls?figure=mean", 404, "nobody was told a wait at 'nowhere'"),
        ("/desk/calls?figure=luck", 400, "there is no figure 'luck'; there are told"),
    ],
)
async def test_what_cannot_be_counted_is_told(path: str, status: int, said: str) -> None:
    answered, body = await ask(path, Book([]))
    assert (answered, said in body["error"]) == (status, True)
