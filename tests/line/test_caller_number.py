"""Who calls, as the business knows her."""

import pytest

from ivr.line.caller_number import caller_number


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("13800138000", "13800138000"),
        ("+8613800138000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("+86 138 0013-8000", "13800138000"),
        ("+85298765432", "85298765432"),
        ("+12125551234", "12125551234"),
        ("+999123456", "999123456"),
        ("10086", "10086"),
        ("110", "110"),
        ("1", "1"),
        ("", ""),
        ("+", ""),
        ("anonymous", ""),
        ("<script>';--${x}", ""),
        ("\r\nHANGUP", ""),
        ("１３８", ""),  # not the digits a switch sends
        ("+13805551234", "0013805551234"),  # not the customer 13805551234 of here
    ],
)
def test_a_caller_is_known_by_her_number(said: str, known: str) -> None:
    assert caller_number(said) == known


def test_a_number_without_end_is_cut() -> None:
    assert caller_number("9" * 5000) == "9" * 32


@pytest.mark.parametrize("said", ["+85298765432", "0085298765432"])
def test_a_number_from_abroad_is_one_number_however_it_is_written(said: str) -> None:
    assert caller_number(said) == "85298765432"


@pytest.mark.parametrize("said", ["1+2", "13800138000+86", "+1+2"])
def test_a_callers_number_is_digits_whatever_was_sent(said: str) -> None:
    assert caller_number(said).isdecimal()
