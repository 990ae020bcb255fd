"""Whether a port can be had, and by which option another is chosen."""

from __future__ import annotations

import errno
import socket

TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM


def trouble(host: str, port: int, kind: socket.SocketKind, option: str) -> str:
    """Return why nobody can listen there, and the option that chooses another; "" if one can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind is TCP:
            # As a server itself does: connections in TIME_WAIT are no reason to say no.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            name = f"{'TCP' if kind is TCP else 'UDP'} port {port} of {host}"
            if error.errno == errno.EADDRINUSE:
                return f"{name} is taken; choose another with {option}"
            return f"{name} cannot be used: {error.strerror}; choose another with {option}"
    return ""
