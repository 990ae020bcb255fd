"""Nobody gets in: what a stranger may try on a hotline that runs, and what comes of it."""

import asyncio
import contextlib
import random
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest

from tests.calls.conftest import Dial, dialling
from tests.calls.hotline import Hotline, new_number, until
from tests.fake_asterisk import FakeAsterisk
from tests.fuzz.odd_sip import messages, only_line_ends, request
from tests.fuzz.torture import Torturer
from tests.switch.rawsip import Peer

SCANNER = "User-Agent: friendly-scanner"


async def strangers(hotline: Hotline) -> int:
    """Return how many connections to the AGI port were no call of its switch."""
    url = f"http://127.0.0.1:{hotline.ports['http']}/metrics"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        found = re.search(r"^ivr_agi_strangers_total (\d+)", await response.text(), re.M)
    assert found
    return int(found[1])


async def test_the_controller_leads_no_call_that_is_not_our_switchs(hotline: Hotline) -> None:
    before, calls = await strangers(hotline), await hotline.get("/api/calls?limit=200")
    port = hotline.ports["agi"]
    for script in ("hotline", "agent/duty", "agent/call-back?token=0123"):
        for said in ({}, {"arg_1": "guessed"}):
            async with FakeAsterisk(port, script=script, variables=said) as pretender:
                await pretender.finished()
                assert pretender.commands == []
    assert await strangers(hotline) - before == 6
    assert await hotline.get("/api/calls?limit=200") == calls


async def test_a_caller_reaches_flows_and_nothing_else(hotline: Hotline) -> None:
    with peer(hotline, "1003", "127.0.0.1") as agent:
        secret = hotline.password("1003")
        assert (await asyncio.to_thread(agent.register, secret)).status == 200
        answers = await asyncio.to_thread(_dial, hotline)
        assert {number: status for number, status in answers.items() if status != 404} == {}
        passing = await asyncio.to_thread(_pass_on, hotline)
        assert {what: status for what, status in passing.items() if status < 400} == {}
        callers = await asyncio.to_thread(_pretend, hotline)
        # Nobody was rung by any of it.
        with pytest.raises(AssertionError, match="in vain"):
            agent.asked("INVITE", 0.1)
        agent.request("REGISTER", "1003", "Expires: 0")

    async def of_these() -> set[str]:
        calls = await hotline.get("/api/calls?limit=50")
        ended = [call for call in calls if call["ended"] and call["called"] == "10086"]
        return {call["caller"] for call in ended} & callers

    async def all_there() -> bool:
        return await of_these() == callers

    # Each is who the From header says, whatever else was written.
    await until(all_there)


# In place of a status, where nothing is answered.
NOT_HEARD = 999
# What is dialled, none of which is a number of the hotline.
DIALLED = (
    *("1001", "1003", "801", "99999", "1008", "100860", "010086", "+10086", "s", "h", "i", "t"),
    *("*45", "*46", "*461", "*47", "*311001", "*321001", "*331001", "*71", "*48", "*2", "##", "#"),
    *("callers", "agents", "trunk", "whisper", "calling-back", "standing-in", "last-resort"),
    *("Local/1001@agents", "1001@agents", "PJSIP/1001", "10086@agents/n", "10086&1001", "10086,1"),
    *("0013800138000", "+8613800138000", "9013800138000", "00861", "011441234567890"),
    *("${EXTEN}", "${SHELL(id)}", "$[1+1]", "10086\r\n", "\0", " 10086", "10086 ", "余额"),
    *("_X.", "_.", "a" * 300, "1" * 79, "10086|1", '"10086"', "10086;x=y", "%31%30%30%38%36"),
)


def _dial(hotline: Hotline) -> dict[str, int]:
    """Dial each as a caller; return what was answered."""
    found = {}
    for number in DIALLED:
        with peer(hotline, "13800138000", "127.0.0.1") as caller:
            found[number] = caller.invite(quote(number, safe="")).status
    return found


def _pass_on(hotline: Hotline) -> dict[str, int]:
    """Try to transfer, to subscribe and to write, before a call and in one."""
    found = {}
    at = f"127.0.0.1:{hotline.ports['sip']}"
    refer = (f"Refer-To: <sip:1003@{at}>", f"Referred-By: <sip:1001@{at}>")
    tries = {
        "REFER": refer,
        "SUBSCRIBE": ("Event: presence", "Expires: 60"),
        "PUBLISH": ("Event: presence", "Expires: 60"),
        "MESSAGE": ("Content-Type: text/plain",),
    }
    with peer(hotline, "13800138001", "127.0.0.1") as caller:
        for method, more in tries.items():
            caller.request(method, "1003", *more)
            found[method] = caller.answer(method).status
    with peer(hotline, new_number(), "127.0.0.1") as caller:
        to = caller.invite("10086").headers["to"]
        for method, more in tries.items():
            caller.request(method, "10086", *more, ack=to)
            found[f"{method} in a call"] = NOT_HEARD
            with contextlib.suppress(AssertionError):
                found[f"{method} in a call"] = caller.answer(method, 1.0).status
        caller.request("BYE", "10086", ack=to)
        assert caller.answer("BYE").status == 200
    with peer(hotline, "13800138002", "127.0.0.1") as caller:
        replaces = "Replaces: 12345@127.0.0.1;to-tag=1;from-tag=2"
        found["Replaces"] = caller.invite("10086", replaces).status
    return found


def _pretend(hotline: Hotline) -> set[str]:
    """Call, and write of oneself what others would; return the numbers that were in From."""
    at = f"127.0.0.1:{hotline.ports['sip']}"
    headers = (
        'P-Asserted-Identity: "Agent" <sip:1003@ivr>',
        "Remote-Party-ID: <sip:1003@ivr>;party=calling;privacy=off",
        "Diversion: <sip:1003@ivr>;reason=unconditional",
        "Privacy: id;header",
        "X-IVR-Language: yue",
        "X-IVR-From: 1003",
        "Call-Info: <sip:x>;answer-after=0",
        f"Route: <sip:1003@{at};lr>",
        "Referred-By: <sip:1003@ivr>",
        "P-Preferred-Identity: <sip:${EPOCH}@ivr>",
    )
    numbers = {new_number(): (header,) for header in headers} | {new_number(): headers}
    for number, said in numbers.items():
        with peer(hotline, number, "127.0.0.1") as caller:
            answer = caller.invite("10086", *said)
            assert answer.status == 200, (said, answer.first)
            caller.request("BYE", "10086", ack=answer.headers["to"])
            assert caller.answer("BYE").status == 200
    return set(numbers)


async def test_odd_messages_disturb_no_call(hotline: Hotline, dial: Dial) -> None:
    async def switch() -> int:
        return int((await hotline.get("/healthz"))["parts"]["switch"]["pid"])

    before, chance = await switch(), random.Random(4475)
    with contextlib.closing(Torturer(hotline)) as torturer:
        async with dial() as caller:
            for message in messages().values():
                torturer.send(message)
            await asyncio.to_thread(torturer.is_answered)
            for _ in range(30):
                await asyncio.to_thread(torturer, chance)
            await caller.press("3")
            await caller.comes_to("menu")
    assert await switch() == before


async def test_a_call_without_words_about_sound_ends_nothing(hotline: Hotline) -> None:
    before = (hotline.state / "switch.pid").read_text()
    with contextlib.closing(Torturer(hotline)) as torturer:
        for message in only_line_ends():
            torturer.send(message)
            # One after the other: each finds the memory of the one before.
            await asyncio.to_thread(torturer.is_answered)
    assert (hotline.state / "switch.pid").read_text() == before


async def test_a_message_writes_less_than_it_is_long(hotline: Hotline) -> None:
    log, long = hotline.state / "log" / "messages.log", messages()["words about sound"]
    last = f"{uuid.uuid4().int}"

    async def written() -> str:
        # Again and again: what the log has no room for at a moment is dropped.
        torturer.send(request(cseq=f"{last} INVITE"))
        said = log.read_text(errors="replace")[before:]
        return said.partition(last)[0] if last in said else ""

    before = len(log.read_text(errors="replace"))
    with contextlib.closing(Torturer(hotline)) as torturer:
        torturer.send(long)
        # The log is written in order: what stands before this is complete.
        assert len(await until(written)) < len(long)


@contextlib.contextmanager
def peer(hotline: Hotline, user: str, address: str) -> Iterator[Peer]:
    with contextlib.closing(Peer(hotline.ports["sip"], user, address)) as one:
        yield one


@pytest.mark.timeout(120)
async def test_strangers_hear_nothing_and_who_guesses_is_shut_out(tmp_path: Path) -> None:
    # Callers are at 127.0.0.1 alone; every other address of this machine is a stranger's.
    mine = Hotline(tmp_path / "home", callers_from='["127.0.0.1/32"]')
    with mine.running():
        async with dialling(mine, tmp_path)() as caller:
            await asyncio.to_thread(_scan, mine)
            guesses = await asyncio.to_thread(_guess, mine)
            await asyncio.to_thread(_log_in, mine)
            await caller.press("3")
            await caller.comes_to("menu")
        banned = mine.ivr("bans")
        assert [line.split()[0] for line in banned.stdout.splitlines()] == ["127.0.0.66"]
        assert mine.ivr("bans", "lift", "127.0.0.66").returncode == 0
        await asyncio.to_thread(_come_back, mine)
    # As fast as they are answered, until the log is read.
    assert 5 <= guesses < 500


def _scan(hotline: Hotline) -> None:
    """Ask as scanners do: only who wants to log in is answered."""
    with peer(hotline, "100", "127.0.0.65") as scanner:
        for method in ("OPTIONS", "INVITE", "SUBSCRIBE", "MESSAGE", "PUBLISH"):
            scanner.request(method, "100", SCANNER)
        scanner.request("REGISTER", "100", SCANNER)
        first = scanner.wait(lambda message: True)
        assert (first.method, first.status) == ("REGISTER", 401)


def _guess(hotline: Hotline) -> int:
    """Guess an agent's password until nothing is heard any more; return how often."""
    guesses = 0
    with peer(hotline, "1001", "127.0.0.66") as guesser:
        with contextlib.suppress(AssertionError):
            while True:
                assert guesser.register(f"guess-{guesses}", 1.5).status == 401
                guesses += 1
        with pytest.raises(AssertionError, match="in vain"):
            guesser.register(hotline.password("1001"), 0.5)
    return guesses


def _log_in(hotline: Hotline) -> None:
    """An agent with her password logs in from elsewhere, and may then say anything."""
    with peer(hotline, "1002", "127.0.0.67") as agent:
        assert agent.register(hotline.password("1002")).status == 200
        for _ in range(20):  # until the gate knows her
            agent.request("OPTIONS", "1002")
            with contextlib.suppress(AssertionError):
                assert agent.answer("OPTIONS", 0.3).status
                return
        raise AssertionError("she is known by nobody")


def _come_back(hotline: Hotline) -> None:
    with peer(hotline, "1001", "127.0.0.66") as forgiven:
        for _ in range(20):  # until the gate has looked
            with contextlib.suppress(AssertionError):
                assert forgiven.register(hotline.password("1001"), 0.3).status == 200
                return
        raise AssertionError("she is still not heard")
