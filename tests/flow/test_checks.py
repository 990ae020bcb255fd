"""What digits must be: the standards' own examples, and every slip of one finger."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.checks import CHECKS

# GB 11643-1999, its two examples.
ID_CARDS = ("11010519491231002X", "440524188001010014")
digits = st.text("0123456789", min_size=1, max_size=20)


@pytest.mark.parametrize("typed", ID_CARDS)
def test_the_examples_of_the_standard_are_identity_cards(typed: str) -> None:
    assert CHECKS["id_card"].holds(typed)


@pytest.mark.parametrize("typed", ID_CARDS)
@pytest.mark.parametrize("at", range(17))
@pytest.mark.parametrize("by", range(1, 10))
def test_no_slip_in_one_digit_of_an_identity_card_passes(typed: str, at: int, by: int) -> None:
    slipped = typed[:at] + str((int(typed[at]) + by) % 10) + typed[at + 1 :]
    assert not CHECKS["id_card"].holds(slipped)


@pytest.mark.parametrize(
    "typed",
    ["", "X", "1101051949123100X2", "11010519491231002x", "11010519490231003X", "٤" * 18],
)
def test_what_is_no_identity_card_is_none(typed: str) -> None:
    assert not CHECKS["id_card"].holds(typed)


def test_a_day_that_was_not_makes_no_identity_card() -> None:
    # 30 February, with the check character that belongs to it.
    seventeen = "11010519490230001"
    assert not any(CHECKS["id_card"].holds(seventeen + last) for last in "0123456789X")


@given(digits)
def test_one_digit_in_ten_checks_a_card(body: str) -> None:
    good = [last for last in "0123456789" if CHECKS["luhn"].holds(body + last)]
    assert len(good) == 1


@given(digits, st.integers(0, 19), st.integers(1, 9))
def test_no_slip_in_one_digit_of_a_card_passes(body: str, at: int, by: int) -> None:
    last = next(last for last in "0123456789" if CHECKS["luhn"].holds(body + last))
    card, at = body + last, at % (len(body) + 1)
    slipped = card[:at] + str((int(card[at]) + by) % 10) + card[at + 1 :]
    assert not CHECKS["luhn"].holds(slipped)


@pytest.mark.parametrize(
    ("typed", "holds"),
    [("79927398713", True), ("4111111111111111", True), ("79927398710", False), ("4 1", False)],
)
def test_cards_known_from_elsewhere(typed: str, holds: bool) -> None:
    assert CHECKS["luhn"].holds(typed) is holds


@pytest.mark.parametrize(
    ("typed", "holds"),
    [("13800138000", True), ("12800138000", False), ("1380013800", False), ("138001380001", False)],
)
def test_mobile_numbers_of_the_mainland(typed: str, holds: bool) -> None:
    assert CHECKS["phone"].holds(typed) is holds
