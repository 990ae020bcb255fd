"""Measuring sounds: what a caller would hear, in numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile
import soxr
from G722 import G722
from numpy.typing import NDArray

RATE = 8000

Sound = NDArray[np.float64]


def decoded(audio: bytes, form: str = "alaw") -> Sound:
    """Return a form as samples from -1 to 1: at 8 kHz (ITU-T G.711), G.722 at 16 kHz."""
    if form == "g722":
        wide: Sound = np.asarray(G722(16_000, 64_000).decode(audio), np.float64)
        return wide / 32768
    code = np.frombuffer(audio, np.uint8) ^ (0x55 if form == "alaw" else 0xFF)
    exponent, mantissa = (code >> 4 & 7).astype(int), (code & 15).astype(int)
    if form == "ulaw":
        size = -(((mantissa << 3) + 132 << exponent) - 132)
    else:
        above = ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0)
        size = np.where(exponent == 0, (mantissa << 4) + 8, above)
    samples: Sound = np.where(code & 0x80, size, -size) / 32768
    return samples


def loudness(samples: Sound, rate: int = RATE) -> float:
    """Return the loudness in LUFS, measured at the rate that ITU-R BS.1770 is written for."""
    heard: Sound = soxr.resample(samples, rate, 48_000)
    block = min(0.4, (len(heard) - 1) / 48_000)
    return float(pyloudnorm.Meter(48_000, block_size=block).integrated_loudness(heard))


def peak(samples: Sound) -> float:
    """Return the highest sample in dBFS."""
    return float(20 * np.log10(np.abs(samples).max()))


def at(samples: Sound, hertz: int, rate: int = RATE) -> float:
    """Return the level in dBFS of a tone in the middle of a sound."""
    middle = samples[len(samples) // 4 : len(samples) * 3 // 4]
    window = np.hanning(len(middle))
    turning = np.exp(-2j * np.pi * hertz * np.arange(len(middle)) / rate)
    return float(
        20 * np.log10(max(abs((middle * window * turning).sum()) * 2 / window.sum(), 1e-9))
    )


def pitch(samples: Sound) -> float:
    """Return the median pitch in Hz of the voiced parts, by autocorrelation, 60 to 300 Hz."""
    found = []
    for start in range(0, len(samples) - 400, 80):
        frame = samples[start : start + 400] - samples[start : start + 400].mean()
        echo = np.correlate(frame, frame, "full")[399:]
        lags = echo[RATE // 300 : RATE // 60]
        if echo[0] > 0.4 and lags.max() > 0.6 * echo[0]:
            found.append(RATE / (RATE // 300 + int(lags.argmax())))
    return float(np.median(found))


def tone(hertz: float, seconds: float, rate: int = 24_000, decibels: float = -10) -> Sound:
    """Return a tone; its peaks are so high in dBFS."""
    turns = np.arange(round(seconds * rate)) * hertz / rate
    wave: Sound = np.sin(2 * np.pi * turns) * 10 ** (decibels / 20)
    return wave


def recorded(path: Path, samples: Sound, rate: int = 24_000) -> Path:
    """Write a recording in the format of the file's ending, and return its path."""
    soundfile.write(path, samples, rate)
    return path
