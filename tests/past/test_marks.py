"""The mark of a call, out of its record."""

from datetime import timedelta

import pytest

from ivr.flow.record import CallRecord, KeyPress
from ivr.past.marks import Mark, by_call, mark_of
from tests.past.test_waits import START, asked, call

TALK = asked("queue", "front_desk+yue", "answered", 2000, 70_000, by="Li Na", talked=60_000)


def pressed(*keys: tuple[str, str, int]) -> CallRecord:
    """A call with keys: which, at which node, how many seconds after it began."""
    presses = [
        KeyPress(key=key, node=node, at=START + timedelta(seconds=at)) for key, node, at in keys
    ]
    return call(TALK).model_copy(update={"keys": tuple(presses)})


def test_the_key_at_a_node_named_mark_is_the_mark_of_who_talked_before() -> None:
    record = pressed(("0", "menu", 1), ("4", "survey/mark", 80))
    at = START + timedelta(seconds=80)
    assert mark_of(record) == Mark("c.1", "139", "front_desk", "Li Na", at, 4)


@pytest.mark.parametrize(
    ("key", "node"), [("7", "survey/mark"), ("0", "mark"), ("4", "survey/comment"), ("*", "mark")]
)
def test_other_keys_and_other_nodes_are_no_mark(key: str, node: str) -> None:
    assert mark_of(pressed((key, node, 80))) is None


def test_who_was_not_served_marks_nobody() -> None:
    mark = mark_of(pressed(("2", "mark", 1)))
    assert mark is not None and (mark.desk, mark.agent, mark.mark) == ("", "", 2)


def test_of_two_marks_the_last_one_counts() -> None:
    mark = mark_of(pressed(("1", "mark", 80), ("5", "mark", 90)))
    assert mark is not None and mark.mark == 5
    assert by_call([mark], "front_desk") == {"c.1": 5} and not by_call([mark], "roaming")
