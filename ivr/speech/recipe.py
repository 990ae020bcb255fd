"""From a voice's recording to clips: the band of a telephone, one loudness, every speed.

sox filters, resamples and stretches; pydub trims and levels. pydub must not do the former: its
resampler folds a 6 kHz tone back to 2 kHz at full level, its `speedup` cuts out pieces.
"""

from __future__ import annotations

import math
import subprocess
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path

from ivr.errors import IvrError
from ivr.speech.compose import RATE

with warnings.catch_warnings():
    # Importing pydub 0.25.1 tells of a missing ffmpeg, which is only for formats we do not use,
    # of audioop's removal in 3.13, for which audioop-lts is a dependency, and of its own regexes.
    warnings.filterwarnings("ignore", "Couldn't find ffmpeg or avconv", RuntimeWarning)
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    warnings.filterwarnings("ignore", r"(\"\\.\" is an )?invalid escape sequence", SyntaxWarning)
    from pydub import AudioSegment
    from pydub.silence import detect_leading_silence

# Goes into the name of every clip: change it with anything below that changes the sound.
VERSION = 1

# dBFS. The level of the speech itself, pauses within it not counted; room is left above it for
# vowels, and a clip that would need more is left softer rather than clipped.
_LEVEL = -20.0
_PEAK = -1.0

# Milliseconds. What lies this far below full scale at either end is not speech; of that, so
# much is kept. Clips joined then lie 70 ms apart at 100%, about a syllable's breath.
_QUIET = -50.0
_HEAD = 20
_TAIL = 50
_FRAME = 20

# A frame softer than the loudest by more decibels than this is a gap, not speech.
_SPEECH_RANGE = 20.0

_RAW = ("-t", "raw", "-r", str(RATE), "-e", "signed-integer", "-b", "16", "-c", "1")
_SECONDS_TO_WORK = 60


class RecipeError(IvrError):
    """A recording could not be made into a clip."""


def take(wav: Path) -> bytes:
    """Return a recording as a clip at 100%: 16-bit samples at 8 kHz, trimmed and levelled.

    Raises RecipeError when there is no sound in it or sox fails.
    """
    # -3 dB first: the low-pass overshoots where a recording touches full scale.
    raw = _sox([str(wav), *_RAW, "-", "gain", "-3", "channels", "1", "rate", "-h", str(RATE)])
    return _trimmed(_levelled(_segment(raw))).raw_data  # type: ignore[no-any-return]


def stretch(samples: bytes, outputs: Mapping[int, Path]) -> None:
    """Write a take as A-law at each speed, in percent, into its file. Raises RecipeError.

    `tempo` keeps voice and pitch (`speed` would not). One sox makes all speeds: it is given the
    take once for each and cuts its input into as many files, which is four times as fast as one
    process a speed and gives the same bytes.
    """
    if not outputs:
        return
    folder = next(iter(outputs.values())).parent
    effects: list[str] = []
    for speed in outputs:
        chain = ["trim", "0", f"{len(samples) // 2}s", *_tempo(speed)]
        effects += [":", "newfile", ":", *chain] if effects else chain
    # sox numbers the files 001, 002 … before the ending when there are several.
    stem = next(iter(outputs.values())).stem
    made = folder / f"{stem}-part.al"
    _sox([*_RAW, "-", "-t", "al", str(made), *effects], samples * len(outputs))
    for number, path in enumerate(outputs.values(), start=1):
        part = made if len(outputs) == 1 else made.with_stem(f"{made.stem}{number:03}")
        part.replace(path)


def _tempo(speed: int) -> Iterable[str]:
    return () if speed == 100 else ("tempo", "-s", f"{speed / 100:.2f}")


def _segment(raw: bytes) -> AudioSegment:
    return AudioSegment(data=raw, sample_width=2, frame_rate=RATE, channels=1)


def _levelled(sound: AudioSegment) -> AudioSegment:
    frames = [sound[start : start + _FRAME].rms for start in range(0, len(sound), _FRAME)]
    loudest = max(frames, default=0)
    if loudest == 0:
        raise RecipeError("the recording is silent")
    speech = [rms for rms in frames if rms >= loudest * 10 ** (-_SPEECH_RANGE / 20)]
    power = sum(rms * rms for rms in speech) / len(speech)
    level = 10 * math.log10(power) - 20 * math.log10(sound.max_possible_amplitude)
    return sound.apply_gain(min(_LEVEL - level, _PEAK - sound.max_dBFS))


def _trimmed(sound: AudioSegment) -> AudioSegment:
    head = detect_leading_silence(sound, silence_threshold=_QUIET, chunk_size=5)
    tail = detect_leading_silence(sound.reverse(), silence_threshold=_QUIET, chunk_size=5)
    quiet = AudioSegment.silent(max(_HEAD, _TAIL), frame_rate=RATE)
    # Recordings with less silence than wanted are given some, so that all clips meet alike.
    return quiet[:_HEAD] + sound[head : len(sound) - tail] + quiet[:_TAIL]


def _sox(arguments: Iterable[str], audio: bytes = b"") -> bytes:
    # -D: no dither, which would turn silence into noise of the coarsest A-law step.
    command = ["sox", "-V1", "-D", *arguments]
    try:
        done = subprocess.run(
            command, input=audio, capture_output=True, timeout=_SECONDS_TO_WORK, check=True
        )
    except FileNotFoundError:
        raise RecipeError("sox is not installed: apt install sox") from None
    except subprocess.TimeoutExpired:
        raise RecipeError(f"sox was still busy after {_SECONDS_TO_WORK} s") from None
    except subprocess.CalledProcessError as problem:
        said = " ".join(problem.stderr.decode(errors="replace").split())[:300]
        raise RecipeError(f"sox failed: {said}") from None
    return done.stdout
