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
import weakref
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ivr.flow.effects import (
    Dial,
    DialOutcome,
    Effect,
    EndWait,
    Enqueue,
    HangUp,
    Heard,
    Listen,
    Play,
    PlayBack,
    Queued,
    Record,
    Recorded,
    Staying,
)
from ivr.flow.story import number_of
from ivr.line import keeping
from ivr.line.dialling import Dialling
from ivr.line.keeping import LED, NOTHING, Place
from ivr.line.leg import Leg
from ivr.line.message import Messages
from ivr.line.speaking import Speaking
from ivr.line.stay import Switch
from ivr.line.variables import Wire
from ivr.line.waiting import Waiting
from ivr.line.waits import Wait, Waits
from ivr.speech.speaker import Speaker
from ivr.wire import agi

# EXEC substitutes ${…} only when this is set (handle_exec of res_agi.c).
FULL = "AGIEXECFULL"


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
        waits: Waits | None = None,
    ) -> None:
        """`name` is that of the call's record, fit for a file; recordings go into `recordings`.

        `agents` are the numbers of agents' phones. Without a `switch` nobody stays in our hands
        while she waits; in `waits` is kept what comes of it.
        """
        self._recordings = recordings
        self._name = name
        self._part = number_of(name)
        # Weakly: a line that holds itself would be rubbish that has to be found.
        self._leg = leg = Leg.of(wire, self._part, partial(_place, weakref.ref(self)))
        self._waiting = Waiting(leg, name, switch, waits)
        self._speaking = Speaking(leg, speaker, self._waiting)
        self._dialling = Dialling(leg, agents)
        self._messages = Messages(wire, recordings, name)

    @property
    def gone(self) -> asyncio.Event:
        """Set when the caller has gone."""
        return self._leg.wire.lost

    @property
    def is_over(self) -> bool:
        """Whether the wait she stays in is over."""
        return self._waiting.is_over

    def close(self) -> None:
        """Nothing more is asked; whoever waits goes on waiting. Safe more than once."""
        self._waiting.close()

    def keep(self, texts: Mapping[int, str]) -> None:
        """Keep texts of the call's journal, by their numbers, on the channel from now on."""
        self._leg.keeping.put(texts)

    def keep_waiting(self, texts: Sequence[str]) -> None:
        """Keep the call's journal where her channel takes nothing, while she stays in a queue."""
        self._waiting.keep(texts)

    def wait_on(self, caller: str, wait: Wait) -> None:
        """Be the line of a caller, by the unique id of her channel, whom app_queue has."""
        self._waiting.wait_on(caller, wait)

    def has_waited(self, wait: Wait, enqueue: Enqueue) -> None:
        """Go on where app_queue has let her go, in the wait she stayed in. Call `take_up` first."""
        self._waiting.has_waited(wait, enqueue)

    async def settle(self) -> None:
        """Have all that is kept on the channel, where no command is about to bring it there.

        While she stays in app_queue's hands no command reaches her channel.
        """
        if not self._waiting.stay and not self._leg.keeping.is_written:
            await self._leg.keeping.write()

    async def open(self, spoken: str = "") -> None:
        """Answer the call and keep its keys from now on.

        Where the dialplan has made all ready, its keys are kept already, and it told what the
        channel has `spoken` so far.
        """
        if spoken:
            self._leg.keys.take_up(self._leg.keys.store + 1, 0)
            self._leg.variables.hear(spoken)
            await self._leg.wire.command(agi.answer())
            return
        # Before the answer: a key may come with it, and this controller be dead by then.
        await self._leg.keys.keep()
        await self._leg.wire.command(agi.answer())
        along = agi.setting({FULL: "1"})
        await self._leg.variables.read(along=along + await self._leg.keeping.along(NOTHING))

    async def take_up(self, place: Place, unread: int) -> None:
        """Go on where another controller was, instead of `open`.

        So many of the keys that it read last are `unread` again. Raises LineLost.
        """
        self._leg.keys.take_up(place.store, max(0, place.seen - unread))
        self._messages.count = place.messages
        self._waiting.take_up(place.waits)
        self._leg.keeping.take_up(place.texts)
        await self._leg.variables.read(along=agi.setting({LED: "1"}))

    async def forget_keys(self) -> str:
        """Return the keys that were pressed until now and are to answer nothing."""
        return await self._leg.keys.take()

    async def came_of(self, effect: Effect[Any], doing: str) -> Any:
        """Return the answer to an effect that the switch was `doing` as its controller died.

        None: it was not done, and is to be done.
        """
        match effect, doing:
            case Play() | Listen() | PlayBack(), keeping.PLAYING:
                return await self._speaking.came_of(effect)
            case Record(), keeping.RECORDING if self._messages.was_begun():
                keys = await self.forget_keys()
                # What came behind the end of it is for what follows: nobody was there to read it.
                self._leg.keys.unread(keys.partition("#")[2])
                return self._messages.recorded(effect, keys)
            case Enqueue(), keeping.QUEUEING:
                return await self._waiting.came_of(effect)
            case Dial(), keeping.DIALLING:
                return await self._dialling.dialled()
        return None

    async def play(self, play: Play) -> Heard:
        """Say an utterance; a key stops it, and one already there keeps it from starting."""
        return await self._speaking.play(play)

    async def listen(self, listen: Listen) -> str:
        """Play silence until a key comes; of several keys let the switch take them all."""
        return await self._speaking.listen(listen)

    async def record(self, record: Record) -> Recorded:
        """Beep and record; keys pressed meanwhile belong to the recording."""
        if not await asyncio.to_thread(self._messages.has_room):
            return Recorded("", 0.0, silent=True)
        if "#" in await self._speaking.beep():
            return Recorded("", 0.0, silent=True)
        self._messages.count += 1
        await self._leg.keeping.write(keeping.RECORDING)
        recorded = await self._messages.record(record)
        await self.forget_keys()
        return recorded

    async def play_back(self, play_back: PlayBack) -> str:
        """Play a message; a key stops it. One that is gone is not heard."""
        message = self._recordings / Path(play_back.file).stem
        return await self._speaking.play_back(str(message))

    async def enqueue(self, enqueue: Enqueue) -> Queued | Staying:
        """Hand the channel to app_queue; its thread keeps the caller even if we die meanwhile."""
        return await self._waiting.enqueue(enqueue)

    async def end_wait(self, end: EndWait) -> Queued:
        """Leave the queue, or let the wait come to its end, the talk with an agent included."""
        return await self._waiting.end(end)

    async def dial(self, dial: Dial) -> DialOutcome:
        """Ring a number through the dialplan's own list of numbers that may be rung."""
        return await self._dialling.dial(dial)

    async def hang_up(self, hang_up: HangUp) -> None:
        """Tell the dialplan that all was done; it hangs up when we close, or she talks on.

        Nobody needs her keys any more, among which secrets of hers may be.
        """
        done = {"IVR_DONE": "1", self._leg.keys.variable: ""}
        await self._leg.variables.read(along=agi.setting(done))

    @property
    def place(self) -> Place:
        """Where it is, for what is kept of the call."""
        keys, waits = self._leg.keys, self._waiting.count
        return Place(self._part, 0, keys.store, keys.seen, self._messages.count, waits)


def _place(of: weakref.ref[ChannelLine]) -> Place:
    line = of()
    assert line is not None  # it holds what asks
    return line.place
