"""Cantonese as spoken in Hong Kong, in traditional characters."""

from ivr.lang.chinese import chinese
from ivr.lang.chinese_calendar import ChineseCalendar
from ivr.lang.chinese_money import ChineseMoney, Coins
from ivr.lang.chinese_numbers import ChineseNumbers
from ivr.lang.codes import Codes
from ivr.lang.numerals import DIGITS, Numerals, small


def _hour(hour: int) -> str:
    # 朝早 from six to noon and 夜晚 from six on, as people say it; 上晝 is rarer, 晏晝 vague.
    parts = {0: "凌晨", 6: "朝早", 12: "中午", 13: "下晝", 18: "夜晚"}
    part = parts[max(start for start in parts if start <= hour)]
    # Midnight is 凌晨十二點: 零點 is not said; 凌晨 tells it from noon. Two o'clock is 兩點.
    clock = (hour - 1) % 12 + 1
    return f"{part}{'兩' if clock == 2 else small(clock)}點"


def _money(name: str) -> Coins:
    # Five cents after ten-cent pieces are half of one: 四毫半.
    return Coins(_NUMERALS, name, "蚊", "毫", "仙", half="半")


# 兩千, 兩萬, 兩蚊 at the head of a number, but 二 once digits have gone before (兩萬二千),
# and 二百 everywhere: 兩 is usual from a thousand up, and only as the first digit.
# 二十, not 廿: the contraction is for quick talk and is lost on a bad line.
_NUMERALS = Numerals(two="兩", two_inside="二", two_hundred="二", myriad="萬", hundred_million="億")
_NUMBERS = ChineseNumbers(
    _NUMERALS,
    minus="負",
    point="點",
    # In the letters it is written with, as in shops; only the G alone stands for gigabytes.
    sizes={"KB": "KB", "MB": "MB", "GB": "G", "TB": "TB"},
    example="條",
)

LANGUAGE = chinese(
    "yue",
    "Cantonese",
    numbers=_NUMBERS,
    money=ChineseMoney(
        _NUMBERS,
        owed="欠費",
        # The hotline's own money is plain 蚊; all other money is named, and counted alike.
        currencies={"CNY": _money(""), "HKD": _money("港幣"), "USD": _money("美金")},
    ),
    calendar=ChineseCalendar(
        _NUMERALS,
        day_of_month="號",
        hours=tuple(_hour(hour) for hour in range(24)),
        # 鐘頭, for the register of 蚊 and 毫; 小時 belongs to writing.
        lengths=("日", "個鐘頭", "分鐘", "秒"),
    ),
    # 幺 is a Mandarin habit; Cantonese says 一 in strings of digits too.
    codes=Codes(tuple(DIGITS), small, plus="加", ending="尾號", space=""),
    classifiers=("條", "個", "部", "次", "位", "日", "分鐘", "項"),
)
