from decimal import Decimal

import pytest

from ivr.lang import read, say

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
    "20000": "两万元", "10000": "一万元", "120000": "十二万元", "-0.01": "欠费一分",
    "-1010.05": "欠费一千零一十元零五分", "-0.001": "零元", "1000.5": "一千元五角",
    "99999999.99": "九千九百九十九万九千九百九十九元九角九分",
}  # fmt: skip
FOREIGN = {
    ("HKD", "12.30"): "港币十二元三角", ("HKD", "0.50"): "港币五角",
    ("HKD", "-1000.05"): "欠费港币一千元零五分", ("HKD", "2"): "港币两元",
    ("USD", "20.05"): "二十美元五美分", ("USD", "2"): "两美元", ("USD", "0.02"): "两美分",
    ("USD", "12.12"): "十二美元十二美分", ("USD", "102"): "一百零二美元", ("USD", "0"): "零美元",
    ("USD", "-1.50"): "欠费一美元五十美分", ("CNY", "12.30"): "十二元三角",
}  # fmt: skip
COUNTS = {
    ("条", "2"): "两条", ("条", "12"): "十二条", ("条", "102"): "一百零二条", ("条", "0"): "零条",
    ("条", "22"): "二十二条", ("个", "3"): "三个", ("部", "12"): "十二部", ("次", "200"): "两百次",
    ("位", "20000"): "两万位", ("分钟", "110"): "一百一十分钟", ("笔", "2"): "两笔",
}  # fmt: skip
OTHERS = {
    ("ordinal", "1"): "第一",
    ("ordinal", "2"): "第二",
    ("ordinal", "12"): "第十二",
    ("ordinal", "202"): "第二百零二",
    ("ordinal", "110"): "第一百一十",
    ("percent", "50"): "百分之五十",
    ("percent", "12.5"): "百分之十二点五",
    ("percent", "2"): "百分之二",
    ("percent", "0"): "百分之零",
    ("percent", "100"): "百分之百",
    ("percent", "100.0"): "百分之一百点零",
    ("percent", "-3"): "负百分之三",
    ("percent", "112.5"): "百分之一百一十二点五",
    ("data", "1.5GB"): "一点五G",
    ("data", "300MB"): "三百兆",
    ("data", "512KB"): "五百一十二K",
    ("data", "2GB"): "两G",
    ("data", "0.2GB"): "零点二G",
    ("data", "12MB"): "十二兆",
    ("data", "1TB"): "一T",
    ("tail", "8000"): "尾号八零零零",
    ("tail", "123X"): "尾号幺二三X",
    ("tail", "123x"): "尾号幺二三X",
    ("plan", "5G-A128"): "五G A幺二八",
    ("plan", "5G"): "五G",
    ("plan", "58"): "五十八",
    ("plan", "129"): "幺二九",
    ("plan", "max 05"): "MAX 零五",
    ("weekday", "2026-11-20"): "星期五",
    ("weekday", "2026-11-22"): "星期日",
    ("period", "2026-11-01/2026-11-30"): "十一月一日到十一月三十日",
    ("period", "2026-12-01/2027-11-30"): "二零二六年十二月一日到二零二七年十一月三十日",
    ("period", "2026-11-02/2026-11-02"): "十一月二日",
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


@pytest.mark.parametrize(("given", "words"), FOREIGN.items())
def test_money_from_elsewhere_is_named(given: tuple[str, str], words: str) -> None:
    currency, amount = given
    assert read("money", amount, "cmn", currency) == words


@pytest.mark.parametrize(("given", "words"), COUNTS.items())
def test_a_count_is_said_with_its_classifier(given: tuple[str, str], words: str) -> None:
    classifier, count = given
    assert read("count", count, "cmn", classifier) == words


@pytest.mark.parametrize(("given", "words"), OTHERS.items())
def test_a_value_of_another_kind_is_said(given: tuple[str, str], words: str) -> None:
    assert read(*given, "cmn") == words


def test_a_number_is_cut_into_clips_of_whole_words() -> None:
    assert say("number", 1234567, "cmn") == ("一百", "二十三万", "四千", "五百", "六十七")


def test_a_unit_is_in_the_breath_of_its_number() -> None:
    assert say("number", 1010, "cmn") == ("一千零", "一十")
    assert read("money", "1010.05", "cmn") == "".join(("一千零", "一十元", "零五分"))


def test_a_careful_amount_is_said_digit_by_digit() -> None:
    def careful(amount: str, currency: str = "") -> str:
        return "|".join(say("money", Decimal(amount), "cmn", currency, careful=True))

    assert careful("123.45") == "一|二|三|点四|五元"
    assert careful("1234567.8") == "一|,|二|三|四|,|五|六|七|点八|零元"
    assert careful("22") == "二|二元"
    assert careful("2") == "两元"
    assert careful("2.50") == "二|点五|零元"
    assert careful("0.05") == "零|点零|五元"
    assert careful("-12.30", "HKD") == "欠费|港币|一|二|点三|零元"
    assert careful("20.05", "USD") == "二|零|点零|五美元"


def test_a_careful_number_or_count_is_said_digit_by_digit() -> None:
    assert say("number", Decimal("-123.4"), "cmn", careful=True) == ("负", "一", "二", "三", "点四")
    assert say("count", 102, "cmn", "条", careful=True) == ("一", "零", "二条")
    assert say("count", 2, "cmn", "条", careful=True) == ("两条",)


def test_other_kinds_have_no_careful_form_of_their_own() -> None:
    assert say("percent", 50, "cmn", careful=True) == ("百分之五十",)
    assert say("phone", "10086", "cmn", careful=True) == say("phone", "10086", "cmn")
