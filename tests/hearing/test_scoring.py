"""Comparing what was said with what was heard, on plain texts."""

import pytest

from tests.hearing.listener import Listener

pytestmark = pytest.mark.ears


@pytest.mark.parametrize(
    ("said", "heard", "language"),
    [
        ("余额是一百二十三元四角五分。", "余额是123元4角5分", "cmn"),
        ("余额是一万二千三百四十五元", "余额是12,345元", "cmn"),
        ("余额是两百元两角", "餘額是二百元二角", "cmn"),
        ("有效期到二零二六年十二月三十一日。", "有效期到2026年12月31日", "cmn"),
        ("您的话费余额是八十八元", "您的花費於惡事八十八元", "cmn"),
        ("有效期到九月二十五日", "有效期到就月二十五日", "cmn"),
        ("It is one hundred and twenty-three yuan.", "it is 123 yuan", "en"),
        ("one hundred and twenty-three yuan and forty-five fen", "$123.45", "en"),
        ("twelve thousand three hundred and forty-five yuan", "12,345 yuan", "en"),
        ("the thirty-first of December, twenty twenty-six.", "The 31st of December 2026", "en"),
        ("the twelfth of May", "the twelveth of May", "en"),
    ],
)
def test_another_spelling_is_no_error(
    listener: Listener, said: str, heard: str, language: str
) -> None:
    assert listener.score(said, heard, language) == (0, True)


@pytest.mark.parametrize(
    ("said", "heard", "language", "error", "figures"),
    [
        ("余额是四角五分", "余额是次角五分", "cmn", 1 / 7, False),
        ("余额是十月十日", "余额是之月之日", "cmn", 2 / 7, False),
        ("请按一", "请按", "cmn", 1 / 3, False),
        ("您的余额", "您的的余额", "cmn", 1 / 4, True),
        ("您的余额", "", "cmn", 1, True),
        ("您的余额", "您的一额", "cmn", 1 / 4, False),
        ("your balance is ten yuan", "your balance is tin yuan", "en", 1 / 5, False),
        ("your balance is ten yuan", "your balance is ten un", "en", 1 / 5, True),
        ("ten yuan, valid until May", "ten you and valid until may", "en", 0, True),
        ("one hundred and twenty-three yuan", "one hundred and forty-three yuan", "en", 0.5, False),
    ],
)
def test_a_syllable_or_word_that_is_wrong_counts(
    listener: Listener, said: str, heard: str, language: str, error: float, figures: bool
) -> None:
    found = listener.score(said, heard, language)
    assert found.error == pytest.approx(error)
    assert found.figures is figures


@pytest.mark.parametrize(("said", "language"), [("你好", "yue"), ("。", "cmn"), ("", "en")])
def test_what_cannot_be_compared_is_refused(listener: Listener, said: str, language: str) -> None:
    with pytest.raises(ValueError):
        listener.score(said, said, language)
