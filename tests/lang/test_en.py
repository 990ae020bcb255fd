import pytest

from ivr.lang import LANGUAGES, read

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
    ("money", "-5.20"): "minus five yuan and twenty fen",
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
}


@pytest.mark.parametrize(("given", "words"), VALUES.items())
def test_a_value_is_said_as_people_say_it(given: tuple[str, str], words: str) -> None:
    assert read(*given, "en") == words


def test_a_number_is_cut_into_clips_of_whole_words() -> None:
    assert LANGUAGES["en"].number(123456) == (
        "one hundred and",
        "twenty-three thousand",
        "four hundred and",
        "fifty-six",
    )
