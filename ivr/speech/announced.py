"""The sounds of one announcement, in a folder of its own.

Every clip of it is a take there, whether a voice spoke it or it came in a sound file, and is built
from that take. So nothing is heard otherwise when a voice is installed anew, what a new codec
lacks can be built, and removing the folder removes it all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import count
from pathlib import Path

from ivr.flow.speech import Clip
from ivr.speech.clips import Clips
from ivr.speech.recipe import recording
from ivr.speech.takes import Takes
from ivr.speech.voices import RECORDED, Voice

Progress = Callable[[int, int], None]


def make(
    folder: Path,
    spoken: Collection[Clip],
    recorded: Mapping[Clip, Path],
    order: Mapping[str, Sequence[str]],
    voices: Mapping[str, Voice],
    speeds: Collection[int],
    forms: Collection[str],
    progress: Progress,
    say: Callable[[str], None],
) -> None:
    """Let voices speak clips, take others from sound files, and build every sound of them.

    `order`, `progress` and `say` are those of `Clips`. Raises BuildError for what no voice can
    say, RecipeError for a file that is no speech, TakesError and StorageError for a full disk;
    what is in the folder then is of no use.
    """
    takes, numbers = Takes(folder), count(1)
    clips = Clips(folder, takes, order, voices)
    with takes.together():
        for clip, file in recorded.items():
            takes.keep(clip, str(next(numbers)), *recording(file), file.name, "not stated")
        for one in clips.spoken(spoken, progress, say):
            voice = one.voice
            takes.keep(
                one.clip, str(next(numbers)), one.samples, one.rate, voice.name, voice.licence
            )
    mend(folder, speeds, forms)


def mend(folder: Path, speeds: Collection[int], forms: Collection[str]) -> None:
    """Build what is missing at these speeds in these forms. Raises BuildError and StorageError."""
    takes = Takes.load(folder)
    clips = [take.clip for take in takes]
    _heard(folder, takes).build(clips, speeds, forms, lambda done, of: None, lambda line: None)


def heard(folder: Path) -> Clips:
    """Return the clips of an announcement; none where the folder is gone. Raises TakesError."""
    return _heard(folder, Takes.load(folder))


def _heard(folder: Path, takes: Takes) -> Clips:
    return Clips(folder, takes, {take.clip.language: (RECORDED,) for take in takes}, {})
