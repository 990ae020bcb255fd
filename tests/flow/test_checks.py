"""Checks of what is typed, by the examples of their standards."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.checks import CHECKS, Mask
from ivr.flow.source import Wrong

TYPED = st.text("0123456789*#", max_size=40)


@pytest.mark.parametrize(
    ("check", "typed", "value"),
    [
        ("phone", "13800138000", "13800138000"),
        ("phone", "12800138000", None),
        ("phone", "1380013800", None),
        ("date", "20261231", date(2026, 12, 31)),
        ("date", "20240229", date(2024, 2, 29)),
        ("date", "20260229", None),
        ("date", "18991231", None),
        ("date", "00000000", None),
        ("date", "2026123", None),
        ("amount", "50", Decimal("50.00")),
        ("amount", "12*5", Decimal("12.50")),
        ("amount", "0*05", Decimal("0.05")),
        ("amount", "9999999999*99", Decimal("9999999999.99")),
        ("amount", "*5", None),
        ("amount", "5*", None),
        ("amount", "1*234", None),
        ("amount", "1*2*3", None),
        ("amount", "12345678901", None),
        # The two examples of GB 11643-1999.
        ("id_card", "11010519491231002*", "11010519491231002X"),
        ("id_card", "440524188001010014", "440524188001010014"),
        ("id_card", "110105194912310021", None),
        ("id_card", "110105194913310028", None),
        ("id_card", "1101051949123100*X", None),
        # ISO/IEC 7812-1 is shown with 7992739871, whose check digit is 3.
        ("luhn", "79927398713", "79927398713"),
        ("luhn", "79927398710", None),
        ("luhn", "4111111111111111", "4111111111111111"),
        ("luhn", "4111*11111111111", None),
        ("luhn", "0", None),
    ],
)
def test_a_check_takes_what_its_standard_says(check: str, typed: str, value: object) -> None:
    assert CHECKS[check].read(typed) == value


@pytest.mark.parametrize("check", CHECKS)
@given(typed=TYPED)
def test_no_keys_break_a_check(check: str, typed: str) -> None:
    CHECKS[check].read(typed)


@given(number=st.text("0123456789", min_size=7, max_size=18), place=st.integers(0, 17))
def test_luhn_finds_every_single_wrong_digit(number: str, place: int) -> None:
    right = next(number + last for last in "0123456789" if CHECKS["luhn"].read(number + last))
    place %= len(right)
    wrong = str((int(right[place]) + 1) % 10)
    assert CHECKS["luhn"].read(right[:place] + wrong + right[place + 1 :]) is None


@given(serial=st.integers(0, 999), place=st.integers(0, 16), more=st.integers(1, 9))
def test_an_identity_card_with_one_wrong_digit_is_found(serial: int, place: int, more: int) -> None:
    body = f"11010519491231{serial:03}"
    read = CHECKS["id_card"].read
    right = next(body + last for last in "0123456789*" if read(body + last))
    wrong = str((int(right[place]) + more) % 10)
    assert read(right[:place] + wrong + right[place + 1 :]) is None


def test_a_mask_fits_its_digits_and_any_for_x() -> None:
    mask = Mask.of("400xxxx")
    assert mask.read("4001234") == "4001234"
    for typed in ("4011234", "400123", "40012345", "400123*"):
        assert mask.read(typed) is None


@pytest.mark.parametrize("pattern", ["", "(a+)+", "400-1234", "x" * 33, "400X"])
def test_a_pattern_is_a_mask_and_nothing_else(pattern: str) -> None:
    with pytest.raises(Wrong, match="x for any digit"):
        Mask.of(pattern)
