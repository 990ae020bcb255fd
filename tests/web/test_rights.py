"""Rights: who may ask what over HTTP, over a real socket; every route there is, walked over."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from ivr.store.accounts import Account
from ivr.store.audit import Entry
from ivr.web import rights as rights_
from ivr.web.api import errors_as_json
from ivr.web.basic import authorization
from ivr.web.credentials import Credentials
from ivr.web.passwords import hashed
from ivr.web.paths import BY_ROUTE, PATHS, Path, Role
from ivr.web.rights import RIGHTS, WHO, Rights, guard
from ivr.web.site import serving

PASSWORDS = {"1001": "hers", "1003": "лань", "operator": "his"}
CHOSEN = "correct horse battery"
ACCOUNTS = {name: hashed(CHOSEN) for name in ("mei", "ada")}
ROLES = {"mei": "supervisor", "ada": "author"}


@dataclass
class Doors:
    """A view on every path of the table, which answers who asked, and one that is on none."""

    entries: list[Entry] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    async def find(self, name: str) -> Account | None:
        if name not in ACCOUNTS:
            return None
        return Account(name, ROLES[name], ACCOUNTS[name], START)

    async def write(self, entry: Entry) -> int:
        self.entries.append(entry)
        return len(self.entries)

    async def view(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.json_response(request[WHO].name if WHO in request else None)

    async def ask(
        self,
        method: str,
        path: str,
        user: str = "",
        password: str = "",
        body: object = None,
        **headers: str,
    ) -> tuple[int, Any]:
        if user:
            headers["Authorization"] = authorization(user, password)
        url = f"http://127.0.0.1:{self.port}{path}"
        async with aiohttp.request(method, url, headers=headers, json=body) as answer:
            if answer.status == 401:
                assert answer.headers["WWW-Authenticate"].startswith("Basic ")
            if answer.status == 429:
                assert 1 <= int(answer.headers["Retry-After"]) <= 900
            return answer.status, await answer.json()


START = datetime(2026, 11, 25, 12, tzinfo=UTC)
USERS = {
    Role.AGENT: ("1001", "hers"),
    Role.AUTHOR: ("ada", CHOSEN),
    Role.SUPERVISOR: ("mei", CHOSEN),
    Role.OPERATOR: ("operator", "his"),
}


@pytest.fixture
async def doors() -> AsyncIterator[Doors]:
    it = Doors()
    app = web.Application(middlewares=[errors_as_json, guard])
    credentials = Credentials(lambda: PASSWORDS, lambda: {"1003"}, it, it.write)
    app[RIGHTS] = Rights(credentials, audit=it.write)
    for path in PATHS:
        app.router.add_route(path.method, path.path, it.view)
    app.router.add_get("/forgotten", it.view)
    async with serving(app, port=0) as it.port:
        yield it


async def test_who_asks_is_known_by_her_password(doors: Doors) -> None:
    assert await doors.ask("GET", "/api/desks", "1001", "hers") == (200, "1001")
    assert await doors.ask("GET", "/api/desks", "1003", "лань") == (200, "1003")
    for user in USERS.values():
        assert await doors.ask("GET", "/api/desks", *user) == (200, user[0])


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("", ""),
        ("1001", ""),
        ("1001", "his"),
        ("1002", ""),
        ("1002", "hers"),
        ("Operator", "his"),
        ("mei", ""),
        ("mei", CHOSEN.upper()),
        ("eve", CHOSEN),
    ],
)
async def test_nobody_else_is_let_in(doors: Doors, user: str, password: str) -> None:
    assert (await doors.ask("GET", "/api/desks", user, password))[0] == 401
    assert doors.asked == []


@pytest.mark.parametrize("said", ["", "Basic", "Basic !", "Bearer his", "Basic YTr/", "Basic YQ=="])
async def test_what_is_no_name_and_password_is_refused(doors: Doors, said: str) -> None:
    assert (await doors.ask("GET", "/api/desks", Authorization=said))[0] == 401


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.method} {path.path}")
async def test_each_path_answers_those_whom_the_table_names(doors: Doors, path: Path) -> None:
    at = re.sub(r"\{[a-z]+\}", "7", path.path)
    for role, user in USERS.items():
        status, said = await doors.ask(path.method, at, *user)
        if path.may is None or role in path.may:
            assert status == 200
        else:
            assert status == 403 and "may do this" in said["error"]
    assert (await doors.ask(path.method, at))[0] == (
        200 if path.may is None or path.is_here else 401
    )


async def test_a_route_that_the_table_does_not_have_answers_nobody(doors: Doors) -> None:
    for user in USERS.values():
        assert (await doors.ask("GET", "/forgotten", *user))[0] == 403
    assert doors.asked == []


async def test_metrics_are_for_programs_here_and_for_users(doors: Doors) -> None:
    assert await doors.ask("GET", "/metrics") == (200, None)
    by_proxy = {"X-Forwarded-For": "192.0.2.1"}
    assert (await doors.ask("GET", "/metrics", **by_proxy))[0] == 401
    assert await doors.ask("GET", "/metrics", "1001", "hers", **by_proxy) == (200, "1001")


async def test_what_shall_be_changed_is_written_down_first(doors: Doors) -> None:
    assert (await doors.ask("PUT", "/api/agents/1002/duty", "mei", CHOSEN))[0] == 200
    (entry,) = doors.entries
    told = (entry.who, entry.what, entry.whom, entry.outcome)
    assert told == ("mei", "duty", "1002", "asked")
    for body, why in (
        ({"duty": "paused", "reason": "meal"}, "paused, meal"),
        ({"duty": "off", "reason": "13800138000", "x": ["on"]}, "off"),
        (["on"], ""),
    ):
        assert (await doors.ask("PUT", "/api/agents/1002/duty", "mei", CHOSEN, body))[0] == 200
        assert doors.entries.pop().why == why
    for path in (path for path in PATHS if path.may and path.method not in ("GET", "HEAD")):
        writes = bool(path.act) or path.path in ("/api/session", "/api/agents/{agent}/{way}")
        assert writes, f"nobody learns who does {path.method} {path.path}"


async def test_a_page_of_another_site_cannot_use_a_password_the_browser_knows(
    doors: Doors,
) -> None:
    ours = f"http://127.0.0.1:{doors.port}"
    assert (await doors.ask("DELETE", "/api/callbacks/1", "mei", CHOSEN, Origin=ours))[0] == 200
    for origin in ("https://example.org", "null", "http://127.0.0.1:1"):
        status, _ = await doors.ask("DELETE", "/api/callbacks/1", "mei", CHOSEN, Origin=origin)
        assert status == 403


async def test_after_five_wrong_passwords_the_next_waits_and_the_right_one_too(
    doors: Doors,
) -> None:
    for _ in range(5):
        assert (await doors.ask("GET", "/api/desks", "mei", "wrong"))[0] == 401
    for password in ("wrong", CHOSEN):
        status, said = await doors.ask("GET", "/api/desks", "mei", password)
        assert status == 429 and "too many wrong passwords" in said["error"]
    # Others are let in, and it is written down, once.
    assert (await doors.ask("GET", "/api/desks", "ada", CHOSEN))[0] == 200
    (entry,) = doors.entries
    assert (entry.who, entry.what, entry.outcome) == ("mei", "log in", "refused")


async def test_a_generated_password_lets_in_whatever_was_guessed(doors: Doors) -> None:
    for _ in range(5):
        assert (await doors.ask("GET", "/api/desks", "operator", "wrong"))[0] == 401
    assert (await doors.ask("GET", "/api/desks", "operator", "wrong"))[0] == 429
    assert (await doors.ask("GET", "/api/desks", "operator", "his"))[0] == 200


async def test_a_password_in_the_field_of_the_name_is_written_nowhere(
    doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        assert (await doors.ask("GET", "/api/desks", CHOSEN, ""))[0] == 401
    assert doors.entries[0].who == "somebody"
    assert CHOSEN not in caplog.text and CHOSEN not in repr(doors.entries)


async def test_who_asks_too_fast_is_told_when_to_ask_again(doors: Doors) -> None:
    async with aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{doors.port}/healthz"

        async def ask() -> int:
            async with http.get(url) as answer:
                await answer.read()
                return answer.status

        answered = await asyncio.gather(*(ask() for _ in range(700)))
    assert set(answered) == {200, 429}
    assert (await doors.ask("GET", "/api/desks", "1001", "hers"))[0] == 200


async def test_a_body_that_does_not_come_is_not_waited_for(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights_, "SLOWEST_BODY", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", doors.port, family=socket.AF_INET)
    login = authorization("1001", "hers")
    head = f"POST /api/callbacks HTTP/1.1\r\nHost: localhost\r\nAuthorization: {login}\r\n"
    writer.write(f"{head}Content-Length: 10\r\n\r\n12345".encode())
    assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 408 ")
    writer.close()
    await writer.wait_closed()
    assert doors.asked == []


def test_the_table_has_each_path_once() -> None:
    assert len(BY_ROUTE) == len(PATHS)
