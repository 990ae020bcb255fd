"""`ivr prompts build`, as a person types it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.flow.speech import Clip
from ivr.speech.takes import Takes
from ivr.speech.voices import Espeak
from tests.prompting.given import (
    TEXTS,
    Ivr,
    built,
    edit,
    record_the_words_of_values,
    said,
    sent,
    told,
)
from tests.stage import ROOT


def test_everything_that_can_be_heard_is_built_once(ivr: Ivr, project: Path) -> None:
    assert f"prompts: {TEXTS} of {TEXTS}" in said(ivr("build"))
    files = built(project)
    assert len(files) == TEXTS * 2  # speeds
    assert {path.suffix for path in files} == {".alaw"}
    apologies = sorted(path.name for path in (project / "var" / "sounds").iterdir())
    assert apologies == ["apology-cmn.alaw", "apology-en.alaw"]
    assert said(ivr("build")) == ""
    assert built(project) == files


def test_a_changed_text_alone_is_built_anew(ivr: Ivr, project: Path) -> None:
    said(ivr("build"))
    edit(project / "prompts" / "p.yaml", "欢迎您。", "欢迎来电。")
    assert "1 not built: ivr prompts build" in said(ivr("status"), 1)
    assert "prompts: 1 of 1" in said(ivr("build"))
    assert said(ivr("status")).endswith("all are built\n")


def test_a_voice_that_is_not_there_is_passed_over_with_one_line(ivr: Ivr, project: Path) -> None:
    edit(project / "ivr.yaml", "cmn: [recorded, espeak]", "cmn: [recorded, command, espeak]")
    with (project / "ivr.yaml").open("a") as settings:
        settings.write("voice_command: no-such-program {wav}\n")
    lines = said(ivr("build")).splitlines()
    assert f"prompts: {TEXTS} of {TEXTS}" in lines
    assert len([line for line in lines if "no-such-program" in line]) == 1


def test_a_text_no_voice_can_say_is_told_and_the_rest_is_built(ivr: Ivr, project: Path) -> None:
    edit(project / "prompts" / "p.yaml", "'Hello, welcome.'", "'Hello, 您 welcome.'")
    complaint = told(ivr("build"))
    assert "ivr: 1 clip could not be built:\n  '您 welcome.' (en): " in complaint
    assert len(built(project)) == (TEXTS - 1) * 2


def test_a_folder_that_cannot_be_written_to_is_named(ivr: Ivr, project: Path) -> None:
    (project / "prompts" / "built").write_text("in the way")
    assert str(project / "prompts" / "built") in told(ivr("build"))


@pytest.mark.timeout(120)  # a program of its own is started, beside whatever else runs
def test_a_build_that_is_broken_off_leaves_whole_sounds_and_goes_on(
    ivr: Ivr, project: Path
) -> None:
    many = {f"p{n}": f"您好，第{n}位客户。" for n in range(100)}
    texts = "".join(f"{name}: {{cmn: {text}}}\n" for name, text in many.items())
    with (project / "prompts" / "p.yaml").open("a") as file:
        file.write(texts)
    with subprocess.Popen(
        [sys.executable, "-m", "ivr", "prompts", "build"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as build:
        assert build.stdout and build.stderr
        line = build.stdout.readline()
        assert line.startswith("prompts: 0 of ")
        build.send_signal(signal.SIGINT)
        assert build.wait(30) == 130
        assert build.stderr.read() == "broken off; start again, it goes on\n"
    done = built(project)
    assert all(path.suffix == ".alaw" for path in done)
    (line,) = [x for x in said(ivr("status"), 1).splitlines() if "not built" in x]
    left = int(line.partition(" not built")[0].rpartition(" ")[2])
    assert 0 < left <= 100 + TEXTS - len(done) // 2


def test_kept_takes_are_made_once_and_those_nothing_says_are_removed(
    ivr: Ivr, project: Path
) -> None:
    record_the_words_of_values(project)
    assert "takes: 5 of 5" in said(ivr("build", "--keep"))
    takes = Takes.load(project / "prompts" / "takes")
    take = takes.find(Clip("您好，", "cmn"))
    assert take is not None and (take.id, take.voice) == ("hello.1", Espeak().name)
    assert "0 without; " in said(ivr("status"))
    assert said(ivr("build", "--keep")) == ""
    edit(project / "prompts" / "p.yaml", "您好，欢迎您。", "早上好，您好。")
    assert "takes: 2 of 2" in said(ivr("build", "--keep"))
    shown = said(ivr("status"))
    assert "0 without; 0 changed, 0 said no more" in shown
    now = Takes.load(project / "prompts" / "takes")
    assert now.find(Clip("您好，", "cmn")) is None and len(now) == len(takes)


def test_a_persons_recording_is_never_removed_nor_written_over(
    ivr: Ivr, project: Path, speech: Path
) -> None:
    record_the_words_of_values(project)
    said(ivr("import", str(sent(project, speech, "cmn.hello.1.wav", "cmn.apology.1.wav"))))
    edit(project / "prompts" / "p.yaml", "您好，欢迎您。", "早上好，欢迎您。")
    edit(project / "prompts" / "p.yaml", "apology: {cmn: 对不起。, en: Sorry.}", "")
    shown = said(ivr("build", "--keep"))
    assert "cmn.hello.1 is not kept: a recording of '您好，' has this name" in shown
    takes = Takes.load(project / "prompts" / "takes")
    assert [t.clip.text for t in takes if t.voice == "studio"] == ["对不起。", "您好，"]
    shown = said(ivr("status"))
    assert "1 changed, 1 said no more" in shown
