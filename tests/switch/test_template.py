import pytest

from ivr.errors import FlowError
from ivr.switch.template import Rows, fill


def test_values_and_at_signs_are_filled_in() -> None:
    assert fill("x.conf", "port = @port ; a@@b", {"port": "5"}) == "port = 5 ; a@b\n"


def test_rows_are_repeated_and_may_hold_rows() -> None:
    text = ";each queues\n[@queue]\n;each members\nmember => @agent of @queue\n;end\n;end\nlast"
    queues: Rows = [
        {"queue": "a", "members": [{"agent": "1"}, {"agent": "2"}]},
        {"queue": "b", "members": []},
    ]
    assert fill("x.conf", text, {"queues": queues}).splitlines() == [
        "[a]",
        "member => 1 of a",
        "member => 2 of a",
        "[b]",
        "last",
    ]


def test_a_value_that_does_not_exist_is_named_with_its_line() -> None:
    with pytest.raises(FlowError, match=r"x\.conf:2:1: .*@prot; did you mean 'port'"):
        fill("x.conf", "\n@prot", {"port": "5"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (";each rows\nx", "no ;end"),
        ("x\n;end", "ends nothing"),
        (";each port\n;end", "no rows 'port'"),
        ("mail me@", "written @@"),
    ],
)
def test_a_broken_template_is_refused(text: str, words: str) -> None:
    with pytest.raises(FlowError, match=words):
        fill("x.conf", text, {"port": "5"})


@pytest.mark.parametrize(
    "value", ["a\nb", "a\rb", "a\0b", "a;b", " a", "a ", "a\u2028b", "\x1b[0m"]
)
def test_a_value_that_would_end_or_break_its_line_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="@port would not stay one value"):
        fill("x.conf", "port = @port", {"port": value})
