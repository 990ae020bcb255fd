"""Measuring sounds: what a caller would hear, in numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 8000


def decoded(alaw: bytes) -> NDArray[np.float64]:
    """Return A-law as samples from -1 to 1 (ITU-T G.711)."""
    code = np.frombuffer(alaw, np.uint8) ^ 0x55
    exponent, mantissa = (code >> 4 & 7).astype(int), (code & 15).astype(int)
    size = np.where(
        exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0)
    )
    return np.where(code & 0x80, size, -size) / 32768


def level(samples: NDArray[np.float64]) -> float:
    """Return the level in dBFS of the parts within 20 dB of the loudest 20 ms."""
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    power = (frames**2).mean(axis=1)
    return float(10 * np.log10(power[power >= power.max() / 100].mean()))


def peak(samples: NDArray[np.float64]) -> float:
    """Return the highest sample in dBFS."""
    return float(20 * np.log10(np.abs(samples).max()))


def pitch(samples: NDArray[np.float64]) -> float:
    """Return the median pitch in Hz of the voiced parts, by autocorrelation, 60 to 300 Hz."""
    found = []
    for start in range(0, len(samples) - 400, 80):
        frame = samples[start : start + 400] - samples[start : start + 400].mean()
        echo = np.correlate(frame, frame, "full")[399:]
        lags = echo[RATE // 300 : RATE // 60]
        if echo[0] > 0.4 and lags.max() > 0.6 * echo[0]:
            found.append(RATE / (RATE // 300 + int(lags.argmax())))
    return float(np.median(found))
