"""How loud a recording sounds (ITU-R BS.1770), and bringing it to the loudness of the house."""

from __future__ import annotations

import math
import threading

import numpy as np
from numpy.typing import NDArray

# Mono, full scale from -1 to 1.
Samples = NDArray[np.float32]

# Every clip sounds this loud, in LUFS, and none has a sample above PEAK, in dBFS.
TARGET = -20.0
PEAK = -1.0

# Codecs give back a little more than they were given: Opus up to 0.4 dB, G.722 0.3, G.711 0.1.
_CEILING = PEAK - 1.0

# A block of BS.1770; what is shorter is one block.
_BLOCK = 0.4

# Seconds before and after a peak in which the limiter turns the sound down and up again.
_LOOK_AHEAD = 0.005

# A limiter takes loudness away, so that more gain is needed, which it takes a part of …
_ROUNDS = 24
_CLOSE = 0.1

# pyloudnorm swaps the filters of `warnings`, which all threads share.
_measuring = threading.Lock()


def loudness(samples: Samples, rate: int) -> float:
    """Return the loudness in LUFS; -inf for what is silent."""
    if not len(samples):
        return -math.inf
    import pyloudnorm  # brings scipy, 1.7 s that only those wait for who build

    block = _BLOCK
    heard = samples.astype(np.float64)
    if len(samples) < _BLOCK * rate:
        # One block of it all; the zero is for what `length / rate * rate` may exceed the length.
        heard, block = np.append(heard, 0.0), (len(samples) + 0.5) / rate
    with _measuring:
        return float(pyloudnorm.Meter(rate, block_size=block).integrated_loudness(heard))


def peak(samples: Samples) -> float:
    """Return the highest sample in dBFS; -inf for what is silent."""
    highest = float(np.abs(samples).max(initial=0.0))
    return 20 * math.log10(highest) if highest else -math.inf


def levelled(samples: Samples, rate: int, most: float = math.inf) -> Samples:
    """Return the samples at TARGET, with no peak above PEAK and at most `most` dB more gain.

    Where gain alone would exceed the peak, peaks are turned down. What is no longer than a click
    stays softer than TARGET; silence stays silence.
    """
    gain = TARGET - loudness(samples, rate)
    if math.isinf(gain):
        return samples
    for _ in range(_ROUNDS):
        louder = samples * np.float32(10 ** (min(gain, most) / 20))
        if peak(louder) <= _CEILING:
            return louder
        limited = _limited(louder, rate)
        short = TARGET - loudness(limited, rate)
        if short < _CLOSE or gain >= most:
            break
        gain += short
    return limited


def _limited(samples: Samples, rate: int) -> Samples:
    """Turn every peak down to the ceiling, smoothly from a little before to a little after it.

    The gain is the least that is wanted nearby, averaged over as wide a window: at a peak every
    value of the average is one that the peak can bear.
    """
    ceiling = 10 ** (_CEILING / 20)
    half = max(1, round(rate * _LOOK_AHEAD))
    wanted = ceiling / np.maximum(np.abs(samples), ceiling)
    near = np.lib.stride_tricks.sliding_window_view(
        np.pad(wanted, 2 * half, mode="edge"), 2 * half + 1
    )
    window = np.hanning(2 * half + 3)[1:-1]
    gain = np.convolve(near.min(axis=-1), window / window.sum(), mode="valid")
    return (samples * gain).astype(np.float32)
