"""`ivr prompts import`, as a person types it."""

from __future__ import annotations

from pathlib import Path

from ivr.flow.speech import Clip
from ivr.speech.takes import Takes
from tests.prompting.given import Ivr, said, sent, told


def test_a_studios_files_become_what_callers_hear(ivr: Ivr, project: Path, speech: Path) -> None:
    folder = sent(project, speech, "cmn.hello.1.mp3", "en.hello.1.flac")
    shown = said(ivr("import", str(folder), "--voice", "Wang Fang", "--licence", "ours alone"))
    assert shown.splitlines()[-1] == (
        "2 of 2 kept as takes of the voice 'Wang Fang'; 'ivr prompts build' makes them heard"
    )
    take = Takes.load(project / "prompts" / "takes").find(Clip("您好，", "cmn"))
    assert take is not None and (take.voice, take.licence) == ("Wang Fang", "ours alone")
    said(ivr("build"))
    heard = said(ivr("play", "hello", "--to", str(project / "heard.wav")))
    assert any("您好，" in line and "Wang Fang, a take" in line for line in heard.splitlines())


def test_each_refused_file_is_told_and_the_others_are_kept(
    ivr: Ivr, project: Path, speech: Path
) -> None:
    folder = sent(project, speech, "cmn.hello.1.wav", "cmn.helo.2.wav")
    (folder / "en.hello.1.wav").write_text("no sound")
    result = ivr("import", str(folder))
    assert said(result, 1).splitlines()[-1].startswith("1 of 3 kept ")
    wrong, unread = result.stderr.splitlines()
    assert wrong.endswith(
        "cmn.helo.2.wav: no clip has the name 'cmn.helo.2'; did you mean 'cmn.hello.2'?"
    )
    assert unread.startswith(str(folder / "en.hello.1.wav")) and "not a recording" in unread
    assert len(Takes.load(project / "prompts" / "takes")) == 1


def test_a_corrupt_manifest_is_not_written_over(ivr: Ivr, project: Path, speech: Path) -> None:
    takes = project / "prompts" / "takes"
    takes.mkdir()
    (takes / "cmn.jsonl").write_text("<<<<<<< HEAD\n")
    complaint = told(ivr("import", str(sent(project, speech, "cmn.hello.1.wav"))))
    assert (
        "cmn.hello.1.wav: mend this first, or it would be lost:\nprompts/takes/cmn.js" in complaint
    )
    assert (takes / "cmn.jsonl").read_text() == "<<<<<<< HEAD\n"


def test_an_import_names_somebody(ivr: Ivr, project: Path, speech: Path) -> None:
    folder = str(sent(project, speech, "cmn.hello.1.wav"))
    for option in ("--voice", "--licence"):
        told = ivr("import", folder, option, " ")
        assert told.exit_code == 1 and "cannot be empty" in told.output
    assert not (project / "prompts" / "takes").exists()


def test_one_spoiled_manifest_keeps_no_other_language_out(
    ivr: Ivr, project: Path, speech: Path
) -> None:
    folder = str(sent(project, speech, "cmn.hello.1.wav", "en.hello.1.wav"))
    takes = project / "prompts" / "takes"
    takes.mkdir()
    (takes / "cmn.jsonl").write_text("no JSON\n")
    result = ivr("import", folder)
    assert "1 of 2 kept" in said(result, 1)
    assert "mend this first, or it would be lost" in result.stderr
    assert (takes / "cmn.jsonl").read_text() == "no JSON\n"
    assert (takes / "en" / "hello.1.opus").exists()
