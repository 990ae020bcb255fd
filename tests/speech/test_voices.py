import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.flow.speech import Clip
from ivr.speech.voices import Espeak, Voice, VoiceError, voices


@pytest.mark.parametrize(
    "clip", [Clip("你好", "cmn"), Clip("你好", "yue"), Clip("good morning", "en")]
)
def test_each_language_is_spoken_without_clipping(clip: Clip, tmp_path: Path) -> None:
    Espeak().speak(clip, tmp_path / "take.wav")
    with wave.open(str(tmp_path / "take.wav")) as take:
        samples = memoryview(take.readframes(take.getnframes())).cast("h")
        assert 0.3 < len(samples) / take.getframerate() < 3
    assert 3000 < max(abs(sample) for sample in samples) < 32767


def test_it_says_which_languages_it_speaks() -> None:
    assert Espeak().languages() == {"cmn", "yue", "en"}


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="no voice here for the language 'fr'"):
        Espeak().speak(Clip("bonjour", "fr"), tmp_path / "take.wav")


def test_a_text_that_looks_like_an_option_is_spoken(tmp_path: Path) -> None:
    Espeak().speak(Clip(f"-w {tmp_path}/other.wav", "en"), tmp_path / "take.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["take.wav"]


@pytest.mark.parametrize("text", ["", "，。", "   ", "\0"])
def test_a_text_without_a_word_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="nothing to say in"):
        Espeak().speak(Clip(text, "cmn"), tmp_path / "take.wav")


def test_a_text_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="1001 characters is too long"):
        Espeak().speak(Clip("好" * 1001, "cmn"), tmp_path / "take.wav")


def test_a_voice_that_is_not_installed_names_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VoiceError, match=r"apt install espeak-ng$"):
        Espeak().speak(Clip("你好", "cmn"), tmp_path / "take.wav")


def test_a_voice_whose_words_are_not_installed_names_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An espeak-ng with its tables but without its voices.
    for part in Path("/usr/lib").glob("*/espeak-ng-data/*"):
        if part.is_file():
            (tmp_path / "espeak-ng-data").mkdir(exist_ok=True)
            (tmp_path / "espeak-ng-data" / part.name).symlink_to(part)
    monkeypatch.setenv("ESPEAK_DATA_PATH", str(tmp_path))
    with pytest.raises(VoiceError, match="apt install espeak-ng-data"):
        Espeak().speak(Clip("你好", "yue"), tmp_path / "take.wav")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"wrote no recording .*no folder"):
        Espeak().speak(Clip("你好", "cmn"), tmp_path / "no folder" / "take.wav")


@pytest.fixture(scope="module", params=["kokoro", "piper", "gtts"])
def installed(request: pytest.FixtureRequest) -> Iterator[Voice]:
    """A voice that is not in every checkout, where it is in this one."""
    (voice,) = voices([request.param]).values()
    if why := voice.absent():
        pytest.skip(why)
    yield voice
    voice.close()


@pytest.mark.parametrize(
    "clip",
    [
        Clip("您的话费余额是一百元", "cmn"),
        Clip("拨10086，选5G", "cmn"),
        Clip("你嘅話費餘額係一百蚊", "yue"),
        Clip("your balance is one hundred yuan", "en"),
    ],
)
def test_an_installed_voice_speaks_its_languages(
    installed: Voice, clip: Clip, tmp_path: Path
) -> None:
    if clip.language not in installed.languages():
        with pytest.raises(VoiceError, match="no voice here for the language"):
            installed.speak(clip, tmp_path / "take.wav")
        return
    installed.speak(clip, tmp_path / "take.wav")
    with wave.open(str(tmp_path / "take.wav")) as take:
        samples = memoryview(take.readframes(take.getnframes())).cast("h")
        assert 1 < len(samples) / take.getframerate() < 6
    assert 3000 < max(abs(sample) for sample in samples) < 32767


def test_what_an_installed_voice_cannot_write_is_told(installed: Voice, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="no folder"):
        installed.speak(Clip("one", "en"), tmp_path / "no folder" / "take.wav")
