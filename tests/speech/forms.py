"""Samples to A-law and µ-law, and any form back to samples."""

from __future__ import annotations

import warnings

import numpy as np
from G722 import G722
from numpy.typing import NDArray

with warnings.catch_warnings():
    # Python 3.13 has lost audioop; audioop-lts, a dependency, stands in for it there.
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop


def encoded(samples: NDArray[np.int16], form: str) -> bytes:
    """Return 16-bit samples at 8 kHz as `alaw` or `ulaw`."""
    raw = samples.tobytes()
    return audioop.lin2alaw(raw, 2) if form == "alaw" else audioop.lin2ulaw(raw, 2)


def heard(audio: bytes, form: str) -> NDArray[np.float64]:
    """Return a sound as samples from -1 to 1, at 16 kHz in G.722 and else at 8 kHz."""
    if form == "g722":
        return np.asarray(G722(16_000, 64_000).decode(audio)) / 32768
    decode = audioop.alaw2lin if form == "alaw" else audioop.ulaw2lin
    return np.frombuffer(decode(audio, 2), np.int16) / 32768
