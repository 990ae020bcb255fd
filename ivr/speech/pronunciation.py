"""What espeak-ng 1.51 misreads, and how to spell it so that it reads it right.

Found by comparing `espeak-ng -q -x` with the readings of pypinyin and ToJyutping: 3,755 common
simplified characters, 5,400 traditional ones, every phrase of `ivr.lang` and the shipped prompts.
Rules are applied from top to bottom, each a regular expression and its replacement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Rules = tuple[tuple[str, str], ...]

# A digit of a number spoken as a whole: 一 keeps its own tone next to one.
_DIGIT = "零〇幺二三四五六七八九十第"

# Mandarin is corrected in pinyin, which the voice reads as well as characters.
_MANDARIN: Rules = (
    (r"#", "井号"),
    (r"\*", "星号"),
    # Characters its dictionary has without a tone (11 in `-x`: a low mutter).
    (r"欢", " huan1 "),
    (r"务", " wu4 "),
    (r"诉", " su4 "),
    (r"息", " xi1 "),
    (r"识", " shi2 "),
    (r"辑", " ji2 "),
    (r"楚", " chu3 "),
    (r"夫", " fu1 "),
    (r"拾", " shi2 "),
    (r"伍", " wu3 "),
    (r"个(?=人|性)", " ge4 "),
    # Two readings, the wrong one chosen; 凌晨 was even said as three syllables.
    (r"凌晨", " ling2 chen2 "),
    (r"晨", " chen2 "),
    (r"重(?=新|听|复|拨|试|说|放|播|来|输|选)", " chong2 "),
    (r"银行", " yin2 hang2 "),
    (r"处(?=理)", " chu3 "),
    (r"尽(?=快|量|管)", " jin3 "),
    (r"(?<=[对相响反])应|应(?=答)", " ying4 "),
    (r"空(?=闲|余|格)", " kong4 "),
    (r"得(?=到|出)", " de2 "),
    (r"调(?=整|节|慢|快)", " tiao2 "),
    (r"便宜", " pian2 yi5 "),
    (r"假(?=日|期)", " jia4 "),
    # Tone sandhi of 一 and 不, which espeak leaves out: yì bǎi, yí wàn, bú shì. The last 一 of
    # a longer number and an ordinal keep yī: 十一点, 第一次, 一月.
    (rf"(?<![{_DIGIT}])一(?=[百千元点角分秒天些直般起])", " yi4 "),
    (rf"(?<![{_DIGIT}])一(?=[万亿个次位下共块样定刻路])", " yi2 "),
    (r"不(?=[是对在够会要用到变再便过必错])", " bu2 "),
)

# Cantonese is corrected with characters that sound alike: its voice reads Latin letters as
# English, which callers say too (5G, VIP), so jyutping cannot stand in the text.
_CANTONESE: Rules = (
    (r"#", "井號"),
    (r"\*", "星號"),
    (r"二分", "二芬"),  # fan1 of a minute; together they were parts, fan6
    (r"(?<=唔)到", "倒"),  # dou2 after a verb, was dou3
    (r"哋", "地"),  # dei6, was dei2
    (r"聽(?!日)", "廳"),  # teng1, was ting3
    (r"朝(?=早|晚)", "招"),  # ziu1, was ciu4
    (r"上(?=晝|午|一|次|個|面|頁)", "尚"),  # soeng6, was soeng5
    (r"為(?=你|您|咗|客)", "胃"),  # wai6, was wai4
    (r"返(?!回)", "番"),  # faan1, was faan2
    (r"嘟", "都"),  # dou1, was dyut1
    (r"將(?!軍)", "張"),  # zoeng1, was zoeng3
    (r"(?<=東|電)話", "畫"),  # waa2 in 廣東話 and 電話, was waa6
    (r"位(?=手|電|數|號)", "胃"),  # wai6 of digits, was wai2
)

PRONUNCIATION: Mapping[str, Rules] = {"cmn": _MANDARIN, "yue": _CANTONESE, "en": ()}

# In three digits and more espeak drops the zeros within (101 is 一百一) and counts Mandarin in
# thousands (10086 is 十千八十六). Values never come as digits (`ivr.lang` writes them out); what
# is left is a name such as 10086, and a name is said digit by digit.
_LONG_NUMBER = re.compile(r"[0-9]{3,}")
_DIGITS_AS_SAID: Mapping[str, str] = {"cmn": "零幺二三四五六七八九", "yue": "零一二三四五六七八九"}

# `[[…]]` is phonemes to espeak, `<…>` and `&` are markup where it is asked for, a NUL ends the
# text; a clip is words.
_NOT_WORDS = re.compile(r"[\[\]<>&\\\x00-\x1f\x7f-\x9f]+")


def spelled(text: str, language: str) -> str:
    """Return `text` as espeak-ng has to be given it to read it right."""
    words = _NOT_WORDS.sub(" ", text)
    if digits := _DIGITS_AS_SAID.get(language):
        words = _LONG_NUMBER.sub(lambda run: "".join(digits[int(d)] for d in run[0]), words)
    for misread, right in PRONUNCIATION.get(language, ()):
        words = re.sub(misread, right, words)
    return words
