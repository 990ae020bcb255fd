"""A small Asterisk that calls our FastAGI server: it connects, says who calls, and answers.

    async with FakeAsterisk(port, caller="13800138000", answer=answer) as switch:
        await switch.asked("STREAM FILE")   # until such a command has come
        await switch.hang_up()
        await switch.finished()             # until the server has closed

`answer` is a function of the command line, or a table from the beginning of a command to the
reply (the longest beginning wins, what is not in it gets `200 result=0`). A reply may have
several lines; None leaves the command unanswered.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from types import TracebackType

Answer = Callable[[str], str | None] | Mapping[str, str | None]

OK = "200 result=0"
DEAD = "511 Command Not Permitted on a dead channel or intercept routine"


def preamble(variables: Mapping[str, str] | None = None) -> bytes:
    """What launch_netscript and setup_env of res_agi.c send; `variables` (without `agi_`) win."""
    known = {
        "network": "yes",
        "network_script": "hotline",
        "request": "agi://127.0.0.1/hotline",
        "channel": "PJSIP/trunk-00000001",
        "language": "en",
        "type": "PJSIP",
        "uniqueid": "1795000000.1",
        "version": "22.10.1",
        "callerid": "13800138000",
        "calleridname": "unknown",
        "callingpres": "0",
        "callingani2": "0",
        "callington": "0",
        "callingtns": "0",
        "dnid": "10086",
        "rdnis": "unknown",
        "context": "callers",
        "extension": "10086",
        "priority": "3",
        "enhanced": "0.0",
        "accountcode": "",
        "threadid": "139872",
    }
    lines = [f"agi_{name}: {value}\n" for name, value in (known | dict(variables or {})).items()]
    return "".join(lines).encode() + b"\n"


def words(line: str) -> list[str]:
    """The words of a command, as parse_args of res_agi.c takes them apart."""
    found: list[str] = []
    quoted = escaped = False
    between = True
    for char in line:
        if char == '"' and not escaped:
            quoted = not quoted
            if quoted and between:
                found.append("")
                between = False
        elif char in " \t" and not quoted and not escaped:
            between = True
        elif char == "\\" and not escaped:
            escaped = True
        else:
            if between:
                if len(found) >= 127:  # "Too many arguments, truncating"
                    continue
                found.append("")
                between = False
            found[-1] += char
            escaped = False
    return found


class FakeAsterisk:
    """One call, from the switch's side. `commands` holds the lines that came, in order.

    With `hang_up_at=2` the caller hangs up during the second command (which gets
    `200 result=-1`); `opening` replaces the preamble by raw bytes; `piecewise` sends every
    byte on its own.
    """

    def __init__(
        self,
        port: int,
        *,
        caller: str = "13800138000",
        script: str = "hotline",
        variables: Mapping[str, str] | None = None,
        answer: Answer | None = None,
        hang_up_at: int | None = None,
        opening: bytes | None = None,
        piecewise: bool = False,
    ) -> None:
        self.commands: list[str] = []
        said = {"callerid": caller, "network_script": script} | dict(variables or {})
        self._opening = preamble(said) if opening is None else opening
        self._port = port
        self._answer = answer if callable(answer) else _table(answer or {})
        self._hang_up_at = hang_up_at
        self._piecewise = piecewise
        self._hung_up = False
        self._came = asyncio.Condition()
        self._talking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> FakeAsterisk:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        await self.send(self._opening)
        self._talking = asyncio.create_task(self._talk())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.cut()

    async def send(self, data: bytes) -> None:
        """Send raw bytes; a server that has closed already is no fault."""
        pieces = [data[i : i + 1] for i in range(len(data))] if self._piecewise else [data]
        with contextlib.suppress(OSError):
            for piece in pieces:
                self._writer.write(piece)
                await self._writer.drain()

    async def hang_up(self) -> None:
        """The caller hangs up: HANGUP is sent, and further commands find a dead channel."""
        self._hung_up = True
        await self.send(b"HANGUP\n")

    async def cut(self) -> None:
        """The switch goes away: the connection is closed at once."""
        if self._talking:
            self._talking.cancel()
            await asyncio.wait([self._talking])
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def asked(self, beginning: str = "", times: int = 1) -> str:
        """Wait until a command with this beginning has come `times` times; return the last."""

        def found() -> list[str]:
            return [line for line in self.commands if line.startswith(beginning)]

        async with self._came:
            await self._came.wait_for(lambda: len(found()) >= times)
        return found()[times - 1]

    async def finished(self) -> None:
        """Wait until the server has closed the connection."""
        assert self._talking is not None
        await asyncio.wait([self._talking])

    async def _talk(self) -> None:
        with contextlib.suppress(OSError):
            while line := (await self._reader.readline()).decode().removesuffix("\n"):
                async with self._came:
                    self.commands.append(line)
                    self._came.notify_all()
                await self._reply(line)

    async def _reply(self, line: str) -> None:
        if self._hung_up:
            await self.send(f"{DEAD}\n".encode())
        elif len(self.commands) == self._hang_up_at:
            await self.send(b"200 result=-1\n")
            await self.hang_up()
        elif (reply := self._answer(line)) is not None:
            await self.send(f"{reply}\n".encode())


def _table(replies: Mapping[str, str | None]) -> Callable[[str], str | None]:
    def look_up(line: str) -> str | None:
        beginnings = [beginning for beginning in replies if line.startswith(beginning)]
        return replies[max(beginnings, key=len)] if beginnings else OK

    return look_up
