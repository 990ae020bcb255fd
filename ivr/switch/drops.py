"""What the kernel has dropped of the datagrams for SIP, which nobody of ours ever sees.

It counts for each socket what its filter (`ivr/switch/gate.py`) did not let through, and what came
while its buffer was full, in one number; and for all sockets together the latter alone.
"""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from ivr.switch.gatekeeper import LONGEST

SOCKETS, TOTALS = Path("/proc/net/udp"), Path("/proc/net/snmp")


def dropped(host: str, port: int, file: Path = SOCKETS) -> int | None:
    """Return how many were, since the switch began; None where that cannot be told.

    So it is where no socket is bound to it, in a container beside it, say.
    """
    if not file.exists():  # no Linux
        return None
    # As the kernel writes it: the address as a number of this machine, the port as people do.
    (number,) = struct.unpack("=I", socket.inet_aton(host))
    bound = f"{number:08X}:{port:04X}"
    found = None
    with file.open() as lines:
        for line in lines:
            if bound in line and (words := line.split())[1] == bound:
                found = (found or 0) + int(words[-1])
    return found


def overflown(file: Path = TOTALS) -> int:
    """Return how many datagrams for anybody on this machine came while a buffer was full."""
    names, values = (x.split() for x in file.read_text().splitlines() if x.startswith("Udp: "))
    return int(values[names.index("RcvbufErrors")])


def too_long(port: int) -> str:
    """Return the command that shows those which are longer than the gate lets through."""
    # The length in the head of UDP, which is the same in the first of several fragments.
    return f"tcpdump -ni any 'udp dst port {port} and udp[4:2] > {LONGEST + 8}'"
