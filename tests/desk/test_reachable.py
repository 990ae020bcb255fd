"""Which numbers may be called back."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.desk.reachable import HOME, reachable
from ivr.flow.effects import Refused

OURS = ("10086", "801", "1001", "13900139000", "1065550123")


@pytest.mark.parametrize(
    ("text", "dialled"),
    [
        ("13800138000", "13800138000"),
        ("+8613800138000", "13800138000"),
        ("1012345678", "01012345678"),  # Beijing, as a caller is known and as one dials
        ("02112345678", "02112345678"),
        ("85291234567", "+85291234567"),
    ],
)
def test_a_number_is_dialled_as_people_dial_it(text: str, dialled: str) -> None:
    assert reachable(text, {"CN", "HK"}, OURS) == dialled


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no number"),
        ("12", "no number"),
        ("anonymous", "no number"),
        ("13800138000,,1", "no number"),
        ("1" * 40, "no number"),
        ("110", "dialled"),
        ("12300000000", "dialled"),
        ("10086", "our own"),
        ("801", "our own"),
        ("1001", "our own"),
        ("13900139000", "our own"),
        ("+8613900139000", "our own"),
        ("4001234567", "shared cost"),
        ("8001234567", "toll free"),
        ("85291234567", "HK"),
        ("+19005551234", "nobody is called back"),
        ("+870773123456", "nobody is called back"),
    ],
)
def test_what_is_no_number_of_a_person_who_may_be_called_is_refused(text: str, why: str) -> None:
    refused = reachable(text, {"CN"}, OURS)
    assert isinstance(refused, Refused)
    assert why in refused.reason
    assert not re.search(r"[0-9]{3}", refused.reason)


def test_a_premium_number_is_refused_in_every_country() -> None:
    refused = 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number_for_type(
            region, phonenumbers.PhoneNumberType.PREMIUM_RATE
        )
        if example is not None:
            text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            assert isinstance(reachable(text, phonenumbers.SUPPORTED_REGIONS, ()), Refused), region
            refused += 1
    assert refused > 100


@given(st.text(alphabet="0123456789+*#,@w ", max_size=24) | st.text(max_size=24))
def test_whatever_is_typed_only_digits_are_dialled(text: str) -> None:
    dialled = reachable(text, phonenumbers.SUPPORTED_REGIONS, OURS)
    assert isinstance(dialled, Refused) or re.fullmatch(r"\+?[0-9]{3,20}", dialled)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_at_home_a_mobile_number_is_dialled_as_it_is(text: str) -> None:
    dialled = reachable(text, {HOME}, ())
    assert isinstance(dialled, Refused) or dialled == text
