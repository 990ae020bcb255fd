"""The studio: from what a clip can be heard, and how it comes from there.

A language has an order of names: `recorded` is a take, any other name is a voice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ivr.flow.speech import Clip
from ivr.speech import recipe
from ivr.speech.loudness import Samples
from ivr.speech.takes import Takes
from ivr.speech.voices import RECORDED, Voice, VoiceError

_Code = TypeVar("_Code", bound=str)  # a language, which settings know by a literal


@dataclass(frozen=True)
class Candidate:
    """One way to hear a clip.

    `name` is the word of the settings, `identity` changes whenever the sound may, and `label` is
    who is heard.
    """

    name: str
    identity: str
    label: str


class Studio:
    """Takes and voices, in each language's `order`. Safe to use from threads."""

    def __init__(
        self, takes: Takes, order: Mapping[_Code, Sequence[str]], voices: Mapping[str, Voice]
    ) -> None:
        self.takes = takes
        self.order = {str(code): names for code, names in order.items()}
        self.voices = voices
        self._languages = {name: voice.languages() for name, voice in voices.items()}

    def candidates(self, clip: Clip) -> list[Candidate]:
        """Return the ways to hear a clip, the best first, whether they can be gone now or not."""
        found = []
        for name in self.order.get(clip.language, ()):
            if name == RECORDED:
                if take := self.takes.find(clip):
                    found.append(Candidate(name, take.sha256, take.voice))
            elif clip.language in self._languages.get(name, ()):
                voice = self.voices[name]
                found.append(Candidate(name, voice.name, voice.name))
        return found

    def why_not(self, clip: Clip, candidate: Candidate) -> str | None:
        """Return why a candidate cannot be used now, or None."""
        if candidate.name != RECORDED:
            return self.voices[candidate.name].absent()
        take = self.takes.find(clip)
        if take is None or not self.takes.master(take).is_file():
            return f"{take.file if take else 'its take'} is not there"
        return None

    def master(self, clip: Clip, candidate: Candidate, wav: Path) -> Samples:
        """Return the master of a clip; a voice speaks into `wav`.

        Raises RecipeError and VoiceError.
        """
        if candidate.name != RECORDED:
            return recipe.mastered(*self.speak(clip, candidate.name, wav))
        if (take := self.takes.find(clip)) is None:
            raise VoiceError("its take was removed")
        return self.takes.samples(take)

    def speak(self, clip: Clip, name: str, wav: Path) -> tuple[Samples, int]:
        """Let a voice speak into `wav`; return its recording as it is, and the rate.

        Raises RecipeError and VoiceError.
        """
        try:
            self.voices[name].speak(clip, wav)
            return recipe.recording(wav)
        except recipe.RecipeError as problem:
            # Nobody wants to know the name of a file that is gone at once.
            raise recipe.RecipeError(problem.why) from None
        finally:
            wav.unlink(missing_ok=True)

    def close(self) -> None:
        """End what the voices run: whoever waits for one of them waits no longer."""
        for voice in self.voices.values():
            voice.close()

    def voice(self, name: str) -> Voice:
        """Return a voice by the word of the settings."""
        return self.voices[name]
