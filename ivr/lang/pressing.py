"""Which keys a text tells callers to press: 请按一, 請撳星號, "press one, two, or zero".

A small grammar for each language: a word for pressing, then keys, or spans of them (一到六, one to
six), with commas and "or" between. Digits may be written as figures, of any width. A number that
counts something (三天, two lines) or is longer than a key is none. What it does not know it passes
over.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_FIGURES = {str(figure): str(figure) for figure in range(10)}
_CHINESE = {char: str(value) for value, char in enumerate("零一二三四五六七八九")}
_CHINESE |= {"〇": "0", "幺": "1"}
_MARKS = {
    **dict.fromkeys(("星号", "星號", "星字", "星", "米字", "*"), "*"),
    **dict.fromkeys(("井号", "井號", "井字", "井", "#"), "#"),
}
_FIGURES_SPELT = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ENGLISH_KEYS = {word: str(value) for value, word in enumerate(_FIGURES_SPELT)} | _FIGURES
_ENGLISH_KEYS |= {"star": "*", "asterisk": "*", "*": "*"}
_ENGLISH_KEYS |= {"hash": "#", "pound": "#", "number sign": "#", "#": "#"}
# Keys in a row are one choice (12); a number of more of them is a telephone's, or a year.
_LONGEST = 3
_QUOTE = """["'“”‘’「」『』]?"""


@dataclass(frozen=True)
class _Grammar:
    """One language: its keys by their words, and the patterns its sentences are read by.

    `begins` stands before the keys; between two of them `joins` or `spans`. Words that `joined`
    are the digits of one key: 请按一二, "press one two". Before what is `counted` stands a number.
    """

    keys: Mapping[str, str]
    begins: str
    joins: str
    spans: str
    joined: str
    counted: str
    ends: str

    def said(self, text: str) -> Iterator[str]:
        """Every key the text tells to press."""
        word = "|".join(sorted(map(re.escape, self.keys), key=len, reverse=True))
        more = rf"(?:{self.joined}(?:{word}))"
        one = rf"(?:{word}){more}{{0,{_LONGEST - 1}}}(?!{more})"
        key = rf"{one}(?!(?:(?:{self.spans}){one})?(?:{self.counted})){self.ends}"
        between = rf"(?:{self.spans}|{self.joins})"
        for found in re.finditer(rf"(?:{self.begins})({key}(?:{between}{key})*)", text):
            yield from self._keys(found[1], word, key)

    def _keys(self, listed: str, word: str, key: str) -> Iterator[str]:
        last, end = "", 0
        for found in re.finditer(key, listed):
            digits = "".join(self.keys[each] for each in re.findall(word, found[0]))
            yield digits
            is_span = last and re.fullmatch(self.spans, listed[end : found.start()])
            if is_span and last.isdigit() and digits.isdigit():
                yield from map(str, range(int(last) + 1, int(digits)))
            last, end = digits, found.end()


_KEY_HAN = r"(?:号|號|字)?\s*[键鍵掣]?"
_HAN = _Grammar(
    keys=_FIGURES | _CHINESE | _MARKS,
    begins=r"(?:[按撳揿㩒拨撥][下低返住]?|选择?|選擇?|输入|輸入)\s*(?:一下)?(?:数字|數字)?[键鍵掣]?\s*"
    + _QUOTE,
    joins=_QUOTE
    + _KEY_HAN
    + r"\s*(?:[,、/]\s*)?(?:或者|或是|或|和|与|與|以及|及|同埋|同)?\s*[按撳揿㩒拨撥]?\s*"
    + _QUOTE,
    spans=_KEY_HAN + r"\s*[到至~–—-]\s*",
    joined=r"",
    counted=r"[十百千万萬亿億]|\.[0-9]|%|[下步次遍声聲回折成倍块塊蚊元条條位分秒小种種项項部张張级級期]"
    r"|个(?!人)|個(?!人)|天(?!气|氣)|日(?!常)|月(?!租|费|費)|年(?!费|費)|工作日|[gmk]b?(?![a-z])",
    ends=r"",
)
_KEY_ENGLISH = r"(?:\s+(?:key|button|sign))?"
_ENGLISH = _Grammar(
    keys=_ENGLISH_KEYS,
    begins=r"\b(?:press|dial|push|touch|hit|select|choose|enter)(?:ing)?\s+"
    r"(?:and hold\s+|either\s+|on\s+)?(?:(?:any|a)\s+(?:key|number|digit)\s+)?(?:from\s+)?"
    r"(?:the\s+)?(?:(?:number|digit|key)\s+)?" + _QUOTE,
    joins=_QUOTE
    + _KEY_ENGLISH
    + r"\s*(?:[,/]\s*(?:or|and)?|\bor\b|\band\b)\s*(?:press\s+)?(?:the\s+)?"
    + _QUOTE,
    spans=r"\s*(?:\b(?:to|through|thru)\b|[–—-])\s*",
    joined=r"\s*",
    counted=r"\.[0-9]|%|\s+(?:of\b|hundred|thousand|percent|yuan|dollars?\b|cents?\b|[gm]b\b"
    r"|(?:more |other |working |business )?"
    r"(?:times?|digits?|lines?|days?|hours?|minutes?|seconds?|weeks?|months?|years?|offers?"
    r"|options?|choices?|plans?|services?)\b)",
    ends=r"(?!\w)",
)
# "Press one for sales, two for support": one word for pressing, and what each key is for.
_EACH = "|".join(map(re.escape, _ENGLISH_KEYS))
_FOR = re.compile(
    rf"(?:,|;|\bor\b|\band\b)\s*(?:the\s+)?({_EACH}){_KEY_ENGLISH}\s+(?:for|to)\b"
    rf"(?!\s+(?:{_EACH})(?!\w))"
)

_GRAMMARS = {"cmn": _HAN, "yue": _HAN, "en": _ENGLISH}


def keys_said(text: str, language: str) -> frozenset[str]:
    """Return the keys that a text tells callers to press, each as the phone has it: `1`, `12`, `*`.

    Values in the text may stand there as anything that is no word of a key.
    """
    # One space for many: to try every way to part a long row of them takes for ever.
    text = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    said = set(_GRAMMARS[language].said(text))
    if language == "en":
        for sentence in re.split(r"[.!?]", text):
            if said and re.search(r"\bpress", sentence):
                said |= {_ENGLISH_KEYS[word] for word in _FOR.findall(sentence)}
    return frozenset(said)
