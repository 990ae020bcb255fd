"""The sound of a played call, through a player that writes down what it was given."""

import os
import time
import wave
from pathlib import Path

import pytest

from ivr.flow.effects import Play
from ivr.flow.speech import Clip, Pause
from ivr.rehearsal.player import Loud
from ivr.speech.clips import ClipMissing

PLAY = Play((Clip("您好", "cmn"), Pause(0.5, "，"), Clip("再见", "cmn")), 100)


def load(clip: Clip, speed: int, form: str) -> bytes:
    return b"\xd5" * 4000


def missing(clip: Clip, speed: int, form: str) -> bytes:
    raise ClipMissing(clip, speed, form)


def player(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `paplay` be a program of these lines."""
    program = folder / "paplay"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def comes(path: Path) -> None:
    """Wait until a file is there; the test's own time limit ends it."""
    while not path.exists():
        os.sched_yield()


def test_what_sounds_begins_when_it_is_said_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    player(tmp_path, f'cp "$1" {tmp_path}/new.wav && mv {tmp_path}/new.wav {tmp_path}/heard.wav; '
           "exec sleep 60", monkeypatch)  # fmt: skip
    told: list[str] = []
    loud = Loud(load, "alaw", tmp_path, told.append)
    assert loud.begin(PLAY) == [0.0, 0.5, 1.0, 1.5]
    comes(tmp_path / "heard.wav")
    began = time.monotonic()
    loud.stop()
    loud.stop()
    assert time.monotonic() - began < 30 and not told
    with wave.open(str(tmp_path / "heard.wav")) as heard:
        assert (heard.getframerate(), heard.getnframes()) == (8000, 12000)


def test_without_a_player_the_words_go_on_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    told: list[str] = []
    loud = Loud(load, "alaw", tmp_path, told.append)
    assert "no sound: none of paplay" in told[0]
    assert len(loud.begin(PLAY)) == 4


def test_a_sound_that_was_never_built_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    player(tmp_path, "exit 0", monkeypatch)
    told: list[str] = []
    loud = Loud(missing, "alaw", tmp_path, told.append)
    loud.begin(PLAY)
    loud.begin(PLAY)
    assert len(told) == 1 and "has not been built" in told[0]
