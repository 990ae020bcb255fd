"""The SIP peer of the tests: what is lost on its way is sent again, as a phone does."""

from __future__ import annotations

import socket
import threading

import pytest

from tests.switch import rawsip
from tests.switch.rawsip import Peer, read


class Deaf(threading.Thread):
    """A switch that hears no INVITE before the third, and then answers 100 and 404."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(10)
        self.came: list[bytes] = []

    def run(self) -> None:
        with self.socket:
            for _ in range(3):
                self._hear()
            self._say("100 Trying")
            self.socket.settimeout(6 * rawsip.T1)
            try:
                self._hear()
            except TimeoutError:
                self._say("404 Not Found")
                self._hear()

    def _hear(self) -> None:
        text, self._where = self.socket.recvfrom(65_535)
        self.came.append(text)

    def _say(self, status: str) -> None:
        asked = read(self.came[0].decode()).headers
        same = [f"{name}: {asked[name]}" for name in ("via", "from", "to", "call-id", "cseq")]
        text = "\r\n".join([f"SIP/2.0 {status}", *same, "Content-Length: 0", "", ""])
        self.socket.sendto(text.encode(), self._where)


def test_an_invite_is_sent_again_until_something_answers_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rawsip, "T1", 0.1)
    switch = Deaf()
    switch.start()
    caller = Peer(switch.socket.getsockname()[1], "13800138000")
    try:
        assert caller.invite("10086").status == 404
        switch.join(10)
    finally:
        caller.close()
    first, second, third, acknowledged = switch.came
    assert first == second == third, "as it was: another branch would be another call"
    assert acknowledged.startswith(b"ACK ")
