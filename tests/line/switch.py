"""A channel of the switch, as a line uses it: StoreDTMF, guarded playing, queues, recordings.

Give it to `FakeAsterisk` as its `answer`. The caller acts in moments, one for each sound that is
really played to her: `-` hears it to its end, `12` presses 1 halfway and 2 right after it has
stopped, `1@40` presses 1 when 40 ms of it are over, `hang up` goes. With none left she listens on.
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from ivr.agi.connection import Connection
from ivr.agi.server import Server
from ivr.flow.speech import Clip
from ivr.line.channel import ChannelLine
from ivr.speech.shelf import Shelf
from ivr.speech.speaker import Speaker
from tests.fake_asterisk import FakeAsterisk, words

Serve = Callable[[Connection], Awaitable[None]]

SILENCE = "-"
HANG_UP = "hang up"
SAMPLES_PER_LETTER = 800

_GUARDED = re.compile(
    r"\$\[(?P<there>\d+) = (?P<seen>\d+)\]"
    r"\?ControlPlayback\((?P<sound>[^,]+),0,,,(?P<stops>[^)]*)\)"
    r":Set\((?P<name>\w+)=(?P<value>\w+)\)"
)
_READ = re.compile(
    r"\$\[(?P<there>\d+) = (?P<seen>\d+)\]"
    r"\?Read\(\w+,,(?P<wanted>\d+),,1,[\d.]+\):Set\(READSTATUS=UNREAD\)"
)
# What is kept of the call goes along with a command (ivr/line/keeping.py).
_ALONG = re.compile(r"\$\{SET\(([\w()]+)=([^)]*)\):9999\}")


def bare(line: str) -> list[str]:
    """The words of a command without what is kept of the call by the way."""
    return words(_ALONG.sub("", line))


class Murmurs:
    """Clips that need no voice: 100 ms for each letter, at any speed."""

    def load(self, clip: Clip, speed: int, form: str) -> bytes:
        return b"\x55" * (SAMPLES_PER_LETTER * len(clip.text))


class Channel:
    """One channel. `before` are the keys that come just before so manieth commands.

    `speaks` is its codec, which may be changed at any time. Keys between two commands are pressed
    in peace, unless `hurried`: then they end so soon that the next application is given them, and
    all but the first of several are kept a second time as it is (ivr/line/due.py).
    """

    def __init__(
        self,
        *moments: str,
        before: Mapping[int, str] = MappingProxyType({}),
        queue: Mapping[str, str] = MappingProxyType({"QUEUESTATUS": "CONTINUE"}),
        dialled: str = "ANSWER",
        recorded: str = "200 result=35 (dtmf) endpos=24000",
        speaks: str = "alaw",
        hurried: bool = False,
    ) -> None:
        self.speaks = speaks
        self._hurried = hurried
        self.variables: dict[str, str] = {}
        self.played: list[Path] = []
        self.gone = False
        self._moments = deque(moments)
        self._before = before
        self._queue, self._dialled, self._recorded = queue, dialled, recorded
        self._store: str | None = None
        # Each with whether it will be kept again.
        self._due: deque[tuple[str, bool]] = deque()
        self._commands = 0

    def make_ready(self) -> None:
        """Do what the dialplan does before it lets a controller come (dialplans/hotline.conf)."""
        self.variables["AGIEXECFULL"] = "1"
        self._store = "IVR_KEYS_1"

    def press(self, keys: str) -> None:
        """Let keys come in between two commands; without StoreDTMF they are lost."""
        self._keep(keys)
        for key in keys if self._hurried else "":
            self._due.append((key, bool(self._due)))

    def _next_due(self) -> str:
        key, again = self._due.popleft()
        if again:
            self._keep(key)
        return key

    def _keep(self, keys: str) -> None:
        for key in keys:
            if self._store is not None:
                # dtmf_store_framehook of app_dtmfstore.c copies into 512 bytes.
                self.variables[self._store] = self.variables.get(self._store, "")[:510] + key

    def __call__(self, line: str) -> str:
        self._commands += 1
        self.press(self._before.get(self._commands, ""))
        match words(line):
            case ["GET", "FULL", "VARIABLE", asked]:
                return f"200 result=1 ({self._substituted(asked)})"
            case ["SET", "VARIABLE", name, value]:
                self.variables[name] = value
                return "200 result=1"
            case ["EXEC", application, argument]:
                # Without this Asterisk hands ${…} on as it is.
                full = self.variables.get("AGIEXECFULL") == "1"
                return self._execute(application, self._substituted(argument) if full else argument)
            case _ if self.gone:
                return "511 Command Not Permitted on a dead channel or intercept routine"
            case ["GOSUB", "keys-kept", "s", "1", name]:
                self._store = self._store or name
                return "100 result=0 Trying...\n200 result=0 Gosub complete"
            case ["ANSWER"]:
                return "200 result=0"
            case ["RECORD", "FILE", *_]:
                return self._recorded
        return "510 Invalid or unknown command"

    def _execute(self, application: str, argument: str) -> str:
        match application, argument.split(","):
            case "TryExec", ["StoreDTMF(remove)"]:
                self._store = None
            case "ExecIf", _:
                return self._play_if(argument)
            case "Queue", _:
                self.variables |= self._queue
            case "Dial", _:
                self.variables["DIALSTATUS"] = self._dialled
            case "Set", _:
                name, _, value = argument.partition("=")
                self.variables[name] = value
            case _:
                return "200 result=-2"
        return "200 result=0"

    def _set(self, found: re.Match[str]) -> str:
        self.variables[found[1]] = found[2]
        return ""

    def _read_if(self, read: re.Match[str]) -> str:
        """Take keys, one moment for each, until there are enough, `#`, or silence."""
        if read["there"] != read["seen"]:
            self.variables["READSTATUS"] = "UNREAD"
            return "200 result=0"
        self.variables |= {"READSTATUS": "OK", "IVR_TAKEN": ""}
        for _ in range(int(read["wanted"])):
            key = self._next_due() if self._due else self._new_key()
            if key == SILENCE:
                self.variables["READSTATUS"] = "TIMEOUT"
                break
            if key == "#":
                break
            self.variables["IVR_TAKEN"] += key
        return "200 result=0"

    def _new_key(self) -> str:
        key = self._moments.popleft() if self._moments else SILENCE
        if key != SILENCE:
            self._keep(key)
        return key

    def _play_if(self, argument: str) -> str:
        if read := _READ.fullmatch(argument):
            return self._read_if(read)
        guarded = _GUARDED.fullmatch(argument)
        if guarded is None:
            return "200 result=-1"
        if guarded["there"] != guarded["seen"]:
            self.variables[guarded["name"]] = guarded["value"]
            return "200 result=0"
        # Like Asterisk: the file in what the channel speaks, or else any, which it transcodes.
        there = sorted(Path(guarded["sound"]).parent.glob(f"{Path(guarded['sound']).name}.*"))
        sound = next((path for path in there if path.suffix == f".{self.speaks}"), there[0])
        self.played.append(sound)
        while self._due:
            if (key := self._next_due()) in guarded["stops"]:
                self._stopped("USERSTOPPED", 0, key)
                return "200 result=0"
        moment = self._moments.popleft() if self._moments else SILENCE
        if moment == HANG_UP:
            self.gone = True
            self._stopped("ERROR", 0)
            return "200 result=0\nHANGUP"
        keys, _, at = moment.partition("@")
        length = sound.stat().st_size // 8
        # control_streamfile takes all sounds for 8 kHz: in G.722 its milliseconds are half as long.
        offset = int(at or length // 2) * (2 if sound.suffix == ".g722" else 1)
        self._listen("" if keys == SILENCE else keys, guarded["stops"], offset)
        return "200 result=0"

    def _listen(self, keys: str, stops: str, at: int) -> None:
        self._stopped("SUCCESS", 0)
        while keys:
            key, keys = keys[0], keys[1:]
            self._keep(key)
            if key in stops:
                self._stopped("USERSTOPPED", at, key)
                self.press(keys)
                return

    def _stopped(self, status: str, at: int, key: str = "") -> None:
        stopped = {"CPLAYBACKSTATUS": status, "CPLAYBACKOFFSET": str(at)}
        self.variables |= stopped | {"CPLAYBACKSTOPKEY": key}

    def _part(self, name: re.Match[str]) -> str:
        value = self.variables.get(name[1], "")[int(name[2] or 0) :]
        return value[: int(name[3])] if name[3] else value

    def _substituted(self, text: str) -> str:
        text = _ALONG.sub(self._set, text)
        plain = re.sub(
            r"\$\{(\w+)(?::(\d+)(?::(\d+))?)?\}",
            self._part,
            text.replace("${CHANNEL(audionativeformat)}", f"({self.speaks})"),
        )
        return re.sub(r"\$\{LEN\(([^)]*)\)\}", lambda found: str(len(found[1])), plain)


@asynccontextmanager
async def speaking(folder: Path) -> AsyncIterator[Speaker]:
    """A speaker whose sounds lie in `folder`."""
    shelf = Shelf(folder)
    try:
        yield Speaker(Murmurs(), shelf)
    finally:
        shelf.close()


@asynccontextmanager
async def serving(serve: Serve, made: Callable[[Serve], Server] = Server) -> AsyncIterator[int]:
    """A server on a free port, which is given; afterwards no call may be left."""
    server = made(serve)
    try:
        yield await server.start("127.0.0.1", 0)
    finally:
        await server.close()
    assert server.calls == 0


async def on(
    channel: Callable[[str], str | None],
    folder: Path,
    work: Callable[[ChannelLine], Awaitable[None]],
    spoken: str = "",
    hurried: bool = False,
) -> FakeAsterisk:
    """Open a line on a channel and do some work with it to its end; return the switch's side.

    A second passes between any two moments, and no time at all where all is `hurried`.
    """

    async def serve(connection: Connection) -> None:
        connection.clock = (lambda: 0.0) if hurried else itertools.count().__next__
        line = ChannelLine(connection, speaker, folder, "c1")
        await line.open(spoken)
        await work(line)
        done.append(True)

    done: list[bool] = []
    async with (
        speaking(folder) as speaker,
        serving(serve) as port,
        FakeAsterisk(port, answer=channel) as switch,
    ):
        await switch.finished()
    assert done, switch.commands
    return switch
