import pytest

from ivr.flow.duration import seconds, utterance_seconds
from ivr.flow.speech import Clip, Pause


def test_chinese_is_counted_by_characters_without_its_marks() -> None:
    assert seconds(Clip("请按一。", "cmn")) == pytest.approx(0.66)


def test_english_is_counted_by_words() -> None:
    assert seconds(Clip("press one", "en")) == pytest.approx(0.72)


def test_an_utterance_is_longer_the_slower_it_is_said() -> None:
    said = (Clip("press one", "en"), Pause(0.28))
    assert utterance_seconds(said) == pytest.approx(1.0)
    assert utterance_seconds(said, 50) == pytest.approx(2.0)
