"""Sounds for the switch: composed once, and there whenever they are named."""

import errno
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.flow.speech import Clip, Pause, Utterance
from ivr.speech.compose import compose
from ivr.speech.shelf import Shelf, ShelfError
from ivr.speech.speaker import Speaker
from tests.speech.disk import full_disk

BALANCE: Utterance = (Clip("余额", "cmn"), Pause(0.1), Clip("十元", "cmn"))
OTHER: Utterance = (Clip("再见", "cmn"),)


class Spoken:
    """Clips of 100 ms a character; `asked` is every one that was loaded."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, str]] = []

    def load(self, clip: Clip, speed: int, form: str) -> bytes:
        self.asked.append((clip.text, speed, form))
        return f"{speed}{form}".encode()[:4] * (200 * len(clip.text))


@pytest.fixture
def spoken() -> Spoken:
    return Spoken()


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.close()


def audio(name: str, form: str = "alaw") -> bytes:
    return Path(f"{name}.{form}").read_bytes()


def test_what_was_said_once_is_not_composed_again(spoken: Spoken, shelf: Shelf) -> None:
    speaker = Speaker(spoken, shelf)
    first = speaker.sound(BALANCE, 100)
    # Equal is enough: every call makes its utterance anew.
    assert speaker.sound((*BALANCE[:1], Pause(0.1), Clip("十元", "cmn")), 100) == first
    assert len(spoken.asked) == 2
    assert audio(first[1]) == compose(BALANCE, 100, spoken.load).audio


def test_another_speed_beginning_or_form_is_another_sound(spoken: Spoken, shelf: Shelf) -> None:
    speaker = Speaker(spoken, shelf)
    asked = [(100, 0, "alaw"), (75, 0, "alaw"), (100, 2, "alaw"), (100, 0, "ulaw")]
    for _ in range(2):
        for speed, begin, form in asked:
            timing, name = speaker.sound(BALANCE, speed, begin, form)
            expected = compose(BALANCE, speed, Spoken().load, begin, form)
            assert (audio(name, form), timing) == (expected.audio, expected.timing)
    assert len(spoken.asked) == 7


def test_a_sound_the_shelf_let_go_is_placed_again(spoken: Spoken, tmp_path: Path) -> None:
    now = [0.0]
    speaker = Speaker(spoken, Shelf(tmp_path, limit=2500, clock=lambda: now[0]))
    timing, name = speaker.sound(BALANCE, 100)
    now[0] = 61
    speaker.sound(OTHER, 100)
    assert not Path(f"{name}.alaw").exists()
    assert speaker.sound(BALANCE, 100) == (timing, name)
    assert audio(name) == compose(BALANCE, 100, spoken.load).audio


def test_a_known_sound_that_is_wanted_again_stays_on_the_shelf(
    spoken: Spoken, tmp_path: Path
) -> None:
    now = [0.0]
    speaker = Speaker(spoken, Shelf(tmp_path, limit=6000, clock=lambda: now[0]))
    name = speaker.sound(BALANCE, 100)[1]
    now[0] = 59
    speaker.sound(BALANCE, 100)
    now[0] = 118
    speaker.sound(OTHER, 100)  # for which there is no room
    assert audio(name)


def test_a_folder_emptied_behind_our_back_is_filled_again(spoken: Spoken, shelf: Shelf) -> None:
    speaker = Speaker(spoken, shelf)
    name = speaker.sound(BALANCE, 100)[1]
    for path in shelf.folder.glob("*.alaw"):
        path.unlink()
    assert speaker.sound(BALANCE, 100)[1] == name
    assert audio(name) == compose(BALANCE, 100, spoken.load).audio


def test_a_folder_that_is_gone_is_told(spoken: Spoken, shelf: Shelf) -> None:
    speaker = Speaker(spoken, shelf)
    speaker.sound(BALANCE, 100)
    shutil.rmtree(shelf.folder)
    with pytest.raises(ShelfError, match="could not be written"):
        speaker.sound(BALANCE, 100)


def test_a_full_disk_is_told_and_a_disk_with_room_again_serves(
    spoken: Spoken, shelf: Shelf
) -> None:
    speaker = Speaker(spoken, shelf)
    known = speaker.sound(OTHER, 100)
    with full_disk(1000):
        with pytest.raises(ShelfError, match=os.strerror(errno.EFBIG)):
            speaker.sound(BALANCE, 100)
        assert speaker.sound(OTHER, 100) == known  # what is there can be said
    assert audio(speaker.sound(BALANCE, 100)[1])


def test_calls_that_want_the_same_at_once_all_get_it(spoken: Spoken, shelf: Shelf) -> None:
    speaker = Speaker(spoken, shelf, most_known=3)
    whole: list[bool] = []
    start = threading.Barrier(8)

    def call() -> None:
        start.wait()
        for number in range(60):
            speed = 60 + number % 5
            timing, name = speaker.sound(BALANCE, speed)
            expected = compose(BALANCE, speed, Spoken().load)
            whole.append((audio(name), timing) == (expected.audio, expected.timing))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert whole == [True] * 480


def test_what_was_said_least_lately_is_forgotten_first(spoken: Spoken, shelf: Shelf) -> None:
    speaker = Speaker(spoken, shelf, most_known=2)
    for speed in (100, 75, 100, 60, 100):
        speaker.sound(OTHER, speed)
    assert [speed for _, speed, _ in spoken.asked] == [100, 75, 60]
    speaker.sound(OTHER, 75)
    assert len(spoken.asked) == 4


@pytest.mark.parametrize("form", ["alaw", "ulaw", "g722"])
def test_silence_and_the_beep_lie_there_in_the_form_asked_for(shelf: Shelf, form: str) -> None:
    speaker = Speaker(Spoken(), shelf)
    assert len(audio(speaker.silence(1.5, form), form)) in (12_000, 12_240)
    assert len(audio(speaker.beep(form), form)) == 2000
