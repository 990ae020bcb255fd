"""The catalogue: values with arguments, where each clip stands, what is built ahead."""

from __future__ import annotations

from ivr.flow import prompt_files
from ivr.flow.prompts import Catalogue
from ivr.flow.speech import Clip, text_of
from ivr.lang import vocabulary


def catalogue(*texts: str) -> Catalogue:
    loaded, problems = prompt_files.load({"p": "it:\n" + "\n".join(f"  {text}" for text in texts)})
    assert not problems
    return loaded


def test_a_value_is_told_its_currency_and_its_classifier() -> None:
    loaded = catalogue(
        "cmn: 您有{lines:count 条}线路，余额{amount:money HKD}。",
        "en: 'You have {lines:count entry/entries}, {amount:money HKD}.'",
    )
    values = {"lines": "2", "amount": "20"}
    assert text_of(loaded.utterance("it", "cmn", values)) == "您有两条线路，余额港币二十元。"
    english = text_of(loaded.utterance("it", "en", values))
    assert english == "You have two entries, twenty Hong Kong dollars."


def test_the_careful_form_says_amounts_digit_by_digit() -> None:
    loaded = catalogue("cmn: 余额{amount:money}。")
    values = {"amount": "123"}
    assert text_of(loaded.utterance("it", "cmn", values)) == "余额一百二十三元。"
    assert text_of(loaded.utterance("it", "cmn", values, careful=True)) == "余额一二三元。"


def test_each_item_knows_its_sentence_and_its_value() -> None:
    loaded = catalogue("en: 'Hello. You owe {amount:money}, sir. Goodbye!'")
    places = loaded.places("it", "en", {"amount": "2"})
    spoken = [
        (place.item.text, place.sentence, place.value)
        for place in places
        if isinstance(place.item, Clip)
    ]
    assert spoken == [
        ("Hello.", 0, ""),
        ("You owe", 1, ""),
        ("two yuan", 1, "amount"),
        ("sir.", 1, ""),
        ("Goodbye!", 2, ""),
    ]


def test_a_point_inside_a_number_ends_no_sentence() -> None:
    places = catalogue("en: 'Version 1.5 is new, really. Bye.'").places("it", "en")
    assert {place.sentence for place in places} == {0, 1}


def test_the_words_of_values_with_arguments_are_built_ahead() -> None:
    clips = set(catalogue("cmn: 有{lines:count 条}。", "en: '{lines:count line} left.'").clips())
    assert {Clip("有", "cmn"), Clip("left.", "en")} <= clips
    assert {Clip(phrase, "cmn") for phrase in vocabulary("cmn", "count", "条")} <= clips
    assert {Clip(phrase, "en") for phrase in vocabulary("en", "count", "line")} <= clips
    assert Clip("两条", "cmn") in clips
