from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.speech import Clip, Pause, Utterance
from ivr.speech.compose import Sound, Spot, compose, words
from ivr.speech.quiet import RATE, lead, silence

BALANCE = Clip("余额", "cmn")
AMOUNT = Clip("十元", "cmn")
DATE = Clip("到明天", "cmn")
SENTENCE: Utterance = (BALANCE, Pause(0.1), AMOUNT, Pause(0.2), Pause(0.05), DATE, Pause(0.5))


def load(clip: Clip, speed: int, form: str = "alaw") -> bytes:
    """Return a thousand samples a character at 100%, each its text's last byte."""
    return clip.text.encode()[-1:] * (len(clip.text) * 1000 * 100 // speed)


def test_items_follow_one_another_without_a_gap() -> None:
    sound = compose(SENTENCE, 100, load)
    assert sound.timing.starts == (0, 2000, 2800, 4800, 6400, 6800, 9800)
    assert sound.audio == b"".join(
        [
            load(BALANCE, 100),
            b"\xd5" * 800,
            load(AMOUNT, 100),
            b"\xd5" * 2000,
            load(DATE, 100),
            b"\xd5" * 4000,
        ]
    )


@pytest.mark.parametrize(("speed", "length"), [(60, 23000), (100, 13800), (150, 9200)])
def test_pauses_are_stretched_like_the_words(speed: int, length: int) -> None:
    sound = compose(SENTENCE, speed, load)
    assert len(sound.audio) == pytest.approx(length, abs=5)


@pytest.mark.parametrize(
    ("sample", "item"),
    [
        (0, 0),
        (1999, 0),
        (2000, 2),  # in a pause: the next clip
        (2799, 2),
        (2800, 2),
        (4799, 2),
        (4800, 5),  # two pauses in a row
        (6500, 5),
        (6800, 5),
        (9799, 5),
        (9800, 7),  # only a pause is left
        (13799, 7),
        (13800, 7),
        (99999, 7),
    ],
)
def test_the_sample_where_playing_stopped_tells_the_clip(sample: int, item: int) -> None:
    assert compose(SENTENCE, 100, load).timing.at(sample).item == item


def test_a_sound_can_begin_in_the_middle() -> None:
    sound = compose(SENTENCE, 100, load, begin=2)
    assert sound.audio == compose(SENTENCE[2:], 100, load).audio
    assert sound.timing.starts == (0, 0, 0, 2000, 3600, 4000, 7000)
    assert sound.timing.at(0).item == 2
    assert sound.timing.at(1999).item == 2
    assert sound.timing.at(2000).item == 5
    assert sound.timing.at(len(sound.audio)).item == len(SENTENCE)


def test_changing_the_speed_anywhere_says_every_clip_again_or_later() -> None:
    whole = compose(SENTENCE, 100, load)
    for sample in range(0, len(whole.audio), 97):
        rest = compose(SENTENCE, 60, load, begin=whole.timing.at(sample).item)
        said = {item for item, each in enumerate(SENTENCE) if isinstance(each, Clip)}
        over = {item for item in said if whole.timing.starts[item] + 2000 <= sample}
        left = {item for item in said if rest.timing.at(0).item <= item}
        assert over | left == said
        assert len(over & left) <= 1


def test_nothing_to_say_is_an_empty_sound() -> None:
    assert compose((), 100, load).audio == b""
    assert compose((), 100, load).timing.at(0) == Spot(0)
    assert compose(SENTENCE, 100, load, begin=len(SENTENCE)).audio == b""


def test_a_missing_clip_is_the_loaders_to_tell() -> None:
    def gone(clip: Clip, speed: int, form: str) -> bytes:
        raise LookupError(f"{clip.text} at {speed} as {form}")

    with pytest.raises(LookupError, match="余额 at 75 as ulaw"):
        compose(SENTENCE, 75, gone, form="ulaw")


@pytest.mark.parametrize("form", ["alaw", "ulaw", "g722"])
def test_every_form_has_its_own_silence_and_the_same_times(form: str) -> None:
    sound = compose(SENTENCE, 100, load, form=form)
    before = len(lead(form))
    assert sound.audio.startswith(lead(form) + load(BALANCE, 100) + silence(0.1, form))
    starts = [0, 2000, 2800, 4800, 6400, 6800, 9800]
    assert sound.timing.starts == (0, *(start + before for start in starts[1:]))
    assert sound.timing.length == len(sound.audio) == 13800 + before


# Head 20 ms, tail 30 ms: 160 and 240 samples of each clip are none of its words.
@pytest.mark.parametrize(
    ("clip", "sample", "word"),
    [
        (Clip("一二三", "cmn"), 0, "一"),
        (Clip("一二三", "cmn"), 160 + 865, "一"),
        (Clip("一二三", "cmn"), 160 + 868, "二"),
        (Clip("一二三", "cmn"), 2599, "三"),
        (Clip("一二三", "cmn"), 2999, "三"),
        (Clip("您好，请", "cmn"), 2600, "请"),
        (Clip("，，一", "cmn"), 0, "一"),
        (Clip("一。", "cmn"), 1999, "一"),
        (Clip("a balance", "en"), 160 + 1000, "a"),
        (Clip("a balance", "en"), 160 + 1100, "balance"),
        (Clip("one - two", "en"), 160 + 4300, "two"),
        (Clip("- …", "en"), 1000, "-"),
    ],
)
def test_the_sample_tells_the_word_within_the_clip(clip: Clip, sample: int, word: str) -> None:
    spot = compose((Pause(0.1), clip), 100, load).timing.at(800 + sample)
    assert (spot.item, words(clip)[spot.word][0]) == (1, word)


clips = st.builds(
    Clip,
    st.one_of(
        st.text("一二三，。 5G", min_size=1, max_size=12),
        st.text("ab -,'", min_size=1, max_size=12),
    ),
    st.sampled_from(["cmn", "yue", "en"]),
)
pauses = st.builds(Pause, st.floats(0, 1))
utterances = st.lists(st.one_of(clips, pauses), max_size=8).map(tuple)
speeds = st.integers(60, 150)


@given(utterances, speeds, st.data())
def test_every_sample_belongs_to_one_place_and_places_come_in_order(
    utterance: Utterance, speed: int, data: st.DataObject
) -> None:
    begin = data.draw(st.integers(0, len(utterance)))
    sound = compose(utterance, speed, load, begin)
    spots = [sound.timing.at(sample) for sample in range(0, len(sound.audio) + 50, 50)]
    assert spots == sorted(spots)
    assert all(begin <= spot.item for spot in spots)
    assert spots[-1] == Spot(len(utterance))
    for spot in spots[:-1]:
        if spot.item == len(utterance):
            continue
        clip = utterance[spot.item]
        assert isinstance(clip, Clip)
        weights = [weight for _, weight in words(clip)]
        # A word that lasts no time is never the one being spoken.
        assert weights[spot.word : spot.word + 1] > [0] or not any(weights)


@given(clips, speeds)
def test_every_word_that_lasts_is_reached(clip: Clip, speed: int) -> None:
    def long(clip: Clip, speed: int, form: str) -> bytes:
        return bytes(20_000 * 100 // speed)

    sound = compose((clip,), speed, long)
    spots = {sound.timing.at(sample).word for sample in range(0, len(sound.audio), 40)}
    assert spots == {i for i, (_, weight) in enumerate(words(clip)) if weight} or spots == {0}


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), speeds, st.integers(0, 7))
def test_the_word_spoken_at_its_middle_is_that_word(
    letters: list[int], speed: int, at: int
) -> None:
    clip = Clip(" ".join("x" * count for count in letters), "en")
    sound = compose((clip,), speed, load)
    at %= len(letters)
    ends = [0, *accumulate(letters)]
    middle = (ends[at] + ends[at + 1]) / 2 / ends[-1]
    head, tail = 0.02 * RATE * 100 / speed, 0.03 * RATE * 100 / speed
    sample = head + middle * (len(sound.audio) - head - tail)
    assert sound.timing.at(round(sample)) == Spot(0, at)


def test_a_sound_is_what_it_says_of_its_length() -> None:
    sound: Sound = compose(SENTENCE, 60, load)
    assert sound.timing.length == len(sound.audio)
    assert (sound.timing.utterance, sound.timing.speed) == (SENTENCE, 60)
