"""A master as an Opus file: small, and as loud as it was."""

from __future__ import annotations

import io

import numpy as np
import soundfile

from ivr.speech import recipe
from ivr.speech.loudness import PEAK, TARGET, Samples, loudness, peak

# libsndfile's scale from 256 kbit/s (0) to 6 (1): 3.7 kB for a second of speech.
_COMPRESSION = 0.93

# LU. Opus takes 0.4 away, of some clips 0.9: those are encoded again with so much more.
_CLOSE = 0.6


def encoded(master: Samples) -> tuple[bytes, Samples]:
    """Return a master as Opus, and as it is heard from that."""
    content, heard = _opus(master)
    lacking = TARGET - loudness(heard, recipe.MASTER_RATE)
    if abs(lacking) > _CLOSE or peak(heard) > PEAK:
        gain = min(lacking, PEAK - peak(heard) - 0.1)
        content, heard = _opus(master * np.float32(10 ** (gain / 20)))
    return content, heard


def _opus(master: Samples) -> tuple[bytes, Samples]:
    file = io.BytesIO()
    rate = recipe.MASTER_RATE
    quality = {"format": "OGG", "subtype": "OPUS", "compression_level": _COMPRESSION}
    soundfile.write(file, master, rate, **quality)
    file.seek(0)
    heard: Samples = soundfile.read(file, dtype="float32")[0]
    return file.getvalue(), heard
