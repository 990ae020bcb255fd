"""How much of what was said was heard: Mandarin by its syllables, English by its words.

A recogniser chooses among homophones and ways of writing a number; neither is a mistake of the
voice. So both texts are brought to one spelling before they are compared: numbers as words in
Mandarin, as figures in English; syllables without their tones.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import cn2an
from pypinyin import lazy_pinyin
from rapidfuzz.distance import Levenshtein
from whisper_normalizer.english import EnglishTextNormalizer

_normal = EnglishTextNormalizer()

# 两 and 二 are one number, of which the recogniser writes either; it mixes both scripts.
_ONE_SPELLING = str.maketrans("两兩萬億點〇", "二二万亿点零")
_NUMERALS = frozenset("零一二三四五六七八九十百千万亿点")


class Score(NamedTuple):
    """`error` is the edit distance in syllables or words, for each that was said (0 is perfect).

    `figures` tells whether every number was heard, in order, and no other.
    """

    error: float
    figures: bool


def score(said: str, heard: str, language: str) -> Score:
    """Compare what was heard with what was said, in `cmn` or `en`.

    Raises ValueError for other languages and when nothing was said.
    """
    if language not in _COMPARED:
        raise ValueError(f"there is no score for {language!r}")
    return _COMPARED[language](said, heard)


def _mandarin(said: str, heard: str) -> Score:
    wanted, got = _han(said), _han(heard)
    spoken = list(lazy_pinyin(wanted))
    edits = Levenshtein.editops(spoken, list(lazy_pinyin(got)))
    # A number is right when its syllables are (就月 is 九月), and where others are not, no number
    # may have come in.
    lost = any(edit.tag != "insert" and wanted[edit.src_pos] in _NUMERALS for edit in edits)
    new = any(edit.tag != "delete" and got[edit.dest_pos] in _NUMERALS for edit in edits)
    return Score(_share(len(edits), spoken), not lost and not new)


def _english(said: str, heard: str) -> Score:
    wanted, got = _words(said), _words(heard)
    figures = [re.findall(r"\d+", " ".join(words)) for words in (wanted, got)]
    return Score(_share(Levenshtein.distance(wanted, got), wanted), figures[0] == figures[1])


def _share(errors: int, spoken: list[str]) -> float:
    if not spoken:
        raise ValueError("nothing is said")
    return errors / len(spoken)


def _han(text: str) -> str:
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text)  # 12,345
    words = cn2an.transform(plain, "an2cn").translate(_ONE_SPELLING)
    return "".join(re.findall(r"[\u4e00-\u9fff]", words))


def _words(text: str) -> list[str]:
    # $123.45: some write a currency that they know.
    plain = re.sub(r"[$¥€£]([\d,]+)\.(\d\d)", r"\1 yuan and \2 fen", text)
    plain = re.sub(r"\btwelveth\b", "twelfth", plain, flags=re.IGNORECASE)
    # Homophones: it was heard so in "eighty-eight yuan, valid", and means nothing there.
    plain = re.sub(r"\byou and\b", "yuan", plain, flags=re.IGNORECASE)
    return str(_normal(plain)).split()


_COMPARED = {"cmn": _mandarin, "en": _english}
