"""The bare script: the same dialogue as a good FastAGI script on panoramisk has it.

    python -m bench.load.bare PORT BACKEND SOUNDS.json

It keeps nothing of the call, speaks one language, and has one connection pool to the back end.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
from panoramisk.fast_agi import Application, Request


class Script:
    """Answers calls; `sounds` are names without ending by what they say."""

    def __init__(self, http: aiohttp.ClientSession, backend: str, sounds: dict[str, str]) -> None:
        self._http = http
        self._backend = backend
        self._sounds = sounds

    async def call(self, request: Request) -> None:
        """Lead one call."""
        await request.send_command("ANSWER")
        if not await self._key(request, "welcome", "123"):
            return
        asked = await request.send_command(f"GET DATA {self._sounds['enter']} 5000 11")
        number = _result(asked)
        async with self._http.get(f"{self._backend}/customers/{number}") as answer:
            if answer.status != 200:
                return
            account = await answer.json()
        if await self._key(request, f"balance {account['balance']}", "0"):
            await request.send_command(f'STREAM FILE {self._sounds["connecting"]} ""')
            await request.send_command('EXEC Queue "front_desk,t,,,60"')

    async def _key(self, request: Request, sound: str, keys: str) -> bool:
        pressed = await request.send_command(f"STREAM FILE {self._sounds[sound]} {keys}")
        if _result(pressed) == "0":
            pressed = await request.send_command("WAIT FOR DIGIT 5000")
        return _result(pressed) not in ("0", "-1")


def _result(reply: dict[str, Any]) -> str:
    """Return the result of a reply; -1 where the caller has hung up."""
    result: str = reply.get("result", ("-1",))[0]
    return result


async def main(port: int, backend: str, sounds: dict[str, str]) -> None:
    """Serve until told to end."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    async with aiohttp.ClientSession() as http:
        application = Application(loop=asyncio.get_running_loop())
        application.add_route("bare", Script(http, backend, sounds).call)
        server = await asyncio.start_server(application.handler, "127.0.0.1", port, backlog=1024)
        async with server:
            await told.wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], json.loads(Path(sys.argv[3]).read_text())))
