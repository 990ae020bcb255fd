"""Voices: words become a recording.

A voice knows its languages and speaks one clip into one file. Another engine is another file of
this folder and a line in `order`; nothing else knows where a recording came from.
"""

from ivr.speech.voices.espeak import Espeak
from ivr.speech.voices.order import NAMES, RECORDED, voices
from ivr.speech.voices.voice import Voice, VoiceError

__all__ = ["NAMES", "RECORDED", "Espeak", "Voice", "VoiceError", "voices"]
