"""Cantonese as spoken in Hong Kong, in traditional characters."""

from ivr.lang.chinese import Chinese
from ivr.lang.numerals import Numerals, small


def _hour(hour: int) -> str:
    # 朝早 from six to noon and 夜晚 from six on, as people say it; 上晝 is rarer, 晏晝 vague.
    parts = {0: "凌晨", 6: "朝早", 12: "中午", 13: "下晝", 18: "夜晚"}
    part = parts[max(start for start in parts if start <= hour)]
    # Midnight is 凌晨十二點: 零點 is not said; 凌晨 tells it from noon. Two o'clock is 兩點.
    clock = (hour - 1) % 12 + 1
    return f"{part}{'兩' if clock == 2 else small(clock)}點"


LANGUAGE = Chinese(
    code="yue",
    name="Cantonese",
    # 兩千, 兩萬, 兩蚊 at the head of a number, but 二 once digits have gone before (兩萬二千),
    # and 二百 everywhere: 兩 is usual from a thousand up, and only as the first digit.
    # 二十, not 廿: the contraction is for quick talk and is lost on a bad line.
    numerals=Numerals(
        two="兩", two_inside="二", two_hundred="二", myriad="萬", hundred_million="億"
    ),
    minus="負",
    plus="加",
    point="點",
    # 幺 is a Mandarin habit; Cantonese says 一 in strings of digits too.
    one_in_digits="一",
    money_units=("蚊", "毫", "仙"),
    # Five cents after ten-cent pieces are half of one: 四毫半.
    half="半",
    day_of_month="號",
    hours=tuple(_hour(hour) for hour in range(24)),
    # 鐘頭, for the register of 蚊 and 毫; 小時 belongs to writing.
    lengths=("日", "個鐘頭", "分鐘", "秒"),
)
