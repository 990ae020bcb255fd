"""Kinds that need a real call: a secret that is nowhere, a message heard again, a promise."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ivr.phone import Phone
from tests import ears
from tests.calls.hotline import Caller, Hotline, new_number, nodes, said, until
from tests.calls.test_balance import newest
from tests.calls.test_lost import console
from tests.stage import ROOT, furnish

# Digits that come about nowhere else, though a search over a whole state directory reads a lot.
CANARY = "770311859264"
FLOW = """
flow: kinds
languages: [en]
start: secret
anywhere: {0: wait}
nodes:
  secret: {collect: enter_number, digits: 12, secret: true, into: pin, go: ask, otherwise: bye}
  ask:
    lookup: billing.balance
    using: {number: $pin}
    into: account
    found: bye
    missing: message
    failed: bye
  message:
    record: after_the_tone
    confirm: wrong_key
    into: message
    go: text
    silent: bye
  text: {send: thank_you, sent: offer, failed: bye}
  offer: {callback: front_desk, promised: wait, declined: bye, impossible: bye}
  wait: {queue: front_desk, longest: 5s, unanswered: bye}
  bye: hangup
"""
SPY = """
[spy]
secret = a word for this test alone
permit = 127.0.0.1/255.255.255.255
read = all
write = all
"""


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """A hotline of one flow, whose desk calls back, and which logs all it can."""
    home = tmp_path_factory.mktemp("kinds")
    flows = home / "flows"
    flows.mkdir()
    (flows / "kinds.yaml").write_text(FLOW)
    for name in ("services.yaml", "hours.yaml"):
        (flows / name).write_text((ROOT / "flows" / name).read_text())
    furnish(home)
    desks = (home / "desks.yaml").read_text()
    promise = "    promise: {within: 1h}\n    members: [1001"
    (home / "desks.yaml").write_text(desks.replace("    members: [1001", promise))
    settings = {
        "flows": str(flows),
        "desks": str(home / "desks.yaml"),
        "agents": str(home / "agents.yaml"),
        "numbers": json.dumps({"10086": "kinds"}),
        "log_level": "DEBUG",
        "remember_callers": "0d",
    }
    with Hotline(home, **settings).running() as running:
        yield running


@asynccontextmanager
async def tapped(hotline: Hotline) -> AsyncIterator[bytearray]:
    """A second AMI connection that reads every class; what it was told so far.

    The switch writes everything it says about a call into a log of its own meanwhile.
    """
    etc = hotline.state / "etc"
    with (etc / "manager.conf").open("a") as accounts:
        accounts.write(SPY)
    with (etc / "logger.conf").open("a") as logs:
        logs.write("full.log => notice,warning,error,verbose(9),debug(3)\n")
    for command in ("manager reload", "logger reload", "core set verbose 9", "core set debug 3"):
        await console(hotline, command)
    reader, writer = await asyncio.open_connection("127.0.0.1", hotline.ports["ami"])
    login = "Action: Login\r\nUsername: spy\r\nSecret: a word for this test alone\r\n\r\n"
    writer.write(login.encode())
    told = bytearray()

    async def listen() -> None:
        while some := await reader.read(65536):
            told.extend(some)

    listening = asyncio.create_task(listen())
    try:
        yield told
    finally:
        listening.cancel()
        writer.close()


@asynccontextmanager
async def dialled(hotline: Hotline, tmp_path: Path, play: Path | None) -> AsyncIterator[Caller]:
    number = new_number()
    async with Phone(number) as phone:
        wav = tmp_path / "heard.wav"
        call = await phone.call("10086", hotline.sip, record=wav, play=play)
        await call.answered(within=10)
        yield Caller(hotline, number, phone, call, wav)
        await call.hang_up()


async def messages(hotline: Hotline) -> Any:
    url = f"http://127.0.0.1:{hotline.ports['backend']}/messages"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        return await response.json()


async def callbacks(hotline: Hotline, method: str, path: str, body: object = None) -> Any:
    """Ask the API as an agent; return the status and the answer."""
    url = f"http://127.0.0.1:{hotline.ports['http']}/api/callbacks{path}"
    login = aiohttp.encode_basic_auth("1001", hotline.password("1001"))
    headers = {"Authorization": login}
    async with aiohttp.request(method, url, headers=headers, json=body) as answer:
        return answer.status, await answer.json()


def holding(folder: Path, digits: str) -> list[str]:
    """Return the files under a folder, names and all that is in them, that hold these digits."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if digits in path.name or (path.is_file() and digits.encode() in path.read_bytes())
    ]


@pytest.mark.timeout(180)
async def test_a_call_through_all_kinds_tells_its_secret_to_nobody(
    kinds: Hotline, tmp_path: Path
) -> None:
    voice = ears.tone(tmp_path / "voice.wav", 440, 60)
    async with tapped(kinds) as told, dialled(kinds, tmp_path, voice) as caller:
        await caller.press(CANARY)
        record = await caller.comes_to("message")
        assert {press["key"] for press in record["keys"]} == {"•"}
        await her_message(kinds, caller)
        await caller.press("1")
        record = await caller.story(within=30)
    state = kinds.state
    (booked,) = await kinds.get("/api/callbacks")
    # Her place is that of when she called, not of when she was promised it.
    began, asked = (datetime.fromisoformat(at) for at in (record["started"], booked["asked"]))
    assert abs(booked["arrived"] / 10 - began.timestamp()) < 1.5 < (asked - began).total_seconds()
    listed = kinds.ivr("callbacks")
    assert said(record)[-2:] == ["callback_offer", "callback_until"]
    assert nodes(record) == ["secret", "ask", "message", "text", "offer", "wait", "bye"]
    assert caller.number in listed.stdout and "front_desk" in listed.stdout
    assert kinds.ivr("callbacks", "done", "1").returncode == 0
    assert caller.number not in kinds.ivr("callbacks").stdout
    # An agent books another for the same call, and takes it off: her place is the same.
    status, again = await callbacks(kinds, "POST", "", {"desk": "front_desk", "call": record["id"]})
    assert (status, again["number"], again["state"]) == (201, caller.number, "open")
    assert abs(again["arrived"] - booked["arrived"]) < 15
    status, gone = await callbacks(kinds, "DELETE", f"/{again['id']}")
    assert (status, gone["state"]) == (200, "cancelled")
    (sent,) = await messages(kinds)
    assert (sent["to"], sent["text"]) == (caller.number, "Thank you for calling. Goodbye.")
    # The search finds what is there: her number, and what the switch writes of her call.
    assert "calls.db" in " ".join(holding(state, caller.number))
    assert b"StoreDTMF" in (state / "log/full.log").read_bytes()
    # Whoever may read all events is told of the switch, and of such a call next to nothing is made.
    assert b"Event: FullyBooted" in told
    assert holding(state, CANARY) == []
    assert CANARY.encode() not in told


async def her_message(hotline: Hotline, caller: Caller) -> None:
    """Speak two seconds, hear them, speak once more, keep that."""
    recordings = hotline.state / "recordings"
    first = await until(lambda: asyncio.to_thread(newest, recordings))
    await asyncio.sleep(2.0)
    await caller.press("#")
    await until(lambda: caller.has_heard("wrong_key", 1))
    at = await caller.press("3")
    await until(lambda: caller.has_heard("wrong_key", 2))
    # What she said is in her ear.
    assert ears.tone_level(caller.wav, 440, at + 0.5, at + 1.5) > -25
    await caller.press("2")
    second = await until(lambda: asyncio.to_thread(another, recordings, first))
    await asyncio.sleep(1.5)
    await caller.press("#")
    await until(lambda: caller.has_heard("wrong_key", 3))
    await caller.press("1")
    await caller.comes_to("offer")
    assert second.exists() and not first.exists()


def another(folder: Path, first: Path) -> Path | None:
    """Return a recording that is not the first one."""
    found = newest(folder)
    return found if found != first else None
