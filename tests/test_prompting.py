"""The commands `ivr prompts …`, as a person types them."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from ivr import config, disk
from ivr.cli import app
from ivr.errors import width
from ivr.flow.speech import Clip
from ivr.speech import manifest
from ivr.speech.sheet import sheet
from ivr.speech.takes import Takes
from ivr.speech.voices import Espeak
from tests.stage import ROOT, furnish

Ivr = Callable[..., Result]

FLOW = """\
flow: f
languages: [cmn, en]
speeds: [75%, 100%]
start: greet
nodes:
  greet: {say: hello, go: find}
  find:
    lookup: billing.balance
    using: {number: $caller.number}
    into: account
    found: tell
    missing: bye
    failed: bye
  tell: {say: {expires: {on: $account.expires}}, go: bye}
  bye: hangup
"""
PROMPTS = """\
hello: {cmn: 您好，欢迎您。, en: 'Hello, welcome.'}
expires: {cmn: '有效期到{on:weekday}。', en: 'It is valid until {on:weekday}.'}
one_moment: {cmn: 请稍候。, en: One moment.}
apology: {cmn: 对不起。, en: Sorry.}
"""
SETTINGS = """\
numbers: {"10086": f}
codecs: [alaw]
voices: {cmn: [recorded, espeak], en: [recorded, espeak]}
remember_callers: 90d
"""
# 5 clauses and 7 days in each language.
TEXTS = 24


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small hotline of its own."""
    for name in ("flows", "prompts", "asterisk-config"):
        (tmp_path / name).mkdir()
    for name in ("services.yaml", "hours.yaml"):
        shutil.copy(ROOT / "flows" / name, tmp_path / "flows")
    furnish(tmp_path / "asterisk-config")
    (tmp_path / "flows" / "f.yaml").write_text(FLOW)
    (tmp_path / "prompts" / "p.yaml").write_text(PROMPTS)
    (tmp_path / "ivr.yaml").write_text(SETTINGS)
    for name in [name for name in os.environ if name.startswith("IVR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("IVR_ROOT", str(tmp_path))
    return tmp_path


@pytest.fixture
def ivr(project: Path) -> Ivr:
    return lambda *words: CliRunner().invoke(app, ("prompts", *words))


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of somebody who says hello: a WAV file."""
    wav = tmp_path_factory.mktemp("speech") / "hello.wav"
    Espeak().speak(Clip("您好，", "cmn"), wav)
    return wav


def said(result: Result, code: int = 0) -> str:
    """Return what a command that ended so said on its standard output."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result.stdout


def told(result: Result) -> str:
    """Return what a command that failed complained of."""
    said(result, 1)
    return result.stderr


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def sent(project: Path, speech: Path, *names: str) -> Path:
    """Return a studio's folder of recordings with these names."""
    folder = project / "sent"
    folder.mkdir(exist_ok=True)
    samples, rate = soundfile.read(speech, dtype="float32")
    for name in names:
        soundfile.write(folder / name, np.stack([samples, samples], axis=1), rate)
    return folder


def built(project: Path) -> list[Path]:
    return sorted(path for path in (project / "prompts" / "built").rglob("*") if path.is_file())


def record_the_words_of_values(project: Path) -> None:
    """Leave Mandarin alone, and give every word of its values a take: all the same sound."""
    edit(project / "flows" / "f.yaml", "languages: [cmn, en]", "languages: [cmn]")
    master = project / "master"
    tone = np.sin(np.arange(12_000) * 0.1).astype(np.float32)
    takes = Takes.load(master)
    like = takes.keep(Clip("tone", "en"), "tone", tone, 24_000, Espeak().name, "ours")
    sound = takes.master(like).read_bytes()
    rows = [row for row in sheet(disk.load(config.settings())[0]) if row.kinds]
    lines = [replace(like, id=r.id, clip=r.clip, file=f"cmn/{r.id}.opus") for r in rows]
    folder = project / "prompts" / "takes"
    (folder / "cmn").mkdir(parents=True)
    (folder / "cmn.jsonl").write_bytes(manifest.written(lines))
    for line in lines:
        (folder / line.file).write_bytes(sound)


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


def test_the_status_of_a_fresh_project_names_what_lacks_and_counts_words(ivr: Ivr) -> None:
    shown = said(ivr("status"), 1)
    assert "cmn.hello.2" in shown and "欢迎您。" in shown
    assert "7 words of values; --all names them" in shown
    assert "星期三" not in shown
    last = shown.splitlines()[-1]
    assert last.startswith(f"{TEXTS} texts: 0 with a take, {TEXTS} without; 0 changed, ")
    assert last.endswith(f"{TEXTS} not built: ivr prompts build")
    every = said(ivr("status", "--all"), 1)
    assert "星期三" in every and "words of values" not in every


def test_the_status_shows_a_changed_text_beside_what_was_recorded(
    ivr: Ivr, project: Path, speech: Path
) -> None:
    said(ivr("import", str(sent(project, speech, "cmn.hello.1.wav"))))
    edit(project / "prompts" / "p.yaml", "您好，", "你好，")
    lines = said(ivr("status"), 1).splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("Changed since"))
    assert lines[at + 2].split() == ["cmn.hello.1", "recorded", "您好，", "studio"]
    assert lines[at + 3].split() == ["now", "你好，"]
    assert "1 changed, 0 said no more" in lines[-1]


def test_the_status_names_takes_that_nothing_says(ivr: Ivr, project: Path, speech: Path) -> None:
    said(ivr("import", str(sent(project, speech, "cmn.apology.1.wav"))))
    edit(project / "prompts" / "p.yaml", "apology: {cmn: 对不起。, en: Sorry.}", "")
    shown = said(ivr("status"), 1)
    assert "Takes that nothing says any more" in shown and "cmn.apology.1" in shown
    said(ivr("import", str(sent(project, speech, "cmn.hello.2.wav")), "--voice", Espeak().name), 1)
    edit(project / "prompts" / "p.yaml", "欢迎您。", "")
    shown = said(ivr("status"), 1)
    assert "1 by programs" in shown and "cmn.hello.2" not in shown
    assert "cmn.hello.2" in said(ivr("status", "--all"), 1)


def test_the_status_tells_of_two_voices_in_one_prompt(
    ivr: Ivr, project: Path, speech: Path
) -> None:
    said(ivr("build"))
    assert "0 in mixed voices" in said(ivr("status"))
    said(ivr("import", str(sent(project, speech, "cmn.expires.1.wav")), "--voice", "Wang Fang"))
    said(ivr("build"))
    shown = said(ivr("status"))
    assert "7 by espeak-ng" in shown and "1 by Wang Fang" in shown
    assert "prompts/p.yaml:2" in shown and "1 in mixed voices" in shown


def test_the_status_tells_of_damaged_recordings_and_lines(
    ivr: Ivr, project: Path, speech: Path
) -> None:
    names = ("cmn.hello.1.wav", "cmn.hello.2.wav", "en.hello.1.wav")
    said(ivr("import", str(sent(project, speech, *names))))
    said(ivr("build"))
    said(ivr("status"))
    takes = project / "prompts" / "takes"
    (takes / "cmn" / "hello.1.opus").write_bytes(b"damaged")
    (takes / "cmn" / "hello.2.opus").unlink()
    (takes / "en.jsonl").write_text("no JSON\n")
    shown = " ".join(said(ivr("status"), 1).split())
    assert "prompts/takes/cmn.jsonl:1 cmn/hello.1.opus is not the recording" in shown
    assert "prompts/takes/cmn.jsonl:2 cmn/hello.2.opus, the recording of '欢迎您。'," in shown
    assert "prompts/takes/en.jsonl:1 not a line of JSON" in shown
    assert "3 damaged" in shown


def test_what_is_shown_fits_a_terminal_of_80_columns(ivr: Ivr, project: Path) -> None:
    long = "您的话费余额" * 20
    edit(project / "prompts" / "p.yaml", "欢迎您。", f"{long}。")
    for command, times in (("status", 1), ("list", 2)):
        lines = ivr(command).stdout.splitlines()
        assert max(width(line) for line in lines if " texts: " not in line) <= 80
        assert "".join(lines).count("费") == 20 * times


def test_the_sheet_has_a_name_a_sentence_and_a_length_for_each_clip(
    ivr: Ivr, project: Path, speech: Path
) -> None:
    said(ivr("import", str(sent(project, speech, "cmn.hello.1.wav"))))
    lines = said(ivr("list")).splitlines()
    (recorded,) = [line for line in lines if "cmn.hello.1" in line]
    assert "【您好，】欢迎您。" in recorded and recorded.split()[-1] == "studio"
    (estimated,) = [line for line in lines if "cmn.hello.2" in line]
    assert estimated.split()[-1].startswith("~0.")
    (day,) = [line for line in lines if "【星期三】" in line]
    assert "有效期到…【星期三】…。" in day
    assert "三元" not in "".join(lines)
    assert "三元" in said(ivr("list", "--all", "--language", "cmn"))


def test_the_sheet_for_a_spreadsheet_opens_right_in_excel(
    ivr: Ivr, project: Path, speech: Path
) -> None:
    said(ivr("import", str(sent(project, speech, "cmn.hello.1.wav"))))
    result = ivr("list", "--csv", "--language", "cmn")
    said(result)
    assert result.stdout_bytes.startswith(b"\xef\xbb\xbfid,language,text,")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(result.stdout.lstrip("\ufeff")))}
    assert len(rows) == TEXTS // 2
    hello = rows["cmn.hello.1"]
    assert (hello["text"], hello["context"]) == ("您好，", "【您好，】欢迎您。")
    assert (hello["said by"], hello["written at"]) == ("hello", "prompts/p.yaml:1")
    assert (hello["nodes"], hello["voice"]) == ("f/greet", "studio")
    assert (hello["seconds are"], float(hello["seconds"]) > 0.2) == ("recorded", True)
    assert rows["cmn.hello.2"]["seconds are"] == "estimated"
    (day,) = [row for row in rows.values() if row["text"] == "星期三"]
    assert (day["value"], day["said by"]) == ("weekday", "expires")


def test_a_language_nobody_speaks_is_told(ivr: Ivr) -> None:
    assert told(ivr("list", "--language", "yue")) == (
        "ivr: 'yue' is not spoken by any flow; cmn, en are\n"
    )


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
