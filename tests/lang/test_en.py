from decimal import Decimal

import pytest

from ivr.lang import read, say

VALUES = {
    ("number", "0"): "zero",
    ("number", "123"): "one hundred and twenty-three",
    ("number", "1010"): "one thousand and ten",
    ("number", "1100"): "one thousand one hundred",
    ("number", "12005"): "twelve thousand and five",
    ("number", "100010"): "one hundred thousand and ten",
    ("number", "1000010"): "one million and ten",
    ("number", "1234567"): "one million two hundred and thirty-four thousand five hundred and "
    "sixty-seven",
    ("number", "20000000000"): "twenty billion",
    ("number", "-3.05"): "minus three point zero five",
    ("money", "123.45"): "one hundred and twenty-three yuan and forty-five fen",
    ("money", "1010.05"): "one thousand and ten yuan and five fen",
    ("money", "1"): "one yuan",
    ("money", "0"): "zero yuan",
    ("money", "0.01"): "one fen",
    ("money", "-5.20"): "five yuan and twenty fen owing",
    ("money", "5000"): "five thousand yuan",
    ("digits", "1024"): "one zero two four",
    ("phone", "13800138000"): "one three eight, zero zero one three, eight zero zero zero",
    ("phone", "+12125551234"): "plus one, two one two, five five five, one two three four",
    ("phone", "10086"): "one zero zero eight six",
    ("date", "2026-11-22"): "the twenty-second of November, twenty twenty-six",
    ("date", "2000-01-01"): "the first of January, two thousand",
    ("date", "2005-03-12"): "the twelfth of March, two thousand and five",
    ("date", "2010-05-20"): "the twentieth of May, twenty ten",
    ("date", "1905-06-03"): "the third of June, nineteen oh five",
    ("date", "1900-08-30"): "the thirtieth of August, nineteen hundred",
    ("date", "2100-12-31"): "the thirty-first of December, twenty-one hundred",
    ("time", "15:05"): "three oh five p m",
    ("time", "15:00"): "three p m",
    ("time", "09:30"): "nine thirty a m",
    ("time", "12:00"): "twelve noon",
    ("time", "00:00"): "twelve midnight",
    ("time", "12:30"): "twelve thirty p m",
    ("time", "00:01"): "twelve oh one a m",
    ("duration", "150m"): "two hours and thirty minutes",
    ("duration", "1d1h1m1s"): "one day, one hour, one minute and one second",
    ("duration", "90s"): "one minute and thirty seconds",
    ("duration", "40d"): "forty days",
    ("duration", "0s"): "zero seconds",
    ("ordinal", "1"): "first",
    ("ordinal", "3"): "third",
    ("ordinal", "12"): "twelfth",
    ("ordinal", "22"): "twenty-second",
    ("ordinal", "90"): "ninetieth",
    ("ordinal", "100"): "one hundredth",
    ("ordinal", "101"): "one hundred and first",
    ("percent", "50"): "fifty per cent",
    ("percent", "12.5"): "twelve point five per cent",
    ("percent", "100"): "one hundred per cent",
    ("percent", "-3"): "minus three per cent",
    ("data", "1.5GB"): "one point five gigabytes",
    ("data", "1GB"): "one gigabyte",
    ("data", "0.1GB"): "zero point one gigabytes",
    ("data", "101MB"): "one hundred and one megabytes",
    ("data", "300MB"): "three hundred megabytes",
    ("data", "512KB"): "five hundred and twelve kilobytes",
    ("tail", "8000"): "ending in eight zero zero zero",
    ("tail", "123X"): "ending in one two three X",
    ("plan", "5G-A128"): "five G, A one two eight",
    ("plan", "58"): "fifty-eight",
    ("weekday", "2026-11-20"): "Friday",
    ("weekday", "2026-11-22"): "Sunday",
    ("period", "2026-11-01/2026-11-30"): "from the first to the thirtieth of November",
    ("period", "2026-11-16/2026-12-15"): "from the sixteenth of November to the fifteenth of "
    "December",
    ("period", "2026-12-01/2027-01-31"): "from the first of December, twenty twenty-six, to the "
    "thirty-first of January, twenty twenty-seven",
    ("period", "2026-11-01/2027-11-30"): "from the first of November, twenty twenty-six, to the "
    "thirtieth of November, twenty twenty-seven",
    ("period", "2026-11-02/2026-11-02"): "the second of November",
}
ARGUED = {
    ("money", "HKD", "20.05"): "twenty Hong Kong dollars and five cents",
    ("money", "HKD", "1.01"): "one Hong Kong dollar and one cent",
    ("money", "HKD", "0.50"): "fifty Hong Kong cents",
    ("money", "USD", "20.05"): "twenty U S dollars and five cents",
    ("money", "USD", "0.01"): "one U S cent",
    ("money", "USD", "0"): "zero U S dollars",
    ("money", "USD", "101"): "one hundred and one U S dollars",
    ("money", "CNY", "-12.30"): "twelve yuan and thirty fen owing",
    ("count", "line", "1"): "one line",
    ("count", "line", "2"): "two lines",
    ("count", "line", "0"): "zero lines",
    ("count", "line", "21"): "twenty-one lines",
    ("count", "line", "101"): "one hundred and one lines",
    ("count", "box", "2"): "two boxes",
    ("count", "address", "2"): "two addresses",
    ("count", "switch", "3"): "three switches",
    ("count", "dish", "2"): "two dishes",
    ("count", "text message", "1200"): "one thousand two hundred text messages",
    ("count", "day", "2"): "two days",
    ("count", "entry/entries", "1"): "one entry",
    ("count", "entry/entries", "12"): "twelve entries",
}


@pytest.mark.parametrize(("given", "words"), VALUES.items())
def test_a_value_is_said_as_people_say_it(given: tuple[str, str], words: str) -> None:
    assert read(*given, "en") == words


@pytest.mark.parametrize(("given", "words"), ARGUED.items())
def test_a_value_with_an_argument_is_said_as_people_say_it(
    given: tuple[str, str, str], words: str
) -> None:
    kind, argument, text = given
    assert read(kind, text, "en", argument) == words


def test_a_careful_amount_is_said_digit_by_digit() -> None:
    def careful(amount: str, currency: str = "") -> str:
        return "|".join(say("money", Decimal(amount), "en", currency, careful=True))

    assert careful("123.45") == "one|two|three|point four|five yuan"
    assert careful("-1234") == "one|,|two|three|four yuan|owing"
    assert careful("1", "USD") == "one U S dollar"
    assert careful("1.01", "HKD") == "one|point zero|one|Hong Kong dollars"


def test_a_careful_count_is_said_digit_by_digit() -> None:
    assert say("count", 21, "en", "line", careful=True) == ("two", "one", "lines")
    assert say("count", 1, "en", "line", careful=True) == ("one line",)


def test_a_number_is_cut_into_clips_of_whole_words() -> None:
    assert say("number", 123456, "en") == (
        "one hundred and",
        "twenty-three thousand",
        "four hundred and",
        "fifty-six",
    )
