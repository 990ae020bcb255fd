"""Hearing one prompt as a caller does: composed of the built clips, at a speed, with values."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import soundfile
from G722 import G722
from rich import box
from rich.table import Table
from rich.text import Text

from ivr.config import Settings
from ivr.errors import IvrError, nearest
from ivr.flow.project import Project
from ivr.flow.prompts import Said
from ivr.flow.speech import Clip, Utterance, text_of
from ivr.lang import Value, parse
from ivr.project import sounds
from ivr.speech.compose import Sound
from ivr.speech.compose import compose as composed
from ivr.speech.quiet import RATE
from ivr.speech.sheet import SAMPLES
from ivr.speech.takes import Takes
from ivr.speech.wideband import RATE as WIDE_RATE

# What plays a WAV from its standard input: sox's, then ALSA's.
_PLAYERS = (("play", "-q", "-t", "wav", "-"), ("aplay", "-q", "-"))


@dataclass(frozen=True)
class Wanted:
    """What is to be heard: its words, and a speed in percent."""

    prompt: str
    language: str
    speed: int
    utterance: Utterance

    @property
    def clips(self) -> list[Clip]:
        """Its clips in the order they are said."""
        return [item for item in self.utterance if isinstance(item, Clip)]


@dataclass(frozen=True)
class Heard:
    """A prompt as it sounds, in the form the first codec of the settings has."""

    wanted: Wanted
    sound: Sound
    form: str
    voices: Mapping[Clip, str]
    """Who says each clip, and from where."""

    def told(self) -> Table:
        """Return the clips with when they begin, in seconds, and who says them."""
        wanted = self.wanted
        seconds = self.sound.timing.length / RATE
        title = f"{wanted.prompt} · {wanted.language} · {wanted.speed}% · {seconds:.1f} s"
        table = Table(
            title=Text(f"{title}\n{text_of(wanted.utterance)}"),
            title_justify="left",
            box=box.SIMPLE,
            show_header=False,
        )
        table.add_column(justify="right")
        table.add_column(overflow="fold")
        table.add_column(overflow="fold")
        for start, item in zip(self.sound.timing.starts, wanted.utterance, strict=True):
            if isinstance(item, Clip):
                table.add_row(f"{start / RATE:.2f}", Text(item.text), Text(self.voices[item]))
        return table

    def wav(self) -> bytes:
        """Return it as a WAV file: what a telephone makes of what is sent to it."""
        if self.form == "g722":
            rate, samples = WIDE_RATE, G722(WIDE_RATE, 64_000).decode(self.sound.audio)
        else:
            samples, rate = soundfile.read(
                io.BytesIO(self.sound.audio),
                samplerate=RATE,
                channels=1,
                format="RAW",
                subtype=self.form.upper(),
            )
        file = io.BytesIO()
        soundfile.write(file, samples, rate, format="WAV", subtype="PCM_16")
        return file.getvalue()


def wanted(
    project: Project, prompt: str, language: str | None, speed: int, given: Iterable[str]
) -> Wanted:
    """Return what is to be heard. Raises IvrError for what there is not, and for what lacks."""
    texts = project.catalogue.texts
    if prompt not in texts:
        known = nearest(prompt, texts) or "; 'ivr prompts list' has them all"
        raise IvrError(f"there is no prompt '{prompt}'{known}")
    spoken = [each for each in project.languages if each in texts[prompt]]
    code = language or next(iter(spoken), None)
    if code not in spoken:
        raise IvrError(f"'{prompt}' has no text in {code or 'a language that is spoken'}")
    if speed not in project.speeds:
        speeds = ", ".join(map(str, project.speeds))
        raise IvrError(f"nothing is said at {speed}%; the speeds of the flows are {speeds}")
    values = _values(prompt, texts[prompt][code], given)
    try:
        return Wanted(prompt, code, speed, project.catalogue.utterance(prompt, code, values))
    except ValueError as fault:
        raise IvrError(f"'{prompt}' cannot be said with these values: {fault}") from None


def _values(prompt: str, said: Said, given: Iterable[str]) -> dict[str, Value]:
    """Read the values; each must fit every kind it is said as."""
    texts = dict(each.partition("=")[::2] for each in given)
    kinds = {place.name: place.kind for place in said.placeholders}
    for name in texts.keys() - kinds.keys():
        raise IvrError(f"'{prompt}' does not say '{name}'{nearest(name, kinds)}")
    if lacking := {name: kind for name, kind in kinds.items() if name not in texts}:
        needs = " and ".join(f"{name} ({kind})" for name, kind in lacking.items())
        example = " ".join(f"--given {name}={SAMPLES[kind]}" for name, kind in lacking.items())
        raise IvrError(f"'{prompt}' needs {needs}, such as {example}")
    for place in said.placeholders:
        try:
            parse(place.kind, texts[place.name])
        except ValueError as fault:
            raise IvrError(f"--given {place.name}: {fault}") from None
    return dict(texts)


def compose(settings: Settings, wanted: Wanted, say: Callable[[str], None]) -> Heard:
    """Return how it sounds; what of it is not built is built now. Raises what building raises."""
    takes = Takes.load(settings.takes, settings.root)
    form = settings.codecs[0]
    with sounds.speakers(settings, takes) as clips:
        clips.build(wanted.clips, [wanted.speed], [form], lambda done, of: None, say)
        sound = composed(wanted.utterance, wanted.speed, clips.load, form=form)
        voices = {}
        for clip in wanted.clips:
            voice = clips.voice_of(clip, wanted.speed, form) or "nobody"
            take = takes.find(clip)
            voices[clip] = f"{voice}, a take" if take and take.voice == voice else voice
    return Heard(wanted, sound, form, voices)


def play(wav: bytes) -> None:
    """Play a sound on this machine. Raises IvrError where that cannot be."""
    troubles: list[str] = []
    for program, *options in _PLAYERS:
        if found := shutil.which(program):
            done = subprocess.run([found, *options], input=wav, capture_output=True)
            if done.returncode == 0:
                return
            said = done.stderr.decode(errors="replace").strip().splitlines()
            troubles.append(f"{program}: {said[-1] if said else 'failed'}")
    why = "; ".join(troubles) or "neither sox's play nor aplay is installed"
    raise IvrError(f"no sound can be played here ({why}); --to heard.wav writes it to a file")
