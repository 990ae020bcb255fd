"""What is told of a wait: as people say it, and never quietly more than before."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.desk.forecast import Expected
from ivr.desk.teller import MINUTES, Teller, rounded
from ivr.flow.outlook import LONG, Outlook

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
waits = st.none() | st.floats(0, 7200)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, 60), (75, 60), (76, 120), (200, 180), (376, 600), (2250, 1800), (2251, LONG), (1e9, LONG)],
)
def test_a_wait_is_told_as_people_say_it(seconds: float, told: float) -> None:
    assert rounded(seconds) == told


@given(st.floats(0, 2250))
def test_what_is_told_is_hardly_ever_less_and_never_far_more(seconds: float) -> None:
    told = rounded(seconds)
    assert told in {60 * each for each in MINUTES}
    assert seconds / 1.25 <= told <= max(60, 2 * seconds)


def told(*expected: tuple[int, float | None], apart: float = 30) -> list[Outlook]:
    """What a caller is told who may expect these, so many seconds apart."""
    teller = Teller()
    return [
        teller.tell("desk", "1.1", Expected(*each), NOW + timedelta(seconds=n * apart))
        for n, each in enumerate(expected)
    ]


def test_what_becomes_less_is_told_without_a_word() -> None:
    assert told((3, 300), (2, 250), (1, 130)) == [
        Outlook(3, 300.0),
        Outlook(2, 300.0),
        Outlook(1, 120.0),
    ]


def test_what_becomes_more_is_told_with_a_word_about_it() -> None:
    assert [each.longer for each in told((3, 300), (3, 500), (3, 500))] == [False, True, False]


def test_the_same_minutes_again_are_more_when_half_of_them_have_passed() -> None:
    first, second, third = told((3, 600), (3, 600), (3, 580), apart=300)
    assert (first.longer, second.longer, third.longer) == (False, True, True)
    assert not any(each.longer for each in told((3, 600), (3, 580), apart=30))


def test_one_who_is_overtaken_by_who_came_before_hears_a_word_about_it() -> None:
    assert [each.longer for each in told((1, None), (2, None), (2, None))] == [False, True, False]


def test_of_half_an_hour_and_more_nothing_was_said_that_could_be_less() -> None:
    assert not any(each.longer for each in told((9, 2400), (9, 5000), apart=600))


@given(st.lists(st.tuples(st.integers(1, 50), waits), max_size=30), st.floats(0, 600))
def test_nothing_is_ever_told_higher_without_a_word(
    many: list[tuple[int, float | None]], apart: float
) -> None:
    known, place = float("inf"), 51
    for outlook in told(*many, apart=apart):
        higher = outlook.wait is not None and outlook.wait > known
        assert outlook.longer or not (higher or outlook.place > place)
        known, place = known if outlook.wait is None else outlook.wait, outlook.place


@given(st.lists(st.tuples(st.integers(1, 50), waits), min_size=1, max_size=30))
def test_what_one_is_told_is_nothing_to_another_nor_at_another_desk(
    many: list[tuple[int, float | None]],
) -> None:
    teller = Teller()
    for n, each in enumerate(many):
        outlook = teller.tell(f"desk{n % 2}", str(n), Expected(*each), NOW)
        assert not outlook.longer
