"""The greeter: a caller and the agent who has answered her hear who serves her.

The two talk from the first moment; it is said over what they say, so that no word is lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from ivr.desk.call_files import CallFiles
from ivr.desk.whisper import whisper_to_both
from ivr.errors import IvrError
from ivr.flow.session import Session
from ivr.speech.speaker import Speaker

_log = logging.getLogger(__name__)


@dataclass
class Greeter:
    """Says who serves; `live` is the session of a call by its channel's unique id.

    `spool` is the switch's, `form` one in which every sound is built.
    """

    live: Callable[[str], Session | None]
    speaker: Speaker
    spool: CallFiles
    form: str
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def greet(self, event: Mapping[str, str]) -> None:
        """Take an AgentConnect. Never raises: a call without it is a call as well."""
        caller = event.get("Uniqueid", "")
        session = self.live(caller)
        agent = event.get("Interface", "").removeprefix("PJSIP/")
        try:
            play = session.served_by(agent, self.clock()) if session else None
            if play:
                _, name = self.speaker.sound(play.utterance, play.speed, 0, self.form)
                whisper_to_both(self.spool, caller, name, partial(_tell, agent))
        except (IvrError, OSError, ValueError) as fault:
            _tell(agent, fault)


def _tell(agent: str, fault: Exception) -> None:
    _log.warning("a caller is not told that %s serves her: %s", agent, fault)
