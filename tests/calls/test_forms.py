"""Whatever a phone speaks, its caller hears the sounds as they were built: nobody transcodes."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ivr.agi.connection import Connection
from ivr.agi.server import Server
from ivr.flow.effects import Heard, Listen, Play
from ivr.flow.speech import Clip, Pause, Utterance
from ivr.line.channel import ChannelLine
from ivr.phone import Call, Phone
from ivr.speech import wideband
from ivr.speech.shelf import Shelf
from ivr.speech.speaker import Speaker
from ivr.switch.process import Switch, start
from ivr.wire.agi import LineLost
from tests import ears
from tests.speech.forms import encoded
from tests.switch.plans import to_run

CODECS = {"PCMA": "alaw", "PCMU": "ulaw", "G722": "g722"}
SENTENCE: Utterance = tuple(
    item for word in ("one", "two", "three", "four") for item in (Clip(word, "en"), Pause(0.1))
)
SECONDS = 0.9
AGI_SECRET = "the-secret-of-the-switch"
# A clip and its copy in the phone's ear, and the seconds by which it may lie apart from its place.
# Behind the phone's jitter buffer on a busy machine a frame of 20 ms is lost or doubled now and
# then (see `hears`): 0.8 and 0.08 s were seen with four calls at once.
ALIKE, SLIP = 0.7, 0.15


def whistle(clip: Clip, rate: int) -> NDArray[np.float64]:
    """Return a sound that is the clip's own: a tone that rises from a height of its own."""
    number = [item.text for item in SENTENCE if isinstance(item, Clip)].index(clip.text)
    time = np.arange(round(SECONDS * rate)) / rate
    spoken = (time > 0.02) & (time < SECONDS - 0.05)
    tone = np.sin(2 * np.pi * (300 + 500 * number + 200 * time) * time)
    return (0.2 * spoken * tone).astype(np.float64)


class Whistles:
    """Clips at one speed, in every form."""

    def load(self, clip: Clip, speed: int, form: str) -> bytes:
        rate = 16_000 if form == "g722" else 8000
        samples = np.rint(whistle(clip, rate) * 32767).astype(np.int16)
        return wideband.encode(samples) if form == "g722" else encoded(samples, form)


@dataclass
class Line:
    """A switch whose callers hear the sentence, going on where a key stopped it."""

    switch: Switch
    sip: str
    heard: list[Heard] = field(default_factory=list)

    async def formats(self) -> dict[str, str]:
        """Return what the switch tells of the formats of its only channel."""
        channels = await self.switch.console("core show channels concise")
        name = channels.split("!")[0]
        told = await self.switch.console(f"core show channel {name}")
        return dict(re.findall(r"(\w*(?:Format|Transcode)s?): (.*?)\s*$", told, re.M))


Lines = Callable[..., AbstractAsyncContextManager[Line]]


@pytest.fixture
def lines(tmp_path: Path) -> Lines:
    """A switch whose phones may speak these codecs."""

    @asynccontextmanager
    async def running(*codecs: str) -> AsyncIterator[Line]:
        shelf = Shelf(tmp_path)
        speaker = Speaker(Whistles(), shelf)
        for form in codecs:
            speaker.sound(SENTENCE, 100, form=form)

        async def serve(connection: Connection) -> None:
            line = ChannelLine(connection, speaker, tmp_path, "c1")
            with contextlib.suppress(LineLost):
                await line.open()
                begin = 0
                while begin < len(SENTENCE):
                    there.heard.append(await line.play(Play(SENTENCE, 100, begin)))
                    begin = there.heard[-1].reached
                await line.listen(Listen(30))

        server = Server(serve, secret=AGI_SECRET)
        agi = await server.start("127.0.0.1", 0)
        plan = to_run(tmp_path, streams=20, agi_port=agi, codecs=codecs, agi_secret=AGI_SECRET)
        switch = await start(plan)
        there = Line(switch, f"127.0.0.1:{plan.sip_port}")
        try:
            yield there
        finally:
            await switch.stop()
            await server.close()
            shelf.close()

    return running


@asynccontextmanager
async def calling(line: Line, wav: Path, *codecs: str) -> AsyncIterator[Call]:
    """A phone that speaks these codecs and no others, in a call."""
    async with Phone("13800138000", codecs=codecs) as phone:
        call = await phone.call("10086", line.sip, record=wav)
        await call.answered(within=10)
        yield call
        await call.hang_up()


def hears(wav: Path, number: int, after: float) -> ears.Found:
    """Return where the ear had a word of the sentence, or its better half."""
    clip = SENTENCE[2 * number]
    assert isinstance(clip, Clip)
    sound = whistle(clip, 8000)
    half = sound.size // 2
    first, second = ears.find(sound[:half], wav, after), ears.find(sound[half:], wav, after)
    if first.score >= second.score:
        return first
    return ears.Found(second.at - half / 8000, second.score)


@pytest.mark.parametrize("codec", CODECS)
async def test_a_phone_of_any_codec_hears_the_sounds_untranscoded(
    lines: Lines, codec: str, tmp_path: Path
) -> None:
    wav = tmp_path / "heard.wav"
    async with lines(*CODECS.values()) as line:
        async with calling(line, wav, codec) as call:
            await asyncio.sleep(1.3)  # she hears the first word and a part of the second
            (key,) = await call.press("5")
            await asyncio.sleep(1.0)  # it goes on with the second
            formats = await line.formats()
            await asyncio.sleep(2.7)  # to the end
        answered = next(event.at for event in call.events if event.name == "answered")
    assert formats["NativeFormats"] == f"({CODECS[codec]})"
    assert formats["WriteFormat"] == CODECS[codec]
    assert (formats["WriteTranscode"], formats["ReadTranscode"]) == ("No", "No")
    assert [each.reached for each in line.heard] == [2, len(SENTENCE)]
    pressed = key.at - answered
    found = [hears(wav, 0, 0)] + [hears(wav, number, pressed + 0.05) for number in (1, 2, 3)]
    assert min(each.score for each in found) > ALIKE
    first, again, third, fourth = (each.at for each in found)
    assert first < 0.3
    # Her key lasts 100 ms; within 150 ms of its end she hears the word again from its beginning.
    assert again - (pressed + 0.1) < 0.15
    assert third - again == pytest.approx(SECONDS + 0.1, abs=SLIP)
    assert fourth - third == pytest.approx(SECONDS + 0.1, abs=SLIP)


@pytest.mark.parametrize(
    ("allowed", "offered", "spoken"),
    [
        (("alaw", "ulaw"), ("PCMU", "PCMA"), "alaw"),
        (("ulaw", "alaw"), ("PCMA", "PCMU"), "ulaw"),
        (("g722", "alaw", "ulaw"), ("PCMA", "G722"), "g722"),
        (("alaw", "ulaw"), ("G722", "PCMU"), "ulaw"),
    ],
)
async def test_of_what_a_phone_offers_the_first_of_the_setting_is_spoken(
    lines: Lines,
    allowed: tuple[str, ...],
    offered: tuple[str, ...],
    spoken: str,
    tmp_path: Path,
) -> None:
    wav = tmp_path / "heard.wav"
    async with lines(*allowed) as line, calling(line, wav, *offered):
        await asyncio.sleep(1.2)  # she hears the first word
        formats = await line.formats()
    assert (formats["NativeFormats"], formats["WriteTranscode"]) == (f"({spoken})", "No")
    assert hears(wav, 0, 0).score > ALIKE


async def test_a_phone_that_speaks_nothing_of_ours_is_told_so(lines: Lines) -> None:
    async with lines("alaw") as line, Phone("13800138000", codecs=("PCMU",)) as phone:
        call = await phone.call("10086", line.sip)
        assert (await call.ended(within=10)).status == 488
