"""Coming up: one hotline for one state directory, on ports that are free."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path

import pytest

from ivr.config import Settings
from ivr.errors import IvrError
from ivr.running import claim, detached

NAMES = ("sip", "http", "agi", "ami", "backend")


@pytest.fixture
def listening() -> Iterator[dict[str, socket.socket]]:
    """A socket for each port of a hotline, bound to a port nobody else uses."""
    with ExitStack() as stack:
        found = {}
        for name in NAMES:
            kind = socket.SOCK_DGRAM if name == "sip" else socket.SOCK_STREAM
            found[name] = stack.enter_context(closing(socket.socket(socket.AF_INET, kind)))
            found[name].bind(("127.0.0.1", 0))
            if kind is socket.SOCK_STREAM:
                found[name].listen()
        yield found


def settings(listening: dict[str, socket.socket]) -> Settings:
    ports = {f"{name}_port": used.getsockname()[1] for name, used in listening.items()}
    return Settings(**ports)


def test_every_taken_port_is_named_with_the_option_that_chooses_another(
    listening: dict[str, socket.socket],
) -> None:
    with pytest.raises(IvrError) as fault:
        claim.check_ports(settings(listening))
    said = str(fault.value).splitlines()
    assert len(said) == len(NAMES)
    for line, name in zip(said, NAMES, strict=True):
        kind = "UDP" if name == "sip" else "TCP"
        port = listening[name].getsockname()[1]
        assert line.startswith(f"{kind} port {port} of 127.0.0.1")
        assert line.endswith(f"choose another with --{name}-port")


def test_only_the_taken_ones_are_named(listening: dict[str, socket.socket]) -> None:
    wanted = settings(listening)
    for name in NAMES[1:]:
        listening[name].close()
    with pytest.raises(IvrError) as fault:
        claim.check_ports(wanted)
    assert "--sip-port" in str(fault.value) and "--http-port" not in str(fault.value)
    listening["sip"].close()
    claim.check_ports(wanted)


def test_a_state_directory_has_one_hotline(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with claim.held(state):
        said = r"already runs on .*state; `ivr down` .*--state-dir"
        with pytest.raises(IvrError, match=said), claim.held(state):
            raise AssertionError("two hotlines hold one directory")
        with claim.held(tmp_path / "other"):
            pass
    with claim.held(state):
        pass


def test_who_holds_it_is_told(tmp_path: Path) -> None:
    with claim.held(tmp_path):
        note = claim.Running(os.getpid(), "http://127.0.0.1:8080", "http://127.0.0.1:8081")
        (tmp_path / claim.RUNNING).write_text(json.dumps(asdict(note)))
        said = rf"process {os.getpid()}, pages at http://127\.0\.0\.1"
        with pytest.raises(IvrError, match=said), claim.held(tmp_path):
            raise AssertionError("two hotlines hold one directory")
        assert claim.running(tmp_path) == note
    assert claim.running(tmp_path) is None


def test_a_hotline_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    hold = (
        "import sys; from pathlib import Path; from ivr.running import claim\n"
        "with claim.held(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-c", hold, str(tmp_path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout and other.stdout.readline() == b"held\n"
        note = claim.Running(other.pid, "http://127.0.0.1:1", "http://127.0.0.1:2")
        (tmp_path / claim.RUNNING).write_text(json.dumps(asdict(note)))
        with pytest.raises(IvrError, match=f"process {other.pid}"), claim.held(tmp_path):
            raise AssertionError("two hotlines hold one directory")
        other.kill()
    assert claim.running(tmp_path) is None
    with claim.held(tmp_path):
        pass


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", "null", '{"pid": -1}', '{"pid": null}'])
def test_a_note_that_says_nothing_is_no_hotline(tmp_path: Path, text: str) -> None:
    assert claim.running(tmp_path) is None
    with claim.held(tmp_path):
        (tmp_path / claim.RUNNING).write_text(text)
        assert claim.running(tmp_path) is None


def test_a_note_whose_process_is_somebody_else_by_now_is_no_hotline(tmp_path: Path) -> None:
    words = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as stranger:
        (tmp_path / "lock").touch()
        note = claim.Running(stranger.pid, "http://127.0.0.1:1", "http://127.0.0.1:2")
        (tmp_path / claim.RUNNING).write_text(json.dumps(asdict(note)))
        assert claim.running(tmp_path) is None
        assert detached.end(Settings(state_dir=tmp_path)) is False
        assert stranger.poll() is None
        stranger.kill()
