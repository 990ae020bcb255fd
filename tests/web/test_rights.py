"""Rights: who may change what over HTTP, over a real socket."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from ivr.web.api import errors_as_json
from ivr.web.rights import Rights, authorization
from ivr.web.site import serving

PASSWORDS = {"1001": "hers", "1003": "лань", "operator": "his"}


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A page for each question, which answers who asked."""
    rights = Rights(lambda: PASSWORDS, lambda: {"1003"})

    async def who(request: web.Request) -> web.Response:
        return web.json_response(rights.who(request).name)

    async def change(request: web.Request) -> web.Response:
        return web.json_response(rights.who_may_change(request, request.match_info["agent"]).name)

    async def supervise(request: web.Request) -> web.Response:
        return web.json_response(rights.supervisor(request).name)

    app = web.Application(middlewares=[errors_as_json])
    app.add_routes(
        [
            web.get("/who", who),
            web.put("/agents/{agent}", change),
            web.post("/listen", supervise),
        ]
    )
    async with serving(app, port=0) as port:
        yield port


async def ask(
    port: int, method: str, path: str, user: str = "", password: str = "", **headers: str
) -> tuple[int, object]:
    if user:
        headers["Authorization"] = authorization(user, password)
    url = f"http://127.0.0.1:{port}{path}"
    async with aiohttp.request(method, url, headers=headers) as answer:
        if answer.status == 401:
            assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        return answer.status, await answer.json()


async def test_who_asks_is_known_by_her_password(port: int) -> None:
    assert await ask(port, "GET", "/who", "1001", "hers") == (200, "1001")
    assert await ask(port, "GET", "/who", "1003", "лань") == (200, "1003")
    assert await ask(port, "GET", "/who", "operator", "his") == (200, "operator")


@pytest.mark.parametrize(
    ("user", "password"),
    [("", ""), ("1001", ""), ("1001", "his"), ("1002", ""), ("1002", "hers"), ("Operator", "his")],
)
async def test_nobody_else_is_let_in(port: int, user: str, password: str) -> None:
    assert (await ask(port, "GET", "/who", user, password))[0] == 401


@pytest.mark.parametrize("said", ["", "Basic", "Basic !", "Bearer his", "Basic YTr/", "Basic YQ=="])
async def test_what_is_no_name_and_password_is_refused(port: int, said: str) -> None:
    assert (await ask(port, "GET", "/who", Authorization=said))[0] == 401


async def test_an_agent_changes_herself_and_supervisors_anybody(port: int) -> None:
    assert await ask(port, "PUT", "/agents/1001", "1001", "hers") == (200, "1001")
    refusal = {"error": "only 1002, supervisors and the operator may do this"}
    assert await ask(port, "PUT", "/agents/1002", "1001", "hers") == (403, refusal)
    assert await ask(port, "PUT", "/agents/1002", "1003", "лань") == (200, "1003")
    assert await ask(port, "PUT", "/agents/1002", "operator", "his") == (200, "operator")


async def test_only_supervisors_and_the_operator_act_for_others(port: int) -> None:
    assert (await ask(port, "POST", "/listen", "1001", "hers"))[0] == 403
    assert await ask(port, "POST", "/listen", "1003", "лань") == (200, "1003")
    assert await ask(port, "POST", "/listen", "operator", "his") == (200, "operator")


async def test_a_page_of_another_site_cannot_use_a_password_the_browser_knows(port: int) -> None:
    ours = f"http://127.0.0.1:{port}"
    assert (await ask(port, "POST", "/listen", "operator", "his", Origin=ours))[0] == 200
    for origin in ("https://example.org", "null", "http://127.0.0.1:1"):
        assert (await ask(port, "POST", "/listen", "operator", "his", Origin=origin))[0] == 403
