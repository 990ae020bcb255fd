"""A phone as it is in a browser: SIP over a secure WebSocket, WebRTC for sound (RFC 7118)."""

from __future__ import annotations

import asyncio
import socket
import ssl
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import numpy as np
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaPlayer
from av import AudioFrame

from tests import ears
from tests.calls.hotline import until
from tests.ears import Samples
from tests.switch.rawsip import Message, proof, read

# What a browser writes of itself where it has no address to tell.
HERE = "anonymous.invalid"
# What aiortc decodes G.711 to.
RATE = 8000


@asynccontextmanager
async def browser(
    port: int, user: str, trust: ssl.SSLContext, address: str = "127.0.0.1"
) -> AsyncIterator[Browser]:
    """A phone in a browser that has reached the switch; it goes away without a word."""
    url = f"wss://127.0.0.1:{port}/ws"
    here = aiohttp.TCPConnector(local_addr=(address, 0))
    async with (
        aiohttp.ClientSession(connector=here) as http,
        http.ws_connect(url, protocols=["sip"], ssl=trust) as line,
    ):
        assert line.protocol == "sip"
        phone, plain = Browser(line, user), line.get_extra_info("socket")
        listening = asyncio.create_task(phone.listen())
        try:
            yield phone
        finally:
            plain.shutdown(socket.SHUT_RDWR)
            await asyncio.wait([listening])

    async def is_closed() -> bool:
        return bool(plain.fileno() < 0)

    # The session waits for no WebSocket that has ended.
    await until(is_closed)


class Browser:
    """One agent's phone on a WebSocket; it answers OPTIONS and BYE by itself."""

    def __init__(self, line: aiohttp.ClientWebSocketResponse, user: str) -> None:
        self.user = user
        self._line = line
        self._come: asyncio.Queue[Message] = asyncio.Queue()
        self._call, self._tag, self._cseq = uuid.uuid4().hex, uuid.uuid4().hex[:8], 0

    async def listen(self) -> None:
        """Take in what comes, for as long as anything does."""
        async for frame in self._line:
            if not frame.data.strip():
                continue  # only that the connection lives
            message = read(frame.data)
            if message.status == 0 and message.method in ("OPTIONS", "BYE"):
                await self.reply(message, "200 OK")
            await self._come.put(message)

    async def register(self, secret: str) -> Message:
        """Log in; return the last answer."""
        answer = await self._ask("REGISTER")
        assert answer.status == 401
        challenge = answer.headers["www-authenticate"]
        said = proof(challenge, "REGISTER", f"sip:{HERE}", self.user, secret)
        return await self._ask("REGISTER", f"Authorization: {said}")

    async def asked(self, method: str) -> Message:
        """Return the next request of this kind; unanswered, but for OPTIONS and BYE."""
        return await self._next(lambda it: it.status == 0 and it.method == method)

    async def reply(self, request: Message, status: str, body: str = "") -> None:
        """Answer a request of the switch; `body` is a session description."""
        same = [f"{name}: {request.headers[name]}" for name in ("via", "from", "call-id", "cseq")]
        to = request.headers["to"]
        same.append(f"to: {to if ';tag=' in to else f'{to};tag={self._tag}'}")
        if body:
            same += [self._contact(), "Content-Type: application/sdp"]
        await self._send([f"SIP/2.0 {status}", *same], body)

    async def _ask(self, method: str, *extra: str) -> Message:
        self._cseq += 1
        head = [
            f"{method} sip:{HERE} SIP/2.0",
            f"Via: SIP/2.0/WSS {HERE};branch=z9hG4bK{uuid.uuid4().hex}",
            f"From: <sip:{self.user}@{HERE}>;tag={self._tag}",
            f"To: <sip:{self.user}@{HERE}>",
            f"Call-ID: {self._call}",
            f"CSeq: {self._cseq} {method}",
            self._contact(),
            "Max-Forwards: 70",
            "Expires: 60",
            *extra,
        ]
        await self._send(head)
        return await self._next(lambda it: it.status >= 200 and it.method == method)

    async def _next(self, wanted: Callable[[Message], bool]) -> Message:
        async with asyncio.timeout(25):
            while not wanted(message := await self._come.get()):
                pass
        return message

    def _contact(self) -> str:
        return f"Contact: <sip:{self.user}@{HERE};transport=ws>"

    async def _send(self, head: list[str], body: str = "") -> None:
        lines = [*head, f"Content-Length: {len(body.encode())}", "", body]
        await self._line.send_str("\r\n".join(lines))


class Talk:
    """A call that the browser answers, from the answer until it goes away."""

    def __init__(self, phone: Browser, asked: Message, play: Path) -> None:
        self._phone = phone
        self._asked = asked
        sound = MediaPlayer(str(play)).audio
        assert sound is not None
        self._sound = sound
        self._link = RTCPeerConnection()
        self._heard: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
        self._link.on("track", self._heard.set_result)

    async def __aenter__(self) -> Talk:
        link = self._link
        link.addTrack(self._sound)
        await link.setRemoteDescription(RTCSessionDescription(self._asked.body, "offer"))
        await link.setLocalDescription(await link.createAnswer())
        await self._phone.reply(self._asked, "200 OK", link.localDescription.sdp)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._link.close()

    async def hear(self, seconds: float, wav: Path) -> Path:
        """Write so many seconds of what is heard from now on; fails where less comes."""
        track, pieces = await self._heard, list[Samples]()
        async with asyncio.timeout(seconds + 5):
            while sum(piece.size for piece in pieces) < seconds * RATE:
                frame = await track.recv()
                assert isinstance(frame, AudioFrame) and frame.sample_rate == RATE
                first = frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0]
                pieces.append(first.astype(np.float64) / 32768)
        return ears.write(wav, np.concatenate(pieces))
