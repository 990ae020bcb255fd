"""Mandarin, in simplified characters."""

from ivr.lang.chinese import Chinese
from ivr.lang.numerals import Numerals, small


def _hour(hour: int) -> str:
    # The parts of the day as announcers use them: 凌晨 until people rise, 早上 until offices
    # open at nine, 上午 until noon, the hour of noon itself 中午, 下午 until six, then 晚上.
    parts = {0: "凌晨", 6: "早上", 9: "上午", 12: "中午", 13: "下午", 18: "晚上"}
    part = parts[max(start for start in parts if start <= hour)]
    # Midnight is 零点, so that no 十二点 but noon exists; two o'clock is 两点.
    clock = hour - 12 if hour > 12 else hour
    return f"{part}{'两' if clock == 2 else small(clock)}点"


LANGUAGE = Chinese(
    code="cmn",
    name="Mandarin",
    # 两 before every place but ten, also inside a number: 两百, 一万两千; 二 below a hundred.
    numerals=Numerals(
        two="两", two_inside="两", two_hundred="两", myriad="万", hundred_million="亿"
    ),
    minus="负",
    plus="加",
    point="点",
    # On the telephone 一 is 幺, for 一 and 七 are mistaken for each other.
    one_in_digits="幺",
    money_units=("元", "角", "分"),
    half="",
    day_of_month="日",
    hours=tuple(_hour(hour) for hour in range(24)),
    lengths=("天", "小时", "分钟", "秒"),
)
