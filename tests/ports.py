"""Ports of 127.0.0.1 that are free just now."""

import socket


def free_ports(kind: socket.SocketKind, count: int) -> list[int]:
    """Return so many, each another one."""
    sockets = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Return one."""
    return free_ports(kind, 1)[0]
