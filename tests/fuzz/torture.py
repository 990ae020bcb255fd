"""SIP to a hotline that runs, as no phone sends it: messages that are odd, and spoilt ones.

What comes back is nobody's business but that of the questions in between: whether the switch still
answers, as the same process.
"""

from __future__ import annotations

import contextlib
import random
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.calls.hotline import Hotline
from tests.fuzz.mutating import spoilt
from tests.fuzz.odd_sip import NOWHERE, messages
from tests.switch.rawsip import Peer

_AT_ONCE = 20


class Torturer:
    """Sends to the SIP port of a hotline."""

    def __init__(self, hotline: Hotline) -> None:
        self._hotline = hotline
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))

    def send(self, said: bytes) -> None:
        """Send one message, as far as a packet holds it."""
        self._socket.sendto(said[:65_000], ("127.0.0.1", self._hotline.ports["sip"]))

    def is_answered(self) -> None:
        """Ask as a caller does. Raises AssertionError where nobody answers."""
        with contextlib.closing(Peer(self._hotline.ports["sip"], "13800138000")) as caller:
            assert caller.invite(NOWHERE).status == 404

    def close(self) -> None:
        """Send no more."""
        self._socket.close()

    def __call__(self, chance: random.Random) -> None:
        """Send a number of spoilt messages, and ask."""
        known = list(messages().values())
        for _ in range(_AT_ONCE):
            self.send(spoilt(chance, chance.choice(known)))
        self.is_answered()


Target = Callable[[random.Random], None]


@contextlib.contextmanager
def ground() -> Iterator[Target]:
    """Run a hotline to be tortured; its switch is the same process in the end."""
    with tempfile.TemporaryDirectory(prefix="ivr-fuzz-") as folder:
        hotline = Hotline(Path(folder) / "home")
        with hotline.running(), contextlib.closing(Torturer(hotline)) as torturer:
            before = (hotline.state / "switch.pid").read_text()
            yield torturer
            assert (hotline.state / "switch.pid").read_text() == before


@contextlib.contextmanager
def nowhere() -> Iterator[Target]:
    """Stand in where no SIP is sent."""
    yield lambda chance: None
