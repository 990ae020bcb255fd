"""The gate before the SIP port: a filter in the kernel, on the switch's own sockets.

A packet that it does not let through never reaches Asterisk, so its sender hears nothing, not even
that somebody is here. No right over the machine is needed: whoever started a process may borrow
its sockets (pidfd_getfd(2)), and anybody may filter what comes to a socket (socket(7),
SO_ATTACH_FILTER).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import ipaddress
import os
import socket
import struct
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

_PIDFD_GETFD = 438  # the same number on every machine (asm-generic/unistd.h)
_SO_ATTACH_FILTER = 26
# linux/filter.h: load a word, mask it, compare it, return.
_LOAD, _AND, _EQUALS, _RETURN = 0x20, 0x54, 0x15, 0x06
# The sender's address, counted from the head of the packet (SKF_NET_OFF).
_SENDER = (-0x100000 + 12) & 0xFFFF_FFFF
# The first word of what was sent, behind the head of UDP.
_FIRST_WORD = 8
_WHOLE, _NOTHING = 0x4_0000, 0
# Who is not known may try to log in, and may answer what she was asked.
_LOGIN = b"REGI"
_FROM_ANYBODY = (_LOGIN, b"SIP/")

Instruction = tuple[int, int, int, int]


def program(
    free: Iterable[ipaddress.IPv4Network],
    known: Iterable[str],
    banned: Iterable[str],
    *,
    is_udp: bool,
    takes_logins: bool = True,
) -> list[Instruction]:
    """Return the filter: all from `free` networks, nothing from who is `banned`.

    Over UDP everything from `known` addresses, and of the rest only REGISTER and answers; over a
    stream the beginning of a packet is not that of a message, so all who are not banned. Where
    logins are not taken, as over UDP when there is TLS, nobody's REGISTER is let through.
    """
    steps: list[Instruction] = []
    if is_udp and not takes_logins:
        steps += [(_LOAD, 0, 0, _FIRST_WORD), *_when(int.from_bytes(_LOGIN), _NOTHING)]
    for network in free:
        steps += [(_LOAD, 0, 0, _SENDER), (_AND, 0, 0, int(network.netmask))]
        steps += _when(int(network.network_address), _WHOLE)
    steps.append((_LOAD, 0, 0, _SENDER))
    for address in banned:
        steps += _when(_number(address), _NOTHING)
    if is_udp:
        for address in known:
            steps += _when(_number(address), _WHOLE)
        # A packet that is shorter than the word is dropped by the load.
        steps.append((_LOAD, 0, 0, _FIRST_WORD))
        for word in _FROM_ANYBODY:
            steps += _when(int.from_bytes(word), _WHOLE)
        steps.append((_RETURN, 0, 0, _NOTHING))
    else:
        steps.append((_RETURN, 0, 0, _WHOLE))
    return steps


def _when(value: int, verdict: int) -> list[Instruction]:
    return [(_EQUALS, 0, 1, value), (_RETURN, 0, 0, verdict)]


def _number(address: str) -> int:
    return int(ipaddress.IPv4Address(address))


def attach(pid: int, ports: Sequence[int], udp: list[Instruction], tcp: list[Instruction]) -> int:
    """Put the filters on the sockets of a process that are bound to `ports`; return how many.

    In place of those that are there, at once. Raises OSError where the kernel does not let us.
    """
    count = 0
    for one in _sockets(pid):
        with one:
            is_ours = one.family == socket.AF_INET and one.getsockname()[1] in ports
            if is_ours and one.type in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                _filter(one, udp if one.type == socket.SOCK_DGRAM else tcp)
                count += 1
    return count


def _filter(one: socket.socket, steps: list[Instruction]) -> None:
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    one.setsockopt(
        socket.SOL_SOCKET,
        _SO_ATTACH_FILTER,
        struct.pack("HL", len(steps), ctypes.addressof(code)),
    )


def _sockets(pid: int) -> Iterator[socket.socket]:
    process = os.pidfd_open(pid)
    try:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            if (one := _borrowed(process, link)) is not None:
                yield one
    finally:
        os.close(process)


def _borrowed(process: int, link: Path) -> socket.socket | None:
    """Return the socket behind a descriptor; None where it is none, or was closed meanwhile."""
    with contextlib.suppress(FileNotFoundError):
        if os.readlink(link).startswith("socket:"):
            libc = ctypes.CDLL(None, use_errno=True)
            found = int(libc.syscall(_PIDFD_GETFD, process, int(link.name), 0))
            number = ctypes.get_errno()
            if found >= 0:
                return _as_socket(found)
            if number != errno.EBADF:
                raise OSError(number, os.strerror(number))
    return None


def _as_socket(descriptor: int) -> socket.socket | None:
    try:
        return socket.socket(fileno=descriptor)
    except OSError:  # a file by now
        os.close(descriptor)
        return None
