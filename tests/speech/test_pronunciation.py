import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from ivr.flow.speech import Clip
from ivr.lang import LANGUAGES
from ivr.speech.pronunciation import spelled

VOICES = {"cmn": "cmn-latn-pinyin", "yue": "yue", "en": "en-gb"}
PROMPTS = Path(__file__).parents[2] / "prompts"


def phonemes(texts: Iterable[str], language: str, kind: str = "--ipa") -> str:
    """Return what espeak-ng would say, one line a clause, without speaking."""
    return raw("\n\n".join(spelled(text, language) for text in texts), language, kind)


def raw(words: str, language: str, kind: str) -> str:
    command = ["espeak-ng", "-q", kind, "-v", VOICES[language], "-b", "1", "--stdin"]
    return subprocess.run(command, input=words.encode(), capture_output=True).stdout.decode()


def syllables(text: str, language: str) -> str:
    """Return the phonemes of a text in espeak's own letters, with tones, without stresses."""
    return plain(phonemes([text], language, "-x"))


def plain(said: str) -> str:
    return " ".join("".join(c for c in said if c not in "',!|").replace("_", " ").split())


@pytest.mark.parametrize("language", ["cmn", "yue"])
def test_no_prompt_and_no_value_is_read_as_english(language: str) -> None:
    texts = set(LANGUAGES[language].vocabulary())
    for path in PROMPTS.glob("*.yaml"):
        said = yaml.safe_load(path.read_text())
        texts |= {one[language].replace("{", "，").replace("}", "，") for one in said.values()}
    chinese = ["".join(c for c in text if not c.isascii()) for text in sorted(texts)]
    heard = phonemes(chinese, language)
    assert len(heard.splitlines()) >= len(chinese)
    assert "(en)" not in heard


CHARACTERS = "幺两零亿元角分万千百十一二三四五六七八九"
PINYIN = (
    "yao1 liang3 ling2 yi4 yuan2 jiao3 fen1 wan4 qian1 bai3 shi2 "
    "yi1 er4 san1 si4 wu3 liu4 qi1 ba1 jiu3"
)


@pytest.mark.parametrize(
    ("character", "pinyin"), list(zip(CHARACTERS, PINYIN.split(), strict=True))
)
def test_a_mandarin_character_is_read_as_its_pinyin(character: str, pinyin: str) -> None:
    assert syllables(character, "cmn") == plain(raw(pinyin, "cmn", "-x"))


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        ("话费余额", "hua4 fei4 yu2 e2"),
        ("欢迎", "huan1 ying2"),
        ("人工服务", "ren2 gong1 fu2 wu4"),
        ("凌晨三点", "ling2 chen2 san1 dian3"),
        ("重新输入", "chong2 xin1 shu1 ru4"),
        ("一百元", "yi4 bai3 yuan2"),
        ("一万", "yi2 wan4"),
        ("二十一分钟", "er4 shi2 yi1 fen1 zhong1"),
        ("第一次", "di4 yi1 ci4"),
        ("这不是", "zhe4 bu2 shi4"),
        ("不便宜", "bu4 pian2 yi5"),
        ("一个人", "yi2 ge4 ren2"),
        ("没有对应的", "mei2 you3 dui4 ying4 de5"),
        ("10086", "yao1 ling2 ling2 ba1 liu4"),
        ("20", "er4 shi2"),
        ("05", "ling2 wu3"),
        ("3.14", "san1 dian3 yi1 si4"),
        ("二〇二六", "er4 ling2 er4 liu4"),
        ("按#", "an4 jing3 hao4"),
    ],
)
def test_mandarin_is_said_as_speakers_say_it(text: str, pinyin: str) -> None:
    # Without spaces: 1.52 takes words together that 1.51 says apart.
    said, expected = syllables(text, "cmn"), plain(raw(pinyin, "cmn", "-x"))
    assert "".join(said.split()) == "".join(expected.split())


@pytest.mark.parametrize(
    ("text", "tones"),
    [
        ("蚊", "man1"),
        ("毫", "hou4"),
        ("仙", "sin1"),
        ("號", "hou6"),
        ("嘅", "ge3"),
        ("係", "hai6"),
        ("撳", "gam6"),
        ("我哋", "ngo5 dei6"),
        ("十二分鐘", "sap6 ji6 fan1 zung1"),
        ("再聽一次", "zoi3 teng1 jat1 ci3"),
        ("上晝", "soeng6 zau3"),
        ("朝早", "ziu1 zou2"),
        ("廣東話", "gwong2 dung1 waa2"),
        ("10086", "jat1 ling4 ling4 baat3 luk6"),
    ],
)
def test_cantonese_is_said_as_speakers_say_it(text: str, tones: str) -> None:
    # espeak puts the tone behind the vowel and writes ng as N at the start of a syllable.
    heard = syllables(text, "yue").replace("N", "ng").split()
    whole = [
        "".join(c for c in syllable if not c.isdigit())
        + "".join(c for c in syllable if c.isdigit())
        for syllable in heard
    ]
    assert " ".join(whole) == tones


def test_english_words_in_cantonese_stay_english() -> None:
    assert "(en)" in phonemes(["5G"], "yue")


@pytest.mark.parametrize("text", ["[[h@l]]", "<speak>", "a\0b", "a\nb", "&lt;"])
def test_nothing_in_a_text_is_an_instruction(text: str) -> None:
    said = spelled(text, "en")
    assert not set("[]<>&\0\n") & set(said)


def test_a_text_without_trouble_is_left_alone() -> None:
    clip = Clip("Your balance is 1200 yuan.", "en")
    assert spelled(clip.text, clip.language) == clip.text
