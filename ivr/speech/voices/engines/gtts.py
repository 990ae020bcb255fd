"""gTTS: the voice of Google Translate, over the network."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import requests
import soundfile
from gtts import gTTS, gTTSError

Answer = dict[str, Any]

_PLACE = "translate.google.com"
_SECONDS_TO_CONNECT = 5
_SECONDS_TO_SPEAK = 30


def load() -> Callable[[Answer], Answer]:
    """Return the engine."""
    return lambda request: _speak(request) if "speak" in request else _reach()


def _reach() -> Answer:
    try:
        requests.head(f"https://{_PLACE}", timeout=_SECONDS_TO_CONNECT)
    except requests.RequestException as problem:
        return {"failed": f"{_PLACE} cannot be reached ({type(problem).__name__})"}
    return {}


def _speak(request: Answer) -> Answer:
    sound = io.BytesIO()
    try:
        language = request["language"]
        speech = gTTS(request["speak"], lang=language, lang_check=False, timeout=_SECONDS_TO_SPEAK)
        speech.write_to_fp(sound)
    except gTTSError as problem:
        return {"failed": str(problem)}
    # What comes is an MP3; libsndfile, inside soundfile, reads it without ffmpeg.
    sound.seek(0)
    samples, rate = soundfile.read(sound, dtype="int16")
    soundfile.write(request["wav"], samples, rate, format="WAV", subtype="PCM_16")
    return {}
