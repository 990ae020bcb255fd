"""The HTTP doors, over a real socket and a real store."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from ivr.flow.record import Asked, CallRecord, Heard, KeyPress, Step
from ivr.store.calls import Calls
from ivr.store.database import Database, StoreError
from ivr.web import api
from ivr.web.api import Part, Sources, application
from ivr.web.site import serving
from tests.records.given import a_record
from tests.web.doors import AS_OPERATOR, OPERATORS, rights

START = datetime(2026, 11, 22, 4, 0, 0, 120000, tzinfo=UTC)
HOSTILE = "<script>\"';${x}</script>"
BOARD: dict[str, object] = {
    "agents": [{"number": "1001", "state": "ready"}],
    "queues": [{"name": "front_desk", "waiting": 2}],
}


def record(id: str, minute: int = 0, caller: str = "13800138000") -> CallRecord:
    started = START + timedelta(minutes=minute)
    return a_record(
        id,
        started,
        caller=caller,
        speed="90%",
        ended=started + timedelta(seconds=9),
        path=(Step(node="welcome", entered=started, left=started + timedelta(seconds=9)),),
        keys=(KeyPress(key="•", at=started + timedelta(seconds=1), node="welcome"),),
        heard=(
            Heard(
                prompt="welcome",
                text="欢迎致电",
                language="cmn",
                speed="90%",
                from_ms=80,
                to_ms=1480,
                finished=False,
                cut_at=2,
                node="welcome",
            ),
        ),
        asked=(Asked(what="lookup", of="a.b", outcome="found", from_ms=5, to_ms=9, node="find"),),
        recalled="cmn",
        after="1732200000.1",
        passed_by="1001",
        passed_to="801",
        outcome="hung up by caller",
        why="the caller hung up",
    )


class Hotline:
    """The pages on a free port; `parts` and `board` are what the parts would tell."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.calls = Calls(database)
        self.parts: dict[str, Part] = {
            "controller": Part(ok=True, pid=41),
            "switch": Part(ok=True, pid=42, detail="Asterisk 22"),
        }
        self.board = BOARD
        self.answering = asyncio.Event()
        self.answering.set()
        self.port = 0

    async def health(self) -> Mapping[str, Part]:
        await self.answering.wait()
        return self.parts

    async def versions(self) -> Mapping[str, object]:
        return {"serves": "6f20e7c1b3", "origin": "files"}

    async def ask(self, path: str, method: str = "GET", **more: Any) -> tuple[int, Any]:
        """Return status and JSON body; the path goes out as it is written here."""
        status, _headers, body = await self.whole(path, method, **more)
        return status, body

    async def whole(
        self, path: str, method: str = "GET", **more: Any
    ) -> tuple[int, Mapping[str, str], Any]:
        url = URL(f"http://127.0.0.1:{self.port}{path}", encoded=True)
        more["headers"] = AS_OPERATOR | more.get("headers", {})
        async with aiohttp.request(method, url, **more) as answer:
            as_json = answer.content_type == "application/json"
            body = await (answer.json() if as_json else answer.text())
            return answer.status, answer.headers, body


@pytest.fixture
async def hotline(tmp_path: Path) -> AsyncIterator[Hotline]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'calls.db'}")
    pages = Hotline(database)
    sources = Sources(pages.calls, pages.health, lambda: pages.board, pages.versions)
    async with serving(application(sources, rights(OPERATORS)), port=0) as pages.port:
        yield pages
    await database.close()


async def test_health_tells_every_part_with_its_process_id(hotline: Hotline) -> None:
    assert await hotline.ask("/healthz") == (
        200,
        {
            "ok": True,
            "parts": {
                "controller": {"ok": True, "pid": 41, "detail": ""},
                "switch": {"ok": True, "pid": 42, "detail": "Asterisk 22"},
            },
        },
    )


async def test_one_unwell_part_makes_the_whole_unwell(hotline: Hotline) -> None:
    hotline.parts["switch"] = Part(ok=False, pid=None, detail="no answer")
    status, body = await hotline.ask("/healthz")
    assert (status, body["ok"], body["parts"]["controller"]["ok"]) == (503, False, True)
    assert body["parts"]["switch"] == {"ok": False, "pid": None, "detail": "no answer"}


async def test_parts_that_never_tell_make_the_whole_unwell(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "LONGEST_HEALTH", 0.05)
    hotline.answering.clear()
    status, body = await hotline.ask("/healthz")
    assert (status, body["ok"]) == (503, False) and "within 0.05 s" in body["error"]


async def test_no_calls_are_an_empty_list(hotline: Hotline) -> None:
    assert await hotline.ask("/api/calls") == (200, [])


async def test_a_call_is_told_with_the_promised_names(hotline: Hotline) -> None:
    await hotline.calls.write(record("1732248000.7"))
    status, body = await hotline.ask("/api/calls/1732248000.7")
    assert status == 200
    assert body == {
        "id": "1732248000.7",
        "caller": "13800138000",
        "called": "10086",
        "flow": "hotline",
        "version": "3f2a",
        "language": "cmn",
        "speed": "90%",
        "started": "2026-11-22T04:00:00.120000Z",
        "ended": "2026-11-22T04:00:09.120000Z",
        "path": [
            {
                "node": "welcome",
                "entered": "2026-11-22T04:00:00.120000Z",
                "left": "2026-11-22T04:00:09.120000Z",
            }
        ],
        "keys": [{"key": "•", "at": "2026-11-22T04:00:01.120000Z", "node": "welcome"}],
        "heard": [
            {
                "prompt": "welcome",
                "text": "欢迎致电",
                "language": "cmn",
                "speed": "90%",
                "from": 80,
                "to": 1480,
                "finished": False,
                "cut_at": 2,
                "node": "welcome",
            }
        ],
        "asked": [
            {
                "what": "lookup",
                "of": "a.b",
                "outcome": "found",
                "by": "",
                "why": "",
                "left": False,
                "from": 5,
                "to": 9,
                "talked": None,
                "node": "find",
            }
        ],
        "recalled": "cmn",
        "after": "1732200000.1",
        "passed_by": "1001",
        "passed_to": "801",
        "outcome": "hung up by caller",
        "why": "the caller hung up",
    }
    assert await hotline.ask("/api/calls") == (200, [body])


async def test_the_newest_calls_come_first_fifty_unless_asked(hotline: Hotline) -> None:
    for minute in range(52):
        await hotline.calls.write(record(f"c{minute}", minute))
    _, usual = await hotline.ask("/api/calls")
    assert [call["id"] for call in usual] == [f"c{minute}" for minute in range(51, 1, -1)]
    _, two = await hotline.ask("/api/calls?limit=2")
    assert [call["id"] for call in two] == ["c51", "c50"]
    _, all_of_them = await hotline.ask("/api/calls?limit=1000")
    assert len(all_of_them) == 52


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=1001", "limit=-1", "limit=", "limit=ten", "limit=1.5", "limit=1e2"),
        *("limit=%D9%A5", "limit=+5", "limit=" + "9" * 3000, "limit=1&limit=2", "limit=%00"),
        *("limits=3", "limit=5;drop", "limit[]=5", "limit=%FF"),
    ],
)
async def test_a_limit_that_is_none_is_refused_in_words(hotline: Hotline, query: str) -> None:
    status, body = await hotline.ask(f"/api/calls?{query}")
    assert status == 400
    assert "limit" in body["error"] and len(body["error"]) < 200


async def test_an_unknown_call_is_not_found(hotline: Hotline) -> None:
    assert await hotline.ask("/api/calls/no-such.1") == (
        404,
        {"error": "there is no call 'no-such.1'"},
    )


@pytest.mark.parametrize(
    "id",
    [
        *("a" * 101, "%27%20OR%201=1--", "..%2F..%2Fetc%2Fpasswd", "%00", "a%0Ab", "%3Cscript%3E"),
        *("%E4%BD%A0", "%FF", "a%20b", "${x}", "1,2"),
    ],
)
async def test_a_hostile_id_is_refused_before_the_store_sees_it(hotline: Hotline, id: str) -> None:
    status, body = await hotline.ask(f"/api/calls/{id}")
    assert status == 400
    assert set(body) == {"error"} and "letters, digits" in body["error"]


@pytest.mark.parametrize("path", ["/nowhere", "/api", "/api/calls/", "/api/calls/a/b", "/..%2Fx"])
async def test_an_unknown_path_is_told_as_json(hotline: Hotline, path: str) -> None:
    status, body = await hotline.ask(path)
    assert status == 404 and set(body) == {"error"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_nothing_can_be_changed_here(hotline: Hotline, method: str) -> None:
    status, headers, body = await hotline.whole("/api/calls", method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")
    assert body == {"error": f"'{method}' is not possible here; GET, HEAD is"}


async def test_agents_and_queues_are_read_from_the_board(hotline: Hotline) -> None:
    assert await hotline.ask("/api/agents") == (200, BOARD["agents"])
    assert await hotline.ask("/api/queues") == (200, BOARD["queues"])


async def test_what_leads_new_calls_is_told(hotline: Hotline) -> None:
    said = {"serves": "6f20e7c1b3", "origin": "files"}
    assert await hotline.ask("/api/versions") == (200, said)


async def test_a_fault_of_ours_is_told_without_a_trace(
    hotline: Hotline, caplog: pytest.LogCaptureFixture
) -> None:
    hotline.board = {}
    status, headers, body = await hotline.whole("/api/agents", headers={"Accept": "text/html"})
    assert (status, body) == (500, {"error": "something went wrong here; the log tells what"})
    assert headers["Server"] == "ivr"
    assert "KeyError: 'agents'" in caplog.text


async def test_a_store_that_fails_is_503_and_the_rest_goes_on(hotline: Hotline) -> None:
    await hotline.database.close()
    with pytest.raises(StoreError):
        await hotline.calls.latest(1)
    told = (503, {"error": "the database does not answer just now"})
    assert await hotline.ask("/api/calls") == told
    assert await hotline.ask("/api/calls/x") == told
    assert (await hotline.ask("/healthz"))[0] == 200


async def test_a_hostile_caller_leaves_only_inside_a_json_string(hotline: Hotline) -> None:
    await hotline.calls.write(record("a", caller=HOSTILE))
    status, headers, body = await hotline.whole("/api/calls/a")
    assert (status, body["caller"]) == (200, HOSTILE)
    assert headers["Content-Type"].startswith("application/json")
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/calls", "/nowhere"])
async def test_no_answer_is_stored_framed_or_tells_versions(hotline: Hotline, path: str) -> None:
    _, headers, _ = await hotline.whole(path)
    assert headers["Server"] == "ivr"
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in headers


async def test_the_page_is_whole_in_itself(hotline: Hotline) -> None:
    status, headers, page = await hotline.whole("/")
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
    needed = re.findall(r'(?:src|href)="(/[^"]*)"', page)
    assert sorted(needed) == ["/page.css", "/page.js"]
    for path in needed:
        status, _, text = await hotline.whole(path)
        assert status == 200 and "://" not in text
    assert "://" not in page and "<style" not in page and not re.search(r"\son\w+=", page)


async def test_the_policy_lets_no_foreign_or_inline_script_run(hotline: Hotline) -> None:
    _, headers, _ = await hotline.whole("/")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy and "unsafe" not in policy


def test_the_page_puts_texts_on_screen_only_as_text() -> None:
    script = resources.files("ivr.web").joinpath("page.js").read_text("utf-8")
    parses = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|Function\(|srcdoc"
    assert not re.search(parses + r"|DOMParser|createContextualFragment|javascript:", script)
    assert "textContent" in script
