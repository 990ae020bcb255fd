"""Which keys a text tells callers to press: 请按一, 請撳星號, "press one, two, or zero".

A small grammar for each language: a word for pressing, then keys, or spans of them (一到六, one to
six), with commas and "or" between. Digits may be written as figures. What it does not know it
passes over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_FIGURES = {str(figure): str(figure) for figure in range(10)}
_CHINESE = {char: str(value) for value, char in enumerate("零一二三四五六七八九")}
_MARKS = {
    **dict.fromkeys(("星号", "星號", "米字", "*", "＊"), "*"),
    **dict.fromkeys(("井号", "井號", "#", "＃"), "#"),
}
_FIGURES_SPELT = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ENGLISH_KEYS = {word: str(value) for value, word in enumerate(_FIGURES_SPELT)} | _FIGURES
_ENGLISH_KEYS |= {"star": "*", "asterisk": "*", "hash": "#", "pound": "#", "*": "*", "#": "#"}


@dataclass(frozen=True)
class _Grammar:
    """One language: its keys by their words, and the patterns its sentences are read by.

    `begins` stands before the keys; between two of them `joins` or `spans`. Words that `joined`
    are the digits of one key: 请按一二, "press one two".
    """

    keys: Mapping[str, str]
    begins: str
    joins: str
    spans: str
    joined: str
    ends: str

    def said(self, text: str) -> Iterator[str]:
        """Every key the text tells to press."""
        word = "|".join(sorted(map(re.escape, self.keys), key=len, reverse=True))
        key = rf"(?:{word})(?:{self.joined}(?:{word}))*{self.ends}"
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


_HAN = _Grammar(
    keys=_FIGURES | _CHINESE | _MARKS,
    begins=r"[按撳揿]\s*(?:一下)?(?:数字|數字)?(?:键|鍵|掣)?\s*",
    joins=r"[键鍵掣]?\s*(?:[，,、]\s*)?(?:或者|或|和|及|同埋|同)?\s*[按撳揿]?\s*",
    spans=r"[键鍵掣]?\s*[到至]\s*",
    joined=r"",
    # What follows a figure that counts something: 一下, 三天.
    ends=r"(?![下次遍声聲個个月年日天元块塊蚊条條位分秒小])",
)
_ENGLISH = _Grammar(
    keys=_ENGLISH_KEYS,
    begins=r"\b(?:press|dial)(?:ing)?\s+(?:the\s+)?",
    joins=r"(?:\s+key)?\s*(?:,\s*(?:or|and)?|\bor\b|\band\b)\s*(?:press\s+)?(?:the\s+)?",
    spans=r"\s+(?:to|through)\s+",
    joined=r"\s*",
    ends=r"(?!\w)",
)
# "Press one for sales, two for support": one word for pressing, and what each key is for.
_FOR = re.compile(r"(?:,|;|\bor\b|\band\b)\s*(\S+)\s+(?:for|to)\b")

_GRAMMARS = {"cmn": _HAN, "yue": _HAN, "en": _ENGLISH}


def keys_said(text: str, language: str) -> frozenset[str]:
    """Return the keys that a text tells callers to press, each as the phone has it: `1`, `12`, `*`.

    Values in the text may stand there as anything that is no word of a key.
    """
    text = text.lower()
    said = set(_GRAMMARS[language].said(text))
    if language == "en":
        for sentence in re.split(r"[.!?]", text):
            if said and re.search(r"\bpress", sentence):
                said |= {_ENGLISH_KEYS[x] for x in _FOR.findall(sentence) if x in _ENGLISH_KEYS}
    return frozenset(said)
