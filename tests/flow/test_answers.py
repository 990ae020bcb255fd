"""Answers as text: each kind comes back as it was, and holds nothing a switch would take."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow import answers, packing
from ivr.flow.announcement import Announcement
from ivr.flow.answers import DIALLED, read, written
from ivr.flow.effects import (
    Booked,
    Heard,
    Impossible,
    Interrupted,
    Offered,
    Queued,
    Recorded,
    Refused,
    Staying,
    Waiting,
)
from ivr.flow.fields import PromptName
from ivr.flow.outlook import Outlook
from ivr.flow.packing import Unreadable, packed, unpacked
from ivr.flow.services import Failed, Found, Missing
from ivr.flow.speech import Clip, Pause, Place

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
KEYS = st.text("0123456789*#", max_size=12)
COUNT = st.integers(0, 10**6)
SECONDS = st.floats(0, 1e6)
MOMENT = st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(2999, 1, 1), timezones=st.just(UTC)
)
MONEY = st.decimals(allow_nan=False, allow_infinity=False)
VALUE = TEXT | MONEY | st.dates()
CLIP = st.builds(Clip, TEXT, st.sampled_from(["cmn", "yue", "en"]))
PLACE = st.builds(Place, CLIP | st.builds(Pause, SECONDS, TEXT), COUNT, COUNT, TEXT)
ANNOUNCEMENT = st.builds(
    Announcement,
    TEXT.map(PromptName),
    st.just({}),
    st.frozensets(TEXT, max_size=2),
    st.dictionaries(TEXT, st.lists(PLACE, max_size=3).map(tuple), max_size=2),
    MOMENT,
    MOMENT,
)
PLAIN = (
    st.none()
    | st.booleans()
    | KEYS
    | st.sampled_from(DIALLED)
    | st.sampled_from([Staying(), Waiting(), Missing()])
    | st.builds(Heard, KEYS, COUNT, COUNT)
    | st.builds(Recorded, TEXT, SECONDS, st.booleans())
    | st.builds(
        Queued,
        st.sampled_from(["answered", "unanswered", "closed", "full", "left"]),
        TEXT,
        st.booleans(),
        SECONDS,
        TEXT,
    )
    | st.builds(Found, st.dictionaries(TEXT, VALUE, max_size=4))
    | st.builds(Failed, TEXT)
    | st.builds(Outlook, COUNT, st.none() | SECONDS, st.booleans())
    | st.builds(Offered, MOMENT, TEXT)
    | st.builds(Booked, MOMENT)
    | st.builds(Refused, TEXT)
    | st.builds(Impossible, TEXT)
    | st.lists(ANNOUNCEMENT, max_size=2).map(tuple)
)
ANSWER = PLAIN | st.builds(Interrupted, PLAIN)


@given(ANSWER)
def test_every_answer_comes_back(answer: Any) -> None:
    text = written(answer)
    back = read(text)
    assert back == answer and type(back) is type(answer)
    assert re.fullmatch(r"[0-9A-Za-z_*#+/.~=-]+", text)


def test_the_values_of_a_look_up_keep_their_kind() -> None:
    found = Found({"balance": Decimal("12.50"), "until": date(2026, 12, 31), "plan": "畅聊 59"})
    back = read(written(found))
    assert back == found
    assert [type(value) for value in back.values.values()] == [Decimal, date, str]
    assert str(back.values["balance"]) == "12.50"


def test_usual_answers_are_short() -> None:
    assert written(Heard("1", 2)) == "h1~2~0"
    assert written("") == "k"
    assert written(None) == "n"
    assert written(Queued("answered", "1002", talked=12.5)) == "qanswered~1002~0~12.5~"


def test_digits_that_are_not_kept_are_only_counted() -> None:
    assert written("••◦#") == "kxxy#"
    assert read("kxxy#") == "••◦#"


def test_what_answers_no_effect_is_no_answer() -> None:
    with pytest.raises(TypeError, match="list answers no effect"):
        written([])


@given(st.text(max_size=60) | st.text("0123456789abcdefhikmnoqrswxOBRIa~=.zjA", max_size=30))
def test_what_is_no_answer_is_unreadable(text: str) -> None:
    try:
        read(text)
    except Unreadable:
        return
    assert re.fullmatch(r"[0-9A-Za-z]", text[0])


@given(st.text(max_size=60))
def test_nor_is_it_anything_packed_or_announced(text: str) -> None:
    for reader in (unpacked, answers.announcements):
        try:
            reader(text)
        except Unreadable:
            continue


def test_a_text_that_swells_is_cut() -> None:
    with pytest.raises(Unreadable):
        unpacked(packed("0" * 300_000))


@given(st.integers())
def test_numbers_are_written_in_few_letters(count: int) -> None:
    assert int(packing.number(count), 36) == count
