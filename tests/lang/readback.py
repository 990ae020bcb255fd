"""Reads spoken words back into values, by rules written apart from those that said them."""

import re
from decimal import Decimal

SIMPLIFIED = str.maketrans("兩萬億負點蚊毫號", "两万亿负点元角日")
DIGIT = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"两": 2}
PLACE = {"十": 10, "百": 100, "千": 1000}
ENGLISH = {"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
ENGLISH |= {"eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13}
ENGLISH |= {"fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18}
ENGLISH |= {"nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60}
ENGLISH |= {"seventy": 70, "eighty": 80, "ninety": 90}


def chinese_whole(words: str) -> int:
    total = section = digit = 0
    for word in words:
        if word in DIGIT:
            digit = DIGIT[word]
        elif word in PLACE:
            section += (digit or 1) * PLACE[word]
            digit = 0
        else:
            total += (section + digit) * {"万": 10**4, "亿": 10**8}[word]
            section = digit = 0
    return total + section + digit


def chinese_by_places(number: int) -> str:
    """Write a number place by place, zeros and all, then drop the zeros nobody says."""
    figures = f"{number:012d}"
    words = ""
    for start, unit in ((0, "亿"), (4, "万"), (8, "")):
        section = "".join(
            "零" if figure == "0" else "零一二三四五六七八九"[int(figure)] + place
            for figure, place in zip(figures[start : start + 4], "千百十 ", strict=True)
        ).replace(" ", "")
        spoken = re.sub("零+$", "", section)
        words += spoken + unit if spoken else "零"
    words = re.sub("零+", "零", words).strip("零")
    return re.sub("^一十", "十", words) or "零"


def chinese_number(words: str) -> Decimal:
    words = words.translate(SIMPLIFIED)
    whole, _, fraction = words.removeprefix("负").partition("点")
    decimals = "".join(str(DIGIT[word]) for word in fraction)
    value = Decimal(f"{chinese_whole(whole)}.{decimals or 0}")
    return -value if words.startswith("负") else value


def chinese_money(words: str) -> Decimal:
    words = words.translate(SIMPLIFIED).replace("仙", "分")
    form = r"(负?)(?:(.+)元)?(?:([一两三四五六七八九])角)?(?:(半)|(?:零?(.)分))?"
    match = re.fullmatch(form, words)
    assert match, words
    minus, yuan, tenths, half, hundredths = match.groups()
    fen = DIGIT[tenths or "零"] * 10 + (5 if half else DIGIT[hundredths or "零"])
    value = Decimal(chinese_whole(yuan or "")) + Decimal(fen) / 100
    return -value if minus else value


def chinese_date(words: str) -> str:
    match = re.fullmatch("(.{4})年(.+)月(.+)日", words.translate(SIMPLIFIED))
    assert match, words
    year = "".join(str(DIGIT[word]) for word in match[1])
    return f"{year}-{chinese_whole(match[2]):02d}-{chinese_whole(match[3]):02d}"


def english_whole(words: str) -> int:
    total = group = 0
    for word in words.replace("-", " ").split():
        if word in ENGLISH:
            group += ENGLISH[word]
        elif word == "hundred":
            group *= 100
        elif word != "and":
            total += group * {"thousand": 10**3, "million": 10**6, "billion": 10**9}[word]
            group = 0
    return total + group


def english_number(words: str) -> Decimal:
    whole, _, fraction = words.removeprefix("minus ").partition(" point ")
    decimals = "".join(str(ENGLISH[word]) for word in fraction.split())
    value = Decimal(f"{english_whole(whole)}.{decimals or 0}")
    return -value if words.startswith("minus ") else value


def english_money(words: str) -> Decimal:
    match = re.fullmatch(r"(minus )?(?:(.+) yuan)?(?:(?: and )?(.+) fen)?", words)
    assert match, words
    minus, yuan, fen = match.groups()
    value = Decimal(english_whole(yuan or "")) + Decimal(english_whole(fen or "")) / 100
    return -value if minus else value


def english_date(words: str) -> str:
    match = re.fullmatch(r"the (.+) of (\w+), (.+)", words)
    assert match, words
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    irregular = {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9}
    irregular |= {"twelfth": 12, "twentieth": 20, "thirtieth": 30}
    tens, _, last = match[1].rpartition("-")
    day = (ENGLISH[tens] if tens else 0) + (irregular.get(last) or ENGLISH[last.removesuffix("th")])
    return f"{_english_year(match[3])}-{months.index(match[2][:3]) + 1:02d}-{day:02d}"


def _english_year(words: str) -> int:
    if "thousand" in words or "hundred" in words:
        return english_whole(words)
    century, rest = words.split(" ", 1)
    return ENGLISH[century] * 100 + english_whole(rest.removeprefix("oh "))
