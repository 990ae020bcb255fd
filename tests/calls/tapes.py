"""Recorded talks, as a test finds and measures them."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from tests import ears
from tests.calls.hotline import Hotline, until

STEP = 0.1


async def taped(hotline: Hotline, call: str) -> Path:
    """Wait until the talk of a call is finished; return its file."""

    async def there() -> Path | None:
        if list((hotline.state / "spool" / "monitor").iterdir()):
            return None  # raw sound is left nowhere
        return next((hotline.state / "talks").glob(f"{call}_*.wav"), None)

    found: Path = await until(there, within=15)
    return found


def sides(tape: Path, folder: Path) -> tuple[Path, Path]:
    """Return the two sides of a talk as files of their own, the left one first."""
    with wave.open(str(tape), "rb") as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (2, 2, 8000)
        both = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").reshape(-1, 2)
    files = folder / f"{tape.stem}-left.wav", folder / f"{tape.stem}-right.wav"
    for side, file in enumerate(files):
        ears.write(file, both[:, side] / 32768)
    return files


def moments(side: Path, hertz: float) -> list[float]:
    """Return at which tenths of a second a tone is heard."""
    starts = [n * STEP for n in range(int(ears.duration(side) / STEP) - 1)]
    return [at for at in starts if ears.tone_level(side, hertz, at, at + 2 * STEP) > -25]


def when(side: Path, hertz: float) -> tuple[float, float]:
    """Return when a tone is first and last heard, in seconds; fails where it never is."""
    heard = moments(side, hertz)
    assert heard, f"{hertz} is not heard in {side}"
    return heard[0], heard[-1] + 2 * STEP


def silences(side: Path, hertz: float) -> list[float]:
    """Return when a tone is not heard between its first and its last moment."""
    first, last = when(side, hertz)
    times = np.arange(first + 0.2, last - 0.4, 0.1)
    return [at for at in times if ears.tone_level(side, hertz, at, at + 0.2) < -25]
