"""How a text has to be spelled so that a voice reads it right.

`readable` is for every voice, `readings` for those that take pinyin, `spelled` for espeak-ng 1.51.
Found by comparing `espeak-ng -q -x` with the readings of pypinyin and ToJyutping: 3,755 common
simplified characters, 5,400 traditional ones, every phrase of `ivr.lang` and the shipped prompts;
and pypinyin 0.55 with a speaker's ear. Rules are applied from top to bottom.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Rules = tuple[tuple[str, str], ...]

# What is written short and said in words.
SIGNS: Mapping[str, Rules] = {
    "en": (("#", " hash "), (r"\*", " star "), (r"\bVIP\b", "V I P"), (r"\bSIM\b", "sim")),
    "cmn": (("#", "井号"), (r"\*", "星号"), ("〇", "零")),
    "yue": (("#", "井號"), (r"\*", "星號"), ("〇", "零")),
}

# A digit of a number spoken as a whole: 一 keeps its own tone next to one.
_DIGIT = "零〇幺二三四五六七八九十第"

# Characters with two readings, where voices choose the wrong one: one syllable a character.
READINGS: Mapping[str, Rules] = {
    "cmn": (
        ("凌晨", "ling2 chen2"),  # espeak says three syllables
        (r"重(?=新|听|复|拨|试|说|放|播|来|输|选)", "chong2"),
        ("银行", "yin2 hang2"),
        (r"处(?=理)", "chu3"),
        (r"尽(?=快|量|管)", "jin3"),
        (r"(?<=[对相响反])应|应(?=答)", "ying4"),
        (r"空(?=闲|余|格)", "kong4"),
        (r"得(?=到|出)", "de2"),
        (r"调(?=整|节|慢|快)", "tiao2"),
        ("便宜", "pian2 yi5"),
        (r"假(?=日|期)", "jia4"),
        # Tone sandhi of 一 and 不, which espeak leaves out and pypinyin has in some words only:
        # yì bǎi, yí wàn, bú shì. The last 一 of a longer number and an ordinal keep yī: 十一点,
        # 第一次, 一月.
        (rf"(?<![{_DIGIT}])一(?=[百千元点角分秒天些直般起])", "yi4"),
        (rf"(?<![{_DIGIT}])一(?=[万亿个次位下共块样定刻路])", "yi2"),
        (r"不(?=[是对在够会要用到变再过必错]|便(?!宜))", "bu2"),
    ),
}

# What espeak-ng alone misreads.
_ESPEAK_MANDARIN: Rules = (
    # Characters its dictionary has without a tone (11 in `-x`: a low mutter). They are given in
    # pinyin, which the voice reads as well as characters.
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
    (r"晨", " chen2 "),
    (r"个(?=人|性)", " ge4 "),
)

# Cantonese is corrected with characters that sound alike: its voice reads Latin letters as
# English, which callers say too (5G, VIP), so jyutping cannot stand in the text.
_ESPEAK_CANTONESE: Rules = (
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

ESPEAK: Mapping[str, Rules] = {"cmn": _ESPEAK_MANDARIN, "yue": _ESPEAK_CANTONESE}

# Values never come as digits (`ivr.lang` writes them out). What is left is a small number in a
# text an author wrote, or a name such as 10086, and a name is said digit by digit: espeak-ng
# drops the zeros of long ones (101 is 一百一) and counts in thousands (10086 is 十千八十六).
_NUMBER = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_SPOKEN_WHOLE = 99
_DIGITS = "零一二三四五六七八九"
_IN_A_NAME: Mapping[str, str] = {"cmn": "零幺二三四五六七八九", "yue": _DIGITS}
_POINT: Mapping[str, str] = {"cmn": "点", "yue": "點"}

# `[[…]]` is phonemes to espeak and piper, `<…>` and `&` are markup where it is asked for, a NUL
# ends the text; a clip is words.
_NOT_WORDS = re.compile(r"[\[\]<>&\\\x00-\x1f\x7f-\x9f]+")


def readable(text: str, language: str) -> str:
    """Return `text` as words only: signs, and the digits of Chinese texts, are written out."""
    words = _NOT_WORDS.sub(" ", text)
    if language in _IN_A_NAME:
        words = _NUMBER.sub(lambda found: _number(found[1], found[2], language), words)
    for sign, word in SIGNS.get(language, ()):
        words = re.sub(sign, word, words)
    return words


def readings(text: str, language: str) -> dict[int, str]:
    """Return the syllable of each character, by its index, that voices would read otherwise."""
    found: dict[int, str] = {}
    for pattern, syllables in READINGS.get(language, ()):
        for match in re.finditer(pattern, text):
            for index, syllable in enumerate(syllables.split(), start=match.start()):
                found.setdefault(index, syllable)
    return found


def spelled(text: str, language: str) -> str:
    """Return `text` as espeak-ng has to be given it to read it right."""
    words = readable(text, language)
    known = readings(words, language)
    words = "".join(f" {known[at]} " if at in known else char for at, char in enumerate(words))
    for misread, right in ESPEAK.get(language, ()):
        words = re.sub(misread, right, words)
    return words


def _number(whole: str, fraction: str | None, language: str) -> str:
    value = int(whole)
    if value > _SPOKEN_WHOLE or whole != str(value):
        said = "".join(_IN_A_NAME[language][int(digit)] for digit in whole)
    else:
        tens, ones = divmod(value, 10)
        said = f"{_DIGITS[tens] if tens > 1 else ''}{'十' if tens else ''}"
        said += _DIGITS[ones] if ones or not tens else ""
    if fraction:
        said += _POINT[language] + "".join(_DIGITS[int(digit)] for digit in fraction)
    return said
