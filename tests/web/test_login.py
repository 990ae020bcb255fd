"""Logging in: cookies, what a change is asked with, and when it is over; over a real socket."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from ivr.store import accounts
from ivr.store.accounts import Account
from ivr.store.audit import Audit
from ivr.store.database import Database
from ivr.web.api import errors_as_json
from ivr.web.basic import authorization
from ivr.web.credentials import Credentials
from ivr.web.login import LoginViews
from ivr.web.passwords import hashed
from ivr.web.rights import RIGHTS, WHO, Rights, guard
from ivr.web.sessions import CSRF, Sessions
from ivr.web.site import serving

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHOSEN = "correct horse battery"
MEI = Account("mei", "supervisor", hashed(CHOSEN), NOON)


class House:
    """A login, and something that may be changed, with sessions in a real SQLite file."""

    def __init__(self, database: Database) -> None:
        self.now = NOON
        self.agents = {"1001": "hers"}
        self.accounts = accounts.Accounts(database)
        self.audit = Audit(database)
        self.port = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def ask(
        self, method: str, path: str, cookie: str = "", json: object = None, **headers: str
    ) -> aiohttp.ClientResponse:
        if cookie:
            headers["Cookie"] = f"ivr={cookie}"
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        async with aiohttp.request(
            method, f"{self.origin}{path}", headers=said, json=json
        ) as answer:
            await answer.read()
            return answer

    async def log_in(self, name: str = "mei", password: str = CHOSEN, before: str = "") -> Any:
        """Return the cookie of a new session, and what is told of it."""
        said = {"name": name, "password": password}
        answer = await self.ask("POST", "/api/session", before, said)
        assert answer.status == 201, await answer.text()
        return answer.cookies["ivr"].value, await answer.json()

    async def sees(self, cookie: str) -> int:
        return (await self.ask("GET", "/api/agents/1001/duty", cookie)).status

    async def changes(self, cookie: str, **headers: str) -> int:
        return (await self.ask("PUT", "/api/agents/1001/duty", cookie, **headers)).status


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    it = House(database)
    await it.accounts.put(MEI)
    credentials = Credentials(lambda: it.agents, tuple, it.accounts, it.audit.write)
    sessions = Sessions(accounts.Sessions(database), credentials, clock=lambda: it.now)
    app = web.Application(middlewares=[errors_as_json, guard])
    app[RIGHTS] = Rights(credentials, sessions, it.audit.write)
    LoginViews(credentials, sessions, it.audit.write).add_to(app)

    async def who(request: web.Request) -> web.Response:
        return web.json_response(request[WHO].name)

    app.router.add_get("/api/agents/{agent}/duty", who)
    app.router.add_put("/api/agents/{agent}/duty", who)
    async with serving(app, port=0) as it.port:
        yield it
    await database.close()


async def test_who_has_logged_in_is_known_by_a_cookie_no_script_can_read(house: House) -> None:
    answer = await house.ask("POST", "/api/session", json={"name": "mei", "password": CHOSEN})
    kept = answer.cookies["ivr"]
    assert kept["httponly"] and kept["samesite"] == "Strict" and kept["path"] == "/"
    assert not kept["secure"] and not kept["domain"]
    said = await answer.json()
    assert (said["name"], said["role"]) == ("mei", "supervisor")
    shown = await house.ask("GET", "/api/session", kept.value)
    assert shown.status == 200 and await shown.json() == said
    agent, told = await house.log_in("1001", "hers")
    assert told["role"] == "agent" and await house.sees(agent) == 200
    assert await house.sees("made up") == 401 and await house.sees("ключ") == 401
    assert await house.sees("") == 401


async def test_over_https_the_cookie_never_travels_without(house: House) -> None:
    credentials = Credentials(dict)
    nothing: Any = None
    sessions = Sessions(nothing, credentials, is_secure=True)
    response = web.Response()
    sessions.put_cookie(response, "token")
    kept = response.cookies["__Host-ivr"]
    assert kept["secure"] and kept["httponly"] and kept["path"] == "/" and not kept["domain"]


async def test_a_change_wants_our_origin_and_the_token(house: House) -> None:
    cookie, said = await house.log_in()
    ours, token = house.origin, said["csrf"]
    assert await house.changes(cookie, Origin=ours, **{CSRF: token}) == 200
    assert await house.changes(cookie, **{CSRF: token}) == 403
    assert await house.changes(cookie, Origin=ours) == 403
    assert await house.changes(cookie, Origin=ours, **{CSRF: token[:-1] + "x"}) == 403
    assert await house.changes(cookie, Origin=ours, **{CSRF: "ключ"}) == 403
    assert await house.changes(cookie, Origin="https://example.org", **{CSRF: token}) == 403
    other, _ = await house.log_in()
    assert await house.changes(other, Origin=ours, **{CSRF: token}) == 403
    # A program says its password itself: no other site can make it.
    assert await house.changes("", Authorization=authorization("mei", CHOSEN)) == 200


async def test_each_login_is_another_session_and_ends_the_one_before(house: House) -> None:
    first, _ = await house.log_in()
    second, _ = await house.log_in(before=first)
    assert first != second
    assert (await house.sees(first), await house.sees(second)) == (401, 200)


async def test_logging_out_ends_it_for_everybody_who_has_the_cookie(house: House) -> None:
    cookie, said = await house.log_in()
    headers = {"Origin": house.origin, CSRF: said["csrf"]}
    answer = await house.ask("DELETE", "/api/session", cookie, **headers)
    assert answer.status == 200 and answer.cookies["ivr"].value == ""
    assert await house.sees(cookie) == 401
    acts = await house.audit.acts(NOON - timedelta(days=9999), NOON + timedelta(days=9999))
    assert [(act.entry.who, act.entry.what) for act in acts] == [
        ("mei", "log out"),
        ("mei", "log in"),
    ]


async def test_a_session_ends_by_time_and_lasts_while_it_is_used(house: House) -> None:
    cookie, _ = await house.log_in()
    for _ in range(12):
        assert await house.sees(cookie) == 200
        house.now += timedelta(minutes=59)
    assert await house.sees(cookie) == 200
    house.now = NOON + timedelta(hours=12, seconds=1)
    assert await house.sees(cookie) == 401
    idle, _ = await house.log_in()
    house.now += timedelta(minutes=61)
    assert await house.sees(idle) == 401


async def test_another_password_or_none_ends_every_session(house: House) -> None:
    mei, _ = await house.log_in()
    await house.accounts.put(Account("mei", "author", hashed("another password"), NOON))
    assert await house.sees(mei) == 401
    mei, said = await house.log_in("mei", "another password")
    assert said["role"] == "author"
    await house.accounts.remove("mei")
    assert await house.sees(mei) == 401
    agent, _ = await house.log_in("1001", "hers")
    house.agents = {"1001": "another"}
    assert await house.sees(agent) == 401
    house.agents = {}
    assert await house.sees(agent) == 401


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"name": "mei"},
        {"name": "mei", "password": 1},
        {"name": "a" * 5000},
        {"name": "\ud800", "password": ""},
    ],
)
async def test_a_login_that_is_none_is_told_so(house: House, body: object) -> None:
    answer = await house.ask("POST", "/api/session", json=body)
    assert answer.status in (400, 413, 415)


async def test_no_other_site_logs_anybody_in(house: House) -> None:
    said = {"name": "mei", "password": CHOSEN}
    strange = await house.ask("POST", "/api/session", json=said, Origin="https://example.org")
    assert strange.status == 403
    async with aiohttp.request(
        "POST",
        f"{house.origin}/api/session",
        data='{"name": "mei", "password": "correct horse battery"}',
        headers={"Content-Type": "text/plain"},
    ) as form:
        assert form.status == 415


async def test_the_pages_own_questions_raise_no_window_of_the_browser(house: House) -> None:
    asked = await house.ask("GET", "/api/session", Sec_Fetch_Mode="cors")
    assert asked.status == 401
    assert not asked.headers["WWW-Authenticate"].startswith("Basic")


async def test_the_database_holds_nothing_one_could_log_in_with(
    house: House, tmp_path: Path
) -> None:
    cookie, said = await house.log_in()
    held = await asyncio.to_thread(written_in, tmp_path)
    assert b"mei" in held
    for secret in (cookie, said["csrf"], CHOSEN):
        assert secret.encode() not in held


def written_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())
