"""Reads English words back into values, by rules written apart from those that said them."""

import re
from datetime import timedelta
from decimal import Decimal

SMALL = {"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
SMALL |= {"eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13}
SMALL |= {"fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18}
SMALL |= {"nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60}
SMALL |= {"seventy": 70, "eighty": 80, "ninety": 90}
IRREGULAR = {"first": "one", "second": "two", "third": "three", "fifth": "five", "eighth": "eight"}
IRREGULAR |= {"ninth": "nine", "twelfth": "twelve"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CURRENCY = {"yuan": "CNY", "Hong Kong dollar": "HKD", "U S dollar": "USD"}
CURRENCY |= {"fen": "CNY", "Hong Kong cent": "HKD", "U S cent": "USD"}


def whole(words: str) -> int:
    total = group = 0
    for word in words.replace("-", " ").split():
        if word in SMALL:
            group += SMALL[word]
        elif word == "hundred":
            group *= 100
        elif word != "and":
            total += group * {"thousand": 10**3, "million": 10**6, "billion": 10**9}[word]
            group = 0
    return total + group


def number(words: str) -> Decimal:
    head, _, fraction = words.removeprefix("minus ").partition(" point ")
    decimals = "".join(str(SMALL[word]) for word in fraction.split())
    value = Decimal(f"{whole(head)}.{decimals}" if decimals else whole(head))
    return -value if words.startswith("minus ") else value


def spelt(words: str) -> Decimal:
    figures = words.removeprefix("minus ").replace(",", "").split()
    value = Decimal("".join("." if word == "point" else str(SMALL[word]) for word in figures))
    return -value if words.startswith("minus ") else value


def money(words: str) -> tuple[str, Decimal]:
    cents = r"(?:(.+?) (fen|Hong Kong cents?|U S cents?))"
    units = r"(?:(.+?) (yuan|Hong Kong dollars?|U S dollars?)(?: and (.+) (fen|cents?))?)"
    match = re.fullmatch(f"{units}|{cents}", words.removesuffix(" owing"))
    assert match, words
    count, unit, after, change, alone, whose = match.groups(default="")
    assert not change or (unit == "yuan") == (change == "fen"), words
    for number_said, noun in ((count, unit), (after, change), (alone, whose)):
        if noun.endswith(("dollar", "dollars", "cent", "cents")):
            assert noun.endswith("s") == (number_said != "one"), words
    value = Decimal(whole(count)) + Decimal(whole(after + alone)) / 100
    assert count or alone, words
    return CURRENCY[(unit or whose).removesuffix("s")], -value if _owed(words) else value


def _owed(words: str) -> bool:
    return words.endswith(" owing")


def money_spelt(words: str) -> tuple[str, Decimal]:
    match = re.fullmatch(r"(.+) (yuan|Hong Kong dollar|U S dollar)s?", words.removesuffix(" owing"))
    assert match, words
    value = spelt(match[1])
    return CURRENCY[match[2]], -value if _owed(words) else value


def ordinal(words: str) -> int:
    match = re.search(r"\w+$", words)
    assert match, words
    cardinal = IRREGULAR.get(match[0]) or re.sub("ieth$", "yth", match[0]).removesuffix("th")
    return whole(words[: match.start()] + cardinal)


def percent(words: str) -> Decimal:
    assert words.endswith(" per cent"), words
    return number(words.removesuffix(" per cent"))


def data(words: str) -> tuple[Decimal, str]:
    match = re.fullmatch("(.+) (kilo|mega|giga|tera)byte(s?)", words)
    assert match, words
    assert bool(match[3]) == (match[1] != "one"), words
    return number(match[1]), f"{match[2][0].upper()}B"


def date(words: str) -> str:
    match = re.fullmatch(r"the (.+) of (\w+)(?:, (.+))?", words)
    assert match, words
    year = _year(match[3]) if match[3] else ""
    return f"{year}-{MONTHS.index(match[2][:3]) + 1:02d}-{ordinal(match[1]):02d}"


def _year(words: str) -> int:
    if "thousand" in words or "hundred" in words:
        return whole(words)
    century, rest = words.split(" ", 1)
    return SMALL[century] * 100 + whole(rest.removeprefix("oh "))


def period(words: str) -> list[str]:
    if not words.startswith("from "):
        return [date(words)]
    first, last = words.removeprefix("from ").split(" to ")
    if " of " not in first:
        first = f"{first} of {last.split(' of ')[1]}"
    return [date(first.removesuffix(",")), date(last)]


def duration(words: str) -> timedelta:
    parts = [part.split(" ") for part in re.split(", | and ", words)]
    lengths = {unit.removesuffix("s") + "s": whole(count) for count, unit in parts}
    assert len(lengths) == len(parts), words
    return timedelta(**lengths)


def plan(words: str) -> list[str]:
    return ["".join(_runs(word.split(" "))) for word in words.split(", ")]


def _runs(words: list[str]) -> list[str]:
    return [word if len(word) == 1 else str(whole(word)) for word in words]


def tail(words: str) -> str:
    assert words.startswith("ending in "), words
    return "".join(_runs(words.removeprefix("ending in ").split(" ")))
