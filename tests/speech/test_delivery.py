"""What a studio sends: kept where it is right, told where it is not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from ivr.errors import IvrError
from ivr.flow.speech import Clip
from ivr.speech import delivery
from ivr.speech.delivery import Kept, Refused
from ivr.speech.loudness import Samples
from ivr.speech.sheet import Row
from ivr.speech.takes import Takes
from ivr.speech.voices import Espeak

HELLO = Row("hello.1", Clip("您好，", "cmn"), "【您好，】")
BYE = Row("hello.2", Clip("再见。", "cmn"), "您好，【再见。】")
VALUE = Row("value.0a1b2c3d4e", Clip("三元", "cmn"), "…【三元】…", kinds=("money",))
ROWS = (HELLO, BYE, VALUE)


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """Two seconds of somebody speaking, at 44.1 kHz."""
    wav = tmp_path_factory.mktemp("speech") / "hello.wav"
    Espeak().speak(Clip("您好，欢迎您，再见。", "cmn"), wav)
    samples, rate = soundfile.read(wav, dtype="float32")
    spoken: Samples = soxr.resample(samples, rate, 44_100)
    return spoken


@pytest.fixture
def takes(tmp_path: Path) -> Takes:
    return Takes.load(tmp_path / "takes")


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    folder = tmp_path / "sent"
    folder.mkdir()
    return folder


def write(path: Path, samples: Samples, rate: int = 44_100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    form = path.suffix[1:].upper()
    soundfile.write(path, samples, rate, format={"OPUS": "OGG"}.get(form, form))
    return path


def bring(folder: Path, takes: Takes, rows: tuple[Row, ...] = ROWS) -> list[Kept | Refused]:
    named, refused = delivery.matched(delivery.files(folder), rows)
    became = delivery.admit(named, rows, takes, "studio", "ours", lambda done, of: None)
    return [*became, *refused]


def why(folder: Path, takes: Takes) -> str:
    (refused,) = bring(folder, takes)
    assert isinstance(refused, Refused)
    return refused.why


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "ogg", "WAV", "Mp3"])
def test_a_stereo_file_at_44_khz_becomes_a_take_of_the_loudness_of_the_house(
    sent: Path, takes: Takes, speech: Samples, ending: str
) -> None:
    write(sent / f"cmn.hello.1.{ending}", np.stack([speech, speech * 0.1], axis=1))
    (kept,) = bring(sent, takes)
    assert isinstance(kept, Kept) and kept.row == HELLO and not kept.warning
    take = takes.find(HELLO.clip)
    assert take is not None and (take.id, take.voice, take.licence) == ("hello.1", "studio", "ours")
    assert -21 < take.lufs < -19 and take.peak <= -1
    assert len(takes.samples(take)) == pytest.approx(take.seconds * 24_000, abs=24)


def test_files_are_found_in_folders_of_folders_and_the_systems_own_are_not(
    sent: Path, takes: Takes, speech: Samples
) -> None:
    write(sent / "monday" / "morning" / "cmn.hello.1.wav", speech)
    write(sent / "monday" / "cmn.value.0a1b2c3d4e.wav", speech)
    for name in (".DS_Store", "monday/._cmn.hello.1.wav", "__MACOSX/cmn.hello.1.wav"):
        path = sent / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\0" * 100)
    assert [type(each) for each in bring(sent, takes)] == [Kept, Kept]
    assert {take.id for take in takes} == {"hello.1", "value.0a1b2c3d4e"}


def test_a_take_is_replaced_by_a_new_recording(sent: Path, takes: Takes, speech: Samples) -> None:
    write(sent / "cmn.hello.1.wav", speech)
    bring(sent, takes)
    first = takes.find(HELLO.clip)
    write(sent / "cmn.hello.1.wav", speech[: len(speech) // 2])
    bring(sent, takes)
    second = takes.find(HELLO.clip)
    assert first and second and second.seconds < first.seconds
    assert len(takes) == 1


def test_what_is_no_audio_is_refused(sent: Path, takes: Takes) -> None:
    (sent / "cmn.hello.1.wav").write_text("not a sound")
    assert "not a recording that can be read" in why(sent, takes)


def test_an_empty_file_is_refused(sent: Path, takes: Takes) -> None:
    (sent / "cmn.hello.1.mp3").touch()
    assert why(sent, takes) == "the file is empty"


def test_silence_is_refused(sent: Path, takes: Takes) -> None:
    write(sent / "cmn.hello.1.flac", np.zeros(44_100, np.float32))
    assert why(sent, takes) == "the recording is silent"


def test_another_kind_of_file_is_refused(sent: Path, takes: Takes) -> None:
    (sent / "cmn.hello.1.m4a").write_bytes(b"\0" * 100)
    assert why(sent, takes).startswith("not a recording; what can be read is .flac, .mp3")


def test_a_recording_of_much_more_than_the_words_is_refused(
    sent: Path, takes: Takes, speech: Samples
) -> None:
    write(sent / "cmn.hello.1.wav", np.tile(speech, 15))
    assert "its words take about 0 s; is more than one recording in it?" in why(sent, takes)


def test_a_recording_longer_than_a_minute_is_refused(
    sent: Path, takes: Takes, speech: Samples
) -> None:
    write(sent / "cmn.hello.1.wav", np.tile(speech, 40))
    assert "longer than 60 s" in why(sent, takes)


def test_a_name_of_no_clip_is_refused_with_the_nearest(
    sent: Path, takes: Takes, speech: Samples
) -> None:
    write(sent / "cmn.helo.1.wav", speech)
    assert why(sent, takes) == "no clip has the name 'cmn.helo.1'; did you mean 'cmn.hello.1'?"


def test_a_name_without_a_language_is_refused_with_the_nearest(
    sent: Path, takes: Takes, speech: Samples
) -> None:
    write(sent / "hello.2.wav", speech)
    assert "did you mean 'cmn.hello.2'?" in why(sent, takes)


def test_two_files_for_one_clip_are_both_refused_and_nothing_is_guessed(
    sent: Path, takes: Takes, speech: Samples
) -> None:
    write(sent / "cmn.hello.1.wav", speech)
    write(sent / "again" / "cmn.hello.1.mp3", speech)
    write(sent / "cmn.hello.2.wav", speech)
    kept, *refused = bring(sent, takes)
    assert isinstance(kept, Kept) and kept.row == BYE
    assert len(refused) == 2
    for each in refused:
        assert isinstance(each, Refused) and "cmn.hello.1 is also " in each.why
    assert takes.find(HELLO.clip) is None


def test_a_bad_file_keeps_no_good_one_out(sent: Path, takes: Takes, speech: Samples) -> None:
    (sent / "cmn.hello.1.wav").touch()
    write(sent / "cmn.hello.2.wav", speech)
    assert {type(each) for each in bring(sent, takes)} == {Kept, Refused}
    assert [take.id for take in takes] == ["hello.2"]


def test_a_clipped_recording_is_kept_with_a_warning(
    sent: Path, takes: Takes, speech: Samples
) -> None:
    loud = np.clip(speech / np.abs(speech).max() * 4, -1, 1)
    write(sent / "cmn.hello.1.wav", loud)
    (kept,) = bring(sent, takes)
    assert isinstance(kept, Kept) and "it is clipped in " in kept.warning
    full = speech / np.abs(speech).max()
    write(sent / "cmn.hello.1.wav", full)
    (kept,) = bring(sent, takes)
    assert isinstance(kept, Kept) and not kept.warning


def test_a_folder_that_is_not_there_or_is_empty_is_told(sent: Path) -> None:
    with pytest.raises(IvrError, match="there is no recording in "):
        delivery.files(sent)
    with pytest.raises(IvrError, match="there is no folder "):
        delivery.files(sent / "nowhere")


def test_a_clause_put_before_others_takes_none_of_their_recordings(
    sent: Path, takes: Takes, speech: Samples
) -> None:
    write(sent / "cmn.hello.1.wav", speech)
    write(sent / "cmn.hello.2.wav", speech[::-1])
    bring(sent, takes)
    new = Row("hello.1", Clip("早上好，", "cmn"), "")
    rows = (new, replace(HELLO, id="hello.2"), replace(BYE, id="hello.3"), VALUE)
    (sent / "cmn.hello.2.wav").unlink()
    bring(sent, takes, rows)
    assert {take.id: take.clip.text for take in takes} == {
        "hello.1": "早上好，",
        "hello.2": "您好，",
        "hello.3": "再见。",
    }
    assert takes.damaged() == []


def test_takes_whose_ids_change_places_are_both_kept(
    sent: Path, takes: Takes, speech: Samples
) -> None:
    write(sent / "cmn.hello.1.wav", speech)
    write(sent / "cmn.hello.2.wav", speech[: len(speech) // 2])
    bring(sent, takes)
    lengths = {take.clip: take.seconds for take in takes}
    delivery.renumber((replace(HELLO, id="hello.2"), replace(BYE, id="hello.1")), takes)
    assert {take.id: take.clip for take in takes} == {"hello.1": BYE.clip, "hello.2": HELLO.clip}
    assert {take.clip: take.seconds for take in takes} == pytest.approx(lengths, abs=0.05)


def test_a_recording_that_nothing_says_keeps_its_id_from_one_that_is_said(
    sent: Path, takes: Takes, speech: Samples
) -> None:
    write(sent / "cmn.hello.1.wav", speech)
    write(sent / "cmn.hello.2.wav", speech)
    bring(sent, takes)
    delivery.renumber((replace(BYE, id="hello.1"),), takes)
    assert {take.id: take.clip for take in takes} == {"hello.1": HELLO.clip, "hello.2": BYE.clip}
