"""From a recording to forms: a master, then the band of the line, one loudness, every speed.

soxr resamples, sox stretches, pydub finds where speech begins and ends. pydub must not do the
former: its resampler folds a 6 kHz tone back to 2 kHz at full level, its `speedup` cuts out
pieces.
"""

from __future__ import annotations

import math
import subprocess
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from ivr.errors import IvrError
from ivr.speech import wideband
from ivr.speech.compose import HEAD, TAIL
from ivr.speech.loudness import TARGET, Samples, levelled, loudness, peak

with warnings.catch_warnings():
    # Importing pydub 0.25.1 tells of a missing ffmpeg, which is only for formats we do not use,
    # of audioop's removal in 3.13, for which audioop-lts is a dependency, and of its own regexes.
    warnings.filterwarnings("ignore", "Couldn't find ffmpeg or avconv", RuntimeWarning)
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    warnings.filterwarnings("ignore", r"(\"\\.\" is an )?invalid escape sequence", SyntaxWarning)
    import audioop

    from pydub import AudioSegment
    from pydub.silence import detect_leading_silence

__all__ = [
    "FORMS",
    "LONGEST",
    "MASTER_RATE",
    "VERSION",
    "RecipeError",
    "Samples",
    "forms",
    "loudness",
    "mastered",
    "peak",
    "recording",
]

# Goes into the name of every built clip: change it with anything below that changes the sound.
VERSION = 2

# Hz. What the neural voices speak at; Opus keeps all of it.
MASTER_RATE = 24_000

# A form, and the rate of the audio within. In each of them a byte is 1/8000 s.
FORMS: Mapping[str, int] = {"alaw": 8_000, "ulaw": 8_000, "g722": 16_000}

# A clip is said in one breath; a recording longer than this, in seconds, is some other file.
LONGEST = 60.0

# Hz. What was recorded at less is no speech that a telephone could carry.
_LOWEST_RATE = 8_000

# dBFS. A microphone that was off leaves noise about here; nobody records speech this softly.
_SILENT = -60.0

# What lies this far below full scale at either end is not speech, in dBFS: 50 dB below a loud
# vowel. At -50 the first consonants go with it, and a recogniser hears 刺椒 for 四角 and UN for
# fen. Of the quiet, so many milliseconds are kept: clips joined lie 50 ms apart at 100%, about
# what lies between two words, and closer than 70 ms they are understood better.
_QUIET = -60.0
_HEAD, _TAIL = round(HEAD * 1000), round(TAIL * 1000)

# Milliseconds of fade where a recording begins or ends in the middle of a sound.
_FADE = 2

# A clip whose loudness is not met by this, in LU, has nothing in it that lasts.
_TOLERANCE = 1.0

# dB. A band of a recording that is so much softer than the whole has no speech in it: what is
# there is not brought up.
_MOST_IN_BAND = 12.0

_SECONDS_TO_WORK = 60


class RecipeError(IvrError):
    """A recording cannot be made into a clip. `why` is the reason without the file."""

    def __init__(self, why: str, file: Path | None = None) -> None:
        self.why = why
        super().__init__(f"{file}: {why}" if file else why)


def recording(path: Path) -> tuple[Samples, int]:
    """Return the samples of a WAV, FLAC, Ogg or MP3 file, mixed to mono, and their rate in Hz.

    Raises RecipeError that names the file and what is wrong with it.
    """
    try:
        return _read(path)
    except RecipeError as problem:
        raise RecipeError(problem.why, path) from None
    except OSError as problem:
        raise RecipeError(problem.strerror or str(problem), path) from None


def mastered(samples: Samples, rate: int) -> Samples:
    """Return a recording as a master: 24 kHz, trimmed to known lengths, TARGET loud, below PEAK.

    Raises RecipeError when there is no speech in it.
    """
    # A constant offset of a cheap sound card is no sound, but would click wherever clips join.
    centred = samples - samples.mean()
    whole = levelled(soxr.resample(centred, rate, MASTER_RATE), MASTER_RATE)
    if math.isinf(loudness(whole, MASTER_RATE)):
        raise RecipeError("the recording is silent")
    master = levelled(_trimmed(whole), MASTER_RATE)
    if abs(loudness(master, MASTER_RATE) - TARGET) > _TOLERANCE:
        raise RecipeError("there is nothing but a click in it")
    return master


def forms(
    masters: Sequence[Samples], speeds: Collection[int], forms: Collection[str]
) -> list[dict[tuple[int, str], bytes]]:
    """Return for each master its sounds by speed, in percent, and form.

    Every sound has the loudness and the peak of the house, as far as the master has anything in
    the form's band. Raises RecipeError where sox fails.
    """
    made: list[dict[tuple[int, str], bytes]] = [{} for _ in masters]
    for rate in dict.fromkeys(FORMS[form] for form in forms):
        bands = [levelled(_band(master, rate), rate, _MOST_IN_BAND) for master in masters]
        codecs = {form: _CODECS[form] for form in forms if FORMS[form] == rate}
        for sounds, stretched in zip(made, _stretched(bands, rate, speeds), strict=True):
            for speed, samples in stretched.items():
                pcm = _pcm(samples if speed == 100 else levelled(samples, rate, _MOST_IN_BAND))
                sounds |= {(speed, form): encode(pcm) for form, encode in codecs.items()}
    return made


def _read(path: Path) -> tuple[Samples, int]:
    if not path.stat().st_size:
        raise RecipeError("the file is empty")
    try:
        # By its path: of an open file soundfile reads in callbacks, where Ctrl-C is lost.
        with soundfile.SoundFile(path) as sound:
            rate: int = sound.samplerate
            if rate < _LOWEST_RATE:
                raise RecipeError(f"recorded at {rate} Hz; at least {_LOWEST_RATE} are needed")
            # One more than is allowed: not every header tells the length, and some lie.
            samples = sound.read(int(LONGEST * rate) + 1, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as problem:
        raise RecipeError(
            f"not a recording that can be read ({problem.error_string.rstrip('.')}); "
            "WAV, FLAC, Ogg and MP3 can"
        ) from None
    mono: Samples = samples.mean(axis=1)
    if peak(mono) < _SILENT <= peak(samples[:, 0]):
        # One channel is the other upside down, as a cable wired wrongly makes it.
        mono = samples[:, 0].copy()
    if not len(mono):
        raise RecipeError("there is no sound in it: its length is 0 s")
    if len(mono) > LONGEST * rate:
        raise RecipeError(f"longer than {LONGEST:g} s; a clip is said in one breath")
    if not np.isfinite(mono).all():
        raise RecipeError("corrupt: some of its samples are no numbers")
    if peak(mono - mono.mean()) < _SILENT:
        raise RecipeError("the recording is silent")
    return mono, rate


def _trimmed(sound: Samples) -> Samples:
    """Cut to `_HEAD` before and `_TAIL` after the speech, faded; what lacks is silence."""
    segment = AudioSegment(
        data=_pcm(sound).tobytes(), sample_width=2, frame_rate=MASTER_RATE, channels=1
    )
    first = detect_leading_silence(segment, silence_threshold=_QUIET, chunk_size=5)
    last = len(segment) - detect_leading_silence(
        segment.reverse(), silence_threshold=_QUIET, chunk_size=5
    )
    begin, end = max(0, first - _HEAD), last + _TAIL
    kept = sound[_at(begin) : _at(end)].copy()
    fade_in = _at(max(_FADE, first - begin))
    kept[:fade_in] *= np.linspace(0, 1, fade_in, dtype=np.float32)[: len(kept)]
    fade_out = min(len(kept), max(_at(_FADE), len(kept) - _at(last - begin)))
    kept[len(kept) - fade_out :] *= np.linspace(1, 0, fade_out, dtype=np.float32)
    return np.pad(kept, (_at(_HEAD - (first - begin)), _at(end - begin) - len(kept)))


def _at(milliseconds: int) -> int:
    return milliseconds * MASTER_RATE // 1000


def _band(master: Samples, rate: int) -> Samples:
    band: Samples = soxr.resample(master, MASTER_RATE, rate)
    return band


def _pcm(samples: Samples) -> NDArray[np.int16]:
    return np.rint(np.clip(samples, -1, 1) * 32767).astype(np.int16)


def _stretched(
    bands: Sequence[Samples], rate: int, speeds: Collection[int]
) -> list[dict[int, Samples]]:
    """Return each band at each speed; `tempo` keeps voice and pitch, which `speed` would not.

    One sox makes all of them: it is given every band once for each speed, as one long sound, and
    cuts its input into as many pieces. That is twice as fast as one process a clip, gives the
    same samples, and the length of each piece is known beforehand.
    """
    others = [speed for speed in dict.fromkeys(speeds) if speed != 100]
    made = [{100: band} if 100 in speeds else {} for band in bands]
    if not others:
        return made
    effects: list[str] = []
    for band in bands:
        for speed in others:
            piece = ["trim", "0", f"{len(band)}s", "tempo", "-s", f"{speed / 100:.2f}"]
            effects += [":", *piece] if effects else piece
    raw = ("-t", "raw", "-r", str(rate), "-e", "floating-point", "-b", "32", "-c", "1")
    given = b"".join(band.tobytes() * len(others) for band in bands)
    heard = np.frombuffer(_sox([*raw, "-", *raw, "-", *effects], given), np.float32)
    lengths = [int(len(band) / (speed / 100) + 0.5) for band in bands for speed in others]
    if len(heard) != sum(lengths):
        raise RecipeError(f"sox made {len(heard)} samples where {sum(lengths)} were expected")
    pieces = iter(np.split(heard, np.cumsum(lengths)[:-1]))
    for sounds in made:
        sounds |= {speed: next(pieces) for speed in others}
    return made


def _sox(arguments: Iterable[str], audio: bytes) -> bytes:
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


# What audioop makes of each 16-bit sample, by the sample's bits.
_EVERY_SAMPLE = np.arange(65536, dtype=np.uint16).tobytes()
_ALAW = np.frombuffer(audioop.lin2alaw(_EVERY_SAMPLE, 2), np.uint8)
_ULAW = np.frombuffer(audioop.lin2ulaw(_EVERY_SAMPLE, 2), np.uint8)


def _alaw(pcm: NDArray[np.int16]) -> bytes:
    return _ALAW[pcm.view(np.uint16)].tobytes()


def _ulaw(pcm: NDArray[np.int16]) -> bytes:
    return _ULAW[pcm.view(np.uint16)].tobytes()


def _g722(pcm: NDArray[np.int16]) -> bytes:
    return wideband.encode(np.pad(pcm, (0, len(pcm) % 2)))  # a byte is two samples


_CODECS: Mapping[str, Callable[[NDArray[np.int16]], bytes]] = {
    "alaw": _alaw,
    "ulaw": _ulaw,
    "g722": _g722,
}
