import pytest

from ivr.lang import LANGUAGES, read

NUMBERS = {
    # ten is 十 at the head, 一十 inside
    "10": "十", "19": "十九", "20": "二十", "110": "一百一十", "1010": "一千零一十",
    "100010": "十万零一十", "110000": "十一万", "1100000": "一百一十万", "100000": "十万",
    # one 零 for any run of empty places inside, none at the end of a section
    "0": "零", "101": "一百零一", "1001": "一千零一", "10500": "一万零五百",
    "10050": "一万零五十", "10005": "一万零五", "105000": "十万五千", "10005000": "一千万五千",
    "10010001": "一千零一万零一", "100001000": "一亿零一千", "100000001": "一亿零一",
    "10000000": "一千万", "101000000": "一亿零一百万", "1001000000": "十亿零一百万",
    # 两 before 百 千 万 亿, 二 below a hundred
    "2": "二", "12": "十二", "22": "二十二", "200": "两百", "202": "两百零二",
    "2222": "两千两百二十二", "12000": "一万两千", "20000": "两万", "220000": "二十二万",
    "1020000": "一百零二万", "200000000": "两亿", "200020002": "两亿零两万零二",
    # sign and decimals, every digit of them
    "-3": "负三", "-0": "零", "0.05": "零点零五", "3.14": "三点一四", "1.50": "一点五零",
    "-1234567.000001": "负一百二十三万四千五百六十七点零零零零零一",
    "999999999999": "九千九百九十九亿九千九百九十九万九千九百九十九",
}  # fmt: skip
MONEY = {
    "123.45": "一百二十三元四角五分", "1010.05": "一千零一十元零五分", "0.05": "五分",
    "0.50": "五角", "0.55": "五角五分", "0": "零元", "100": "一百元", "1.20": "一元两角",
    "2": "两元", "12": "十二元", "102": "一百零二元", "0.02": "两分", "2.02": "两元零二分",
    "20000": "两万元", "10000": "一万元", "120000": "十二万元", "-0.01": "负一分",
    "-1010.05": "负一千零一十元零五分", "-0.001": "零元", "1000.5": "一千元五角",
    "99999999.99": "九千九百九十九万九千九百九十九元九角九分",
}  # fmt: skip
OTHERS = {
    ("digits", "1024"): "幺零二四",
    ("digits", "7"): "七",
    ("phone", "13800138000"): "幺三八 零零幺三 八零零零",
    ("phone", "10086"): "幺零零八六",
    ("phone", "+8613800138000"): "加八六 幺三八 零零幺三 八零零零",
    ("date", "2026-11-22"): "二零二六年十一月二十二日",
    ("date", "1911-10-10"): "一九一一年十月十日",
    ("date", "2002-02-02"): "二零零二年二月二日",
    ("date", "2100-12-31"): "二一零零年十二月三十一日",
    ("time", "15:05"): "下午三点零五分",
    ("time", "15:00"): "下午三点",
    ("time", "14:02"): "下午两点零二分",
    ("time", "12:30"): "中午十二点三十分",
    ("time", "00:00"): "凌晨零点",
    ("time", "05:59"): "凌晨五点五十九分",
    ("time", "06:00"): "早上六点",
    ("time", "08:59"): "早上八点五十九分",
    ("time", "09:00"): "上午九点",
    ("time", "11:10"): "上午十一点十分",
    ("time", "13:00"): "下午一点",
    ("time", "17:59"): "下午五点五十九分",
    ("time", "18:00"): "晚上六点",
    ("time", "23:59"): "晚上十一点五十九分",
    ("duration", "150m"): "两小时三十分钟",
    ("duration", "90s"): "一分钟三十秒",
    ("duration", "2d"): "两天",
    ("duration", "99d"): "九十九天",
    ("duration", "2m2s"): "两分钟两秒",
    ("duration", "12h"): "十二小时",
    ("duration", "0m"): "零秒",
}


@pytest.mark.parametrize(("text", "words"), NUMBERS.items())
def test_a_number_is_said_as_people_say_it(text: str, words: str) -> None:
    assert read("number", text, "cmn") == words


@pytest.mark.parametrize(("text", "words"), MONEY.items())
def test_an_amount_is_said_in_yuan_jiao_and_fen(text: str, words: str) -> None:
    assert read("money", text, "cmn") == words


@pytest.mark.parametrize(("given", "words"), OTHERS.items())
def test_a_value_of_another_kind_is_said(given: tuple[str, str], words: str) -> None:
    assert read(*given, "cmn") == words


def test_a_number_is_cut_into_clips_of_whole_words() -> None:
    assert LANGUAGES["cmn"].number(1234567) == ("一百", "二十三万", "四千", "五百", "六十七")


def test_a_unit_is_in_the_breath_of_its_number() -> None:
    assert LANGUAGES["cmn"].number(1010) == ("一千零", "一十")
    assert read("money", "1010.05", "cmn") == "".join(("一千零", "一十元", "零五分"))
