"""Keys at the borders: of a sub-flow and its caller, of one question and the next."""

import pytest

from ivr.flow.project import Project
from ivr.line.script import HANG_UP, SILENCE, ScriptLine
from tests.stage import path, play, read


def load(*flows: str) -> Project:
    """Return flows whose keys hide each other, which `ivr check` does not let pass."""
    return read(*flows)[0]


OUTER = """
flow: f
languages: [cmn, yue]
start: a
anywhere: {0: agent, "*": slower, 8: language}
nodes:
  a: {call: g, go: b}
  b: {menu: ask, keys: {1: agent, 3: a}, otherwise: agent}
  agent: {say: hello, go: bye}
  bye: hangup
"""
INNER = """
flow: g
languages: [cmn, yue]
start: m
outcomes: [out]
anywhere: {7: own, 6: out, "*": faster}
nodes:
  m: {menu: ask, keys: {1: c, 2: h}, otherwise: own}
  c: {collect: ask, digits: 4, until: "*", into: x, go: own, otherwise: own}
  h: {call: h, go: own}
  own: {menu: ask_short, keys: {1: out}, otherwise: out}
"""
DEEP = """
flow: h
languages: [cmn, yue]
start: m
anywhere: {5: here}
nodes:
  m: {menu: ask, keys: {1: here}, otherwise: here}
  here: {menu: ask_short, keys: {3: m}, otherwise: m}
"""


@pytest.mark.parametrize(
    ("keys", "nodes"),
    [
        # A sub-flow's own keys stay in it, also from the flow that it calls.
        (["7"], ["a", "g/m", "g/own"]),
        (["2", "5", "5"], ["a", "g/m", "g/h", "h/m", "h/here", "h/here"]),
        (["2", "7"], ["a", "g/m", "g/h", "h/m", "g/own"]),
        # An outcome under a sub-flow's anywhere ends it, however deep she is.
        (["6"], ["a", "g/m", "b"]),
        (["2", "6"], ["a", "g/m", "g/h", "h/m", "b"]),
        # A key of the outer flow leaves all of them.
        (["2", "0"], ["a", "g/m", "g/h", "h/m", "agent"]),
        # Typed ahead across the border: in order, and 7 means something inside alone.
        (["210"], ["a", "g/m", "g/h", "h/m", "h/here", "agent"]),
        (["637"], ["a", "g/m", "b", "a", "g/m", "g/own"]),
        # A key of anywhere that leads away waits for the digits before it; among them it sleeps.
        (["1", "00000"], ["a", "g/m", "g/c", "g/own", "agent"]),
    ],
)
def test_keys_of_anywhere_belong_to_their_flow(keys: list[str], nodes: list[str]) -> None:
    assert path(play(load(OUTER, INNER, DEEP), ScriptLine([*keys, HANG_UP]))) == nodes


def test_the_innermost_meaning_of_a_key_counts() -> None:
    inside = play(load(OUTER, INNER, DEEP), ScriptLine(["*", HANG_UP]))
    outside = play(load(OUTER, INNER, DEEP), ScriptLine(["6*", HANG_UP]))
    assert (inside.speed, outside.speed) == ("120%", "90%")


def test_the_key_that_ends_digits_typed_ahead_changes_no_speed() -> None:
    record = play(load(OUTER, INNER, DEEP), ScriptLine(["1", "123*", HANG_UP]))
    assert record.speed == "100%"
    wrong = play(load(OUTER, INNER, DEEP), ScriptLine(["1", "12*34", HANG_UP]))
    assert path(wrong)[:3] == ["a", "g/m", "g/c"] and wrong.speed == "100%"


SHORT_AND_LONG = """
flow: f
languages: [cmn]
start: a
anywhere: {"*": slower, 0: d}
nodes:
  a: {menu: ask, keys: {1: b, 12: c}, otherwise: d}
  b: {menu: ask, keys: {3: c}, otherwise: d}
  c: {menu: ask, keys: {1: d}, otherwise: d}
  d: hangup
"""


@pytest.mark.parametrize(
    ("keys", "nodes"),
    [
        (["13"], ["a", "b", "c"]),
        (["12"], ["a", "c"]),
        (["121"], ["a", "c", "d"]),
        (["1", SILENCE], ["a", "b"]),
        (["10"], ["a", "b", "d"]),
        (["1*3"], ["a", "b", "c"]),
    ],
)
def test_a_key_that_cannot_go_on_a_choice_answers_the_next_question(
    keys: list[str], nodes: list[str]
) -> None:
    assert path(play(load(SHORT_AND_LONG), ScriptLine([*keys, HANG_UP]))) == nodes


NUMBER = """
flow: f
languages: [cmn]
start: a
anywhere: {"#": faster, 0: d}
nodes:
  a: {collect: ask, check: phone, confirm: number_is, into: x, go: b, otherwise: d}
  b: {menu: ask, keys: {2: c, 1: d}, otherwise: d}
  c: hangup
  d: hangup
"""


@pytest.mark.parametrize("keys", [["13800138000#"], ["13800138000", "#"]])
def test_the_key_that_ends_a_number_with_all_its_digits_answers_nothing_else(
    keys: list[str],
) -> None:
    line = ScriptLine([*keys, "1", HANG_UP])
    record = play(load(NUMBER), line)
    assert path(record) == ["a", "b"] and record.speed == "100%"
    assert "#" in [press.key for press in record.keys]


def test_a_second_one_does_what_it_does_elsewhere() -> None:
    record = play(load(NUMBER), ScriptLine(["13800138000##", "1", "2"]))
    assert path(record) == ["a", "b", "c"] and record.speed == "120%"
