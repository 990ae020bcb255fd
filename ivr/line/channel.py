"""The line of a real call: effects performed on an Asterisk channel over AGI.

Three facts of the switch shape it (docs/decisions):

* AGI drops keys that come between two commands. `StoreDTMF` keeps every key of the call, in
  order, in one channel variable; that variable is the only place keys are read from.
* A sound must not begin when a key is already there. The check and the playing are therefore
  one command (`ExecIf`): Asterisk reads no frame between them, so there is no moment at which
  a key could slip through. Listening is playing silence, by the same command.
* One utterance is one sound, so the offset at which it stopped tells the clip.
* Sounds are played in what the channel speaks. Which that is may change at any time (chan_pjsip
  sends what the phone has begun to send, and a re-INVITE may agree on something else), so it is
  asked for with everything that is read.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from ivr.desk import lines
from ivr.desk.keys import CHANNEL
from ivr.desk.order import TENTHS_UNTIL_THEN
from ivr.flow.effects import (
    Dial,
    DialOutcome,
    EndWait,
    Enqueue,
    HangUp,
    Heard,
    Listen,
    Play,
    PlayBack,
    Queued,
    QueueOutcome,
    Record,
    Recorded,
    Staying,
)
from ivr.flow.story import number_of
from ivr.line.passed import MARKS, passed_on, passer
from ivr.line.stay import Stay, Switch
from ivr.line.taping import Taping
from ivr.speech.speaker import Speaker
from ivr.wire import agi
from ivr.wire.agi import Command, Expression, Reply

_log = logging.getLogger(__name__)

KEYS = "0123456789*#"

# Bytes for each of CPLAYBACKOFFSET's milliseconds, by the form that was played. control_streamfile
# (app.c) divides samples by 8 and "assumes 8 kHz", but g722_tell (format_pcm.c) counts them at
# 16 kHz. Measured: stopped 1664 ms after the play began, A-law and µ-law say 1660; G.722 says 3280
# after 1644 ms.
OFFSET_BYTES = {"alaw": 8, "ulaw": 8, "g722": 4}
# Of a channel whose codec we have no sounds in; the switch then transcodes.
ANY_FORM = "alaw"

RECORDED_PER_SECOND = 8000

# StoreDTMF reads its variable into 512 bytes and overwrites the last digit from then on
# (app_dtmfstore.c); long before that the keys already taken are cut off.
MOST_KEYS = 400

# Beyond what anybody is connected in one part of a call.
KEPT_IN_A_PART = 1000

QUEUE_OUTCOMES: dict[str, QueueOutcome] = {
    "CONTINUE": "answered",
    "TIMEOUT": "unanswered",
    "FULL": "full",
    "JOINEMPTY": "closed",
    "LEAVEEMPTY": "closed",
    "JOINUNAVAIL": "closed",
    "LEAVEUNAVAIL": "closed",
    "WITHDRAW": "left",
}
DIAL_OUTCOMES: dict[str, DialOutcome] = {
    "ANSWER": "answered",
    "BUSY": "busy",
    "NOANSWER": "unanswered",
}


class Wire(Protocol):
    """One AGI connection: a command at a time; `lost` is set when the caller has gone.

    `command` raises LineLost when the caller has gone; with `dead` it goes on after a hang-up,
    as long as the switch answers.
    """

    @property
    def lost(self) -> asyncio.Event: ...
    async def command(
        self, command: Command, *, secret: bool = False, dead: bool = False
    ) -> Reply: ...


class ChannelLine:
    """A caller on an Asterisk channel. Call `open` first.

    `enqueue` and `dial` raise `PassedOn` when an agent has passed her on.
    """

    def __init__(
        self,
        wire: Wire,
        speaker: Speaker,
        recordings: Path,
        name: str,
        agents: Collection[str] = (),
        switch: Switch | None = None,
    ) -> None:
        """`name` is that of the call's record, fit for a file; recordings go into `recordings`.

        `agents` are the numbers of agents' phones. Without a `switch` nobody stays in our hands
        while she waits.
        """
        self._wire = wire
        self._speaker = speaker
        self._recordings = recordings
        self._name = name
        self._agents = agents
        self._taping = Taping(wire, name)
        self._switch = switch
        self._stay: Stay | None = None
        self._form = ANY_FORM
        # The parts of a call are on one channel: none may read the keys of another.
        self._store = (number_of(name) - 1) * KEPT_IN_A_PART
        self._seen = 0
        self._messages = 0
        self._was_answered = self._is_sooner = False

    @property
    def gone(self) -> asyncio.Event:
        """Set when the caller has gone."""
        return self._wire.lost

    @property
    def is_over(self) -> bool:
        """Whether the wait she stays in is over."""
        return self._stay is not None and self._stay.is_over

    def close(self) -> None:
        """Nothing more is asked; whoever waits goes on waiting. Safe more than once."""
        if self._stay:
            self._stay.close()

    async def open(self) -> None:
        """Answer the call and keep its keys from now on."""
        await self._wire.command(agi.answer())
        # EXEC substitutes ${…} only when this is set (handle_exec of res_agi.c).
        await self._wire.command(agi.set_variable("AGIEXECFULL", "1"))
        await self._keep_keys()
        await self._read()

    async def play(self, play: Play) -> Heard:
        """Say an utterance; a key stops it, and one already there keeps it from starting."""
        form = self._form
        timing, name = self._speaker.sound(play.utterance, play.speed, play.begin, form)
        if self._stay:
            return await self._stay.play(play, timing, name)
        offset, keys = await self._play(name)
        if offset is None:
            return Heard(keys, len(play.utterance))
        spot = timing.at(offset * OFFSET_BYTES[form])
        return Heard(keys, spot.item, spot.word)

    async def listen(self, listen: Listen) -> str:
        """Play silence until a key comes."""
        if self._stay:
            return await self._stay.listen(listen.seconds)
        return (await self._play(self._speaker.silence(listen.seconds, self._form)))[1]

    async def record(self, record: Record) -> Recorded:
        """Beep and record; keys pressed meanwhile belong to the recording."""
        _, keys = await self._play(self._speaker.beep(self._form))
        if "#" in keys:
            return Recorded("", 0.0, silent=True)
        self._messages += 1
        path = self._recordings / f"{self._name}-{self._messages}"
        reply = await self._wire.command(
            agi.record_file(
                str(path),
                "wav",
                keys="#",
                longest=timedelta(seconds=record.longest),
                silence=timedelta(seconds=record.silence),
                beep=False,
            )
        )
        (typed,) = await self._read(self._variable, secret=True)
        await self._fresh(typed)
        seconds = (reply.endpos or 0) / RECORDED_PER_SECOND
        quiet = record.silence if reply.note == "timeout" else 0.5
        silent = seconds <= quiet + 0.5
        if record.instead and not silent:
            (self._recordings / record.instead).unlink(missing_ok=True)
        return Recorded(f"{path.name}.wav", seconds, silent)

    async def play_back(self, play_back: PlayBack) -> str:
        """Play a message; a key stops it."""
        message = self._recordings / Path(play_back.file).stem
        return (await self._play(str(message)))[1]

    async def enqueue(self, enqueue: Enqueue) -> Queued | Staying:
        """Hand the channel to app_queue; its thread keeps the caller even if we die meanwhile.

        While she stays in our hands her keys are kept on; nobody reads what she presses once an
        agent has answered.
        """
        path = ">".join(enqueue.path[-6:])
        shown = re.sub(r"[^\w> /-]", "", f"{enqueue.language} {path}")[-60:]
        stays = enqueue.stays and self._switch is not None
        if not stays:
            await self._drop_keys()
        await self._set("__IVR_LANGUAGE", enqueue.language)
        await self._set("__IVR_PATH", re.sub(r"[^\w>/-]", "", path)[-200:])
        await self._set("__IVR_SPEED", str(enqueue.speed))
        await self._set("CALLERID(name)", shown)
        await self._set("BLINDTRANSFER", "")
        await self._set("ATTENDEDTRANSFER", "")
        await self._set("MEMBERNAME", "")
        await self._set("QUEUESTATUS", "")
        await self._set("QUEUE_MAX_PENALTY", str(lines.AT_FIRST))
        if enqueue.sooner or self._is_sooner:
            self._is_sooner, tenths = bool(enqueue.sooner), round(enqueue.sooner * 10)
            await self._sum("QUEUE_PRIO", f"{TENTHS_UNTIL_THEN} - ${{IVR_SINCE}} + {tenths}")
        options = "ctb(agent-headers^s^1)"
        queue = f"{_line(enqueue)},{options},,,{max(1, round(enqueue.longest))}"
        await self._taping.begin(enqueue)
        command = agi.execute("Queue", Expression(queue))
        wanted = lines.line(enqueue.queue, enqueue.skills)
        if not stays or self._switch is None:
            return await self._wait_out(command, keeps_keys=False)
        exists = await self._read("UNIQUEID", "CHANNEL(name)", f"QUEUE_EXISTS({wanted})")
        caller, channel, line = *exists[:2], wanted if exists[2] == "1" else enqueue.queue
        wait = self._wait_out(command, keeps_keys=True)
        if not CHANNEL.fullmatch(channel):  # one half of a Local channel, say
            return await wait
        reading = self._switch.keys.follow(channel, self._variable, self._seen)
        self._stay = Stay(self._switch, reading, caller, line, wait)
        return Staying()

    async def end_wait(self, end: EndWait) -> Queued:
        """Leave the queue, or let the wait come to its end, the talk with an agent included."""
        assert self._stay is not None  # she stays
        try:
            return await self._stay.end(end.leaves)
        finally:
            if not self._was_answered:
                self._seen = self._stay.seen - self._stay.unread
            self._stay = None

    async def _wait_out(self, queue: Command, keeps_keys: bool) -> Queued:
        """Let app_queue have her; return what came of it."""
        self._was_answered = True
        began = time.monotonic()
        await self._wire.command(queue, dead=True)
        lasted = time.monotonic() - began
        names = ("ANSWEREDTIME_MS", "QUEUEWAIT_MS", "ATTENDEDTRANSFER", *MARKS)
        asked = await self._read("QUEUESTATUS", "MEMBERNAME", *names, dead=True)
        status, agent, talked, waited, transferer, *marks = asked
        # A blind transfer leaves no ANSWEREDTIME (ast_bridge_call calls no end_bridge_callback).
        if passing := passed_on(marks, agent, max(0.0, lasted - _seconds(waited))):
            raise passing
        outcome = "answered" if agent else QUEUE_OUTCOMES.get(status, "unanswered")
        self._was_answered = bool(agent)
        with contextlib.suppress(agi.LineLost):
            await self._taping.end()
            # Left as CONTINUE it would tell the dialplan, should we die later, that all is said.
            await self._set("QUEUESTATUS", "")
            if agent and keeps_keys:
                # What she pressed while she talked was the agent's, or her own.
                await self._drop_keys()
                await self._set(self._variable, "")
            if agent or not keeps_keys:
                await self._keep_keys()
        spoken = _seconds(talked) if agent else 0.0
        return Queued(outcome, agent, self.gone.is_set(), spoken, passer(transferer))

    async def dial(self, dial: Dial) -> DialOutcome:
        """Ring a number through the dialplan's own list of numbers that may be rung."""
        if not re.fullmatch(r"[0-9*#]{1,20}", dial.number):
            return "failed"
        await self._drop_keys()
        longest = max(1, round(dial.longest))
        target = f"Local/{dial.number}@agents/n,{longest},g"
        if dial.number in self._agents:
            # Her phone itself: she may pass the caller on.
            target = f"PJSIP/{dial.number},{longest},grtb(agent-headers^s^1)"
        await self._set("BLINDTRANSFER", "")
        await self._wire.command(agi.execute("Dial", Expression(target)), dead=True)
        status, *marks = await self._read("DIALSTATUS", *MARKS, dead=True)
        if passing := passed_on(marks):
            raise passing
        await self._keep_keys()
        return DIAL_OUTCOMES.get(status, "failed")

    async def hang_up(self, hang_up: HangUp) -> None:
        """Tell the dialplan that all was done; it hangs up when we close."""
        await self._wire.command(agi.set_variable("IVR_DONE", "1"))

    async def _play(self, name: str) -> tuple[int | None, str]:
        """Play a sound unless a key is there; return where it stopped, and the keys.

        That is an offset as Asterisk counts it (`OFFSET_BYTES`), None at its end. A key that
        came before it began leaves it at 0.
        """
        there = f"$[${{LEN(${{{self._variable}}})}} = {self._seen}]"
        play = f"ControlPlayback({name},0,,,{KEYS})"
        guarded = Expression(f"{there}?{play}:Set(CPLAYBACKSTATUS=UNPLAYED)")
        await self._wire.command(agi.execute("ExecIf", guarded))
        # Every key of the call is read here, a secret typed minutes ago too: never into the log.
        names = ("CPLAYBACKSTATUS", "CPLAYBACKOFFSET", self._variable)
        status, offset, typed = await self._read(*names, secret=True)
        keys = await self._fresh(typed)
        if status == "ERROR":
            _log.error("the switch could not play %s", name)
        if status == "UNPLAYED":
            return (0, keys) if keys else await self._play(name)
        if status == "USERSTOPPED" and keys:
            return int(offset or 0), keys
        return None, keys

    @property
    def _variable(self) -> str:
        return f"IVR_KEYS_{self._store}"

    async def _keep_keys(self) -> None:
        self._store += 1
        self._seen = 0
        await self._wire.command(agi.execute("StoreDTMF", "RX", self._variable))

    async def _drop_keys(self) -> None:
        await self._wire.command(agi.execute("StoreDTMF", "remove"))

    async def _fresh(self, typed: str) -> str:
        """Return the keys not returned before; A to D are no keys of ours."""
        new = typed[self._seen :]
        self._seen = len(typed)
        if self._seen > MOST_KEYS:
            # One command, in which no frame is read: no key can come between taking and keeping.
            rest = f"{self._variable}=${{{self._variable}:{self._seen}}}"
            await self._wire.command(agi.execute("Set", Expression(rest)))
            self._seen = 0
        return "".join(key for key in new if key in KEYS)

    async def _sum(self, name: str, sum: str) -> None:
        """Set a variable to what the switch works out."""
        command = agi.execute("Set", Expression(f"{name}=$[{sum}]"))
        await self._wire.command(command)

    async def _set(self, name: str, value: str) -> None:
        await self._wire.command(agi.set_variable(Expression(name), value))

    async def _read(self, *names: str, secret: bool = False, dead: bool = False) -> list[str]:
        """Read several variables, whose values hold no `|`, and what the channel speaks."""
        asked = "|".join(f"${{{name}}}" for name in (*names, "CHANNEL(audionativeformat)"))
        command = agi.get_full_variable(Expression(asked))
        reply = await self._wire.command(command, secret=secret, dead=dead)
        values = reply.note.split("|", len(names)) + [""] * len(names)
        # As ast_format_cap_get_names writes it: "(alaw)", or "(ulaw|alaw)".
        spoken = re.findall(r"\w+", values[len(names)])
        self._form = next((x for x in spoken if x in OFFSET_BYTES), ANY_FORM)
        return values[: len(names)]


def _seconds(milliseconds: str) -> float:
    """Return what a variable of the switch holds; 0 where it holds none."""
    return int(milliseconds) / 1000 if re.fullmatch(r"[0-9]{1,10}", milliseconds) else 0.0


def _line(enqueue: Enqueue) -> str:
    """Return the queue she waits in: the desk's own where the switch has no line for the skills."""
    wanted = lines.line(enqueue.queue, enqueue.skills)
    if wanted == enqueue.queue:
        return wanted
    return f"${{IF($[${{QUEUE_EXISTS({wanted})}}]?{wanted}:{enqueue.queue})}}"
