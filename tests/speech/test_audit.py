"""What is wrong between the sheet and the takes."""

from pathlib import Path

import numpy as np
import pytest

from ivr.errors import Where
from ivr.flow.speech import Clip
from ivr.speech import audit
from ivr.speech.audit import Mixed
from ivr.speech.sheet import Row, Use
from ivr.speech.takes import Takes
from ivr.speech.voices import Espeak

WHERE = Where("prompts/p.yaml", 3, 5)
OWED = Use("owed", WHERE)
HELLO = Row("owed.1", Clip("您好，", "cmn"), "", (OWED,))
BALANCE = Row("owed.2", Clip("余额", "cmn"), "", (OWED,))
YUAN = Row("value.0a1b2c3d4e", Clip("三元", "cmn"), "", (OWED,), ("money",))
ROWS = (HELLO, BALANCE, YUAN)


@pytest.fixture
def takes(tmp_path: Path) -> Takes:
    return Takes.load(tmp_path)


def keep(takes: Takes, id: str, text: str, voice: str = "studio") -> None:
    tone = np.sin(np.arange(24_000) * 0.1).astype(np.float32)
    takes.keep(Clip(text, "cmn"), id, tone, 24_000, voice, "ours")


def test_a_text_without_a_take_is_found(takes: Takes) -> None:
    keep(takes, "owed.1", "您好，")
    assert audit.without_take(ROWS, takes) == [BALANCE, YUAN]


def test_a_take_whose_text_has_changed_is_shown_beside_it(takes: Takes) -> None:
    keep(takes, "owed.1", "你好，")
    (changed,) = audit.changed(ROWS, takes)
    assert (changed.row, changed.take.clip.text) == (HELLO, "你好，")
    assert audit.unsaid(ROWS, takes) == []


def test_a_take_is_found_by_its_words_when_its_id_has_changed(takes: Takes) -> None:
    keep(takes, "owed.2", "您好，")
    assert HELLO not in audit.without_take(ROWS, takes)
    assert audit.changed(ROWS, takes) == []
    assert audit.unsaid(ROWS, takes) == []


def test_a_take_that_nothing_says_is_found(takes: Takes) -> None:
    keep(takes, "farewell.1", "再见。")
    (unsaid,) = audit.unsaid(ROWS, takes)
    assert unsaid.id == "farewell.1"
    assert audit.changed(ROWS, takes) == []


def test_a_prompt_in_two_voices_is_found_the_words_of_its_values_among_them() -> None:
    voices = {HELLO.clip: "li", BALANCE.clip: "li", YUAN.clip: "wang"}
    assert audit.mixed(ROWS, voices.get) == [Mixed("owed", "cmn", WHERE, {"li": 2, "wang": 1})]


def test_one_voice_is_not_mixed_and_neither_is_what_nobody_says() -> None:
    assert audit.mixed(ROWS, {HELLO.clip: "li", YUAN.clip: "li"}.get) == []


def test_the_languages_of_a_prompt_may_have_voices_of_their_own() -> None:
    english = Row("owed.1", Clip("Hello,", "en"), "", (OWED,))
    assert audit.mixed((HELLO, english), {HELLO.clip: "li", english.clip: "emma"}.get) == []


def test_what_a_program_spoke_is_known_from_what_a_person_did(takes: Takes) -> None:
    keep(takes, "owed.1", "您好，", Espeak().name)
    keep(takes, "owed.2", "余额", "Li Na-2026")
    assert [audit.is_made(take) for take in takes] == [True, False]
