"""How long speech takes, before any voice has said it: an estimate from the words alone."""

from __future__ import annotations

from ivr.flow.speech import Clip, Pause, Utterance
from ivr.lang import LANGUAGES

# Seconds to say one Chinese character, or one English word, at 100%: what espeak-ng and Kokoro
# take for the shipped prompts, within a fifth.
CHARACTER, WORD = 0.22, 0.36


def seconds(item: Clip | Pause) -> float:
    """Return about how many seconds an item takes at 100%."""
    if isinstance(item, Pause):
        return item.seconds
    if LANGUAGES[item.language].space:
        return len(item.text.split()) * WORD
    return sum(char.isalnum() for char in item.text) * CHARACTER


def utterance_seconds(utterance: Utterance, speed: int = 100) -> float:
    """Return about how many seconds an utterance takes at a speed in percent."""
    return sum(map(seconds, utterance)) * 100 / speed
