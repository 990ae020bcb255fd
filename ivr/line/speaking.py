"""What a caller is told and asked on her channel: a key stops what she hears, or ends silence."""

from __future__ import annotations

from functools import partial

from ivr.flow.effects import Heard, Listen, Play, PlayBack
from ivr.line.leg import Leg
from ivr.line.playing import Player, Unplayable
from ivr.line.variables import OFFSET_BYTES
from ivr.line.waiting import Waiting
from ivr.speech.compose import Timing
from ivr.speech.speaker import Speaker


class Speaking:
    """Speaks to one caller, over the music while she stays in a queue; every call raises LineLost.

    What she hears is made by the `speaker`; her `waiting` tells whether she stays.
    """

    def __init__(self, leg: Leg, speaker: Speaker, waiting: Waiting) -> None:
        self._leg = leg
        self._speaker = speaker
        self._waiting = waiting
        self._player = Player(leg)
        # Whether she has already let the time pass that she has for the next key.
        self._was_silent = False

    async def play(self, play: Play) -> Heard:
        """Say an utterance; a key stops it, and one already there keeps it from starting."""
        self._was_silent = False
        timing, name = self._sound(play)
        if stay := self._waiting.stay:
            return await stay.play(play, timing, name)
        form = self._leg.form
        offset, keys = await self._player.play_made(lambda: self._sound(play)[1], name)
        return _heard(play, timing, offset, keys, form)

    async def listen(self, listen: Listen) -> str:
        """Play silence until a key comes; of several keys let the switch take them all."""
        if stay := self._waiting.stay:
            return await stay.listen(listen.seconds)
        was_silent, self._was_silent = self._was_silent, False
        if was_silent:
            return ""
        if listen.wanted > 1:
            keys, ended = await self._player.take(listen.wanted, listen.seconds)
            self._was_silent = ended and bool(keys)
            return keys
        silence = partial(self._speaker.silence, listen.seconds, self._leg.form)
        return (await self._player.play_made(silence))[1]

    async def beep(self) -> str:
        """Tell her to speak; return the keys she pressed instead of letting it sound to its end."""
        return (await self._player.play_made(partial(self._speaker.beep, self._leg.form)))[1]

    async def play_back(self, message: str) -> str:
        """Play a message; a key stops it. One that is gone is not heard."""
        try:
            return (await self._player.play(message))[1]
        except Unplayable:
            return ""

    async def came_of(self, effect: Play | Listen | PlayBack) -> Heard | str | None:
        """Return the answer to what was being played as its controller died; None: do it again."""
        if not isinstance(effect, Play):
            played = await self._played("")
            return played and played[1]
        timing, name = self._sound(effect)
        played = await self._played(name)
        return played and _heard(effect, timing, *played, self._leg.form)

    async def _played(self, name: str) -> tuple[int | None, str] | None:
        try:
            return await self._player.played(name, by_us=False)
        except Unplayable:  # it went with the controller that had made it
            return None

    def _sound(self, play: Play) -> tuple[Timing, str]:
        return self._speaker.sound(play.utterance, play.speed, play.begin, self._leg.form)


def _heard(play: Play, timing: Timing, offset: int | None, keys: str, form: str) -> Heard:
    if offset is None:
        return Heard(keys, len(play.utterance))
    spot = timing.at(offset * OFFSET_BYTES[form])
    return Heard(keys, spot.item, spot.word)
