"""How a caller is spoken to: another language in mid-sentence, more slowly, as she chose before."""

from __future__ import annotations

import pytest

from ivr.flow.caller import Caller
from ivr.flow.effects import Play
from ivr.flow.session import Session
from ivr.flow.speech import Pause
from ivr.flow.talk import Choice
from tests.flow.teller import Teller
from tests.stage import START, load, path, read

FLOW = """
flow: f
languages: [cmn, yue, en]
start: tell
anywhere: {"*": slower, "#": faster, 8: language, 9: again}
nodes:
  tell: {say: {owed: {amount: "123.45"}}, go: menu}
  menu: {menu: ask, keys: {1: tell, 2: choose, 3: which, 4: offer}, otherwise: offer}
  choose: {language: ask, keys: {1: cmn, 2: yue, 3: en}, go: menu}
  which: {collect: ask, digits: 4, confirm: number_is, into: x, go: menu, otherwise: bye}
  offer:
    menu: {owed: {amount: "50.00"}}
    keys: {1: menu}
    tries: 6
    silent: hello
    otherwise: bye
  bye: hangup
"""


def teller(start: str = "tell", flow: str = FLOW, remembered: Choice | None = None) -> Teller:
    loaded = load(flow.replace("start: tell", f"start: {start}"))
    return Teller(Session(loaded, "f", Caller("c"), START, remembered=remembered))


def test_a_sentence_goes_on_in_the_next_language_from_the_same_place_round() -> None:
    call = teller()
    assert call.ahead[0] == "余额"
    amount = call.at(call.ahead[1])
    call.cut("8", amount)
    assert "".join(call.ahead) == "一百二十三蚊四毫半"
    call.cut("8", amount + 1)
    assert " ".join(call.ahead) == "one hundred and twenty-three yuan and forty-five fen"
    call.cut("8", amount + 1)
    assert "".join(call.ahead) == "一百二十三元四角五分"
    record = call.session.record
    assert [heard.language for heard in record.heard] == ["cmn", "yue", "en"]
    assert (record.language, call.session.chosen) == ("cmn", Choice("cmn"))


def test_the_speed_stays_when_the_language_changes() -> None:
    call = teller()
    call.cut("*8", 0)
    assert (call.speed, call.ahead[0]) == (90, "餘額")


def test_pressing_twice_leads_two_languages_on() -> None:
    call = teller()
    call.cut("88", 0)
    assert call.ahead[0] == "Balance"


def test_a_question_that_was_over_is_asked_again_in_the_next_language() -> None:
    call = teller("menu")
    call.hear()
    call.press("8")
    assert call.ahead == ["請撳一。"]


def test_digits_win_over_the_key_of_the_next_language() -> None:
    call = teller("which")
    call.cut("1888", 0)
    assert call.ahead[0] == "是"


def test_where_a_language_is_asked_for_its_key_chooses_the_one_after_what_is_heard() -> None:
    call = teller("choose")
    call.cut("8", 0)
    assert (call.session.record.language, call.ahead) == ("yue", ["請撳一。"])
    assert path(call.session.record) == ["choose", "menu"]
    late = teller("choose")
    late.hear()
    late.cut("8", 0)  # in the middle of Cantonese
    assert late.session.record.language == "en"
    silent = teller("choose")
    for _ in range(3):
        silent.hear()
    silent.press("8")
    assert silent.session.record.language == "cmn"
    assert silent.session.chosen == Choice("cmn")


def test_a_language_of_a_sub_flow_alone_is_not_gone_on_in() -> None:
    outer = """
    flow: f
    languages: [cmn, en]
    start: a
    nodes: {a: {call: g, go: b}, b: {say: hello}}
    """
    inner = FLOW.replace("flow: f", "flow: g")
    call = Teller(Session(load(outer, inner), "f", Caller("c"), START))
    call.cut("8", 0)
    assert call.ahead[0] == "Balance"
    call.cut("8", 0)
    assert call.ahead[0] == "余额"


def pauses(call: Teller) -> list[float]:
    assert isinstance(call.effect, Play)
    return [item.seconds for item in call.effect.utterance if isinstance(item, Pause)]


def test_who_asks_again_twice_hears_it_slower_and_then_digit_by_digit() -> None:
    call = teller()
    whole, rests = call.ahead, pauses(call)
    call.cut("9", 1)
    assert (call.ahead, call.speed, pauses(call)) == (whole, 100, rests)
    call.cut("9", 1)
    assert (call.ahead, call.speed) == (whole, 90)
    assert pauses(call) == [1.5 * rest for rest in rests]
    call.cut("9", 1)
    assert call.speed == 90
    assert "".join(call.ahead).startswith("余额一二三")
    call.hear()
    assert (call.speed, call.session.record.speed) == (100, "100%")
    assert [heard.speed for heard in call.session.record.heard] == ["100%"] * 2 + ["90%"] * 2
    assert call.session.chosen == Choice()


def test_what_was_not_understood_is_forgotten_when_the_node_is_left() -> None:
    call = teller()
    call.cut("99", 1)
    call.hear()
    call.cut("1", 0)
    assert path(call.session.record) == ["tell", "menu", "tell"]
    assert call.speed == 100
    call.cut("9", 1)
    assert call.speed == 100


def test_again_at_a_prompt_without_values_changes_nothing_of_how_it_is_said() -> None:
    call = teller("menu")
    call.cut("9999", 0)
    assert (call.speed, call.ahead, pauses(call)) == (100, ["请按一。"], [0.5])


def test_silence_at_a_value_counts_as_asking_again() -> None:
    call = teller("offer")
    heard = []
    for _ in range(4):
        heard.append((call.speed, "".join(call.ahead)))
        call.hear()
        call.press("")
        assert call.ahead[0] == "您好，"
        assert call.speed == 100
        call.hear()
    assert heard[:3] == [(100, "余额五十元"), (100, "余额五十元"), (90, "余额五十元")]
    assert heard[3][0] == 90 and heard[3][1].startswith("余额五零")


@pytest.mark.parametrize(("key", "speed"), [("*", 75), ("#", 100)])
def test_her_own_keys_work_from_what_she_hears(key: str, speed: int) -> None:
    call = teller()
    call.cut("99", 1)
    assert call.speed == 90
    call.cut(key, 1)
    assert (call.speed, call.session.chosen.speed) == (speed, speed)
    call.cut("9", 1)
    assert call.speed == speed
    call.hear()
    assert call.speed == speed


def test_the_language_changes_in_the_careful_form_too() -> None:
    call = teller()
    call.cut("999", 1)
    call.cut("8", 0)
    assert call.ahead[0] == "餘額"
    assert "".join(call.ahead[1:]).startswith("一二三")
    assert call.speed == 90


def test_a_caller_is_spoken_to_as_she_chose_before() -> None:
    call = teller(remembered=Choice("en", 75))
    assert (call.speed, call.ahead[0]) == (75, "Balance")
    assert (call.session.record.language, call.session.record.speed) == ("en", "75%")
    assert call.session.chosen == Choice()
    call.cut("#", 0)
    assert call.session.chosen == Choice(None, 90)


@pytest.mark.parametrize(
    ("remembered", "speed"), [(None, 100), (60, 60), (70, 75), (110, 100), (140, 150), (300, 150)]
)
def test_a_remembered_speed_is_the_nearest_that_the_flow_has(
    remembered: int | None, speed: int
) -> None:
    assert teller(remembered=Choice(None, remembered)).speed == speed


def test_a_remembered_language_is_not_asked_for_and_can_still_be_changed() -> None:
    call = teller("choose", remembered=Choice("yue"))
    assert (path(call.session.record), call.ahead) == (["choose", "menu"], ["請撳一。"])
    call.cut("2", 0)  # back to where it is chosen: now she is asked
    assert call.ahead == ["请按一。"]
    call.cut("3", 0)
    assert (call.ahead, call.session.chosen) == (["Press one."], Choice("en"))


@pytest.mark.parametrize("language", [None, "en", "xx"])
def test_a_language_that_is_not_offered_or_not_known_is_asked_for(language: str | None) -> None:
    flow = FLOW.replace("3: en}", "3: cmn}")
    call = teller("choose", flow, remembered=Choice(language))
    assert path(call.session.record) == ["choose"]


def test_a_caller_who_types_ahead_answers_even_where_her_language_is_remembered() -> None:
    flow = FLOW.replace("go: menu}\n  menu", "go: choose}\n  menu")
    call = teller("tell", flow, remembered=Choice("yue"))
    call.cut("3", 0)
    assert (call.session.record.language, call.ahead) == ("en", ["Press one."])


def test_a_language_given_for_the_call_is_still_asked_for() -> None:
    loaded = load(FLOW.replace("start: tell", "start: choose"))
    session = Session(loaded, "f", Caller("c"), START, language="en")
    assert path(Teller(session).session.record) == ["choose"]


@pytest.mark.parametrize(
    ("language", "item", "word", "text"),
    [
        ("cmn", 0, 0, "请稍候，"),  # the word is not known
        ("cmn", 0, 1, "请稍"),
        ("cmn", 2, 2, "请稍候，马上来"),
        ("en", 0, 1, "Please hold"),
        ("en", 2, 1, "Please hold on, we are"),
        ("en", 2, 9, "Please hold on, we are coming."),
    ],
)
def test_the_record_ends_at_the_word_that_was_heard(
    language: str, item: int, word: int, text: str
) -> None:
    flow = "flow: f\nlanguages: [cmn, en]\nstart: a\nnodes: {a: {say: wait}}"
    prompts = "wait: {cmn: 请稍候，马上来了。, en: 'Please hold on, we are coming.'}"
    loaded, problems = read(flow, prompts=prompts)
    assert not problems
    call = Teller(Session(loaded, "f", Caller("c"), START, language=language))
    call.cut("1", item, word)
    assert call.session.record.heard[0].text == text
