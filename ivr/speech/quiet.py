"""What is no speech, silence and the beep, in each form a line may want.

A form is how a sound is encoded, by the name Asterisk has for it: `alaw` and `ulaw` at 8 kHz
(ITU-T G.711), `g722` at 16 kHz. All are headerless, and in all of them a byte lasts 1/8000 s:
joining bytes joins sounds, and the place of a byte is a time.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from ivr.speech import wideband

RATE = 8000

# In seconds. Nobody waits longer for a key; what is longer is a mistake that would fill the memory.
LONGEST_SILENCE = 600

_SILENCE = {"alaw": b"\xd5", "ulaw": b"\xff"}

# One turn of a 1 kHz tone, eight samples at 8 kHz, peaking at -20 dBFS: round(3277 sin(n 45°)).
_BEEP_TURN = {
    "alaw": bytes.fromhex("d5979c97d5171c17"),
    "ulaw": bytes.fromhex("ffbcb5bcff3c353c"),
}


def silence(seconds: float, form: str = "alaw") -> bytes:
    """Return so much silence. Raises ValueError outside 0 to `LONGEST_SILENCE` seconds."""
    if not 0 <= seconds <= LONGEST_SILENCE:
        raise ValueError(f"a silence of {seconds} s is not within 0 to {LONGEST_SILENCE} s")
    length = round(seconds * RATE)
    return wideband.silence(length) if form == "g722" else _SILENCE[form] * length


def lead(form: str = "alaw") -> bytes:
    """Return what stands before a sound: nothing, where a sound is heard as it is at once."""
    return wideband.calm() if form == "g722" else b""


def beep(form: str = "alaw") -> bytes:
    """Return the tone after which a caller speaks: 1 kHz, a quarter of a second."""
    return _wide_beep() if form == "g722" else _BEEP_TURN[form] * (RATE // 4 // 8)


@cache
def _wide_beep() -> bytes:
    time = np.arange(wideband.RATE // 4) / wideband.RATE
    return wideband.encode(np.rint(3277 * np.sin(2 * np.pi * 1000 * time)).astype(np.int16))
