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
from tests.calls.tapping import holding, processes, tapped
from tests.calls.test_balance import newest
from tests.calls.test_desk import on_duty
from tests.calls.test_lost import console
from tests.calls.test_sending import send
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
# She types one secret by herself, and another when her agent sends her to prove who she is.
SECRET_OF_HERS, SECRET_FOR_AGENT = "660942750183", "590318462277"


def asking(flow: str, then: str) -> str:
    """Return a flow that asks for a secret, uses it, and goes on to the first of these nodes."""
    name = then.strip().partition(":")[0]
    return f"""
flow: {flow}
languages: [en]
start: ask
nodes:
  ask: {{collect: enter_number, digits: 12, secret: true, into: pin, go: look, otherwise: {name}}}
  look:
    lookup: billing.balance
    using: {{number: $pin}}
    into: account
    found: {name}
    missing: {name}
    failed: {name}
  {then}
"""


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """A hotline whose desk calls back, and which logs all it can."""
    home = tmp_path_factory.mktemp("kinds")
    flows = home / "flows"
    flows.mkdir()
    wait = "wait: {queue: front_desk, longest: 20s, unanswered: bye}\n  bye: hangup"
    proving, proof = asking("proving", wait), asking("proof", "back: {say: thank_you}")
    for name, text in (("kinds", FLOW), ("proving", proving), ("proof", proof)):
        (flows / f"{name}.yaml").write_text(text)
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
        "numbers": json.dumps({"10086": "kinds", "10087": "proving"}),
        "sends": json.dumps({"*71": "proof"}),
        "log_level": "DEBUG",
        "remember_callers": "0d",
    }
    with Hotline(home, **settings).running() as running:
        yield running


@asynccontextmanager
async def dialled(
    hotline: Hotline, tmp_path: Path, play: Path | None, called: str = "10086"
) -> AsyncIterator[Caller]:
    number = new_number()
    async with Phone(number) as phone:
        wav = tmp_path / "heard.wav"
        call = await phone.call(called, hotline.sip, record=wav, play=play)
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


@pytest.mark.timeout(180)
async def test_no_secret_of_anybody_is_anywhere_while_she_is_served_and_afterwards(
    kinds: Hotline, tmp_path: Path
) -> None:
    chosen, guessed = "a-word-that-mei-chose", "a-word-that-mei-mistyped"
    made = kinds.ivr("accounts", "add", "mei", "--role", "supervisor", said=f"{chosen}\n")
    assert made.returncode == 0, made.stderr
    generated = json.loads((kinds.state / "secrets.json").read_text())
    hers = {"typed": SECRET_OF_HERS, "for the agent": SECRET_FOR_AGENT}
    typed = {**hers, "chosen": chosen, "guessed": guessed}
    async with (
        tapped(kinds) as told,
        on_duty(kinds, "1001") as agent,
        dialled(kinds, tmp_path, None, "10087") as caller,
    ):
        assert await logs_in(kinds, "mei", guessed) == 401
        assert await logs_in(kinds, "mei", chosen) == 201
        await caller.press(SECRET_OF_HERS)
        taken = await agent.answer_next(within=25)
        await send(taken, caller, "*71")
        await caller.press(SECRET_FOR_AGENT[:6])
        # In the middle of it keys that are not used yet are in the switch, and nowhere else.
        assert processes([*typed.values(), *generated.values()]) == []
        live = without_keys(await state_of_the_switch(kinds))
        await caller.press(SECRET_FOR_AGENT[6:])
        assert "proof: done" in await agent.text(within=15)
        live += await state_of_the_switch(kinds)
        await taken.hang_up()
    pages = str([await kinds.get(path) for path in ("/api/calls", "/api/audit", "/api/agents")])
    # The search finds what is there.
    assert caller.number in live and caller.number in pages and b"AgentConnect" in told
    spoken = told.decode(errors="replace") + live + pages
    assert [name for name, word in {**typed, **generated}.items() if word in spoken] == []
    assert SECRET_FOR_AGENT[:6] not in spoken
    for word in (*typed.values(), SECRET_FOR_AGENT[:6]):
        assert holding(kinds.state, word) == []
    for name, word in generated.items():
        # What the switch says at its loudest, which it is not otherwise, has its dialplan in it.
        where = [path for path in holding(kinds.state, word) if path != "log/full.log"]
        assert [path for path in where if not path.startswith(("etc/", "secrets.json"))] == [], name


async def state_of_the_switch(hotline: Hotline) -> str:
    """Return all that the switch keeps: its database, its variables, and those of each channel."""
    channels = await console(hotline, "core show channels concise")
    names = [line.partition("!")[0] for line in channels.splitlines() if "!" in line]
    commands = ["database show", "dialplan show globals"]
    commands += [f"core show channel {name}" for name in names]
    return "\n".join([channels, *[await console(hotline, command) for command in commands]])


def without_keys(shown: str) -> str:
    """Leave the variables out in which keys come in."""
    return "\n".join(line for line in shown.splitlines() if not line.startswith("IVR_KEYS_"))


async def logs_in(hotline: Hotline, name: str, word: str) -> int:
    """Log in to the pages; return the status."""
    url = f"http://127.0.0.1:{hotline.ports['http']}/api/session"
    body = {"name": name, "password": word}
    async with aiohttp.ClientSession() as http, http.post(url, json=body) as answer:
        return answer.status


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
