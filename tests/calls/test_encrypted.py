"""With a certificate: agents at phones and in browsers talk encrypted, and not otherwise."""

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path

import aiohttp
import pytest

from ivr.phone import Phone
from ivr.switch import tls
from tests import ears
from tests.calls.browser import Talk, browser
from tests.calls.conftest import dialling, shorter
from tests.calls.hotline import Hotline, until
from tests.ports import free_port
from tests.stage import ROOT
from tests.switch.rawsip import Peer

pytestmark = pytest.mark.timeout(150)


@dataclass(frozen=True)
class Encrypted:
    """A hotline with a certificate, and where its agents reach it; 1003 talks from a browser."""

    hotline: Hotline
    certificate: Path
    trust: ssl.SSLContext
    tls_port: int
    wss_port: int


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    home = tmp_path_factory.mktemp("encrypted")
    certificate, key = tls.make(home / "tls", ["127.0.0.1"])
    agents = (ROOT / "asterisk-config/agents.yaml").read_text()
    skills = "skills: {yue: 5, en: 3}"
    assert skills in agents
    (home / "agents.yaml").write_text(agents.replace(skills, f"{skills}, browser: true", 1))
    ports = {"tls_port": free_port(), "wss_port": free_port()}
    mine = Hotline(
        home,
        # To a browser no loopback address is offered.
        sip_host="0.0.0.0",
        callers_from='["127.0.0.1/32"]',
        tls=json.dumps({"certificate": str(certificate), "key": str(key)}),
        agents=str(home / "agents.yaml"),
        **shorter(home),
        **{name: str(port) for name, port in ports.items()},
    )
    mine.trust = trust = ssl.create_default_context(cafile=certificate)
    with mine.running():
        yield Encrypted(mine, certificate, trust, **ports)


@pytest.fixture
def sounds(tmp_path: Path) -> tuple[Path, Path]:
    """What a caller says (1000 Hz), and what an agent does (440 Hz)."""
    high, low = tmp_path / "high.wav", tmp_path / "low.wav"
    return ears.tone(high, 1000, 60), ears.tone(low, 440, 60)


async def test_agents_talk_encrypted_and_not_otherwise(
    encrypted: Encrypted, sounds: tuple[Path, Path], tmp_path: Path
) -> None:
    mine, heard = encrypted.hotline, tmp_path / "agent.wav"
    with (
        socket.create_connection(("127.0.0.1", encrypted.tls_port), 5) as plain,
        encrypted.trust.wrap_socket(plain, server_hostname="127.0.0.1") as line,
    ):
        assert line.version() == "TLSv1.2"
    with (
        contextlib.closing(Peer(mine.ports["sip"], "1002")) as unencrypted,
        pytest.raises(AssertionError),
    ):
        unencrypted.register(mine.password("1002"), 0.5)
    registrar, password = f"127.0.0.1:{encrypted.tls_port}", mine.password("1001")
    certificate = encrypted.certificate
    async with (
        Phone("1001", registrar=registrar, password=password, trusted=certificate) as agent,
        dialling(mine, tmp_path)(play=sounds[0]) as caller,
    ):
        await agent.registered(within=10)
        await caller.press("20")
        taken = await agent.answer_next(record=heard, play=sounds[1], within=25)
        await asyncio.sleep(4.5)  # they talk, at first while it is said who serves her
        await taken.hang_up()
        await caller.story()
    states = {row["number"]: row["state"] for row in await mine.get("/api/agents")}
    last = ears.duration(caller.wav)
    assert ears.tone_level(caller.wav, 440, last - 1.7, last - 0.7) > -20
    assert ears.tone_level(heard, 1000, 3, 4) > -20
    assert states["1002"] == "logged out"


async def test_an_agent_logs_in_from_a_browser_by_her_password_alone(encrypted: Encrypted) -> None:
    mine, port = encrypted.hotline, encrypted.wss_port
    async with browser(port, "1003", encrypted.trust) as guesser:
        assert (await guesser.register("guessed-by-somebody")).status == 401
    async with browser(port, "1003", encrypted.trust) as agent:
        assert (await agent.register(mine.password("1003"))).status == 200
        await until(lambda: is_reached(mine, "1003"))
    # Her phone is the line it came by: with the page it is gone.
    await until(lambda: is_gone(mine, "1003"))
    plain = await asyncio.to_thread(in_the_clear, port)
    assert b"HTTP" not in plain
    # Nothing else is there, nor anything that tells who answers.
    for path in ("", "ari/asterisk/info", "httpstatus", "static/", "rawman?action=login"):
        assert await asyncio.to_thread(asked_for, port, path, encrypted.trust) == (404, None)


async def test_an_agent_in_a_browser_talks_with_a_caller(
    encrypted: Encrypted, sounds: tuple[Path, Path], tmp_path: Path
) -> None:
    mine = encrypted.hotline
    async with (
        browser(encrypted.wss_port, "1003", encrypted.trust) as agent,
        dialling(mine, tmp_path)(play=sounds[0]) as caller,
    ):
        assert (await agent.register(mine.password("1003"))).status == 200
        await caller.press("20")
        asked = await agent.asked("INVITE")
        # Keys of the sound by DTLS, and no other way offered.
        assert "UDP/TLS/RTP/SAVPF" in asked.body and "a=crypto" not in asked.body
        async with Talk(agent, asked, sounds[1]) as talk:
            heard = await talk.hear(4.5, tmp_path / "agent.wav")
            await caller.call.hang_up()
            await agent.asked("BYE")
        await caller.story()
    last = ears.duration(caller.wav)
    assert ears.tone_level(caller.wav, 440, last - 1.7, last - 0.7) > -20
    assert ears.tone_level(heard, 1000, 3, 4) > -20


async def test_who_guesses_from_a_browser_is_shut_out(encrypted: Encrypted) -> None:
    port, guesses = encrypted.wss_port, 0
    with pytest.raises((TimeoutError, aiohttp.ClientError)):
        async with browser(port, "1003", encrypted.trust, "127.0.0.66") as guesser:
            while True:
                async with asyncio.timeout(1.5):
                    assert (await guesser.register(f"guess-{guesses}")).status == 401
                guesses += 1
    # As fast as they are answered, until the log is read.
    assert 5 <= guesses < 500


def asked_for(port: int, path: str, trust: ssl.SSLContext) -> tuple[int, str | None]:
    """Ask for a page over HTTPS; return the status, and who says that she answers."""
    with contextlib.closing(HTTPSConnection("127.0.0.1", port, timeout=5, context=trust)) as http:
        http.request("GET", f"/{path}")
        answer = http.getresponse()
        return answer.status, answer.headers.get("Server")


def in_the_clear(port: int) -> bytes:
    """Ask for a WebSocket without encryption; return what is answered."""
    asked = (
        "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: sip\r\n\r\n"
    )
    with (
        socket.create_connection(("127.0.0.1", port), 5) as line,
        contextlib.suppress(OSError),  # it is hung up on at once
    ):
        line.sendall(asked.encode())
        line.shutdown(socket.SHUT_WR)
        return line.recv(65_536)
    return b""


async def is_reached(hotline: Hotline, agent: str) -> bool:
    return not await is_gone(hotline, agent)


async def is_gone(hotline: Hotline, agent: str) -> bool:
    rows = await hotline.get("/api/agents")
    return any(row["number"] == agent and row["state"] == "logged out" for row in rows)
