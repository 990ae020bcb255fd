"""Supervision over HTTP: whose phone rings, who is refused, and who may read of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from ivr.desk.supervision import Way
from ivr.store.audit import Act, Entry
from ivr.web.site import serving
from ivr.web.supervising import SuperviseViews
from tests.web.doors import guarded

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PASSWORDS = {"1001": "hers", "1009": "theirs", "1010": "others", "operator": "his"}
LISTEN = "/api/agents/1001/listen"


@dataclass
class Desk:
    """The views on a free port; what was rung and refused, and the acts that are known."""

    rung: list[tuple[str, str, str, str]] = field(default_factory=list)
    refused: list[tuple[str, str, str, str]] = field(default_factory=list)
    known: list[Act] = field(default_factory=list)
    asked: list[tuple[datetime, datetime, str | None]] = field(default_factory=list)
    port: int = 0

    async def ring(self, who: str, supervisor: str, way: Way, agent: str) -> int:
        self.rung.append((who, supervisor, way, agent))
        return 7

    async def refuse(self, who: str, way: Way, agent: str, why: str) -> None:
        self.refused.append((who, way, agent, why))

    async def acts(self, begin: datetime, end: datetime, whom: str | None = None) -> list[Act]:
        self.asked.append((begin, end, whom))
        return self.known

    async def ask(
        self, method: str, path: str, user: str = "", json: object = None, text: str | None = None
    ) -> tuple[int, Any]:
        known = {"Authorization": aiohttp.encode_basic_auth(user, PASSWORDS[user])} if user else {}
        url = f"http://127.0.0.1:{self.port}{path}"
        async with (
            aiohttp.ClientSession(headers=known) as http,
            http.request(method, url, json=json, data=text) as answer,
        ):
            return answer.status, await answer.json()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk, supervisors = Desk(), {"1009", "1010"}
    views = SuperviseViews(desk, desk, lambda: supervisors, lambda: {"1001", "1009"}, lambda: NOW)
    app = guarded(PASSWORDS, lambda: supervisors)
    views.add_to(app)
    async with serving(app, port=0) as desk.port:
        yield desk


async def test_a_supervisors_own_phone_rings(desk: Desk) -> None:
    assert await desk.ask("POST", LISTEN, "1009") == (202, {"audit": 7, "rings": "1009"})
    status, _ = await desk.ask("POST", "/api/agents/1001/barge", "1009", json={"by": "1009"})
    assert status == 202
    assert desk.rung == [("1009", "1009", "listen", "1001"), ("1009", "1009", "barge", "1001")]


async def test_the_operator_names_whose_phone_rings(desk: Desk) -> None:
    assert (await desk.ask("POST", LISTEN, "operator", json={"by": "1010"}))[0] == 202
    assert desk.rung == [("operator", "1010", "listen", "1001")]
    for by in ({"by": "1001"}, None):
        status, said = await desk.ask("POST", LISTEN, "operator", json=by)
        assert status == 400 and "1009, 1010" in said["error"]


async def test_a_supervisor_rings_nobody_elses_phone(desk: Desk) -> None:
    assert (await desk.ask("POST", LISTEN, "1009", json={"by": "1010"}))[0] == 403
    assert desk.rung == []


async def test_an_agent_is_refused_and_that_is_written_down(desk: Desk) -> None:
    assert (await desk.ask("POST", LISTEN, "1001"))[0] == 403
    assert desk.refused == [("1001", "listen", "1001", "no supervisor")]
    assert (await desk.ask("POST", LISTEN))[0] == 401
    assert desk.rung == []


@pytest.mark.parametrize("agent", ["1002", "1009"])
async def test_who_does_not_talk_and_oneself_cannot_be_heard(desk: Desk, agent: str) -> None:
    status, said = await desk.ask("POST", f"/api/agents/{agent}/whisper", "1009")
    assert (status, said["error"]) == (409, f"{agent} is not in a conversation")
    assert desk.refused == [("1009", "whisper", agent, "in no conversation")]


@pytest.mark.parametrize("body", ["[", "[]", '{"by": 1}', '{"who": "1009"}', '{"by": "1", "x": 1}'])
async def test_a_body_that_says_something_else_is_refused(desk: Desk, body: str) -> None:
    status, said = await desk.ask("POST", LISTEN, "operator", text=body)
    assert status == 400 and '{"by": "1009"}' in said["error"]


@pytest.mark.parametrize("path", ["/api/agents/1001/record", "/api/agents/x/listen"])
async def test_there_are_no_other_ways(desk: Desk, path: str) -> None:
    assert (await desk.ask("POST", path, "1009"))[0] == 404


async def test_the_audit_is_read_by_supervisors_and_the_operator(desk: Desk) -> None:
    entry = Entry(NOW, "1009", "listen", "1001", "began", "c.1", number=3)
    desk.known = [Act(entry, None), Act(entry, NOW + timedelta(minutes=1))]
    for user in ("1009", "operator"):
        status, acts = await desk.ask("GET", "/api/audit?of=1001", user)
        assert status == 200
        assert acts[0] == {
            "number": 3,
            "at": "2026-11-25T12:00:00+00:00",
            "until": None,
            "who": "1009",
            "what": "listen",
            "whom": "1001",
            "call": "c.1",
            "outcome": "began",
            "why": "",
        }
        assert acts[1]["until"] == "2026-11-25T12:01:00+00:00"
    assert desk.asked[0][2] == "1001"
    assert (await desk.ask("GET", "/api/audit", "1001"))[0] == 403
    assert (await desk.ask("GET", "/api/audit"))[0] == 401
    status, said = await desk.ask("GET", "/api/audit?day=today", "1009")
    assert status == 400 and "from, of, to" in said["error"]
