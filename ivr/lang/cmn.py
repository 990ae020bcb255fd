"""Mandarin, in simplified characters."""

from ivr.lang.chinese import chinese
from ivr.lang.chinese_calendar import ChineseCalendar
from ivr.lang.chinese_money import Cents, ChineseMoney, Coins
from ivr.lang.chinese_numbers import ChineseNumbers
from ivr.lang.codes import Codes
from ivr.lang.numerals import Numerals, small


def _hour(hour: int) -> str:
    # The parts of the day as announcers use them: 凌晨 until people rise, 早上 until offices
    # open at nine, 上午 until noon, the hour of noon itself 中午, 下午 until six, then 晚上.
    parts = {0: "凌晨", 6: "早上", 9: "上午", 12: "中午", 13: "下午", 18: "晚上"}
    part = parts[max(start for start in parts if start <= hour)]
    # Midnight is 零点, so that no 十二点 but noon exists; two o'clock is 两点.
    clock = hour - 12 if hour > 12 else hour
    return f"{part}{'两' if clock == 2 else small(clock)}点"


# 两 before every place but ten, also inside a number: 两百, 一万两千; 二 below a hundred.
_NUMERALS = Numerals(two="两", two_inside="两", two_hundred="两", myriad="万", hundred_million="亿")
_NUMBERS = ChineseNumbers(
    _NUMERALS,
    minus="负",
    point="点",
    # A megabyte is 兆, as announcers say it; a gigabyte is G, for 吉 is known to few.
    sizes={"KB": "K", "MB": "兆", "GB": "G", "TB": "T"},
    example="条",
)

LANGUAGE = chinese(
    "cmn",
    "Mandarin",
    numbers=_NUMBERS,
    money=ChineseMoney(
        _NUMBERS,
        owed="欠费",
        currencies={
            "CNY": Coins(_NUMERALS, "", "元", "角", "分", half=""),
            # Named before the amount, as banks do: 港元 has no smaller units of its own name.
            "HKD": Coins(_NUMERALS, "港币", "元", "角", "分", half=""),
            "USD": Cents(_NUMERALS, "美元", "美分"),
        },
    ),
    calendar=ChineseCalendar(
        _NUMERALS,
        day_of_month="日",
        hours=tuple(_hour(hour) for hour in range(24)),
        lengths=("天", "小时", "分钟", "秒"),
    ),
    # On the telephone 一 is 幺, for 一 and 七 are mistaken for each other.
    codes=Codes(tuple("零幺二三四五六七八九"), small, plus="加", ending="尾号", space=""),
    classifiers=("条", "个", "部", "次", "位", "天", "分钟", "项"),
)
