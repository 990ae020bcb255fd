"""Keys of those who wait: the switch keeps them (StoreDTMF), and all are read in one question.

While app_queue has a caller no command reaches her channel, but its variables can be read from
outside: a few callers' keys, and whether an agent has answered them, by one Getvar. VarSet events
would tell each key as it comes, and to everybody who listens, digits of secrets among them.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress

from ivr.desk.faults import AmiError

log = logging.getLogger(__name__)

# Seconds between two looks: a key cuts what is said about as soon as it does in a menu.
LOOK = 0.1
# A line of AMI holds 1,024 bytes (manager.c), as its answer does: so about nine callers.
MOST_BYTES = 950
# Of very many who wait each is looked at less often: so many questions a second at the most.
MOST_QUESTIONS = 100

# Getvar reads one function and works nothing out in its arguments; EVAL does, for accounts that own
# the machine (function_capable_string_allowed_with_auths, manager.c). CUT does for everybody: it
# reads `${`, its first argument and `}` (cut_internal, func_cut.c). No ^ is among the keys.
WORKED_OUT = "CUT(NOTHING}%s${NOTHING,^,1-)"

# As chan_pjsip names them; whatever else is no channel of a caller.
CHANNEL = re.compile(r"[A-Za-z]+/[\w.-]{1,60}-[0-9a-f]{8}")


class Reading:
    """What one caller pressed: `keys` that nobody took yet, `seen` how many were read in all.

    `is_answered` tells that an agent has answered her. `news` is set at each change.
    """

    def __init__(self, channel: str, variable: str, seen: int) -> None:
        self.channel, self.variable, self.seen = channel, variable, seen
        self.keys = ""
        self.is_answered = False
        self.news = asyncio.Event()
        self.looked = asyncio.Event()

    def take(self) -> str:
        """Take the keys that came since the last time."""
        keys, self.keys = self.keys, ""
        return keys

    def question(self) -> str:
        """Return what the switch is asked: the keys not seen yet, and the agent's name."""
        keys = f"${{IMPORT({self.channel},{self.variable}):{self.seen}}}"
        return f"{keys}/${{LEN(${{IMPORT({self.channel},MEMBERNAME)}})}}"

    def answer(self, told: str) -> None:
        """Take what the switch answers."""
        keys, _, answered = told.partition("/")
        self.looked.set()
        self.seen += len(keys)
        self.keys += keys
        if keys or answered not in ("", "0"):
            self.is_answered = self.is_answered or answered not in ("", "0")
            self.news.set()


class KeyReader:
    """Reads the keys of all who are followed, again and again while there are any.

    `ask` sends one action to the switch; it raises AmiError where there is no answer.
    """

    def __init__(self, ask: Callable[[Mapping[str, str]], Awaitable[Mapping[str, str]]]) -> None:
        self._ask = ask
        self._readings: dict[str, Reading] = {}
        self._wanted = asyncio.Event()
        self._questions = 0
        self._work: asyncio.Task[None] | None = None

    def follow(self, channel: str, variable: str, seen: int = 0) -> Reading:
        """Read the keys of a channel from `variable`, of which so many are known already.

        Raises ValueError for what is no channel's name.
        """
        if not CHANNEL.fullmatch(channel):
            raise ValueError(f"{channel!r} is no name of a channel")
        reading = self._readings[channel] = Reading(channel, variable, seen)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._read_on(), name="keys of those who wait")
        self.hurry()
        return reading

    def forget(self, reading: Reading) -> None:
        """Read her keys no more. Safe more than once."""
        if self._readings.get(reading.channel) is reading:
            del self._readings[reading.channel]

    def hurry(self) -> None:
        """Look at once."""
        self._wanted.set()

    async def look(self) -> None:
        """Read the keys of all who are followed, once."""
        self._questions = 0
        for asked, some in _questions(list(self._readings.values())):
            self._questions += 1
            answer = await self._ask({"Action": "Getvar", "Variable": WORKED_OUT % asked})
            told = answer.get("Value", "").split("|")
            if len(told) == len(some):
                for reading, each in zip(some, told, strict=True):
                    reading.answer(each)

    async def _read_on(self) -> None:
        is_told = False
        while self._readings:
            self._wanted.clear()
            try:
                await self.look()
                is_told = False
            except AmiError as fault:
                log.debug("keys of those who wait are not read: %s", fault)
            except Exception:  # one fault of ours must not take the keys from all who wait
                if not is_told:
                    log.exception("keys of those who wait are not read")
                is_told = True
            with suppress(TimeoutError):
                async with asyncio.timeout(max(LOOK, self._questions / MOST_QUESTIONS)):
                    await self._wanted.wait()


def _questions(readings: list[Reading]) -> Iterator[tuple[str, list[Reading]]]:
    """Yield what is asked at once, and of whom."""
    asked, some = "", list[Reading]()
    for reading in readings:
        question = reading.question()
        if some and len(asked) + len(question) >= MOST_BYTES:
            yield asked, some
            asked, some = "", []
        asked += f"|{question}" if some else question
        some.append(reading)
    if some:
        yield asked, some
