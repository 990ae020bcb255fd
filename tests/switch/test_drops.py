"""What the kernel drops before the switch hears it, counted by the kernel of this machine."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from ivr.switch import drops
from ivr.switch.gate import attach
from ivr.switch.gatekeeper import LONGEST, not_longer

ALL = [(0x06, 0, 0, 0x4_0000)]


def test_what_the_gate_did_not_let_through_is_counted_by_socket() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as switch,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as carrier,
    ):
        switch.bind(("127.0.0.1", 0))
        port = switch.getsockname()[1]
        other.bind(("127.0.0.2", port))
        assert attach(os.getpid(), [port], not_longer(ALL), ALL) == 2
        for length in (LONGEST, LONGEST + 1, LONGEST + 1, 100):
            carrier.sendto(b"I" * length, ("127.0.0.1", port))
        assert drops.dropped("127.0.0.1", port) == 2
        assert drops.dropped("127.0.0.2", port) == 0
        assert drops.dropped("0.0.0.0", port) is None
        assert drops.overflown() >= 0


def test_a_full_buffer_is_counted_for_the_machine(tmp_path: Path) -> None:
    totals = tmp_path / "snmp"
    totals.write_text(
        "Tcp: RtoAlgorithm RtoMin\nTcp: 1 200\n"
        "Udp: InDatagrams NoPorts RcvbufErrors SndbufErrors\nUdp: 9 8 7 6\n"
    )
    assert drops.overflown(totals) == 7
