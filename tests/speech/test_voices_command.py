"""Any program as a voice."""

import shlex
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ivr.errors import IvrError
from ivr.flow.speech import Clip
from ivr.speech.voices import VoiceError
from ivr.speech.voices.command import Command

WRITE = "open(sys.argv[1], 'wb').write(b'RIFF1234WAVEfmt ')"


def command(program: str, *words: str, seconds: float = 20) -> Command:
    argv = [sys.executable, "-c", f"import sys; {program}", *(words or ("{wav}",))]
    return Command(shlex.join(argv), seconds)


def test_the_words_come_by_stdin(tmp_path: Path) -> None:
    voice = command(f"{WRITE}; open(sys.argv[1] + '.txt', 'w').write(sys.stdin.read())")
    voice.speak(Clip("请按2", "cmn"), tmp_path / "take.wav")
    assert (tmp_path / "take.wav.txt").read_text() == "请按二"


def test_places_are_filled_once_and_no_shell_sees_them(tmp_path: Path) -> None:
    voice = command(
        f"{WRITE}; open(sys.argv[1] + '.txt', 'w').write('|'.join(sys.argv[2:]))",
        "{wav}",
        "--text={text}",
        "{language}",
    )
    voice.speak(Clip("$(id); {wav} 'x'", "en"), tmp_path / "take.wav")
    assert (tmp_path / "take.wav.txt").read_text() == "--text=$(id); {wav} 'x'|en"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("sys.exit('first\\nno quota left')", r"failed \(1\): no quota left$"),
        ("sys.exit(3)", r"failed \(3\): no word$"),
        ("pass", "wrote no recording$"),
        ("open(sys.argv[1], 'w').write('<html>')", "is no RIFF WAVE file$"),
    ],
)
def test_a_program_that_fails_is_told(program: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=said):
        command(program).speak(Clip("one", "en"), tmp_path / "take.wav")


def test_a_program_that_takes_too_long_is_ended_with_all_it_started(tmp_path: Path) -> None:
    spawn = "import subprocess; subprocess.run(['sleep', '60'])"
    began = time.monotonic()
    with pytest.raises(VoiceError, match=r"still busy after 0.3 s$"):
        command(spawn, seconds=0.3).speak(Clip("one", "en"), tmp_path / "take.wav")
    assert time.monotonic() - began < 20


def test_closing_a_voice_ends_what_it_runs(tmp_path: Path) -> None:
    voice = command("open(sys.argv[1], 'wb'); import time; time.sleep(60)")
    with ThreadPoolExecutor(1) as pool:
        speaking = pool.submit(voice.speak, Clip("hello", "en"), tmp_path / "take.wav")
        while not (tmp_path / "take.wav").exists():
            assert not speaking.done()
        voice.close()
        with pytest.raises(VoiceError, match="failed"):
            speaking.result(10)


def test_a_program_that_fails_again_and_again_is_given_up(tmp_path: Path) -> None:
    voice = command("sys.exit('no licence')")
    for _ in range(3):
        assert voice.absent() is None
        with pytest.raises(VoiceError, match="no licence"):
            voice.speak(Clip("hello", "en"), tmp_path / "take.wav")
    assert str(voice.absent()).endswith("failed 3 times in a row")


def test_a_program_that_is_not_there_is_absent(tmp_path: Path) -> None:
    voice = Command("/no/such/program {wav}")
    assert voice.absent() == (
        "there is no program '/no/such/program', the command of a voice: install it"
    )
    with pytest.raises(VoiceError, match=r"cannot be started: No such file or directory$"):
        voice.speak(Clip("one", "en"), tmp_path / "take.wav")
    assert command("pass").absent() is None


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("say {wave}", "no place '{wave}'; did you mean 'wav'?"),
        ("say {} {wav}", "no place '{}'; there are {language}, {text}, {wav}"),
        ("say {text}", "has no {wav} to write to: say {text}"),
        ("", "has no {wav} to write to"),
        ("say '{wav}", "cannot be read (No closing quotation): say '{wav}"),
    ],
)
def test_a_template_that_cannot_be_right_is_refused_at_once(template: str, said: str) -> None:
    with pytest.raises(IvrError) as told:
        Command(template)
    assert said in str(told.value)


def test_a_changed_command_is_another_voice() -> None:
    assert Command("say {wav}").name != Command("say --fast {wav}").name
