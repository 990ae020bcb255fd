from datetime import date, time, timedelta
from decimal import Decimal, localcontext

import pytest

from ivr.lang import LANGUAGES, read, say
from ivr.lang.language import checked_money, checked_phone, glue

GROUPS = {
    "110": ["110"], "10086": ["10086"], "955881": ["955", "881"], "8001234": ["800", "1234"],
    "98765432": ["9876", "5432"], "123456789": ["123", "456", "789"],
    "4008001234": ["400", "800", "1234"], "13800138000": ["138", "0013", "8000"],
    "075588881234": ["0755", "8888", "1234"], "+8613800138000": ["86", "138", "0013", "8000"],
    "+85298765432": ["852", "9876", "5432"], "+33123456789": ["331", "2345", "6789"],
    "+852": ["852"],
}  # fmt: skip
ROUNDED = {"0.005": 0, "0.015": 2, "0.025": 2, "1.23499999": 123, "-0.005": 0, "-2.675": 268}


@pytest.mark.parametrize(("number", "groups"), GROUPS.items())
def test_a_telephone_number_is_said_in_groups(number: str, groups: list[str]) -> None:
    assert checked_phone(number) == (number.startswith("+"), groups)


@pytest.mark.parametrize(("amount", "fen"), ROUNDED.items())
def test_an_amount_is_rounded_half_to_even(amount: str, fen: int) -> None:
    assert checked_money(Decimal(amount)) == (amount.startswith("-") and fen > 0, *divmod(fen, 100))


def test_a_narrow_decimal_context_changes_nothing_that_is_said() -> None:
    with localcontext() as context:
        context.prec = 3
        assert read("money", "123456.78", "en").endswith("fifty-six yuan and seventy-eight fen")
        assert read("number", "123456.78", "cmn") == "十二万三千四百五十六点七八"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("exponent", ["0E+999999999", "1E-999999999", "1E+999999999", "NaN"])
def test_an_amount_with_a_wild_exponent_is_cheap(code: str, exponent: str) -> None:
    try:
        assert len(say("money", Decimal(exponent), code)) == 1
    except ValueError as refused:
        assert "cannot be said" in str(refused)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_float_is_no_money(code: str) -> None:
    with pytest.raises(TypeError, match="money is said of a Decimal, not of a float"):
        say("money", 10.1, code)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", 10**12),
        ("date", date(1899, 12, 31)),
        ("time", time(15, 5, 30)),
        ("duration", timedelta(seconds=-1)),
        ("duration", timedelta(milliseconds=1500)),
    ],
)
def test_a_value_out_of_range_is_not_said(kind: str, value: int | date | time | timedelta) -> None:
    for code in LANGUAGES:
        with pytest.raises(ValueError, match="said"):
            say(kind, value, code)


def test_an_unknown_name_is_told_the_nearest_or_all() -> None:
    with pytest.raises(ValueError, match="no kind 'mony'; did you mean 'money'"):
        read("mony", "1", "cmn")
    with pytest.raises(ValueError, match="no language 'fr'; the languages are cmn, en, yue"):
        read("money", "1", "fr")


def test_a_unit_is_apart_where_there_is_no_clip_for_both() -> None:
    assert glue(["a", "b"], "c", {"bc"}) == ["a", "bc"]
    assert glue(["a", "b"], "c", set()) == ["a", "b", "c"]
