"""Voices by the names that `ivr.yaml` calls them."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.errors import IvrError, nearest
from ivr.speech.voices.command import Command
from ivr.speech.voices.espeak import Espeak
from ivr.speech.voices.gtts import Gtts
from ivr.speech.voices.kokoro import Kokoro
from ivr.speech.voices.piper import Piper
from ivr.speech.voices.voice import Voice

# A person's recordings, which are found and never made: no voice speaks them.
RECORDED = "recorded"

_MADE = {"espeak": Espeak, "gtts": Gtts, "kokoro": Kokoro, "piper": Piper}
NAMES = frozenset({RECORDED, "command", *_MADE})


def voices(names: Iterable[str], command: str | None = None) -> dict[str, Voice]:
    """Return a voice for each name, `recorded` left out, in the order of their first mention.

    `command` is the command line of the voice `command`. A voice that is not installed is made
    all the same: its `absent` tells. Raises IvrError for a name there is not.
    """
    made: dict[str, Voice] = {}
    for name in dict.fromkeys(names):
        if name not in NAMES:
            known = nearest(name, NAMES) or f"; there are {', '.join(sorted(NAMES))}"
            raise IvrError(f"there is no voice '{name}'{known}")
        if name == "command":
            if not command:
                raise IvrError("the voice 'command' has no command: set voice_command")
            made[name] = Command(command)
        elif name != RECORDED:
            made[name] = _MADE[name]()
    return made
