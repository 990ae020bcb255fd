"""`ivr announce`: what is wrong is told and stores nothing; what is right has all its sounds."""

import io
import sqlite3
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import soundfile
from rich.console import Console
from typer.testing import CliRunner, Result

from ivr import screen
from ivr.announcements import announcing
from ivr.cli import app
from ivr.errors import IvrError
from ivr.speech import announced
from ivr.speech.takes import Takes
from ivr.store.announcements import Notice
from tests.speech.sound import tone
from tests.stage import ROOT, START, load

Ivr = Callable[..., Result]

FLOW = """
flow: f
languages: [yue, en]
start: a
nodes:
  a: {announcements: hotline}
"""
OTHER = """
flow: g
languages: [cmn]
start: a
nodes:
  a: {announcements: roaming}
"""


def notice(
    text: str | None = None,
    *texts: str,
    where: tuple[str, ...] = ("hotline",),
    sounds: tuple[str, ...] = (),
    length: str = "2h",
) -> tuple[Notice, Mapping[str, Path]]:
    project = load(FLOW, OTHER)
    return announcing.notice(project, text, where, texts, sounds, length, "lin", START)


def test_a_text_is_in_the_first_language_of_the_flow_that_has_the_place() -> None:
    assert notice("网络故障。")[0].texts == {"yue": "网络故障。"}
    assert notice("网络故障。", where=("roaming", "hotline"))[0].texts == {"cmn": "网络故障。"}


def test_every_language_has_its_own_words_or_its_own_file() -> None:
    made, files = notice("网络\n故障。", sounds=("en=~/notice.wav",))
    assert made.texts == {"yue": "网络 故障。", "en": "notice.wav"}
    assert made.recorded == ("en",)
    assert files == {"en": Path("~/notice.wav").expanduser()}


def test_names_of_files_and_of_people_colour_no_terminal() -> None:
    made, files = notice(sounds=("en=a\x1b[31m\udcff.wav",))
    assert made.texts == {"en": "a\ufffd[31m\ufffd.wav"}
    assert files == {"en": Path("a\x1b[31m\udcff.wav")}
    project = load(FLOW, OTHER)
    made, _ = announcing.notice(project, "网络", ["hotline"], [], [], "2h", "l\x1bin" * 40, START)
    assert made.by == ("l\ufffdin" * 40)[:100]


def test_it_lasts_as_long_as_was_said() -> None:
    made, _ = notice("网络故障。", length="1h30m")
    assert made.until - made.since == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("words", "options", "told"),
    [
        ([None], {}, "nothing to announce"),
        (["网络"], {"where": ("hotlin",)}, r"'hotlin'; did you mean 'hotline'\?; the places: hotl"),
        (["网络", "cmn=网络"], {}, "'cmn' is not spoken there; the languages: yue, en"),
        (["网络", "Hello"], {}, "'Hello': a language and what is said in it"),
        (["网络", "en="], {}, "'en=': a language and what is said in it"),
        (["网络", "yue=网络"], {}, r"Cantonese \(yue\) is given twice"),
        (["网络"], {"sounds": ("yue=a.wav",)}, r"Cantonese \(yue\) is given twice"),
        (["Hello"], {}, "'Hello' is not Cantonese; write --language en="),
        ([None, "en=网络"], {}, "'网络' is not English; write --language cmn="),
        (["。，"], {}, "no words"),
        (["网{x}络"], {}, "take the braces out"),
        (["网\x1b络"], {}, "nobody can say or show"),
        (["网" * 801], {}, "801 characters are too long"),
        (["网络"], {"length": "2"}, "--for: '2' is not a length of time"),
        (["网络"], {"length": "0m"}, "over before anybody hears it"),
    ],
)
def test_what_nobody_would_hear_or_understand_is_told(
    words: list[str], options: Mapping[str, object], told: str
) -> None:
    with pytest.raises(IvrError, match=told):
        notice(*words, **options)  # type: ignore[arg-type]


def test_where_no_flow_announces_anything_that_is_told() -> None:
    project = load("flow: f\nlanguages: [cmn]\nstart: a\nnodes:\n  a: hangup")
    with pytest.raises(IvrError, match="no flow has a node of the kind 'announcements'"):
        announcing.notice(project, "网络", ["hotline"], [], [], "2h", "lin", START)


@pytest.fixture
def ivr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ivr:
    """Run `ivr` on a flow with a place, with one voice and a state of its own."""
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "f.yaml").write_text(FLOW + "speeds: [75%]\n")
    # An author is in the middle of something; that keeps nobody from announcing.
    (flows / "g.yaml").write_text("flow: g\nlanguages: [yue]\nstart: nowhere\nnodes: {}\n")
    voices = '{"yue": ["espeak"], "en": ["espeak"]}'
    settings = {"ROOT": ROOT, "STATE_DIR": tmp_path / "state", "FLOWS": flows, "VOICES": voices}
    settings |= {"NUMBERS": '{"10086": "f"}', "CODECS": '["alaw"]'}
    for name, value in settings.items():
        monkeypatch.setenv(f"IVR_{name}", str(value))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: CliRunner().invoke(app, words)


def test_it_is_announced_listed_and_withdrawn(ivr: Ivr, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "notice.wav", tone(300, 1.0), 24_000)
    file = f"en={tmp_path / 'notice.wav'}"
    done = ivr("announce", "網絡故障。", "--sound", file, "--where", "hotline", "--for", "2h")
    assert done.exit_code == 0, done.output
    assert "announcement 1 is said at hotline in Cantonese and English until " in done.stdout
    (folder,) = (tmp_path / "state/announcements").iterdir()
    heard = announced.heard(folder)
    clips = [take.clip for take in Takes.load(folder)]
    assert [clip.language for clip in clips] == ["en", "yue"]
    assert heard.missing(clips, (75, 100), ("alaw",)) == []

    listed = ivr("announcements").stdout
    assert all(word in listed for word in ("網絡故障。", "hotline", "yue en")), listed
    assert ivr("announcements", "withdraw", "1").exit_code == 0
    assert "withdrawn" in ivr("announcements").stdout
    again = ivr("announcements", "withdraw", "1")
    assert (again.exit_code, again.stderr) == (
        1,
        "ivr: there is no announcement 1, or it is over\n",
    )


def test_what_is_on_the_air_is_told_to_be_though_what_is_over_cannot_be_cleared_away(
    ivr: Ivr, tmp_path: Path
) -> None:
    words = ("announce", "網絡故障。", "--where", "hotline", "--for", "2h")
    assert ivr(*words).exit_code == 0
    (records,) = (tmp_path / "state").glob("*.db")
    with sqlite3.connect(records) as old:
        old.execute("update announcements set until = '2026-01-01 00:00:00.000000'")
        refuse = "begin select raise(abort, 'the disk is full'); end"
        old.execute(f"create trigger no before delete on announcements {refuse}")
    done = ivr(*words)
    assert (done.exit_code, "announcement 2 is said at hotline" in done.stdout) == (0, True)
    assert "the disk is full" in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--language", "en=Hello.", "--sound", "yue=/nowhere.wav"], "/nowhere.wav: No such file"),
        (["--sound", f"yue={ROOT / 'README.md'}"], "not a recording that can be read"),
    ],
)
def test_what_cannot_be_made_into_sound_is_stored_nowhere(
    ivr: Ivr, tmp_path: Path, words: list[str], told: str
) -> None:
    done = ivr("announce", "--where", "hotline", "--for", "2h", *words)
    assert done.exit_code == 1
    assert told in done.stderr
    assert list((tmp_path / "state/announcements").iterdir()) == []
    assert "nothing is announced" in ivr("announcements").stdout


def test_a_text_no_voice_can_say_is_stored_nowhere(
    ivr: Ivr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IVR_VOICES", '{"yue": ["recorded"]}')
    done = ivr("announce", "網絡故障。", "--where", "hotline", "--for", "2h")
    assert done.exit_code == 1
    assert "'網絡故障。' (yue): no voice speaks it" in done.stderr
    assert list((tmp_path / "state/announcements").iterdir()) == []


@pytest.mark.parametrize("more", [[], ["withdraw", "1"]])
def test_a_state_directory_that_is_not_there_is_told_and_not_made(
    ivr: Ivr, tmp_path: Path, more: list[str]
) -> None:
    done = ivr("announcements", "--state-dir", str(tmp_path / "none"), *more)
    assert done.exit_code == 1
    assert f"no hotline has run on {tmp_path / 'none'}" in done.stderr
    assert not (tmp_path / "none").exists()


def test_what_is_announced_on_another_state_is_kept_and_listed_there(
    ivr: Ivr, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "notice.wav", tone(300, 1.0), 24_000)
    file, there = f"en={tmp_path / 'notice.wav'}", ("--state-dir", str(tmp_path / "other"))
    done = ivr("announce", "--sound", file, "--where", "hotline", "--for", "2h", *there)
    assert f"ivr announcements withdraw 1 --state-dir {tmp_path / 'other'}" in done.stdout
    assert not (tmp_path / "state").exists()
    assert "notice.wav" in ivr("announcements", *there).stdout
    assert ivr("announcements", "withdraw", "1", *there).exit_code == 0


def test_a_narrow_table_cuts_nothing_off(
    ivr: Ivr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soundfile.write(tmp_path / "notice.wav", tone(300, 1.0), 24_000)
    file = f"en={tmp_path / 'notice.wav'}"
    ivr("announce", "網絡故障，而家搶修緊。", "--sound", file, "--where", "hotline", "--for", "2h")
    narrow = Console(width=60, file=io.StringIO(), force_terminal=True, color_system=None)
    monkeypatch.setattr(screen, "out", narrow)
    ivr("announcements")
    assert isinstance(narrow.file, io.StringIO)
    shown = narrow.file.getvalue()
    assert "…" not in shown and "緊" in shown
