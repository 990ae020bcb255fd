from decimal import Decimal

import pytest

from ivr.lang import read, say

VALUES = {
    ("number", "10"): "十",
    ("number", "110"): "一百一十",
    ("number", "1010"): "一千零一十",
    ("number", "100001000"): "一億零一千",
    # 二百 always; 兩千, 兩萬, 兩億 at the head, 二 inside
    ("number", "2"): "二",
    ("number", "25"): "二十五",
    ("number", "200"): "二百",
    ("number", "2000"): "兩千",
    ("number", "2222"): "兩千二百二十二",
    ("number", "22000"): "兩萬二千",
    ("number", "12000"): "一萬二千",
    ("number", "200020002"): "兩億零二萬零二",
    ("number", "1020000"): "一百零二萬",
    ("number", "-3.14"): "負三點一四",
    ("money", "123.45"): "一百二十三蚊四毫半",
    ("money", "123.47"): "一百二十三蚊四毫七仙",
    ("money", "1010.05"): "一千零一十蚊零五仙",
    ("money", "0.50"): "五毫",
    ("money", "0.05"): "五仙",
    ("money", "0.25"): "兩毫半",
    ("money", "2.20"): "兩蚊兩毫",
    ("money", "0.02"): "兩仙",
    ("money", "2.02"): "兩蚊零二仙",
    ("money", "12"): "十二蚊",
    ("money", "202"): "二百零二蚊",
    ("money", "20000"): "兩萬蚊",
    ("money", "0"): "零蚊",
    ("money", "-0.15"): "欠費一毫半",
    # no 幺
    ("digits", "1024"): "一零二四",
    ("phone", "98765432"): "九八七六 五四三二",
    ("phone", "+85298765432"): "加八五二 九八七六 五四三二",
    ("date", "2026-11-22"): "二零二六年十一月二十二號",
    ("date", "1999-02-28"): "一九九九年二月二十八號",
    ("time", "00:00"): "凌晨十二點",
    ("time", "05:59"): "凌晨五點五十九分",
    ("time", "06:00"): "朝早六點",
    ("time", "11:59"): "朝早十一點五十九分",
    ("time", "12:30"): "中午十二點三十分",
    ("time", "14:00"): "下晝兩點",
    ("time", "15:05"): "下晝三點零五分",
    ("time", "18:00"): "夜晚六點",
    ("duration", "150m"): "兩個鐘頭三十分鐘",
    ("duration", "1d2h3m4s"): "一日兩個鐘頭三分鐘四秒",
    ("duration", "40d"): "四十日",
    ("ordinal", "2"): "第二",
    ("ordinal", "22"): "第二十二",
    ("ordinal", "200"): "第二百",
    ("percent", "50"): "百分之五十",
    ("percent", "12.5"): "百分之十二點五",
    ("percent", "100"): "百分之百",
    ("data", "1.5GB"): "一點五G",
    ("data", "300MB"): "三百MB",
    ("data", "2GB"): "兩G",
    ("data", "512KB"): "五百一十二KB",
    ("tail", "123X"): "尾號一二三X",
    ("plan", "5G-A128"): "五G A一二八",
    ("weekday", "2026-11-20"): "星期五",
    ("weekday", "2026-11-22"): "星期日",
    ("period", "2026-11-01/2026-11-30"): "十一月一號到十一月三十號",
    ("period", "2026-12-01/2027-01-02"): "二零二六年十二月一號到二零二七年一月二號",
}
ARGUED = {
    ("money", "HKD", "12.30"): "港幣十二蚊三毫",
    ("money", "HKD", "0.25"): "港幣兩毫半",
    ("money", "USD", "20.05"): "美金二十蚊零五仙",
    ("money", "USD", "-2.20"): "欠費美金兩蚊兩毫",
    ("money", "CNY", "-12.30"): "欠費十二蚊三毫",
    ("count", "條", "2"): "兩條",
    ("count", "條", "12"): "十二條",
    ("count", "條", "102"): "一百零二條",
    ("count", "條", "200"): "二百條",
    ("count", "部", "2000"): "兩千部",
    ("count", "分鐘", "0"): "零分鐘",
}


@pytest.mark.parametrize(("given", "words"), VALUES.items())
def test_a_value_is_said_as_people_say_it(given: tuple[str, str], words: str) -> None:
    assert read(*given, "yue") == words


@pytest.mark.parametrize(("given", "words"), ARGUED.items())
def test_a_value_with_an_argument_is_said_as_people_say_it(
    given: tuple[str, str, str], words: str
) -> None:
    kind, argument, text = given
    assert read(kind, text, "yue", argument) == words


def test_a_careful_amount_is_said_digit_by_digit() -> None:
    def careful(amount: str, currency: str = "") -> str:
        return "|".join(say("money", Decimal(amount), "yue", currency, careful=True))

    assert careful("-123.45") == "欠費|一|二|三|點四|五蚊"
    assert careful("2") == "兩蚊"
    assert careful("0.25", "USD") == "美金|零|點二|五蚊"
