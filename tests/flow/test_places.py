"""Where a caller goes on who changes the language in the middle of a prompt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow import prompt_files
from ivr.flow.places import onward
from ivr.flow.speech import Clip, Pause, Place

# A sentence is runs: the name of a value, or how many clauses of words stand there.
Sentence = list[str | int]
RUNS = st.one_of(st.integers(1, 3), st.sampled_from("abc"))
SENTENCES = st.lists(RUNS, min_size=1, max_size=5)
SHAPES = st.lists(SENTENCES, min_size=1, max_size=4)


def places(shape: list[Sentence], language: str, phrases: int = 2) -> tuple[Place, ...]:
    """Return a form of such sentences: a value is some phrases with a breath behind the first."""
    found: list[Place] = []
    clip, part = Clip("words", language), 0
    for number, sentence in enumerate(shape):
        for run in sentence:
            # Words follow words in one run of the text; a value is always a part of its own.
            part += isinstance(run, str)
            name = run if isinstance(run, str) else ""
            items: list[Clip | Pause] = (
                [clip, Pause(0.2), *[clip] * (phrases - 1)]
                if isinstance(run, str)
                else [clip, Pause(0.2)] * run
            )
            found += [Place(item, number, part, name) for item in items]
            part += isinstance(run, str)
        found.append(Place(Pause(0.5), number, part))
    return tuple(found)


def runs(form: tuple[Place, ...]) -> list[tuple[int, int, str]]:
    """Each value as it stands in a form: its first and last item, and its name."""
    found: list[tuple[int, int, str]] = []
    for index, place in enumerate(form):
        if place.value and index and place.part == form[index - 1].part:
            found[-1] = (found[-1][0], index, place.value)
        elif place.value:
            found.append((index, index, place.value))
    return found


Journey = tuple[tuple[Place, ...], tuple[Place, ...], int]


@st.composite
def journeys(draw: st.DrawFn) -> Journey:
    source = places(draw(SHAPES), "cmn", draw(st.integers(1, 3)))
    target = places(draw(SHAPES), "en", draw(st.integers(1, 3)))
    return source, target, draw(st.integers(0, len(source)))


@given(journeys())
def test_there_is_always_a_place_to_go_on_from(journey: Journey) -> None:
    source, target, reached = journey
    goal = onward(source, target, reached)
    assert 0 <= goal <= len(target)
    words_left = any(isinstance(place.item, Clip) for place in source[reached:])
    if words_left:
        assert isinstance(target[goal].item, Clip)


@given(journeys())
def test_no_value_is_skipped_that_was_not_begun(journey: Journey) -> None:
    source, target, reached = journey
    goal = onward(source, target, reached)
    if not any(isinstance(place.item, Clip) for place in source[reached:]):
        return
    begun = [name for first, _, name in runs(source) if first < reached]
    for first, _, name in runs(target):
        if name in begun:
            begun.remove(name)
        else:
            assert first >= goal


@given(SHAPES, st.data())
def test_in_one_form_she_goes_on_at_the_very_item(
    shape: list[Sentence], data: st.DataObject
) -> None:
    form = places(shape, "cmn")
    reached = data.draw(st.integers(0, len(form)))
    assert onward(form, form, reached) == reached


@given(SHAPES, st.integers(1, 3))
def test_where_languages_are_alike_each_clause_and_each_value_has_its_own(
    shape: list[Sentence], phrases: int
) -> None:
    source, target = places(shape, "cmn"), places(shape, "en", phrases)
    for reached, expected in zip(words(source), words(target), strict=True):
        assert onward(source, target, reached) == expected
    for here, there in zip(runs(source), runs(target), strict=True):
        for reached in range(here[0], here[1] + 1):
            assert onward(source, target, reached) == there[0]


def words(form: tuple[Place, ...]) -> list[int]:
    """Return the items that are clauses of words."""
    return [i for i, p in enumerate(form) if not p.value and isinstance(p.item, Clip)]


@given(st.lists(st.permutations([1, 2, "a", "b", "c"]), min_size=1, max_size=3), st.data())
def test_nobody_is_taken_back_before_the_sentence_she_is_in(
    shape: list[Sentence], data: st.DataObject
) -> None:
    # The same values in each sentence, in an order of its own.
    source = places(shape, "cmn")
    target = places([data.draw(st.permutations(sentence)) for sentence in shape], "en")
    reached = data.draw(st.sampled_from(
        [i for i, place in enumerate(source) if isinstance(place.item, Clip)]
    ))  # fmt: skip
    assert target[onward(source, target, reached)].sentence == source[reached].sentence


def swapped(cmn: str, en: str) -> dict[str, str]:
    """Return, for each clip of the Mandarin text, the English one that is heard next."""
    catalogue, problems = prompt_files.load({"p": f"it: {{cmn: '{cmn}', en: '{en}'}}"})
    assert not problems
    values = {"a": "100", "b": "3"}
    source, target = (catalogue.places("it", language, values) for language in ("cmn", "en"))
    texts = [place.item.text if isinstance(place.item, Clip) else "" for place in target]
    return {
        place.item.text: texts[onward(source, target, reached)]
        for reached, place in enumerate(source)
        if isinstance(place.item, Clip)
    }


@pytest.mark.parametrize(
    ("cmn", "en", "expected"),
    [
        (
            "您好。余额是{a:money}，还有{b:number}天。再见。",
            "Hello. Your balance is {a:money}, for {b:number} days. Goodbye.",
            "您好。→Hello. 余额是→Your balance is 一百元→one hundred yuan 还有→for 三→three "
            "天。→days. 再见。→Goodbye.",
        ),
        (  # the other order: what was not said yet is still ahead
            "还有{b:number}天，余额是{a:money}。",
            "You have {a:money} for {b:number} days.",
            "还有→You have 三→You have 天，→You have 余额是→You have 一百元→one hundred yuan",
        ),
        (  # no words behind the value: it is said once more
            "您有{a:money}可以用。",
            "You can use {a:money}.",
            "您有→You can use 一百元→one hundred yuan 可以用。→one hundred yuan",
        ),
        (  # no words before the value were heard
            "{a:money}是您的余额。",
            "Your balance is {a:money}.",
            "一百元→Your balance is 是您的余额。→one hundred yuan",
        ),
        (  # more sentences, fewer clauses: never further than surely heard
            "您好，欢迎，请按一。",
            "Hello. Welcome. Press one.",
            "您好，→Hello. 欢迎，→Hello. 请按一。→Hello.",
        ),
        (
            "请按一。谢谢。再见。",
            "Press one. Thank you, goodbye.",
            "请按一。→Press one. 谢谢。→Press one. 再见。→Thank you,",
        ),
    ],
)
def test_the_rest_is_heard_in_the_other_language(cmn: str, en: str, expected: str) -> None:
    heard = " ".join(f"{here}→{there}" for here, there in swapped(cmn, en).items())
    assert heard == expected
