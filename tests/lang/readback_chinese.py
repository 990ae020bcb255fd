"""Reads Chinese words back into values, by rules written apart from those that said them."""

import re
from datetime import timedelta
from decimal import Decimal

SIMPLIFIED = str.maketrans("兩萬億負點號蚊毫仙費幣鐘個", "两万亿负点日元角分费币钟个")
DIGIT = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"两": 2, "幺": 1}
PLACE = {"十": 10, "百": 100, "千": 1000}
CURRENCY = {"": "CNY", "港币": "HKD", "美金": "USD"}
UNIT = {"K": "KB", "KB": "KB", "兆": "MB", "MB": "MB", "G": "GB", "T": "TB", "TB": "TB"}


def whole(words: str) -> int:
    total = section = digit = 0
    for word in words.translate(SIMPLIFIED):
        if word in DIGIT:
            digit = DIGIT[word]
        elif word in PLACE:
            section += (digit or 1) * PLACE[word]
            digit = 0
        else:
            total += (section + digit) * {"万": 10**4, "亿": 10**8}[word]
            section = digit = 0
    return total + section + digit


def by_places(number: int) -> str:
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


def number(words: str) -> Decimal:
    words = words.translate(SIMPLIFIED)
    head, _, fraction = words.removeprefix("负").partition("点")
    decimals = "".join(str(DIGIT[word]) for word in fraction)
    value = Decimal(f"{whole(head)}.{decimals}" if decimals else whole(head))
    return -value if words.startswith("负") else value


def spelt(words: str) -> Decimal:
    words = words.translate(SIMPLIFIED).replace(" ", "")
    figures = "".join(
        "." if word == "点" else str(DIGIT[word]) for word in words.removeprefix("负")
    )
    return -Decimal(figures) if words.startswith("负") else Decimal(figures)


def money(words: str) -> tuple[str, Decimal]:
    owed, code, words = _purse(words)
    if "美" in words:
        match = re.fullmatch("(?:(.+)美元)?(?:(.+)美分)?", words)
        assert match, words
        code, dollars, cents = "USD", match[1] or "", whole(match[2] or "")
        assert cents < 100 and (dollars == "" or whole(dollars) or not cents), words
    else:
        form = r"(?:(.+)元)?(?:([一两三四五六七八九])角)?(?:(半)|(?:零?(.)分))?"
        match = re.fullmatch(form, words)
        assert match, words
        dollars, tenths, half, hundredths = (part or "" for part in match.groups())
        cents = DIGIT[tenths or "零"] * 10 + (5 if half else DIGIT[hundredths or "零"])
    value = Decimal(whole(dollars)) + Decimal(cents) / 100
    return code, -value if owed else value


def money_spelt(words: str) -> tuple[str, Decimal]:
    owed, code, words = _purse(words)
    match = re.fullmatch("([^美]+)(?:(美)?元)", words)
    assert match, words
    return "USD" if match[2] else code, -spelt(match[1]) if owed else spelt(match[1])


def _purse(words: str) -> tuple[bool, str, str]:
    match = re.fullmatch("(欠费)?(港币|美金|)(.+)", words.translate(SIMPLIFIED))
    assert match, words
    return bool(match[1]), CURRENCY[match[2]], match[3]


def ordinal(words: str) -> int:
    assert words.startswith("第") and "两" not in words.translate(SIMPLIFIED), words
    return whole(words[1:])


def percent(words: str) -> Decimal:
    match = re.fullmatch("([负負]?)百分之(.+)", words)
    assert match, words
    return number(match[1] + {"百": "一百"}.get(match[2], match[2]))


def data(words: str) -> tuple[Decimal, str]:
    match = re.fullmatch(r"(.+?)([KMGT]B?|兆)", words)
    assert match, words
    return number(match[1]), UNIT[match[2]]


def date(words: str) -> str:
    match = re.fullmatch("(?:(.{4})年)?(.+)月(.+)日", words.translate(SIMPLIFIED))
    assert match, words
    year = "".join(str(DIGIT[word]) for word in match[1] or "")
    return f"{year}-{whole(match[2]):02d}-{whole(match[3]):02d}"


def period(words: str) -> list[str]:
    return [date(day) for day in words.split("到")]


def duration(words: str) -> timedelta:
    form = "(?:(.+)[天日])?(?:(.+)(?:小时|个钟头))?(?:(.+)分钟)?(?:(.+)秒)?"
    match = re.fullmatch(form, words.replace("號", "").translate(SIMPLIFIED).replace("頭", "头"))
    assert match, words
    days, hours, minutes, seconds = (whole(part or "") for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def plan(words: str) -> list[str]:
    return ["".join(map(_run, re.findall("[A-Z]|[^A-Z]+", word))) for word in words.split(" ")]


def _run(words: str) -> str:
    if words.isascii() or "十" in words:
        return words if words.isascii() else str(whole(words))
    return "".join(str(DIGIT[word]) for word in words)


def tail(words: str) -> str:
    match = re.fullmatch("尾[号號](.+)", words)
    assert match, words
    return "".join(word if word.isascii() else str(DIGIT[word]) for word in match[1])
