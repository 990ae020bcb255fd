"""What an agent's screen is told: a text message to her phone."""

from __future__ import annotations

import base64
import logging
from collections.abc import Awaitable, Callable

from ivr.desk.actions import Acts
from ivr.desk.faults import AmiError

_log = logging.getLogger(__name__)

# action_messagesend of main/message.c decodes into 1301 bytes.
MOST_BYTES = 1300

Tell = Callable[[str, str], Awaitable[bool]]
"""Shows an agent, by her number, a text, as `Messages.tell` does; never raises."""


class Messages:
    """Sends texts to agents' phones; who has none registered misses them."""

    def __init__(self, switch: Acts) -> None:
        self._switch = switch

    async def tell(self, agent: str, text: str) -> bool:
        """Send a text to the phone of an agent, by her number; return whether it was sent.

        Never raises: that nobody could be told is in the log. What is longer than a message holds
        is cut.
        """
        whole = text.encode()[:MOST_BYTES].decode(errors="ignore").encode()
        headers = {
            "Action": "MessageSend",
            "Destination": f"pjsip:{agent}",
            "From": "sip:hotline@ivr",
            # Any character, and more lines than one, which a header of AMI could not hold.
            "Base64Body": base64.b64encode(whole).decode(),
        }
        try:
            await self._switch.action(headers)
        except AmiError as fault:
            _log.info("agent %s is not told %r: %s", agent, text, fault)
            return False
        return True
