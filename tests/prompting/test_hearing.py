"""`ivr prompts play`, as a person types it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.speech.voices import Espeak
from tests.prompting.given import Ivr, edit, said, told


def test_a_prompt_is_heard_as_a_caller_hears_it(ivr: Ivr, project: Path) -> None:
    to = project / "heard.wav"
    words = ("play", "expires", "--given", "on=2026-11-22", "--to", str(to))
    shown = said(ivr(*words))
    assert shown.startswith("expires · cmn · 100% · ") and "有效期到星期日。" in shown
    assert [line.split()[1] for line in shown.splitlines() if Espeak().name in line] == [
        "有效期到",
        "星期日",
    ]
    usual = soundfile.info(to)
    assert (usual.samplerate, usual.channels) == (8000, 1)
    assert f" {usual.duration:.1f} s" in shown
    said(ivr(*words, "--speed", "75", "--language", "en"))
    slow = soundfile.info(to)
    said(ivr(*words, "--language", "en"))
    assert slow.duration / soundfile.info(to).duration == pytest.approx(1 / 0.75, rel=0.03)


@pytest.mark.parametrize("form", ["ulaw", "g722"])
def test_a_prompt_is_heard_in_the_form_that_telephones_get(
    ivr: Ivr, project: Path, form: str
) -> None:
    edit(project / "ivr.yaml", "codecs: [alaw]", f"codecs: [{form}]")
    said(ivr("play", "hello", "--to", str(project / "heard.wav")))
    samples, rate = soundfile.read(project / "heard.wav")
    assert rate == (16_000 if form == "g722" else 8000)
    assert 0.1 < np.abs(samples).max() < 0.95 and 0.02 < np.sqrt((samples**2).mean()) < 0.2


@pytest.mark.parametrize(
    ("words", "lesson"),
    [
        (("helo",), "there is no prompt 'helo'; did you mean 'hello'?"),
        (("x",), "there is no prompt 'x'; 'ivr prompts list' has them all"),
        (("hello", "--language", "yue"), "'yue' is not spoken by any flow; cmn, en are"),
        (("hello", "--speed", "80"), "the speeds of the flows are 75, 100"),
        (("expires",), "'expires' needs on (weekday), such as --given on=2026-12-31"),
        (("expires", "--given", "onn=1"), "'expires' does not say 'onn'; did you mean 'on'?"),
        (("expires", "--given", "on=today"), "--given on: 'today' is not a date"),
    ],
)
def test_what_cannot_be_played_is_told(ivr: Ivr, words: tuple[str, ...], lesson: str) -> None:
    assert lesson in told(ivr("play", *words))


def test_without_a_sound_device_a_file_is_offered(
    ivr: Ivr, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    players = project / "bin"
    players.mkdir()
    for name in ("espeak-ng", "sox"):
        (players / name).symlink_to(shutil.which(name) or name)
    (players / "play").write_text("#!/bin/sh\necho 'no default audio device' >&2\nexit 1\n")
    (players / "play").chmod(0o755)
    monkeypatch.setenv("PATH", f"{players}:/bin")
    complaint = told(ivr("play", "hello"))
    assert "no sound can be played here (play: no default audio device" in complaint
    assert "--to heard.wav" in complaint


def test_where_there_is_a_sound_device_it_is_played(
    ivr: Ivr, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    players = project / "bin"
    players.mkdir()
    (players / "play").write_text(f"#!/bin/sh\ncat > {project}/played.wav\n")
    (players / "play").chmod(0o755)
    monkeypatch.setenv("PATH", f"{players}:{os.environ['PATH']}")
    said(ivr("play", "hello"))
    assert soundfile.info(project / "played.wav").duration > 1
