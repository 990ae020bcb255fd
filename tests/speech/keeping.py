"""Takes that are kept: tones in a folder."""

import json
from pathlib import Path

import numpy as np

from ivr.flow.speech import Clip
from ivr.speech.takes import Take, Takes
from tests.speech.sound import tone

BALANCE = Clip("您的话费余额是", "cmn")
HELLO = Clip("hello", "en")
BYE = Clip("goodbye", "en")


def keep(takes: Takes, clip: Clip, id: str, hertz: float = 300, voice: str = "Ms Lam") -> Take:
    """Keep a tone, of its own pitch for each recording that shall differ."""
    sound = tone(hertz, 0.3).astype(np.float32)
    return takes.keep(clip, id, sound, 24_000, voice, "ours")


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def changed(folder: Path, language: str, number: int, **fields: object) -> None:
    """Write other values into a line of a manifest; None takes a field out."""
    path = folder / f"{language}.jsonl"
    lines = path.read_text().splitlines()
    line = json.loads(lines[number - 1]) | fields
    lines[number - 1] = json.dumps({k: v for k, v in line.items() if v is not None})
    path.write_text("\n".join(lines) + "\n")
