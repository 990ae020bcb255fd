from datetime import date, time, timedelta
from decimal import Decimal, localcontext

import pytest

from ivr.lang import BREATH, LANGUAGES, Period, Size, Value, parse, read, say, vocabulary
from ivr.lang.language import glue, lead, one_by_one
from ivr.lang.limits import checked_money, checked_phone, checked_plan

GROUPS = {
    "110": ["110"], "10086": ["10086"], "955881": ["955", "881"], "8001234": ["800", "1234"],
    "98765432": ["9876", "5432"], "123456789": ["123", "456", "789"],
    "4008001234": ["400", "800", "1234"], "13800138000": ["138", "0013", "8000"],
    "075588881234": ["0755", "8888", "1234"], "+8613800138000": ["86", "138", "0013", "8000"],
    "+85298765432": ["852", "9876", "5432"], "+33123456789": ["331", "2345", "6789"],
    "+852": ["852"], "8613800138000": ["86", "138", "0013", "8000"],
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
        ("ordinal", 0),
        ("ordinal", Decimal("1.5")),
        ("percent", Decimal("NaN")),
        ("data", Size(Decimal(-1), "GB")),
        ("data", Size(Decimal(1), "PB")),
        ("weekday", date(2101, 1, 1)),
        ("period", Period(date(2026, 11, 2), date(2026, 11, 1))),
        ("plan", "5G 畅享"),
    ],
)
def test_a_value_out_of_range_is_not_said(kind: str, value: Value) -> None:
    for code in LANGUAGES:
        with pytest.raises(ValueError, match="said"):
            say(kind, value, code)


@pytest.mark.parametrize("count", [-1, Decimal("1.5"), 10**12])
def test_what_cannot_be_counted_is_not_said(count: int | Decimal) -> None:
    for code, language in LANGUAGES.items():
        with pytest.raises(ValueError, match="said"):
            say("count", count, code, language.shipped["count"][0])


def test_a_number_that_came_as_a_decimal_is_counted() -> None:
    assert say("count", Decimal("2.0"), "cmn", "条") == ("两条",)
    assert say("ordinal", Decimal(3), "en") == ("third",)


def test_a_value_is_not_said_with_a_wrong_argument() -> None:
    with pytest.raises(ValueError, match="a count needs the classifier"):
        say("count", 2, "cmn")
    with pytest.raises(ValueError, match="no currency"):
        vocabulary("cmn", "money", "EUR")


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("careful", [False, True])
def test_an_owed_amount_has_one_phrase_more(code: str, careful: bool) -> None:
    for currency in ("", "HKD", "USD"):
        for amount in ("0.05", "2", "12.30", "123456.78"):
            paid = say("money", Decimal(amount), code, currency, careful)
            owed = say("money", -Decimal(amount), code, currency, careful)
            assert len(owed) == len(paid) + 1
            assert (owed[:-1] if code == "en" else owed[1:]) == paid


@pytest.mark.parametrize("code", LANGUAGES)
def test_without_an_argument_money_is_yuan(code: str) -> None:
    amount = parse("money", "12.30")
    assert say("money", amount, code) == say("money", amount, code, "CNY")
    assert vocabulary(code, "money") == vocabulary(code, "money", "CNY")


def test_an_unknown_name_is_told_the_nearest_or_all() -> None:
    with pytest.raises(ValueError, match="no kind 'mony'; did you mean 'money'"):
        read("mony", "1", "cmn")
    with pytest.raises(ValueError, match="no language 'fr'; the languages are cmn, en, yue"):
        read("money", "1", "fr")


def test_a_unit_is_apart_where_there_is_no_clip_for_both() -> None:
    assert glue(["a", "b"], "c", {"bc"}) == ["a", "bc"]
    assert glue(["a", "b"], "c", set()) == ["a", "b", "c"]
    assert lead("a", ["b", "c"], {"ab"}) == ["ab", "c"]
    assert lead("a", ["b", "c"], set()) == ["a", "b", "c"]


def test_a_number_said_digit_by_digit_rests_where_a_bill_has_its_comma() -> None:
    words = one_by_one(1234567, "80", "0123456789", ".")
    assert words == ["1", BREATH, "2", "3", "4", BREATH, "5", "6", "7", ".8", "0"]


def test_the_name_of_a_plan_is_cut_at_its_letters_and_spaces() -> None:
    assert checked_plan("5G-a128 0755") == [["5", "G"], ["A", "128"], ["0755"]]
