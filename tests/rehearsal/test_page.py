"""The page of a call that is played: at every size, with nothing secret on it."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from ivr.errors import width
from ivr.flow.caller import Caller
from ivr.flow.effects import Heard, Play
from ivr.flow.session import Session
from ivr.flow.speech import text_of
from ivr.rehearsal.page import Page, secret_names, working_keys
from tests.stage import START, load

FLOW = """
flow: f
languages: [cmn, yue]
start: menu
anywhere: {"*": slower, 0: agent}
nodes:
  menu: {menu: ask, keys: {1: pin, 2: agent}, otherwise: agent}
  pin: {collect: ask, digits: 4, secret: true, into: pin, go: known, otherwise: agent}
  known: {set: {again: $pin, plain: hello}, go: menu}
  agent: {queue: desk, unanswered: bye}
  bye: hangup
"""
PROJECT = load(FLOW)


class Stage:
    """A call on its page, answered by hand."""

    def __init__(self) -> None:
        self.session = Session(PROJECT, "f", Caller("c", "13800138000"), START)
        self.page = Page(self.session, PROJECT)
        self.session.begin(START)

    def press(self, keys: str) -> None:
        """Press keys while something is said."""
        asked = self.session.asked
        assert isinstance(asked, Play)
        self.page.write(f"\n♪ 100% {text_of(asked.utterance)}\n⌨ {self.page.shown(keys)}\n")
        self.session.answer(Heard(keys, asked.begin), START)

    def drawn(self, columns: int = 120, lines: int = 40) -> list[str]:
        """Return the lines of the page."""
        file = io.StringIO()
        Console(file=file, width=columns, height=lines, color_system=None).print(self.page)
        return file.getvalue().splitlines()


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.parametrize("columns", [120, 80, 72, 71, 60, 40, 20])
@pytest.mark.parametrize("lines", [40, 24, 10])
def test_it_fills_any_terminal_and_no_line_is_too_long(
    stage: Stage, columns: int, lines: int
) -> None:
    for _ in range(30):
        stage.page.write(f"\n♪ 100% {'欢迎致电客户服务热线。' * 9}")
    drawn = stage.drawn(columns, lines)
    assert len(drawn) == lines
    assert {width(line) for line in drawn} == {columns}


def test_the_newest_is_what_is_seen(stage: Stage) -> None:
    for number in range(100):
        stage.page.write(f"\n⌨ {number}\n")
    text = "\n".join(stage.drawn(80, 24))
    assert "⌨ 99" in text and "⌨ 1 " not in text


@pytest.mark.parametrize("columns", [120, 60])
def test_beside_the_words_stands_where_she_is(stage: Stage, columns: int) -> None:
    text = "\n".join(stage.drawn(columns))
    for shown in ("menu", "Mandarin 100%", PROJECT.version, "1 pin", "* slower", "13800138000"):
        assert shown in text.replace("   ", " "), shown


@pytest.mark.parametrize("columns", range(24, 72))
def test_a_key_stands_beside_what_it_does_however_narrow_it_is(stage: Stage, columns: int) -> None:
    text = "\n".join(stage.drawn(columns))
    assert all(key in text for key in ("1 pin", "2 agent", "* slower", "0 agent"))


def test_the_keys_shown_are_those_that_work_now(stage: Stage) -> None:
    menu = {"1": "pin", "2": "agent", "*": "slower", "0": "agent"}
    assert dict(working_keys(stage.session)) == menu
    stage.press("1")
    assert dict(working_keys(stage.session))["0–9"] == "digits"
    stage.press("4711")
    stage.press("2")
    assert dict(working_keys(stage.session)) == {}  # with an agent no key is ours


def test_a_secret_is_nowhere_on_the_page(stage: Stage) -> None:
    stage.press("1")
    stage.press("4711")
    assert secret_names(PROJECT) == {"pin", "again"}
    text = "\n".join(stage.drawn())
    assert "4711" not in text and "$pin" in text and "$again" in text and "hello" in text


def test_a_page_is_drawn_before_and_after_the_call() -> None:
    session = Session(PROJECT, "f", Caller("c"), START)
    page = Page(session, PROJECT)
    draw: Callable[[], None] = lambda: Console(file=io.StringIO(), width=80, height=24).print(page)  # noqa: E731
    draw()
    session.begin(START)
    session.hang_up(START)
    draw()
