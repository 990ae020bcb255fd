"""The gate on real sockets: who is let through to a process, and who is not heard at all."""

import ipaddress
import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ivr.switch import gatekeeper
from ivr.switch.gate import attach, program
from ivr.switch.gatekeeper import LONGEST, Tail, not_longer
from ivr.switch.strangers import MOST
from tests.switch.plans import a_plan

HOME, KNOWN, BANNED, STRANGER = "127.0.0.1", "127.0.0.7", "127.0.0.8", "127.0.0.9"
FREE = [ipaddress.IPv4Network(HOME)]


@pytest.fixture
def port() -> Iterator[socket.socket]:
    """A port for datagrams behind a gate, in this process."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((HOME, 0))
        one.settimeout(5)
        shut(one)
        yield one


def shut(one: socket.socket, *more: str) -> None:
    udp = program(FREE, [KNOWN], [BANNED, *more], is_udp=True)
    tcp = program(FREE, [KNOWN], [BANNED, *more], is_udp=False)
    assert attach(os.getpid(), [one.getsockname()[1]], udp, tcp) == 1


def send(to: socket.socket, address: str, said: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind((address, 0))
        peer.sendto(said, to.getsockname())


def test_a_stranger_may_log_in_and_answer_and_is_else_not_heard(port: socket.socket) -> None:
    for said in (b"OPTIONS sip:x SIP/2.0", b"INVITE sip:x SIP/2.0", b"", b"RE", b"\r\n\r\n"):
        send(port, STRANGER, said)
    for said in (b"REGISTER sip:x SIP/2.0", b"SIP/2.0 200 OK"):
        send(port, STRANGER, said)
        assert port.recv(100) == said


def test_callers_and_who_has_logged_in_may_say_anything(port: socket.socket) -> None:
    for address in (HOME, KNOWN):
        for said in (b"INVITE sip:x SIP/2.0", b"\r\n\r\n"):
            send(port, address, said)
            assert port.recv(100) == said


def test_of_who_is_banned_nothing_is_heard_until_she_is_not(port: socket.socket) -> None:
    for said in (b"REGISTER sip:x SIP/2.0", b"SIP/2.0 200 OK", b"INVITE sip:x SIP/2.0"):
        send(port, BANNED, said)
    shut(port, KNOWN)
    send(port, KNOWN, b"REGISTER sip:known SIP/2.0")
    send(port, HOME, b"the end")
    assert port.recv(100) == b"the end"
    shut(port)
    send(port, KNOWN, b"REGISTER sip:known SIP/2.0")
    assert port.recv(100) == b"REGISTER sip:known SIP/2.0"


def test_over_udp_nobody_logs_in_where_there_is_tls(port: socket.socket) -> None:
    udp = program(FREE, [KNOWN], [BANNED], is_udp=True, takes_logins=False)
    assert attach(os.getpid(), [port.getsockname()[1]], udp, []) == 1
    for address in (HOME, KNOWN, STRANGER):
        send(port, address, b"REGISTER sip:x SIP/2.0")
    send(port, HOME, b"INVITE sip:x SIP/2.0")
    assert port.recv(100) == b"INVITE sip:x SIP/2.0"


def test_what_is_too_long_is_heard_of_nobody(port: socket.socket) -> None:
    udp = not_longer(program(FREE, [KNOWN], [BANNED], is_udp=True))
    assert attach(os.getpid(), [port.getsockname()[1]], udp, []) == 1
    for address in (HOME, KNOWN, STRANGER):
        for length in (LONGEST + 1, 65_000, LONGEST):
            send(port, address, b"REGISTER".ljust(length))
        assert len(port.recv(65_535)) == LONGEST


def test_over_a_stream_who_is_banned_cannot_even_connect() -> None:
    with socket.create_server((HOME, 0)) as server:
        shut(server)
        for address in (HOME, STRANGER):
            with socket.create_connection(server.getsockname(), 5, (address, 0)):
                server.accept()[0].close()
        with pytest.raises(TimeoutError):
            socket.create_connection(server.getsockname(), 0.3, (BANNED, 0))


def test_the_kernel_takes_as_many_as_there_may_be() -> None:
    many = [str(ipaddress.IPv4Address(2**24 + n)) for n in range(2 * MOST)]
    networks = [ipaddress.IPv4Network((2**30 + n * 256, 24)) for n in range(16)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((HOME, 0))
        steps = program(networks, many[:MOST], many[MOST:], is_udp=True)
        assert attach(os.getpid(), [one.getsockname()[1]], steps, []) == 1


def test_nothing_of_the_process_is_left_open(port: socket.socket) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        shut(port)
    assert len(os.listdir("/proc/self/fd")) == before


def test_files_and_sockets_come_and_go_while_it_is_shut(port: socket.socket) -> None:
    is_over = threading.Event()

    def come_and_go() -> None:
        while not is_over.is_set():
            some = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(20)]
            for one in some:
                one.close()
            for file in [os.open(os.devnull, os.O_RDONLY) for _ in range(20)]:
                os.close(file)

    with ThreadPoolExecutor() as beside:
        busy = beside.submit(come_and_go)
        try:
            for _ in range(300):
                shut(port)
        finally:
            is_over.set()
        busy.result()


def test_a_gate_that_could_not_be_shut_is_shut_as_soon_as_it_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(gatekeeper, "SECONDS_AFTER_A_FAULT", 0.0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((HOME, 0))
        there = one.getsockname()[1]
    asked = a_plan(tmp_path, state=tmp_path, sip_port=there, callers_from=(f"{HOME}/32",))
    keeper = gatekeeper.Gatekeeper(asked, os.getpid())
    keeper.shut()
    keeper.look()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((HOME, asked.sip_port))
        one.settimeout(5)
        keeper.look()
        send(one, STRANGER, b"OPTIONS sip:x SIP/2.0")
        send(one, STRANGER, b"REGISTER sip:x SIP/2.0")
        assert one.recv(100) == b"REGISTER sip:x SIP/2.0"


def test_a_process_that_is_gone_is_told() -> None:
    with pytest.raises(OSError):
        attach(2**22 - 1, [1], [], [])


def test_a_log_is_read_on_from_where_it_was_also_when_it_is_made_anew(tmp_path: Path) -> None:
    log = tmp_path / "security.log"
    log.write_text("long ago\n")
    tail = Tail(log)
    assert tail.lines() == []
    with log.open("a") as file:
        file.write("one\ntw")
        file.flush()
        assert tail.lines() == ["one"]
        file.write("o\n")
    assert tail.lines() == ["two"]
    log.rename(tmp_path / "security.log.0")
    assert tail.lines() == []
    log.write_text("three\n")
    assert tail.lines() == ["three"]
    log.write_text("4\n")
    assert tail.lines() == ["4"]


def test_a_log_that_comes_later_is_read_from_its_start(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "security.log")
    (tmp_path / "security.log").write_bytes(b"\xff\n" + b"x" * 1_500_000 + b"\nend\n")
    assert [len(line) for line in tail.lines() + tail.lines() + tail.lines()][-1] == 3
