"""How words sound in Kokoro's signs: English from espeak-ng's IPA, Mandarin from pinyin.

A sign it was not taught is a sound that goes missing, so nothing is ever dropped: what has no
sign here is a VoiceError.
"""

from __future__ import annotations

import re

from ivr.speech.voices.voice import VoiceError

# The signs of British English (of the voices `bf_…` and `bm_…`); American ones have their own.
# Kokoro has one sign each for the diphthongs and affricates, which espeak-ng ties with `^`.
_ENGLISH = (
    ("a^ɪ^ə", "Iə"),
    ("a^ʊ^ə", "Wə"),
    ("e^ɪ", "A"),
    ("a^ɪ", "I"),
    ("ɔ^ɪ", "Y"),
    ("a^ʊ", "W"),
    ("ə^ʊ", "Q"),
    ("e^ə", "ɛː"),
    ("i^ə", "ɪə"),
    ("ʊ^ə", "ʊə"),
    ("ə^l", "ᵊl"),
    ("t^ʃ", "ʧ"),
    ("d^ʒ", "ʤ"),
    ("n\u0329", "ᵊn"),  # a syllable of its own: wasn't
    ("r", "ɹ"),
    ("ɐ", "ə"),
    ("x", "k"),  # loch
    ("ɬ", "l"),
    ("\u0303", ""),  # nasal, in French words: no English sound differs by it
)
_BRITISH = frozenset("AIQWYabdfhijklmnpstuvwzðŋɑɒɔəɛɜɡɪɹʃʊʌʒʤʧθᵊˈˌː ")

_LETTERS = {
    **{"A": "ˈA", "B": "bˈiː", "C": "sˈiː", "D": "dˈiː", "E": "ˈiː", "F": "ˈɛf", "G": "ʤˈiː"},
    **{"H": "ˈAʧ", "I": "ˈI", "J": "ʤˈA", "K": "kˈA", "L": "ˈɛl", "M": "ˈɛm", "N": "ˈɛn"},
    **{"O": "ˈQ", "P": "pˈiː", "Q": "kjˈuː", "R": "ˈɑː", "S": "ˈɛs", "T": "tˈiː", "U": "jˈuː"},
    **{"V": "vˈiː", "W": "dˈʌbᵊljuː", "X": "ˈɛks", "Y": "wˈI", "Z": "zˈɛd"},
}
_INITIALS = {
    **{"b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l"},
    **{"g": "k", "k": "kʰ", "h": "x", "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "r": "ɻ"},
    **{"z": "ʦ", "c": "ʦʰ", "s": "s", "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "": ""},
}
# A final as pinyin writes it after an initial: what comes before the tone, what after it.
_FINALS = {
    **{"a": ("a", ""), "ai": ("ai", ""), "an": ("a", "n"), "ang": ("a", "ŋ"), "ao": ("au", "")},
    **{"e": ("ɤ", ""), "ei": ("ei", ""), "en": ("ə", "n"), "eng": ("ə", "ŋ"), "er": ("ɚ", "")},
    **{"i": ("i", ""), "ia": ("ja", ""), "ie": ("je", ""), "iao": ("jau", ""), "iu": ("jou", "")},
    **{"ian": ("jɛ", "n"), "in": ("i", "n"), "iang": ("ja", "ŋ"), "ing": ("i", "ŋ")},
    **{"iong": ("jʊ", "ŋ"), "o": ("wo", ""), "ou": ("ou", ""), "ong": ("ʊ", "ŋ"), "u": ("u", "")},
    **{"ua": ("wa", ""), "uo": ("wo", ""), "uai": ("wai", ""), "ui": ("wei", "")},
    **{"uan": ("wa", "n"), "un": ("wə", "n"), "uang": ("wa", "ŋ"), "ueng": ("wə", "ŋ")},
    **{"v": ("y", ""), "ve": ("ɥe", ""), "van": ("ɥɛ", "n"), "vn": ("y", "n")},
}
# Syllables without an initial are written otherwise: wei is ui, you is iu, yue is ve.
_ALONE = {
    **{"yi": "i", "ya": "ia", "ye": "ie", "yao": "iao", "you": "iu", "yan": "ian", "yin": "in"},
    **{"yang": "iang", "ying": "ing", "yong": "iong", "yu": "v", "yue": "ve", "yuan": "van"},
    **{"yun": "vn", "wu": "u", "wa": "ua", "wo": "uo", "wai": "uai", "wei": "ui", "wan": "uan"},
    **{"wen": "un", "wang": "uang", "weng": "ueng"},
}
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}

# All that decides how words sound here.
TABLES = (_ENGLISH, _LETTERS, _INITIALS, _FINALS, _ALONE, _TONES)

_SYLLABLE = re.compile(r"([zcs]h|[bpmfdtnlgkhjqxrzcs]?)([a-z]+)([1-5])")


def english(ipa: str) -> str:
    """Return espeak-ng's British IPA, tied with `^`, in Kokoro's signs. Raises VoiceError."""
    signs = ipa
    for sound, sign in _ENGLISH:
        signs = signs.replace(sound, sign)
    if unknown := sorted(set(signs) - _BRITISH):
        raise VoiceError(f"kokoro has no English sign for {', '.join(map(repr, unknown))} in {ipa}")
    return signs


def letters(text: str) -> str:
    """Return Latin letters by their names in Kokoro's signs: VIP is V, I, P."""
    return " ".join(_LETTERS[letter] for letter in text.upper() if letter in _LETTERS)


def syllable(pinyin: str) -> str:
    """Return a syllable such as `zhong1` or `lv4` in Kokoro's signs. Raises VoiceError.

    The tone stands behind the vowel; the neutral tone, 5, has no sign.
    """
    if (found := _SYLLABLE.fullmatch(pinyin)) is None:
        raise VoiceError(f"kokoro cannot read '{pinyin}': it is no syllable of pinyin")
    initial, rest, tone = found.groups()
    final = _ALONE.get(rest, rest) if not initial else rest
    if initial in {"j", "q", "x"} and final.startswith("u"):
        final = f"v{final[1:]}"  # ü, which pinyin writes without its dots here
    if final not in _FINALS:
        raise VoiceError(f"kokoro cannot read '{pinyin}': it is no syllable of Mandarin")
    vowel, ending = _FINALS[final]
    if final == "i" and initial in {"zh", "ch", "sh", "r", "z", "c", "s"}:
        vowel = "ɨ"
    return f"{_INITIALS[initial]}{vowel}{_TONES[tone]}{ending}"
